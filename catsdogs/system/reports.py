"""How work tells its caller how far it is."""

from collections.abc import Callable

Report = Callable[[int, int], None]  # of what is done, and of the total; what it raises ends the work


def silent(done: int, total: int) -> None:
    """A report to nobody."""
