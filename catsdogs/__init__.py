"""Cats & Dogs Studio, the library: train a Keras network to tell cats from dogs, and use it. No Streamlit in here.

    settings   what a run is asked to do            analysis    how good it is, compared with what
    data       image files, up to batches           figures     the same, drawn
    drawn      a data set that is drawn             inference   images in, answers out
    networks   networks and their layers            export      what leaves the application
    training   one run, in its own process          system      paths, files, locks, devices
    runs       the run folder: pages meet workers   cli         the command line
    queue      what runs when, and where            shipped/    the bundled run

docs/architecture.md says which package may import which.
"""
