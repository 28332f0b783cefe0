"""Where photographs come from: archives, downloads, uploads, and the data sets that are made of them."""
