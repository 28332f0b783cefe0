"""What pages and commands write the same way."""


def counted(number: int, noun: str) -> str:
    """1 run, 2 runs, 1,000 runs."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
