"""For servers of tests, and what they start: see `tests.browsing.serve`."""

import os
import sys
from contextlib import suppress

from catsdogs.system import priority

if os.environ["IS_HURRIED"] == "True":
    priority.LOW = 0  # as in `conftest.no_giving_way`

if os.environ["IS_IDLE"] == "True" and "catsdogs.inference.companion" in sys.orig_argv:
    from multiprocessing.connection import Connection

    with suppress(EOFError, ConnectionError), Connection(int(sys.orig_argv[-1])) as connection:
        while True:
            connection.recv_bytes()
    os._exit(0)
