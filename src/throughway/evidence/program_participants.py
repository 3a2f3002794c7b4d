"""Who took part in a study's program, when it began, how far they came, and who was in another program.

The program's first day is that by which one in twenty of its participants had begun, so that one mistyped day does not move it; time zero
is `joins_within_days` later.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from throughway.core.prose import school_year
from throughway.core.refusals import Refused
from throughway.evidence.registered_study import Season, StudyDocument
from throughway.insight.gate_questions import FiguresAccess
from throughway.measures.sql import VisibleData, day, text, year_end
from throughway.vocabulary.participation import ParticipationStatus, standing
from throughway.vocabulary.school_calendar import school_year_of, year_start

FIRST_STARTS = 0.05  # the share of participants who have begun by the program's first day
SHORT_STAY = 60  # days, under which a stay is short
# A place by lot: who was offered one, and who was not. Other statuses do not say.
OFFERED, NOT_OFFERED = ("Declined",), ("Applied", "WaitingList", "Referred", "Eligible")
ASKED, DECLINED = "asked, and had no place", "declined a place, or was not eligible"


def refused(message: str) -> Refused:
    return Refused(message, code="study_rows")


@dataclass(frozen=True)
class TimeZero:
    """The days of one school year: `first`, on which the program begins; `zero`, from which outcomes are counted."""

    year: int
    first: date
    zero: date


class StudyQuestions:
    """Asks the gate, and collects the ids of the ledger entries."""

    def __init__(self, access: FiguresAccess) -> None:
        self.access = access
        self.disclosures: list[str] = []

    def frame(self, sql: str) -> pd.DataFrame:
        table, disclosure = self.access.figures(sql)
        self.disclosures.append(disclosure)
        return pd.DataFrame(
            {
                name: pd.Series(table[name].to_pylist(), dtype=_kind(table[name].type))
                for name in table.column_names
            }
        )


class ProgramParticipants:
    """Who took part in the study's program, through one gate."""

    def __init__(self, questions: StudyQuestions, visible: VisibleData, document: StudyDocument) -> None:
        self.questions, self.visible, self.document = questions, visible, document

    @cached_property
    def places(self) -> pd.DataFrame:
        """One row for each place or application of the program: person, start, finish, status, and the school year that it is of."""
        column = self.visible.column
        table = "program_participation"
        found = self.questions.frame(
            f"""SELECT person_id, program_participation_start_date AS start, program_participation_status AS status,
              {column(table, "program_participation_exit_date", "DATE")} AS finish, {column(table, "school_year")} AS stated,
              {column(table, "program_application_date", "DATE")} AS applied
            FROM {table} WHERE program_identifier = {text(self.document.program)}"""
        )
        if found.empty:
            raise refused(
                "No record that this purpose shows names anybody in that program; check its identifier, and whether its partner's records have come in."
            )
        found["took_part"] = [
            standing(status, start) is ParticipationStatus.TOOK_PART
            for status, start in zip(found["status"], found["start"], strict=True)
        ]
        found["year"] = [
            self._year_of(stated, start or applied)
            for stated, start, applied in zip(found["stated"], found["start"], found["applied"], strict=True)
        ]
        return found

    def _year_of(self, stated: object, begins: date | None) -> int:
        """The school year that a place is of; -1 where nothing says it. A summer program is of the school year before it."""
        if self.document.season is Season.SUMMER:
            return begins.year if begins else -1
        if isinstance(stated, str) and stated.strip().isdigit():
            return int(stated)
        return school_year_of(begins) if begins else -1

    def begun(self, year: int) -> pd.DataFrame:
        """Each participant of a school year with the first day and the last one known."""
        rows = self.places
        rows = rows[rows["took_part"] & (rows["year"] == year)]
        return rows.sort_values("start").groupby("person_id", as_index=False).first()

    def time_zero(self, year: int) -> TimeZero:
        starts = sorted(self.begun(year)["start"])
        if not starts:
            raise refused(
                f"Nobody began in the program in the school year {school_year(year)}; leave that year out."
            )
        first = starts[int(FIRST_STARTS * (len(starts) - 1))]
        return TimeZero(year, first, first + timedelta(days=self.document.joins_within_days))

    def asked(self, year: int) -> set[int]:
        """Who asked for a place in a school year and had none."""
        rows = self.places[self.places["year"] == year]
        had = set(rows.loc[rows["took_part"] | rows["status"].isin(OFFERED), "person_id"])
        return set(rows.loc[rows["status"].isin(NOT_OFFERED), "person_id"]) - had

    def earlier(self, year: int) -> set[int]:
        rows = self.places
        return set(rows.loc[rows["took_part"] & (rows["year"] < year) & (rows["year"] > 0), "person_id"])

    def steps(self) -> dict[str, np.ndarray]:
        """Everybody whom the program's records name in these years, by how far they came."""
        rows = self.places[self.places["year"].isin(self.document.school_years)]
        began = {
            int(person): [(start, finish) for start, finish in zip(of["start"], of["finish"], strict=True)]
            for person, of in rows[rows["took_part"]].groupby("person_id")
        }
        short: list[object] = []
        long_: list[object] = []
        open_: list[object] = []
        for person, stays in began.items():
            known = [
                (finish - start).days + 1
                for start, finish in stays
                if finish is not None and start is not None
            ]
            (open_ if len(known) < len(stays) else short if sum(known) < SHORT_STAY else long_).append(person)
        others = rows[~rows["person_id"].isin(began)]
        asked = set(others.loc[others["status"].isin(NOT_OFFERED), "person_id"])
        declined = set(others["person_id"]) - asked
        return {
            f"stayed {SHORT_STAY} days or more": _persons(long_),
            f"began, and stayed less than {SHORT_STAY} days": _persons(short),
            "began, with no last day in the records": _persons(open_),
            DECLINED: _persons(declined),
            ASKED: _persons(asked),
        }

    def elsewhere(self, days: Iterable[TimeZero], *, by_zero: bool = False) -> np.ndarray:
        """Who took part in another program in these school years, or had begun by time zero, as far as the purpose shows it."""
        spans = " OR ".join(
            f"program_participation_start_date BETWEEN {day(year_start(each.year))} AND {day(each.zero if by_zero else year_end(each.year))}"
            for each in days
        )
        found = self.questions.frame(
            f"""SELECT DISTINCT person_id FROM program_participation
            WHERE program_identifier <> {text(self.document.program)} AND ({spans})"""
        )
        return _persons(found["person_id"])

    def cost(self) -> float | None:
        """Dollars for one place in a year, as the program's own record says; None where none does."""
        if not self.visible.shows("program", "program_identifier", "program_cost_per_seat"):
            return None
        found = self.questions.frame(
            f"SELECT MAX(program_cost_per_seat) AS cost FROM program WHERE program_identifier = {text(self.document.program)}"
        )["cost"]
        value = float(found.iloc[0]) if len(found) and found.iloc[0] is not None else math.nan
        return value if math.isfinite(value) and value > 0 else None


def _kind(type: pa.DataType) -> str | None:
    """Days stay as they are, so that a missing one is None and nothing else."""
    return "object" if pa.types.is_date(type) or pa.types.is_timestamp(type) else None


def _persons(found: Iterable[object]) -> np.ndarray:
    return np.unique(np.array([int(each) for each in found], np.int64))  # type: ignore[call-overload]
