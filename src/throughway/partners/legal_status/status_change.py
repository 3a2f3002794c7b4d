"""A change of a partner's legal statuses, and how many people it takes.

A status that only restricts is added by one person of the partner: it opens nothing, and waiting would go on sharing what the law protects. Any
other change may open something (a recipient that the law names, records that the law protected until now), so a second person agrees.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from throughway.core.prose import day, listed
from throughway.partners.kinds import LegalStatus
from throughway.partners.members import SecondPersonRequest, who

LONGEST_REASON = 500  # characters

# Statuses for which the law only asks more of whoever holds the records: no rule allows anything because of one.
RESTRICTING = frozenset({
    LegalStatus.HIPAA, LegalStatus.PART2, LegalStatus.VICTIM_SERVICES, LegalStatus.MINOR_CONSENT, LegalStatus.HEAD_START,
})  # fmt: skip


class StatusEventKind(StrEnum):
    ASKED = "asked"
    CHANGED = "changed"
    DECLINED = "declined"


@dataclass(frozen=True)
class StatusChange:
    """One change that was made. `by`: who made it or, where `asked_by` asked for it, who agreed."""

    partner: str
    adds: frozenset[LegalStatus]
    removes: frozenset[LegalStatus]
    reason: str
    at: datetime
    by: str
    asked_by: str = ""

    @property
    def sentence(self) -> str:
        """Added: part2, on 3 May 2026 by lead@oak.example (opened a treatment program)."""
        asked = f", as {who(self.asked_by)} asked" if self.asked_by else ""
        what = change_words(self.adds, self.removes)
        return f"{what}, on {day(self.at.astimezone().date())} by {who(self.by)}{asked} ({self.reason})."


@dataclass(frozen=True)
class StatusChangeAsked(SecondPersonRequest):
    """A change to which a second person of the partner must agree."""

    adds: frozenset[LegalStatus]
    removes: frozenset[LegalStatus]
    reason: str

    @property
    def words(self) -> str:
        return change_words(self.adds, self.removes)


def needs_second(adds: Collection[LegalStatus], removes: Collection[LegalStatus]) -> bool:
    return bool(removes) or not RESTRICTING.issuperset(adds)


def after(
    stated: Iterable[LegalStatus], changes: Iterable[tuple[Iterable[str], Iterable[str]]]
) -> frozenset[LegalStatus]:
    """The stated statuses once these changes, oldest first, were made: each as what it added and what it removed."""
    found = frozenset(stated)
    for adds, removes in changes:
        found = (found | set(map(LegalStatus, adds))) - set(map(LegalStatus, removes))
    return found


def change_words(adds: Collection[LegalStatus], removes: Collection[LegalStatus]) -> str:
    """Added: part2. Removed: hipaa (without the final stop)"""
    parts = [
        f"{what}: {listed(sorted(statuses))}"
        for what, statuses in (("added", adds), ("removed", removes))
        if statuses
    ]
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]
