"""Networks, their layers and the weights they start from."""
