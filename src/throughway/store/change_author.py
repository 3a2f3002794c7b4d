"""Who changes the store, as far as the store needs to know; the register of partners is another room."""

from typing import Protocol


class ChangeAuthor(Protocol):
    """One who acts; `email` is written beside every change."""

    @property
    def email(self) -> str: ...
