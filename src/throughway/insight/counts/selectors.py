"""What came of the counts that a person asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from throughway.core.tasks import is_lost
from throughway.insight.models import AskedCount
from throughway.partners import Actor

WAITING, DONE, REFUSED = "waiting", "done", "refused"
TOLD_FOR = 7  # days
STOPPED = "The count was stopped before it was done. Ask once more; if it happens again, tell whoever runs the server."


@dataclass(frozen=True)
class CountNow:
    """One count that a person asked for. `again`: the background process was stopped in it and began it anew; `has_preview`: its preview
    is of today."""

    number: int
    purpose: str
    publish: bool
    state: str
    message: str
    release: str
    asked_at: datetime
    again: bool
    has_preview: bool

    @property
    def waits(self) -> bool:
        return self.state == WAITING


def counts_of(reader: Actor, kind: str, on: date) -> Sequence[CountNow]:
    """The reader's own counts of a kind of report, the newest first: those that go on, and those that ended in the last days."""
    rows = AskedCount.objects.filter(kind=kind, by=reader.email).order_by("-pk")
    return [
        _now(row, on)
        for row in rows
        if row.ended_at is None or on - row.ended_at.date() <= timedelta(TOLD_FOR)
    ]


def preview_of(reader: Actor, kind: str, number: int, on: date) -> tuple[str, Mapping[str, Any]] | None:
    """The purpose of a count of the reader and what it would show; None where there is no preview of that number, or where it is of
    another day: a report of today may show and withhold other figures."""
    row = AskedCount.objects.filter(kind=kind, by=reader.email, pk=number).first()
    return (row.purpose, row.preview) if row and _has_preview(row, on) else None


def _now(row: AskedCount, on: date) -> CountNow:
    lost = row.state == WAITING and is_lost(row.task)
    state, message = (REFUSED, STOPPED) if lost else (row.state, row.message)
    return CountNow(
        row.pk, row.purpose, row.publish, state, message, row.release, row.asked_at,
        again=row.starts > 1, has_preview=_has_preview(row, on),
    )  # fmt: skip


def _has_preview(row: AskedCount, on: date) -> bool:
    return bool(row.preview) and row.ended_at is not None and row.ended_at.date() == on
