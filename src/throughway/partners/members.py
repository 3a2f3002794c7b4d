"""Users as the register shows them, and what was done to their accounts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from throughway.partners.roles import Role


class Change(StrEnum):
    ADDED = "added"
    INVITED = "invited"
    CLOSED = "closed"
    REOPENED = "reopened"
    TOKEN_MADE = "token_made"
    TOKEN_ENDED = "token_ended"


SAID = {
    Change.ADDED: "Added",
    Change.INVITED: "Given a link",
    Change.CLOSED: "Closed",
    Change.REOPENED: "Opened again",
    Change.TOKEN_MADE: "A token was made",
    Change.TOKEN_ENDED: "A token was ended",
}


@dataclass(frozen=True)
class Member:
    """A user of a partner. `number` stands for the user in addresses, which hold no names."""

    number: int
    email: str
    partner: str
    role: Role
    is_open: bool
    has_passphrase: bool
    last_sign_in: datetime | None

    @property
    def state(self) -> tuple[str, str]:
        """The kind of tag, and its words."""
        if not self.is_open:
            return "past", "closed"
        if not self.has_passphrase:
            return "wait", "has not chosen a passphrase"
        return "ok", "can sign in"


@dataclass(frozen=True)
class Changed:
    """One thing that was done to an account."""

    what: Change
    at: datetime
    by: str

    @property
    def words(self) -> str:
        return SAID[self.what]


@dataclass(frozen=True)
class Invitation:
    """The two parts of a link that opens once and lets its holder choose a passphrase."""

    email: str
    user: str
    token: str
