"""The people that a partner registered to sign for it, in which office and by what authority.

Once a partner has registered anybody, only those registered sign for it; one who is taken off the register leaves nobody to sign "by role".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from throughway.core.prose import day
from throughway.partners.members import SecondPersonRequest, who

LONGEST = 200  # characters of a name, an office and an authority


class AuthorityKind(StrEnum):
    """What lets the office bind its partner, as the partner itself records it."""

    OFFICE = "office"  # the office itself: a statute, bylaws, a policy
    DELEGATION = "delegation"  # who holds the power handed it over, in writing
    BOARD_VOTE = "board_vote"  # the governing board's vote on each text


KIND_LABELS: Mapping[AuthorityKind, str] = {
    AuthorityKind.OFFICE: "The office itself may sign: by statute, bylaws or a policy",
    AuthorityKind.DELEGATION: "A written delegation to this office",
    AuthorityKind.BOARD_VOTE: "The governing board votes on each agreement, and this office signs what it approved",
}


class SignatoryEventKind(StrEnum):
    ASKED = "asked"
    REGISTERED = "registered"
    DECLINED = "declined"
    ENDED = "ended"


@dataclass(frozen=True)
class Signatory:
    """One person registered to sign for a partner. `by`: who registered it, as `asked_by` asked; the operator of the folder registers
    alone. `first`, `last`: the days on which it holds."""

    partner: str
    email: str
    name: str
    office: str
    authority: str
    kind: AuthorityKind
    first: date
    by: str
    asked_by: str = ""
    last: date | None = None

    def on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day < self.last)

    @property
    def recorded(self) -> str:
        """registered to sign on 3 May 2026 by lead@oak.example, as officer@oak.example asked"""
        asked = f", as {who(self.asked_by)} asked" if self.asked_by else ""
        return f"registered to sign on {day(self.first)} by {who(self.by)}{asked}"

    @property
    def kind_words(self) -> str:
        return KIND_LABELS[self.kind]


@dataclass(frozen=True)
class SigningRegister:
    """Everyone whom one partner ever registered, oldest first."""

    partner: str
    ever: tuple[Signatory, ...] = ()

    @property
    def since(self) -> date | None:
        """The day from which only registered people sign; None where the partner never registered anybody."""
        return min((one.first for one in self.ever), default=None)

    def in_force(self, on: date) -> tuple[Signatory, ...]:
        return tuple(one for one in self.ever if one.on(on))

    def of(self, email: str, on: date) -> Signatory | None:
        return next((one for one in self.in_force(on) if one.email == email.lower()), None)

    def named(self, name: str, on: date) -> Signatory | None:
        """The signatory of that name on that day, however it is spaced and capitalized."""
        return next((one for one in self.in_force(on) if _plain(one.name) == _plain(name)), None)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


@dataclass(frozen=True)
class SignatoryAsked(SecondPersonRequest):
    """A signatory to whom a second person of the partner must agree. `number`: of the account."""

    email: str
    name: str
    office: str
    authority: str
    kind: AuthorityKind

    @property
    def kind_words(self) -> str:
        return KIND_LABELS[self.kind]
