"""Under which purposes an evaluator may ask, and which questions the evaluator and colleagues save."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from throughway.agreements.enums import AccessForm, PurposeKind
from throughway.agreements.selectors import agreement_statuses
from throughway.gate.available_purposes import openings
from throughway.insight.models import SavedQuestion
from throughway.partners import Actor

NOT_NAMED = "No agreement names you for its purpose any more."
FORMS = {
    AccessForm.IDENTIFIED: "Rows with names",
    AccessForm.PSEUDONYMOUS: "Rows under codes",
    AccessForm.AGGREGATE: "Figures only",
}
KINDS = tuple(kind for kind in PurposeKind if kind is not PurposeKind.LINKAGE)


@dataclass(frozen=True)
class DeskPurpose:
    """A purpose that names the evaluator. `closed`: why no agreement of it is in effect, in sentences; empty where one is."""

    purpose: str
    interest: str
    form: AccessForm
    closed: str

    @property
    def label(self) -> str:
        return f"{FORMS[self.form]}: {self.interest}"


@dataclass(frozen=True)
class SavedNow:
    """A saved question as its reader sees it today. `closed`: why it cannot be asked today; empty where it can."""

    number: int
    title: str
    sql: str
    purpose: str
    shared: bool
    own: bool
    by: str
    changed_at: datetime
    closed: str


def desk_purposes(reader: Actor, on: date) -> list[DeskPurpose]:
    """Every purpose that names the reader, linkage left out; those in effect first."""
    found: dict[str, list[DeskPurpose]] = {}
    for each in openings(agreement_statuses(on), reader, KINDS, also_ended=True):
        found.setdefault(each.purpose, []).append(
            DeskPurpose(each.purpose, each.interest, each.form, each.why)
        )
    purposes = [_one(entries) for entries in found.values()]
    return sorted(purposes, key=lambda each: bool(each.closed))


def _one(entries: Sequence[DeskPurpose]) -> DeskPurpose:
    of_these = [each for each in entries if not each.closed] or entries
    interest = "; ".join(dict.fromkeys(each.interest for each in of_these))
    closed = " ".join(dict.fromkeys(each.closed for each in of_these))
    return DeskPurpose(of_these[0].purpose, interest, of_these[0].form, closed)


def saved_questions(reader: Actor, purposes: Sequence[DeskPurpose]) -> list[SavedNow]:
    """The reader's own, then those that evaluators of the same partner share; of each the newest first."""
    closed = {each.purpose: each.closed for each in purposes}
    rows = _visible(reader).order_by("-changed_at", "-pk")
    return sorted((_now(row, reader, closed) for row in rows), key=lambda each: not each.own)


def saved_question(reader: Actor, number: int, purposes: Sequence[DeskPurpose]) -> SavedNow | None:
    """None where there is none of that number that the reader may see."""
    row = _visible(reader).filter(pk=number).first()
    return _now(row, reader, {each.purpose: each.closed for each in purposes}) if row else None


def _visible(reader: Actor) -> QuerySet[SavedQuestion]:
    mine = Q(by=reader.email)
    return SavedQuestion.objects.filter(mine | Q(shared=True), partner=reader.partner or "")


def _now(row: SavedQuestion, reader: Actor, closed: dict[str, str]) -> SavedNow:
    return SavedNow(
        row.pk, row.title, row.sql, row.purpose, row.shared, row.by == reader.email, row.by, row.changed_at,
        closed.get(row.purpose, NOT_NAMED),
    )  # fmt: skip
