"""Image files, up to the batches that a network is trained on."""
