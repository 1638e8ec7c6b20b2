"""A cancel button for tests."""

from __future__ import annotations


class AfterLooks:
    """Pressed after it was looked at a few times."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0
