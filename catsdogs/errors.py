"""The one exception that is written for people: its text says what was given, what is allowed and what to do."""


class InputError(ValueError):
    """Something that a person gave can't be used. Pages show the text; the command line prints it and exits with 2."""
