"""The figures of reach as tables: the true ones, which go into protection, and what a release shows of each program.

All students with a record of a program in the year that runs are one whole, with parts by standing and by quarter of application; a quarter
has its months as parts where many are enrolled. Of the last whole year those who took part are counted, in all and by group. Those who could come are another whole. How many of them took part is not counted: with both wholes it would tell the
few participants who are not among them. Those who could come are counted for one school year, because the students of one year are nearly
those of the year before, one grade higher.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from throughway.core.prose import school_year
from throughway.insight.reach.counting import NO_TAKING, STANDINGS, Taking
from throughway.measures.groups import UNKNOWN
from throughway.publication import ProtectedTable, RawCell, RawTable
from throughway.publication.tables import Place, Relation, place
from throughway.store.record_numbers import NOBODY, Numbers, any_of, both, less
from throughway.vocabulary.participation import ParticipationStatus

TAKING_TITLE = "Students with a record of each program"
MONTHS_TITLE = "Students with a record of each program, by month"
ELIGIBLE_TITLE = "Students who could come"
PROGRAM, YEAR, STANDING = "program", "school year", "standing"
QUARTER, SINCE = "quarter of application", "waiting since"
MONTH, SINCE_MONTH = "month of application", "waiting since the month"
ENROLLED_YEAR = "school year of enrollment"  # a dimension of its own: another whole
TAKING_BY = (PROGRAM, YEAR, STANDING, QUARTER, SINCE)
MONTHS_BY = (*TAKING_BY, MONTH, SINCE_MONTH)
TOOK_PART, WAITING = ParticipationStatus.TOOK_PART, ParticipationStatus.WAITING
# What a reader loses when a figure is withheld, where a quarter or a group counts 1. Nobody needs the sum of all standings.
WORTH: Mapping[ParticipationStatus, float] = {TOOK_PART: 8.0, WAITING: 6.0}
WORTH_OF_SUM, WORTH_OF_ELIGIBLE = 0.2, 4.0


@dataclass(frozen=True)
class ProgramYear:
    """One program in one school year: never shown. `eligible` None: nobody can say who could come, or it is not asked of this year.
    `groups`: the person numbers of everybody enrolled, by kind and group; empty where groups are not compared. `quarters`: of
    applications, each with its months; empty in a year that is over, of which only those who took part are counted. `monthly`: whether
    the months are counted too."""

    label: str
    year: int
    taking: Taking = NO_TAKING
    eligible: Numbers | None = None
    groups: Mapping[str, Mapping[str, Numbers]] = field(default_factory=dict)
    quarters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    monthly: bool = False

    @property
    def months(self) -> list[tuple[str, str]]:
        """Each month that is counted, with its quarter."""
        found = [(quarter, month) for quarter, months in self.quarters.items() for month in months]
        return [(quarter, month) for quarter, month in found if month != quarter] if self.monthly else []


def raw_tables(found: Sequence[ProgramYear]) -> tuple[RawTable, ...]:
    """A table without a cell is left out."""
    kinds = list(dict.fromkeys(kind for each in found for kind in each.groups))
    tables = [
        RawTable(TAKING_TITLE, TAKING_BY, tuple(c for each in found for c in _taking(each))),
        RawTable(MONTHS_TITLE, MONTHS_BY, tuple(c for each in found for c in _by_month(each))),
        *(
            RawTable(
                titles_by(kind)[0], (PROGRAM, YEAR, STANDING, kind), tuple(c for each in found for c in _by_group(each, kind))
            )
            for kind in kinds
        ),
        RawTable(ELIGIBLE_TITLE, (PROGRAM, ENROLLED_YEAR), tuple(c for each in found for c in _could_come(each))),
        *(
            RawTable(
                titles_by(kind)[1], (PROGRAM, ENROLLED_YEAR, kind),
                tuple(c for each in found for c in _could_come_by(each, kind)),
            )
            for kind in kinds
        ),
    ]  # fmt: skip
    return tuple(table for table in tables if table.cells)


def relations(found: Iterable[ProgramYear]) -> tuple[Relation, ...]:
    """Who waits since a quarter, or a month, applied in it."""
    return tuple(
        Relation(
            {**at, QUARTER: quarter} | month,
            [{**at, STANDING: str(WAITING), SINCE: quarter} | since],
            exact=False,
        )
        for each in found
        if each.taking.dated
        for at in ({PROGRAM: each.label, YEAR: str(each.year)},)
        for quarter, month, since in (
            *((quarter, {}, {}) for quarter in each.quarters),
            *((quarter, {MONTH: month}, {SINCE_MONTH: month}) for quarter, month in each.months),
        )
    )


def sums(found: Iterable[ProgramYear]) -> frozenset[Place]:
    """The places of everybody with a record of a program. They are never shown: beside those who took part, whom the report on services
    promised shows too, they would tell that nobody waits or was refused."""
    return frozenset(place({PROGRAM: each.label, YEAR: str(each.year)}) for each in found)


def titles_by(kind: str) -> tuple[str, str]:
    """The tables of participants and of those who could come, by one kind of group."""
    return f"Participants, by {kind}", f"{ELIGIBLE_TITLE}, by {kind}"


def _taking(found: ProgramYear) -> Iterator[RawCell]:
    at, taking = {PROGRAM: found.label, YEAR: str(found.year)}, found.taking
    if not found.quarters:
        yield _cell({**at, STANDING: str(TOOK_PART)}, taking.participants, WORTH[TOOK_PART])
        return
    yield _cell(at, any_of(taking.by_standing.values()), WORTH_OF_SUM)
    for standing in STANDINGS:
        yield _cell({**at, STANDING: str(standing)}, taking.of(standing), WORTH.get(standing, 2.0))
    if taking.dated:
        waiting = {**at, STANDING: str(WAITING)}
        for quarter, months in found.quarters.items():
            yield _cell({**at, QUARTER: quarter}, taking.applied_in(months))
        for quarter, months in found.quarters.items():
            yield _cell({**waiting, SINCE: quarter}, taking.applied_in(months, [WAITING]))


def _by_month(found: ProgramYear) -> Iterator[RawCell]:
    """The months of each quarter of applications."""
    at, taking = {PROGRAM: found.label, YEAR: str(found.year)}, found.taking
    for quarter, month in found.months if taking.dated else []:
        since = {**at, STANDING: str(WAITING), SINCE: quarter, SINCE_MONTH: month}
        yield _cell({**at, QUARTER: quarter, MONTH: month}, taking.applied_in([month]))
        yield _cell(since, taking.applied_in([month], [WAITING]))


def _by_group(found: ProgramYear, kind: str) -> Iterator[RawCell]:
    """Those who took part, by group; who is enrolled nowhere that the purpose shows is in none. A group without anybody is left out only
    where it is known that nobody of it could come: else what is left out would tell that all are of the other group."""
    at = {PROGRAM: found.label, YEAR: str(found.year), STANDING: str(TOOK_PART)}
    groups, rest = found.groups.get(kind, {}), found.taking.participants
    if not groups:
        return
    parts = {group: both(found.taking.participants, members) for group, members in groups.items()}
    for persons in parts.values():
        rest = less(rest, persons)
    possible = groups if found.eligible is None else _could_groups(found, kind)
    parts[UNKNOWN] = any_of([parts.get(UNKNOWN, NOBODY), rest])
    for group, persons in parts.items():
        if persons.size or group in possible:
            yield _cell({**at, kind: group}, persons)


def _could_groups(found: ProgramYear, kind: str) -> dict[str, Numbers]:
    """Those who could come, by group; groups without anybody are left out, since who goes to a school is known."""
    if found.eligible is None:
        return {}
    parts = {group: both(found.eligible, members) for group, members in found.groups.get(kind, {}).items()}
    return {group: persons for group, persons in parts.items() if persons.size}


def _could_come(found: ProgramYear) -> Iterator[RawCell]:
    if found.eligible is not None:
        # How many students are in those grades is known in every school.
        at = {PROGRAM: found.label, ENROLLED_YEAR: str(found.year)}
        yield _cell(at, found.eligible, WORTH_OF_ELIGIBLE, public=True)


def _could_come_by(found: ProgramYear, kind: str) -> Iterator[RawCell]:
    at = {PROGRAM: found.label, ENROLLED_YEAR: str(found.year)}
    for group, persons in _could_groups(found, kind).items():
        yield _cell({**at, kind: group}, persons, public=True)


def _cell(at: Mapping[str, str], persons: Numbers, worth: float = 1.0, *, public: bool = False) -> RawCell:
    return RawCell(at, count=persons.size, persons=persons, worth=worth, public=public)


def classes(found: Iterable[ProgramYear], keys: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """What is counted at each program and year. `keys`: of each label, the program and the rules that were counted."""
    years = {str(each.year) for each in found}
    return {(PROGRAM, label): key for label, key in keys.items()} | {
        (YEAR, year): year for year in years
    } | {(ENROLLED_YEAR, year): f"enrolled {year}" for year in years}  # fmt: skip


Shown = int | str | None  # None: withheld


@dataclass(frozen=True)
class GroupReach:
    """One group in the last whole year: how many of it could come, and how many took part."""

    name: str
    could: Shown
    took_part: Shown


@dataclass(frozen=True)
class ReachYear:
    """One program in one school year, as published. `says_who_could`: whether those who could come were counted. `months`: the figures of
    each month that is counted, by MONTH and SINCE_MONTH."""

    year: int
    standings: Mapping[str, Shown] = field(default_factory=dict)
    quarters: Mapping[str, Shown] = field(default_factory=dict)
    since: Mapping[str, Shown] = field(default_factory=dict)
    could: Shown = None
    says_who_could: bool = False
    groups: Mapping[str, tuple[GroupReach, ...]] = field(default_factory=dict)
    months: Mapping[str, Mapping[str, Shown]] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return school_year(self.year)

    @property
    def participants(self) -> Shown:
        return self.standings.get(str(TOOK_PART))

    @property
    def waiting(self) -> Shown:
        return self.standings.get(str(WAITING))

    @property
    def shows_a_figure(self) -> bool:
        shown = (*self.standings.values(), self.could)
        return any(isinstance(each, int) for each in shown)


Figures = Sequence[tuple[Mapping[str, str], Shown]]  # the figures of one program, each at its place


def figures_by_program(tables: Iterable[ProtectedTable]) -> dict[str, list[tuple[Mapping[str, str], Shown]]]:
    """The figures of a release by the label of their program."""
    found: dict[str, list[tuple[Mapping[str, str], Shown]]] = {}
    for cell in (cell for table in tables for cell in table.cells if PROGRAM in cell.at):
        rest = {name: value for name, value in cell.at.items() if name != PROGRAM}
        found.setdefault(cell.at[PROGRAM], []).append((rest, cell.shown))
    return found


def reach_year(year: int, figures: Figures) -> ReachYear:
    """What a release shows of one program in one year."""
    at, could = {YEAR: str(year)}, {ENROLLED_YEAR: str(year)}
    took_part, waiting = {**at, STANDING: str(TOOK_PART)}, {**at, STANDING: str(WAITING)}
    kinds = dict.fromkeys(
        name for rest, _ in figures for name in rest if name not in (*MONTHS_BY, ENROLLED_YEAR)
    )
    groups = {kind: tuple(_groups(figures, could, took_part, kind)) for kind in kinds}
    return ReachYear(
        year,
        _values(figures, at, STANDING),
        _values(figures, at, QUARTER),
        _values(figures, waiting, SINCE),
        next((shown for rest, shown in figures if rest == could), None),
        any(rest == could for rest, _ in figures),
        {kind: found for kind, found in groups.items() if found},
        _months(figures, at),
    )


def _values(figures: Figures, at: Mapping[str, str], dimension: str) -> dict[str, Shown]:
    """The figures at a place by one more dimension, in the order of their table."""
    return {
        rest[dimension]: shown
        for rest, shown in figures
        if len(rest) == len(at) + 1 and dimension in rest and at.items() <= rest.items()
    }


def _months(figures: Figures, at: Mapping[str, str]) -> dict[str, dict[str, Shown]]:
    """The figures of each month, in their order."""
    found: dict[str, dict[str, Shown]] = {}
    for dimension in (MONTH, SINCE_MONTH):
        for rest, shown in figures:
            if dimension in rest and at.items() <= rest.items():
                found.setdefault(rest[dimension], {})[dimension] = shown
    return found


def _groups(
    figures: Figures, could: Mapping[str, str], took_part: Mapping[str, str], kind: str
) -> Iterator[GroupReach]:
    came = _values(figures, took_part, kind)
    able = _values(figures, could, kind)
    for name in dict.fromkeys((*able, *came)):
        yield GroupReach(name, able.get(name), came.get(name))
