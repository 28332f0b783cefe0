"""Whether the classes of a data set are unequal enough to mislead, and what to do about it."""

_EQUAL_ENOUGH = 1.5  # times as many: up to here, always answering the larger class is right less than 60% of the time


def warning(counts: dict[str, int]) -> str:
    """What the counts of both classes mean and what to do, in sentences; empty where they are about equal."""
    (few, fewest), (many, most) = sorted(counts.items(), key=lambda pair: pair[1])
    if most <= _EQUAL_ENOUGH * fewest:
        return ""
    return (
        f"The classes are unequal: {most:,} photographs in {many}, {fewest:,} in {few}. Always answering {many} would be right for "
        f"{most / (most + fewest):.1%} of them, so judge a network by its balanced accuracy as well, which would then be 50%. To make both "
        f"classes count the same in training, set class_weight to balanced; better still, add photographs to {few}."
    )
