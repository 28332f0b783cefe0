"""For companions of which a test asks nothing that takes Keras: they load it when it is needed, not when they start."""

import sys

if "catsdogs.inference.companion" in sys.orig_argv:
    from catsdogs.system import devices

    devices.load = lambda: None
