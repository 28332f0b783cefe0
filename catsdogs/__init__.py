"""Cats & Dogs Studio, the library: train a Keras network to tell cats from dogs, and use it. No Streamlit in here.

    settings   what a run is asked to do            analysis    how good it is, compared with what
    sources    uploads, downloads, data sets        figures     the same, drawn
    data       image files, up to batches           inference   images in, answers out
    drawn      a data set that is drawn             export      what leaves the application
    networks   networks and their layers            system      paths, files, locks, devices
    training   one run, in its own process          cli         the command line
    runs       the run folder: pages meet workers   shipped/    the bundled run
    queue      what runs when, and where

docs/architecture.md says which package may import which.
"""
