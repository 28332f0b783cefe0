"""The one exception that is written for people: its message says what was given, what is allowed and what to do."""


class InputError(Exception):
    """Something that a person gave can't be used. Pages show the message; the command line prints it and exits with 2."""
