"""Where things are kept, how files are read, replaced and changed by several, who holds which lock, and the devices to compute on."""
