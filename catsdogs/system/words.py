"""Wording that pages and commands share."""

import unicodedata

_NOT_IN_A_LINE = ("Cc", "Zl", "Zp")  # control characters, and what separates lines and paragraphs
_TURNS_AROUND = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")  # with them, 96% could be read as 69%


def counted(number: int, noun: str) -> str:
    """1 run, 2 runs, 1,000 runs."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def probability(share: float) -> str:
    """The probability of an answer: 83.1%. The highest are >99.9% instead of 100.0%, for which no network can vouch."""
    return f"{share:.1%}" if share < 0.9995 else ">99.9%"


def answer(picture: str, **found) -> str:
    """A line of a terminal: the `label` and the `probability` that a network found, and whether it is `neither`; or else the `error`."""
    if found.get("error"):
        return printable(f"{picture}: error: {found['error']}")
    neither = "  looks like neither" if found.get("neither") else ""
    return printable(f"{picture}: {found['label']:6} {probability(found['probability']):>7}{neither}")


def share(right: float) -> str:
    """A share of photographs, such as an accuracy: 83.1%. Only all of them are 100.0%; what would be rounded to that is >99.9%."""
    return ">99.9%" if 0.9995 <= right < 1 else f"{right:.1%}"


def duration(seconds: float) -> str:
    """A time that was measured or set: 45 s, 20 min, 2 h, 3 h 3 min."""
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(f"{count:,} {unit}" for count, unit in ((hours, "h"), (minutes, "min")) if count)


def forecast(seconds: float, is_bound: bool = False) -> str:
    """An estimated duration, rounded accordingly: "about 40 s", "about 4 min", and for a bound "up to about 2 h 10 min"."""
    if seconds < 5:
        return "a few seconds"
    step = 10 if seconds < 95 else 60 if seconds < 3570 else 600  # whole minutes of two short ones that follow each other wouldn't add up
    rounded = max(step, step * round(seconds / step))
    written = f"about {f'{rounded} s' if step == 10 else duration(rounded)}"
    return f"up to {written}" if is_bound else written


def answered(answer) -> str:
    """That a server refuses, by an answer of requests, to stand in a sentence: "the server answers 404 Not Found"."""
    return f"the server answers {answer.status_code} {answer.reason}"


def request_failure(error) -> str:
    """What an exception of requests means, to stand in a sentence. Its own text has the address and the names of several classes."""
    if error.response is not None:
        return answered(error.response)
    while error.__context__:
        error = error.__context__
    return f"the connection to the server failed ({getattr(error, 'strerror', None) or str(error).strip()})"


def printable(text: str) -> str:
    """The text in one line, for a terminal or a chat room: line breaks, control characters and those that reverse text are written as
    `\\n`, `\\x1b` and `\\u202e`.
    """
    return "".join(repr(each)[1:-1] if _is_control(each) else each for each in text)


def _is_control(each: str) -> bool:
    return unicodedata.category(each) in _NOT_IN_A_LINE or unicodedata.bidirectional(each) in _TURNS_AROUND


def first_line(error: Exception) -> str:
    """The first line of an exception's message without a full stop, to stand in a sentence; its class if it has no message."""
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
