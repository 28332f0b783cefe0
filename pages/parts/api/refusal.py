"""A request that can't be answered."""


class Refusal(Exception):
    """`status` is 400 or above; `sentence` says what was given, what is allowed, and what to do."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None):
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers or {}
