"""The history of users' accounts: its events, and the links that open an account."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from throughway.core.prose import day
from throughway.partners.actor import OPERATOR

REQUEST_HOLDS = timedelta(days=14)  # how long a second person may agree
LINK_HOLDS = timedelta(days=3)  # how long a link opens, and how long one may agree to it


class AccountEventKind(StrEnum):
    ADDED = "added"
    LINK_ASKED = "link_asked"
    LINK_DECLINED = "link_declined"
    INVITED = "invited"
    CLOSED = "closed"
    REOPENED = "reopened"
    LAST_DAY = "last_day"
    TOKEN_MADE = "token_made"
    TOKEN_ENDED = "token_ended"
    CLOSE_ASKED = "close_asked"
    LAST_DAY_ASKED = "last_day_asked"
    SIGNING_END_ASKED = "signing_end_asked"
    SIGNING_ENDED = "signing_ended"
    LEAVING_DECLINED = "leaving_declined"


ACCOUNT_EVENT_LABELS = {
    AccountEventKind.ADDED: "Added",
    AccountEventKind.LINK_ASKED: "A link was asked for",
    AccountEventKind.LINK_DECLINED: "A link was declined",
    AccountEventKind.INVITED: "Given a link",
    AccountEventKind.CLOSED: "Closed",
    AccountEventKind.REOPENED: "Opened again",
    AccountEventKind.LAST_DAY: "Last day set",
    AccountEventKind.TOKEN_MADE: "A token was made",
    AccountEventKind.TOKEN_ENDED: "A token was ended",
    AccountEventKind.CLOSE_ASKED: "Closing was asked for",
    AccountEventKind.LAST_DAY_ASKED: "A last day was asked for",
    AccountEventKind.SIGNING_END_ASKED: "To take it off the register of who signs was asked for",
    AccountEventKind.SIGNING_ENDED: "Taken off the register of who signs",
    AccountEventKind.LEAVING_DECLINED: "What was asked for was declined",
}


@dataclass(frozen=True)
class AccountOrigin:
    """How an account came to be somebody's: `words`, as "Account added on 1 May 2026 by the operator of the folder; link given on
    3 May 2026 by officer@oak.example, as steward@oak.example asked". `by`: the users who opened it; empty where the operator
    did."""

    words: str
    by: frozenset[str]


@dataclass(frozen=True)
class LinkAsked:
    """A requested link, to which a second person must agree; `role`: of the account. `people`: who may agree; empty where only the
    operator of the folder is left."""

    number: int
    email: str
    partner: str
    role: str
    by: str
    at: datetime
    people: frozenset[str]

    @property
    def until(self) -> date:
        """The last day on which one may agree."""
        return self.at.date() + LINK_HOLDS

    @property
    def by_words(self) -> str:
        return who(self.by)


@dataclass(frozen=True)
class SecondPersonRequest:
    """What one person of a partner asked for and another must agree to. `number`: by which it is named. `people`: who may agree."""

    number: int
    partner: str
    by: str
    on: date
    people: frozenset[str]

    @property
    def until(self) -> date:
        """The last day on which one may agree."""
        return self.on + REQUEST_HOLDS

    @property
    def by_words(self) -> str:
        return who(self.by)


def who(email: str) -> str:
    return "the operator of the folder" if email == OPERATOR.email else email


def on_and_by(at: datetime, by: str, asked_by: str = "") -> str:
    asked = f", as {who(asked_by)} asked" if asked_by else ""
    return f"on {day(at.date())} by {who(by)}{asked}"


@dataclass(frozen=True)
class Invitation:
    """The two parts of a link that works once and lets its holder choose a passphrase."""

    email: str
    user: str
    token: str
