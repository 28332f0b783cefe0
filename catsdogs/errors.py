"""The one exception written for people: its message says what was given, what is allowed and what to do."""


class InputError(Exception):
    """What was given can't be used. Pages show the message; the command line prints it and exits with status 2."""
