"""What the status of a program participation means: whether the student took part, read from `participation.csv`.

A first day alone is no participation, nor is a status alone: a student takes part who has a first day and a status that means
it. A stay without a last day goes on only where its status says so; one that is over by its status has a last day that nobody
recorded. Rows without a status (the last line) go by their days.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources import files
from io import StringIO
from types import MappingProxyType


class ParticipationStatus(StrEnum):
    """A student's standing in a program; of several rows the one that comes first in this list counts."""

    TOOK_PART = "took part"
    WAITING = "waiting"
    APPLIED = "applied"  # or was referred, or found eligible, and has no place
    DECLINED = "declined"  # or was not eligible
    WITHDREW = "withdrew"  # before a first day
    UNKNOWN = "unknown"  # the records do not say


@dataclass(frozen=True)
class Meaning:
    """What a status means with a first day and without one, and whether a stay without a last day goes on."""

    with_first_day: ParticipationStatus
    without_first_day: ParticipationStatus
    goes_on: bool


def _read() -> dict[str, Meaning]:
    text = files("throughway.vocabulary").joinpath("participation.csv").read_text(encoding="utf-8")
    return {
        row["status"]: Meaning(
            ParticipationStatus(row["with_first_day"]),
            ParticipationStatus(row["without_first_day"]),
            row["goes_on"] == "yes",
        )
        for row in csv.DictReader(StringIO(text, newline=""))
    }


# Status (program_participation_status; "" where there is none) → what it means.
MEANINGS: Mapping[str, Meaning] = MappingProxyType(_read())
UNHEARD = Meaning(ParticipationStatus.UNKNOWN, ParticipationStatus.UNKNOWN, goes_on=False)


def standing(status: str | None, start: date | None) -> ParticipationStatus:
    """Where a row leaves its student."""
    meaning = MEANINGS.get(status or "", UNHEARD)
    return meaning.without_first_day if start is None else meaning.with_first_day


def goes_on(status: str | None) -> bool:
    """Whether a stay of this status without a last day goes on."""
    return MEANINGS.get(status or "", UNHEARD).goes_on
