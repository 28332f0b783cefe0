"""One run in its own process: everything that changes weights."""
