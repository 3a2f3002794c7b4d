"""The offices in which a partner must have somebody, and the rule that one person alone does not leave one empty.

What counts is time: an act that shortens the time for which somebody holds an office takes a second person of the partner. So neither closing the
last account nor giving each account a last day, one after the other, leaves a partner unable to sign or to answer.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from throughway.core.prose import day, listed
from throughway.partners.actor import Role
from throughway.partners.members import AccountEventKind, SecondPersonRequest


class Office(StrEnum):
    DATA_STEWARD = Role.DATA_STEWARD.value
    PRIVACY_OFFICER = Role.PRIVACY_OFFICER.value
    LEADER = Role.LEADER.value
    SIGNATORY = "signatory"  # registered to sign


LABELS: Mapping[Office, str] = {
    Office.DATA_STEWARD: "data steward",
    Office.PRIVACY_OFFICER: "privacy officer",
    Office.LEADER: "leader",
    Office.SIGNATORY: "person registered to sign",
}


@dataclass(frozen=True)
class OfficeHolder:
    """One who holds an office today. `last`: the last day of it; None where there is none."""

    office: Office
    email: str
    last: date | None = None


def left_empty(
    holders: Collection[OfficeHolder],
    email: str,
    last: date | None,
    offices: Collection[Office] = tuple(Office),
) -> frozenset[Office]:
    """Of these offices, those for which the partner has somebody for a shorter time if that person's last day in them becomes `last`."""

    def covered(office: Office, changed: bool) -> date:
        days = [
            last if changed and holder.email == email else holder.last
            for holder in holders
            if holder.office == office
        ]
        return max((each or date.max for each in days), default=date.min)

    return frozenset(office for office in offices if covered(office, True) < covered(office, False))


def office_words(offices: Collection[Office]) -> str:
    """the last data steward and the last leader"""
    return listed([f"the last {LABELS[office]}" for office in Office if office in offices])


# What may be asked of an account, and what settles it.
ASKS = frozenset({
    AccountEventKind.CLOSE_ASKED, AccountEventKind.LAST_DAY_ASKED, AccountEventKind.SIGNING_END_ASKED,
})  # fmt: skip
SETTLES = frozenset({
    AccountEventKind.CLOSED, AccountEventKind.LAST_DAY, AccountEventKind.SIGNING_ENDED, AccountEventKind.LEAVING_DECLINED,
    AccountEventKind.REOPENED,
})  # fmt: skip


@dataclass(frozen=True)
class LeavingAsked(SecondPersonRequest):
    """A request to which a second person of the partner must agree, because it would leave an office empty. `number`: of the account.
    `last_day`: that was asked for, where `what` is one."""

    email: str
    role: str
    what: AccountEventKind
    last_day: date | None

    @property
    def waits(self) -> str:
        return f"Asked, because it would leave an office empty. A second person has until {day(self.until)} to agree."

    @property
    def words(self) -> str:
        """close the account of lead@oak.example"""
        match self.what:
            case AccountEventKind.CLOSE_ASKED:
                return f"close the account of {self.email}"
            case AccountEventKind.LAST_DAY_ASKED if self.last_day is not None:
                return f"set the last day of the account of {self.email} to {day(self.last_day)}"
            case _:
                return f"take {self.email} off the register of who signs"
