"""The priority of processes: people waiting for a page or an answer come before training."""

import os
from contextlib import suppress
from pathlib import Path

LOW = 10  # niceness, 0 to 19: a tenth of the processor while others want all of it, and all of it while they don't


def lower(process: int) -> None:
    """Have the process with that id, and those that it starts from then on, give way to others.

    Linux may divide the processor among sessions first and respect niceness only within each, so it is also set for the session that the
    process leads, if it does.
    """
    os.setpriority(os.PRIO_PROCESS, process, max(LOW, os.getpriority(os.PRIO_PROCESS, process)))
    if os.getsid(process) == process:
        with suppress(OSError):  # of systems without it, which need nothing more
            Path(f"/proc/{process}/autogroup").write_text(str(LOW))
