"""What several pages draw: the frame around them, the form of the settings, a running training, a look into one run."""
