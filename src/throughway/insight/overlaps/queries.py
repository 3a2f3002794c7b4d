"""Queries, through the gate, which students were in two programs of the same kind on the same days, in each school year.

Two programs are compared where they give the same kind of support, have other providers, and no rule says that they are meant to be
used together. Days are counted on which both stays last; hours are those that both programs recorded in these days.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations

import numpy as np

from throughway.core.prose import counted, listed, school_year
from throughway.insight.gate_questions import FiguresAccess, GateQuestions
from throughway.measures.overlaps import Complement, OverlapRules, SameKind
from throughway.measures.sql import VisibleData, day, query, text, texts, year_end, year_start
from throughway.measures.stays import HOURS, PART, service_hours, stays_of
from throughway.store.record_numbers import Numbers, distinct

LISTED = ("program", "program_identifier", "program_subtype")
MOST_PAIRS = 20
SEVERAL = "three programs or more"
DAYS = ("30 days or fewer", "31 to 90 days", "more than 90 days")
HOURS_A_WEEK = ("fewer than 2 hours", "2 to 4 hours", "more than 4 hours", "not recorded by both")


@dataclass(frozen=True)
class ListedProgram:
    """A program of the records, with its kind of support. `provider`: the organization that runs it, else its partner."""

    id: str
    name: str
    code: str
    provider: str
    provider_name: str

    @property
    def words(self) -> str:
        return f"{self.name or self.id.partition('/')[2]} ({self.provider_name})"


@dataclass(frozen=True)
class ComparedPair:
    """Two programs of one kind with other providers. `pooled`: all pairs of the kind are shown together, because there are many."""

    one: ListedProgram
    other: ListedProgram
    kind: SameKind
    pooled: bool = False

    @property
    def name(self) -> str:
        """The pair, or all pairs of its kind, in a release."""
        if self.pooled:
            return f"Two programs for {self.kind.words}"
        return f"{self.one.words} and {self.other.words}"


@dataclass(frozen=True)
class OverlapYear:
    """True counts of one school year: never shown. `students`: person numbers by pair, band of days and band of hours (both empty where
    a student was in three programs or more); every student is at exactly one of these places."""

    year: int
    students: Mapping[tuple[str, str, str], Numbers] = field(repr=False)


class OverlapQueries(GateQuestions):
    """Overlaps of programs of one kind."""

    def __init__(
        self,
        access: FiguresAccess,
        visible: VisibleData,
        rules: OverlapRules,
        on: date,
        names: Mapping[str, str],
    ) -> None:
        super().__init__(access, visible, on)
        self.rules, self.names = rules, names

    def programs(self) -> list[ListedProgram]:
        """The programs that the records list, each once; a program that two lists name differently has no kind."""
        if not self.visible.shows(*LISTED):
            return []
        provider = self.visible.column("program", "organization_id")
        rows = self._table(f"""
            SELECT program_identifier AS id, MIN({self.visible.column("program", "program_name")}) AS name,
              CASE WHEN MIN(program_subtype) = MAX(program_subtype) THEN MIN(program_subtype) END AS code,
              MIN({provider}) AS provider
            FROM program WHERE program_identifier IS NOT NULL GROUP BY program_identifier""").to_pylist()
        found = []
        for row in rows:
            partner = str(row["id"]).partition("/")[0]
            run_by = str(row["provider"] or partner)
            called = self.organizations.get(run_by) or self.names.get(run_by.partition("/")[0], partner)
            found.append(
                ListedProgram(str(row["id"]), str(row["name"] or ""), str(row["code"] or ""), run_by, called)
            )
        return sorted(found, key=lambda each: each.id)

    def pairs(self, programs: Sequence[ListedProgram]) -> list[ComparedPair]:
        """The pairs to compare; where there are more than `MOST_PAIRS`, those of a kind are shown together."""
        found: list[ComparedPair] = []
        for one, other in combinations(programs, 2):
            if not one.code or not other.code or one.provider == other.provider:
                continue
            kind = self.rules.kind_of(one.code)
            together = any(
                each.joins((one.code, one.id), (other.code, other.id)) for each in self.rules.complements
            )
            if other.code in kind.of and not together:
                found.append(ComparedPair(one, other, kind))
        return [replace(pair, pooled=True) for pair in found] if len(found) > MOST_PAIRS else found

    def shows_stays(self) -> bool:
        return self.visible.shows(*PART)

    def attended(self) -> dict[str, tuple[date, date]]:
        """The first and last day that anybody is recorded in each program."""
        rows = self._table(
            query(
                stays_of(self.visible, self.on),
                "SELECT program, MIN(start) AS first, MAX(finish) AS last FROM part GROUP BY program",
            )
        )
        return {str(row["program"]): (row["first"], row["last"]) for row in rows.to_pylist()}

    def overlaps(self, pairs: Sequence[ComparedPair], years: Iterable[int]) -> list[OverlapYear]:
        """Who was in both programs of a pair, for at least the days of the rules, in each of these school years."""
        years = list(years)
        rows = self._table(self._sql(years)) if pairs and years else None
        found: dict[int, dict[tuple[str, str, str], list[int]]] = {year: {} for year in years}
        if rows is not None:
            names = {(pair.one.id, pair.other.id): pair.name for pair in pairs}
            columns = (
                rows[c].to_pylist() for c in ("year", "one", "other", "pairs", "days", "hours", "person_id")
            )
            for year, one, other, several, days, hours, person in zip(*columns, strict=True):
                at = (names[one, other], _days(days), _hours(hours)) if several == 1 else (SEVERAL, "", "")
                found[int(year)].setdefault(at, []).append(int(person))
        return [
            OverlapYear(year, {at: distinct(np.array(persons, np.int64)) for at, persons in each.items()})
            for year, each in found.items()
        ]

    def _sql(self, years: Sequence[int]) -> str:
        complements = " OR ".join(_joined(each) for each in self.rules.complements) or "FALSE"
        of_years = " UNION ALL ".join(
            f"SELECT {year} AS year, {day(year_start(year))} AS first, {day(min(year_end(year), self.on))} AS last"
            for year in years
        )
        given = (
            f"""SELECT person_id, program_identifier AS program, service_date, {service_hours()} AS hours FROM service_received
                WHERE service_date <= {day(self.on)}"""
            if self.visible.shows(*HOURS)
            else "SELECT CAST(NULL AS BIGINT) AS person_id, '' AS program, CAST(NULL AS DATE) AS service_date, 0.0 AS hours WHERE FALSE"
        )
        ctes = {
            **stays_of(self.visible, self.on),
            "listed": self._listed(),
            "school_years": of_years,
            # The days on which both stays last, within one school year.
            "at_once": f"""
                SELECT a.person_id, a.program AS one, b.program AS other, y.year, GREATEST(a.start, b.start, y.first) AS first,
                  LEAST(a.finish, b.finish, y.last) AS last
                FROM program_stay AS a JOIN program_stay AS b ON b.person_id = a.person_id AND b.program > a.program
                JOIN listed AS p ON p.program = a.program JOIN listed AS q ON q.program = b.program AND q.kind = p.kind
                JOIN school_years AS y ON y.first <= a.finish AND y.last >= a.start
                WHERE p.provider <> q.provider AND GREATEST(a.start, b.start, y.first) <= LEAST(a.finish, b.finish, y.last)
                  AND NOT ({complements})""",
            "together": f"""
                SELECT person_id, one, other, year, SUM(last - first + 1) AS days FROM at_once
                GROUP BY person_id, one, other, year HAVING SUM(last - first + 1) >= {self.rules.at_least_days}""",
            "given": given,
            "had": """
                SELECT o.person_id, o.one, o.other, o.year, SUM(CASE WHEN g.program = o.one THEN g.hours END) AS of_one,
                  SUM(CASE WHEN g.program = o.other THEN g.hours END) AS of_other
                FROM at_once AS o JOIN given AS g ON g.person_id = o.person_id AND g.service_date BETWEEN o.first AND o.last
                WHERE g.program IN (o.one, o.other) GROUP BY o.person_id, o.one, o.other, o.year""",
            "several": """
                SELECT person_id, year, COUNT(*) AS pairs, MIN(days) AS days, MIN(one) AS one, MIN(other) AS other FROM together
                GROUP BY person_id, year""",
        }
        return query(
            ctes,
            """SELECT s.person_id, s.year, s.one, s.other, s.pairs, s.days,
              7.0 * (h.of_one + h.of_other) / s.days AS hours
            FROM several AS s LEFT JOIN had AS h ON h.person_id = s.person_id AND h.one = s.one AND h.other = s.other AND h.year = s.year""",
        )

    def _listed(self) -> str:
        """SQL: the listed programs with their kind and provider, as `programs` and `pairs` tell them."""
        kinds = " ".join(
            f"WHEN code IN {texts(kind.of)} THEN {text('kind ' + kind.id)}" for kind in self.rules.kinds
        )
        provider = self.visible.column("program", "organization_id")
        return f"""
            SELECT program, code, provider, CASE {kinds} ELSE code END AS kind FROM (
              SELECT program_identifier AS program, COALESCE(NULLIF(MIN({provider}), ''), SPLIT_PART(program_identifier, '/', 1)) AS provider,
                CASE WHEN MIN(program_subtype) = MAX(program_subtype) THEN MIN(program_subtype) END AS code
              FROM program WHERE program_identifier IS NOT NULL GROUP BY program_identifier) AS each
            WHERE code IS NOT NULL"""


def absent_programs(
    programs: Sequence[ListedProgram], attended: Mapping[str, tuple[date, date]], years: Sequence[int]
) -> list[tuple[str, str]]:
    """Programs that cannot be compared, each with the reason in a sentence."""
    found = []
    unlisted = sorted(set(attended) - {each.id for each in programs})
    if unlisted:
        found.append(
            (
                counted(len(unlisted), "program"),
                f"No list of programs names {listed(unlisted)}, so nobody knows what kind of support it gives. Its partner can load its list of programs.",
            )
        )
    for program in programs:
        if not program.code:
            found.append(
                (
                    program.words,
                    "The records do not say, or say differently, what kind of support it gives. Its partner can map program_subtype in the crosswalk.",
                )
            )
        elif program.id not in attended:
            found.append(
                (
                    program.words,
                    "No record says that anybody takes part in it. That does not mean zero: its partner may send no enrollments.",
                )
            )
        elif early := [year for year in years if year_end(year) < attended[program.id][0]]:
            found.append(
                (
                    program.words,
                    f"Its records begin after {listed(map(school_year, early))}, so overlaps of that time are not known.",
                )
            )
    return found


def _joined(complement: Complement) -> str:
    """SQL: whether the programs p and q are those that a complement names."""
    one, other = text(complement.one), text(complement.other)
    return f"({one} IN (p.code, p.program) AND {other} IN (q.code, q.program)) OR ({other} IN (p.code, p.program) AND {one} IN (q.code, q.program))"


def _days(days: int) -> str:
    return DAYS[0] if days <= 30 else DAYS[1] if days <= 90 else DAYS[2]


def _hours(hours: float | None) -> str:
    if hours is None:
        return HOURS_A_WEEK[3]
    return HOURS_A_WEEK[0] if hours < 2 else HOURS_A_WEEK[1] if hours <= 4 else HOURS_A_WEEK[2]
