"""Queries, through the gate, who participated in a promised program in each school year, who applied and did not, and the weekly hours
of participants.

A student participates by a first day and a status that means participation (`vocabulary/participation.csv`). All others are counted
separately: in the year of the seat, otherwise of the application.

Hours are counted by student, never summed: a sum of hours can reveal the student with the most hours. A student's weekly hours are
those of the school year divided by the weeks in which the program served anybody while the student was enrolled.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from throughway.agreements.service_commitments import Promise
from throughway.insight.gate_questions import FiguresAccess, GateQuestions
from throughway.insight.missing_figures import Reasons
from throughway.measures.sql import Ctes, VisibleData, day, query, text, year_end, year_start
from throughway.measures.stays import (
    HOURS,
    MARKED,
    PART,
    START,
    hours_given,
    standing,
    took_part,
    year_without_stay,
)
from throughway.store.record_numbers import NOBODY, Numbers, any_of, distinct, less
from throughway.vocabulary.participation import ParticipationStatus


@dataclass(frozen=True)
class Program:
    """One program of the store: its id is written `partner/key`."""

    id: str
    name: str

    @property
    def partner(self) -> str:
        return self.id.partition("/")[0]

    @property
    def key(self) -> str:
        return self.id.partition("/")[2]


def match(promise: Promise, programs: Iterable[Program]) -> tuple[Program, ...]:
    """The programs of the promise's partner whose id or name equals that of the promise, ignoring case, spaces and hyphens; an id
    takes precedence over a name. Similar names do not match. Several matches count as none: subtraction could reveal who is in only
    one of them."""
    wanted = _plain(promise.program)
    own = [program for program in programs if program.partner == promise.partner]
    by_id = [p for p in own if wanted in (_plain(p.key), _plain(p.id))]
    found = by_id or [p for p in own if p.name and _plain(p.name) == wanted]
    return tuple(sorted(found, key=lambda p: p.id))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


NAMED = ("program", "program_identifier", "program_name")


@dataclass(frozen=True)
class Delivered:
    """True counts for one program in one school year: never shown. `year` None: rows without a year.

    `students`: participants, `bands`: participants by the share of the promised hours that they reached, `others`: nonparticipants, by
    status.
    """

    year: int | None
    students: int
    bands: Mapping[str, int]
    others: Mapping[ParticipationStatus, int]
    # Person numbers of participants by band ("" for all), and of nonparticipants by status.
    persons: Mapping[str, Numbers] = field(default_factory=dict, compare=False, repr=False)


ALL_BANDS = ""
ALL, HALF, LESS, NONE = "all promised hours", "half of them or more", "less than half", "no hours recorded"
BANDS = (ALL, HALF, LESS, NONE)
OTHERS = tuple(s for s in ParticipationStatus if s is not ParticipationStatus.TOOK_PART)


class ParticipationQueries(GateQuestions):
    """Counts of promises."""

    def __init__(self, access: FiguresAccess, visible: VisibleData, on: date) -> None:
        super().__init__(access, visible, on)
        self._reasons = Reasons(self._rows, visible, on)

    def programs(self, partners: Iterable[str]) -> list[Program]:
        """The programs of these partners that are shown, with their names where shown."""
        listed = [p for p in sorted(set(partners)) if self.shows_part(p)]
        if not listed:
            return []
        starts = " OR ".join(f"program_identifier LIKE {text(p + '/%')}" for p in listed)
        names: dict[str, str] = {}
        if self.visible.shows(*NAMED):
            rows = self._rows(
                f"SELECT program_identifier AS id, MIN(program_name) AS name FROM program WHERE {starts} GROUP BY program_identifier"
            )
            names = {str(row["id"]): str(row["name"] or "") for row in rows if row["id"]}
        rows = self._rows(
            f"SELECT DISTINCT program_identifier AS id FROM program_participation WHERE {starts}"
        )
        ids = names.keys() | {str(row["id"]) for row in rows if row["id"]}
        return [Program(id, names.get(id, "")) for id in sorted(ids)]

    def delivered(self, program: Program, years: Iterable[int], hours: float | None) -> Iterator[Delivered]:
        """Participants and nonparticipants of a program in each of these school years; then those without a year. `hours` a week, with
        which theirs are compared; None where none are promised or shown."""
        asked = self._asked(program.id)
        for year in years:
            rows = self._rows(query(self._took_part(program.id, year, hours), _by_band(hours)))
            bands = _grouped((str(row["band"]), int(row["person_id"])) for row in rows)
            every = any_of(bands.values())
            known = {band: bands.get(band, NOBODY).size for band in BANDS} if hours else {}
            others = {
                status: rest
                for status, persons in asked.get(year, {}).items()
                if (rest := less(persons, every)).size
            }
            yield Delivered(year, every.size, known, _sizes(others), bands | others | {ALL_BANDS: every})
        if None in asked:
            yield Delivered(None, 0, {}, _sizes(asked[None]), asked[None])

    def _asked(self, id: str) -> dict[int | None, dict[str, Numbers]]:
        """By school year, students with an entry that is no participation, each counted once, under the first of their statuses. One query
        for all years, however many there are by now."""
        rank = " ".join(f"WHEN {text(s)} THEN {place}" for place, s in enumerate(ParticipationStatus))
        found: Ctes = {
            "asked": f"""
                SELECT person_id, {year_without_stay(self.visible)} AS year, {standing()} AS standing FROM program_participation
                WHERE program_identifier = {text(id)} AND {standing()} <> {text(ParticipationStatus.TOOK_PART)}""",
        }
        foremost = f"SELECT person_id, year, MIN(CASE standing {rank} END) AS place FROM asked GROUP BY person_id, year"
        by_year: dict[int | None, list[tuple[str, int]]] = {}
        for row in self._rows(query(found, foremost)):
            status = list(ParticipationStatus)[int(row["place"])]
            by_year.setdefault(row["year"], []).append((status, int(row["person_id"])))
        return {year: _grouped(pairs) for year, pairs in by_year.items()}

    def unmapped(self) -> str:
        """What the participation records lack, in a sentence; empty where nothing is missing."""
        found = self._reasons.of_records(((PART,),))
        return found.sentence if found else ""

    def shows_part(self, partner: str) -> bool:
        return partner in self.visible.partners(*PART)

    def shows_hours(self, partner: str) -> bool:
        return partner in (*self.visible.partners(*HOURS), *self.visible.partners(*MARKED))

    def _took_part(self, id: str, year: int, hours: float | None) -> Ctes:
        found: Ctes = {
            "spell": self._spells(id, year),
            "enrolled": "SELECT DISTINCT person_id FROM spell",
        }
        if not hours:
            return found
        return {
            **found,
            "given": hours_given(self.visible, id, year_start(year), min(year_end(year), self.on)),
            "week": "SELECT DISTINCT DATE_TRUNC('week', service_date) AS monday FROM given",
            "open_weeks": """
                SELECT s.person_id, COUNT(DISTINCT w.monday) AS weeks FROM spell AS s
                JOIN week AS w ON w.monday >= DATE_TRUNC('week', s.start) AND w.monday <= s.finish GROUP BY s.person_id""",
            "had": "SELECT person_id, SUM(hours) AS hours FROM given WHERE hours IS NOT NULL GROUP BY person_id",
            "share": f"""
                SELECT e.person_id, h.hours / NULLIF(o.weeks * {float(hours)}, 0) AS share FROM enrolled AS e
                LEFT JOIN had AS h ON h.person_id = e.person_id LEFT JOIN open_weeks AS o ON o.person_id = e.person_id""",
        }

    def _spells(self, id: str, year: int) -> str:
        """The enrollments of one school year: person, first and last day. One that has ended without a last day belongs to the year in
        which it began."""
        last = day(min(year_end(year), self.on))
        finish = self.visible.column("program_participation", "program_participation_exit_date", "DATE")
        return f"""
            SELECT person_id, {START} AS start, COALESCE({finish}, {last}) AS finish FROM program_participation
            WHERE program_identifier = {text(id)} AND {took_part(self.visible, year, self.on)}"""


def _by_band(hours: float | None) -> str:
    if not hours:
        return f"SELECT {text(NONE)} AS band, person_id FROM enrolled"
    return f"""
        SELECT CASE WHEN share >= 1 THEN {text(ALL)} WHEN share >= 0.5 THEN {text(HALF)} WHEN share > 0 THEN {text(LESS)}
          ELSE {text(NONE)} END AS band, person_id
        FROM share"""


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, Numbers]:
    """The person numbers of each key, sorted."""
    found: dict[str, list[int]] = {}
    for key, person in pairs:
        found.setdefault(key, []).append(person)
    return {key: distinct(np.array(persons, np.int64)) for key, persons in found.items()}


def _sizes(persons: Mapping[str, Numbers]) -> dict[ParticipationStatus, int]:
    return {status: persons.get(status, NOBODY).size for status in OTHERS}
