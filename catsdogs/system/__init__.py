"""Where things are kept, how files are replaced, who holds which lock, and the devices to compute on."""
