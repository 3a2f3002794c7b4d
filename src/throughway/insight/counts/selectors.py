"""What came of the counts that a person asked for."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from throughway.insight.counts.actions import COUNT
from throughway.partners import Actor
from throughway.partners.asked_work.selectors import asked_now
from throughway.partners.asked_work.work import AskedNow


def counts_of(reader: Actor, kind: str, on: date) -> Sequence[AskedNow]:
    """The reader's own counts of a kind of report, the newest first: those that go on, and those that ended in the last days."""
    return asked_now(COUNT, kind, on, by=reader.email)


def preview_of(reader: Actor, kind: str, number: int, on: date) -> tuple[str, Mapping[str, Any]] | None:
    """The purpose of a count of the reader and what it would show; None where there is no preview of that number, or where it is of
    another day: a report of today may show and withhold other figures."""
    found = next((each for each in counts_of(reader, kind, on) if each.number == number), None)
    return (found.about, found.found["preview"]) if found and has_preview(found, on) else None


def has_preview(asked: AskedNow, on: date) -> bool:
    return "preview" in asked.found and asked.ended_at is not None and asked.ended_at.date() == on
