"""How good a run is, how sure one can be of it, and how it compares with others."""
