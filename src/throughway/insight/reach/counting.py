"""Queries, through the gate, who takes part in each program, who applied and who waits, and who could come by the program's own rules.

Whoever has a record of a program in a school year stands in one place: took part, or the first of the other standings. Eligible is who
was enrolled in a school that the purpose shows, on any day of the year, and met every rule that can be counted.
"""

from calendar import month_name
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from throughway.insight.gate_questions import FiguresAccess
from throughway.insight.milestone_queries import PERSON
from throughway.insight.reach.programs import (
    OF_ENROLLMENT,
    CountedRules,
    ProgramFacts,
    program_facts,
    programs_sql,
    rule_sql,
    shows_enrollment,
)
from throughway.measures.eligibility import EligibilityRule
from throughway.measures.groups import groups_of, groups_of_persons, shown
from throughway.measures.sql import (
    ENROLLED,
    Ctes,
    VisibleData,
    query,
    spells,
    stays,
    text,
    year_end,
    year_start,
)
from throughway.measures.stays import PART, application_day, standing, took_part, year_without_stay
from throughway.store.record_numbers import NOBODY, Numbers, any_of, both, distinct
from throughway.supports.entry import SupportStatement
from throughway.vocabulary.participation import ParticipationStatus

# Where few students are enrolled, few kinds, of two groups each: a program has some dozens of participants, of whom a group of race is
# nearly always too small to be shown, and each figure more makes the audit with earlier releases slower. How many are enrolled is known
# in every school, so the choice tells nothing. What cannot be protected is left out in this order, the last first.
KINDS = ("low income", "disability")
KINDS_OF_MANY = (*KINDS, "race", "english learner")
MANY = 10_000  # students enrolled in a school year
# Where fewer are enrolled, months are nearly always too small to be shown, and take other figures with them: in a town of 5,000 they took
# most numbers of those who take part.
MONTHS_FROM = 10_000
BEFORE, NO_DAY = "before the school year", "no day recorded"
STANDINGS = tuple(ParticipationStatus)


@dataclass(frozen=True)
class Taking:
    """Everybody with a record of one program in one school year: the person numbers by standing, and by standing and the month of the
    application, such as `September 2026`. `dated`: whether any record has a day of application."""

    by_standing: Mapping[ParticipationStatus, Numbers] = field(default_factory=dict)
    by_month: Mapping[tuple[ParticipationStatus, str], Numbers] = field(default_factory=dict)
    dated: bool = False

    def of(self, standing: ParticipationStatus) -> Numbers:
        return self.by_standing.get(standing, NOBODY)

    @property
    def participants(self) -> Numbers:
        return self.of(ParticipationStatus.TOOK_PART)

    def applied_in(
        self, months: Collection[str], among: Collection[ParticipationStatus] = STANDINGS
    ) -> Numbers:
        """Who applied in these months, of those who stand in one of these places."""
        found = (
            persons for (each, when), persons in self.by_month.items() if when in months and each in among
        )
        return any_of(found)


NO_TAKING = Taking()


@dataclass(frozen=True)
class Enrolled:
    """Students enrolled in a school year: parallel arrays of persons, grades and schools, one place for each combination."""

    person: Numbers
    grade: Sequence[str]
    school: Sequence[str]

    def meeting(self, rule: EligibilityRule) -> Numbers:
        """Who met a rule of enrollment."""
        values = self.grade if rule.fact == "grade" else self.school
        return distinct(self.person[np.isin(np.array(values, dtype=object), list(rule.values))])


class ReachQueries:
    """One run of the report's queries through one gate. Collects the ids of the ledger entries."""

    def __init__(self, access: FiguresAccess, visible: VisibleData, on: date) -> None:
        self.access, self.visible, self.on = access, visible, on
        self.disclosures: list[str] = []
        self._met: dict[tuple[str, int], Numbers] = {}
        self._enrolled: dict[int, Enrolled] = {}

    def programs(
        self, stated: Mapping[str, SupportStatement], partners: Mapping[str, str]
    ) -> list[ProgramFacts]:
        """Every program of the records or the directory. `stated`: the directory's statements by identifier; `partners`: names."""
        sql = programs_sql(self.visible)
        rows = self._table(sql).to_pylist() if sql else []
        named: list[dict[str, Any]] = []
        if self.visible.shows(*PART):
            named = self._table(
                "SELECT DISTINCT program_identifier AS id FROM program_participation"
            ).to_pylist()
        return program_facts(rows, (str(row["id"]) for row in named if row["id"]), stated, partners)

    def shows_part(self, partner: str) -> bool:
        return partner in self.visible.partners(*PART)

    def taking(self, year: int) -> dict[str, Taking]:
        """Of each program with a record in the school year, by its id."""
        if not self.visible.shows(*PART):
            return {}
        rank = " ".join(f"WHEN {text(s)} THEN {place}" for place, s in enumerate(STANDINGS))
        applied = application_day(self.visible)
        ctes: Ctes = {
            "took": f"""
                SELECT program_identifier AS program, person_id, MIN({applied}) AS applied FROM program_participation
                WHERE {took_part(self.visible, year, self.on)} GROUP BY program_identifier, person_id""",
            "asked": f"""
                SELECT program_identifier AS program, person_id, MIN(CASE {standing()} {rank} END) AS place, MIN({applied}) AS applied
                FROM program_participation
                WHERE {year_without_stay(self.visible)} = {year} AND {standing()} <> {text(ParticipationStatus.TOOK_PART)}
                GROUP BY program_identifier, person_id""",
        }
        rows = self._table(query(ctes, """
            SELECT program, person_id, 0 AS place, DATE_TRUNC('month', applied) AS month FROM took
            UNION ALL
            SELECT a.program, a.person_id, a.place, DATE_TRUNC('month', a.applied) AS month FROM asked AS a
            LEFT JOIN took AS t ON t.program = a.program AND t.person_id = a.person_id WHERE t.person_id IS NULL"""))  # fmt: skip
        return _takings(rows, year)

    def eligible(self, rules: CountedRules, year: int) -> Numbers | None:
        """Who could come in a school year; None where no rule can be counted, or no enrollment is shown."""
        if not rules.counted or not shows_enrollment(self.visible):
            return None
        here = self.enrolled(year)
        found = distinct(here.person)
        for rule in rules.counted:
            found = both(found, self._meeting(rule, year))
        return found

    def enrolled(self, year: int) -> Enrolled:
        """Everybody enrolled on any day of the school year, up to the day of counting."""
        if year not in self._enrolled:
            ctes = spells(self.visible) | stays(year, self.on)
            table = self._table(query(ctes, "SELECT DISTINCT person_id, grade, organization_id FROM stay"))
            self._enrolled[year] = Enrolled(
                _numbers(table), table["grade"].to_pylist(), table["organization_id"].to_pylist()
            )
        return self._enrolled[year]

    def enrolls(self, many: int, year: int) -> bool:
        """Whether at least so many students were enrolled in the school year."""
        return bool(distinct(self.enrolled(year).person).size >= many)

    def monthly(self, year: int) -> bool:
        """Whether months are counted; how many are enrolled is known in every school, so it tells nothing."""
        return self.visible.shows(*ENROLLED) and self.enrolls(MONTHS_FROM, year)

    def groups(self, year: int) -> dict[str, dict[str, Numbers]]:
        """The person numbers of each group of each kind, among everybody enrolled in the school year."""
        among = KINDS_OF_MANY if self.enrolls(MANY, year) else KINDS
        kinds = tuple(kind for kind in among if kind in shown(self.visible))
        result = "SELECT person_id, partner, organization_id, '' AS outcome, '' AS cause FROM home"
        ctes = spells(self.visible) | stays(year, self.on) | {"result": result}
        table = self._table(groups_of_persons(self.visible, ctes, min(self.on, year_end(year)), (year, year)))
        columns = [name for name in table.column_names if name != PERSON]
        found: dict[str, dict[str, list[Numbers]]] = {kind: {} for kind in kinds}
        for row in table.group_by(columns).aggregate([(PERSON, "list")]).to_pylist():
            persons = distinct(np.array(row[f"{PERSON}_list"], np.int64))
            for kind, group in groups_of(row, kinds, {}).items():
                found[kind].setdefault(group, []).append(persons)
        return {
            kind: {group: any_of(parts) for group, parts in sorted(groups.items())}
            for kind, groups in found.items()
        }

    def _meeting(self, rule: EligibilityRule, year: int) -> Numbers:
        """Who met a rule in a school year; each rule is asked once."""
        key = str(rule), year
        if key not in self._met:
            if rule.fact in OF_ENROLLMENT:
                self._met[key] = self.enrolled(year).meeting(rule)
            else:
                first, last = year_start(year), min(year_end(year), self.on)
                self._met[key] = distinct(_numbers(self._table(rule_sql(rule, first, last))))
        return self._met[key]

    def _table(self, sql: str) -> pa.Table:
        table, disclosure = self.access.figures(" ".join(line.strip() for line in sql.splitlines()))
        self.disclosures.append(disclosure)
        return table


def _numbers(table: pa.Table) -> Numbers:
    return np.asarray(table[PERSON].combine_chunks().to_numpy(zero_copy_only=False), dtype=np.int64)


def _takings(rows: pa.Table, year: int) -> dict[str, Taking]:
    begins = year_start(year)
    found: dict[str, dict[tuple[ParticipationStatus, str], list[Numbers]]] = {}
    for row in rows.group_by(["program", "place", "month"]).aggregate([(PERSON, "list")]).to_pylist():
        if row["program"]:
            at = STANDINGS[int(row["place"])], _when(row["month"], begins)
            persons = distinct(np.array(row[f"{PERSON}_list"], np.int64))
            found.setdefault(str(row["program"]), {}).setdefault(at, []).append(persons)
    return {program: _taking(groups) for program, groups in found.items()}


def _when(first: date | None, begins: date) -> str:
    """The month of which this is the first day, `September 2026`, or before the school year; a row without a day says so."""
    if first is None:
        return NO_DAY
    return BEFORE if (first.year, first.month) < (begins.year, begins.month) else month_words(first)


def month_words(first: date) -> str:
    return f"{month_name[first.month]} {first.year}"


def quarter_words(first: date) -> str:
    return f"{month_name[first.month]} to {month_name[first.month + 2]} {first.year}"


def _taking(groups: Mapping[tuple[ParticipationStatus, str], list[Numbers]]) -> Taking:
    by_month = {at: any_of(parts) for at, parts in groups.items()}
    by_standing = {
        standing: any_of(persons for (each, _), persons in by_month.items() if each is standing)
        for standing in dict.fromkeys(standing for standing, _ in by_month)
    }
    return Taking(by_standing, by_month, any(month != NO_DAY for _, month in by_month))


def quarters_of(year: int, on: date) -> dict[str, tuple[str, ...]]:
    """The quarters of a school year that have begun on a day, each with its months that have; before them applications of an earlier day,
    after them those without a day."""
    begins = year_start(year)
    found: dict[str, tuple[str, ...]] = {BEFORE: (BEFORE,)}
    for first in (date(begins.year, 7, 1), date(begins.year, 10, 1), date(year, 1, 1), date(year, 4, 1)):
        months = [each for n in range(3) if (each := first.replace(month=first.month + n)) <= on]
        if months:
            found[quarter_words(first)] = tuple(map(month_words, months))
    return found | {NO_DAY: (NO_DAY,)}
