"""The one exception written for people: its message says what was given, what is allowed and what to do."""


class InputError(Exception):
    """What was given can't be used. Pages show the message; the command line prints it and exits with status 2.

    `hint` is a further sentence for the command line, such as which command helps.
    """

    hint = ""

    def hinting(self, hint: str) -> "InputError":
        """The error with that hint."""
        self.hint = hint
        return self
