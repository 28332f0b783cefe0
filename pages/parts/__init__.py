"""What the pages are made of: a package per page, and `shared` for several."""
