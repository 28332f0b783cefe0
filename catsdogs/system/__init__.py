"""What the rest stands on: the home folder, files and locks that processes share, people and their permissions, devices."""
