"""Whether the classes of a data set are unequal enough to mislead, and what to do about it."""

from catsdogs.data import naming

_EQUAL_ENOUGH = 1.5  # times as many: up to here, always answering the larger class is right less than 60% of the time


def warning(counts: dict[str, int]) -> str:
    """What the counts of both classes mean and what to do, in sentences; empty where they are about equal."""
    (few, fewest), (many, most) = sorted(counts.items(), key=lambda pair: pair[1])
    if most <= _EQUAL_ENOUGH * fewest:
        return ""
    counted = " and ".join(naming.counted(counts[name], name) for name in (many, few))
    return (
        f"The classes are unequal: {counted}. Always answering {naming.label_of(many)} would be right for {most / (most + fewest):.1%} of "
        "them, so judge a network by its balanced accuracy as well, which would then be 50%. To make both classes count the same in "
        f"training, set class_weight to balanced; better still, add photographs of {naming.plural_of(naming.label_of(few))}."
    )
