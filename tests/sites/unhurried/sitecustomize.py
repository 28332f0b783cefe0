"""For workers that only have to be at work: a pause after each epoch leaves the processor to what the test waits for."""

import sys
import time

if "work" in sys.orig_argv:
    from catsdogs.runs import history

    append = history.append

    def append_and_pause(run, epoch):
        append(run, epoch)
        time.sleep(0.3)

    history.append = append_and_pause
