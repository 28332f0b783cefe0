"""For servers that classify nothing: the process that would load Keras, for seconds of the processor, only waits for the server's end."""

import os
import sys
from contextlib import suppress

if "catsdogs.inference.companion" in sys.orig_argv:
    from multiprocessing.connection import Connection

    with suppress(EOFError, ConnectionError), Connection(int(sys.orig_argv[-1])) as connection:
        while True:
            connection.recv_bytes()
    os._exit(0)
