"""Progress on the command line: lines that a terminal updates in place. Elsewhere, nothing is printed."""

import sys

from catsdogs.system.words import duration


def counter(done_word: str):
    """A progress callback that updates one line of a terminal, and is silent elsewhere."""

    def count(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done:,} of {total:,} {done_word}", end="\n" if done == total else "", file=sys.stderr, flush=True)

    return count


def step(stream, message: str, done: int, total: int) -> None:
    """What a short test is doing: one line of a terminal, and nothing elsewhere."""
    if stream.isatty():
        count = f": {done:,} of {total:,}" if total > 1 else ""
        print(f"\r{message + count:<79}", end="\r", file=stream, flush=True)


def live_line(stream):
    """What `worker.work` shows facts by: one line of a terminal, and nothing elsewhere."""

    def show(facts: dict) -> None:
        if stream.isatty() and "total" in facts:
            epoch = f"epoch {facts['epoch']}/{facts['epochs']}  " if "epoch" in facts else ""
            speed = f"  {facts['pictures_per_second']:.0f} images/s" if "pictures_per_second" in facts else ""
            left = f"  {duration(facts['seconds_left'])} left" if "seconds_left" in facts else ""
            print(f"\r{epoch}{facts['done']:,} of {facts['total']:,}{speed}{left:<20}", end="", file=stream, flush=True)

    return show
