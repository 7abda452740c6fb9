"""Errors that services of several apps raise."""


class NotPossible(ValueError):
    """A service refuses what it was asked for and has changed nothing.

    The text tells a person how to mend it; `field` names the field of the form or request that is wrong, "" when it is
    not about one field.
    """

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field
