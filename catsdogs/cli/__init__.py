"""The command line: `python -m catsdogs`, or `catsdogs` where the package is installed."""
