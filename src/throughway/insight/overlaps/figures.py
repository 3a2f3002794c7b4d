"""Overlaps as tables to be protected, and the page that the protected tables make."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from throughway.core.prose import listed, school_year
from throughway.insight.overlaps.queries import (
    DAYS,
    HOURS_A_WEEK,
    SEVERAL,
    OverlapYear,
)
from throughway.insight.reports.page import ReportColumn, ReportPage, ReportRow, ReportSection, Shown
from throughway.measures.overlaps import OverlapRules
from throughway.publication import ProtectedTable, RawCell, RawTable
from throughway.publication.tables import place
from throughway.store.record_numbers import NOBODY, Numbers, any_of

TITLE = "Students who had the same kind of support from two providers"
YEAR, PAIR, DAYS_BY, HOURS_BY = "school year", "programs", "days together", "hours a week in both"
MOST_TALK = 3


@dataclass(frozen=True)
class NamedPair:
    """A pair in a release. `years`: the school years in which both programs have records."""

    name: str
    kind: str
    years: tuple[int, ...]


def raw_tables(found: Sequence[OverlapYear], pairs: Sequence[NamedPair]) -> tuple[RawTable, ...]:
    """Students by year and pair, then by the days and by the hours that they were in both."""
    students: list[RawCell] = []
    by_days: list[RawCell] = []
    by_hours: list[RawCell] = []
    for each in found:
        at = {YEAR: str(each.year)}
        students.append(_cell(at, each.students.values()))
        names = [pair.name for pair in pairs if each.year in pair.years]
        for name in names:
            here = {**at, PAIR: name}
            of_pair = {(d, h): found for (pair, d, h), found in each.students.items() if pair == name}
            students.append(_cell(here, of_pair.values()))
            for band in DAYS:
                by_days.append(
                    _cell({**here, DAYS_BY: band}, (n for (d, _), n in of_pair.items() if d == band))
                )
            for band in HOURS_A_WEEK:
                by_hours.append(
                    _cell({**here, HOURS_BY: band}, (n for (_, h), n in of_pair.items() if h == band))
                )
        if len(names) > 1:
            several = (n for (pair, _, _), n in each.students.items() if pair == SEVERAL)
            students.append(_cell({**at, PAIR: SEVERAL}, several))
    tables = (
        RawTable(TITLE, (YEAR, PAIR), tuple(students)),
        RawTable("For how many days they were in both", (YEAR, PAIR, DAYS_BY), tuple(by_days)),
        RawTable("How many hours a week both gave together", (YEAR, PAIR, HOURS_BY), tuple(by_hours)),
    )
    return tuple(table for table in tables if table.cells)


def _cell(at: Mapping[str, str], persons: Any) -> RawCell:
    found: Numbers = any_of((NOBODY, *persons))
    return RawCell(at, count=found.size, persons=found)


def pairs_to_json(pairs: Sequence[NamedPair]) -> list[dict[str, Any]]:
    return [asdict(pair) | {"years": list(pair.years)} for pair in pairs]


def method(rules: OverlapRules) -> list[str]:
    """How overlaps are counted, in sentences."""
    kinds = [f"{kind.words} ({len(kind.of)} kinds of program together)" for kind in rules.kinds]
    together = [f"{each.one} with {each.other}: {each.why.rstrip('.')}" for each in rules.complements]
    return [
        f"A student counts once a school year who was in two programs of one kind, run by different providers, on the same "
        f"{rules.at_least_days} days or more. Days on which both stays last are counted, whether or not the student came.",
        "The community’s rules say what one kind is"
        + (f": {listed(kinds)}; any other kind of program is a kind of its own." if kinds else "."),
        *([f"Not counted, because they are meant to be used together: {'; '.join(together)}."] if together else []),
        "Hours are those that both programs recorded while the student was in both; a program that sends weekly totals is counted by the "
        "week’s last day.",
        "It does not say that one of the two is too much, and no savings are claimed: two programs can be right for one student. It shows "
        "where two providers may not know of each other.",
    ]  # fmt: skip


def overlap_page(about: Mapping[str, Any], tables: Sequence[ProtectedTable]) -> ReportPage:
    """The page of a release. `about`: what it stores besides figures."""
    cells = {place(cell.at): cell.shown for table in tables for cell in table.cells}
    pairs = [NamedPair(p["name"], p["kind"], tuple(p["years"])) for p in about["pairs"]]
    years = sorted(about["years"], reverse=True)
    totals = {year: cells.get(place({YEAR: str(year)})) for year in years}
    newest = next((year for year in years if totals[year] is not None), years[0])
    sections = [
        section
        for year in years
        for section in (_days_section(year, pairs, cells), _hours_section(year, pairs, cells))
        if section.rows and (year == newest or section.id.startswith("days"))
    ]
    return ReportPage(
        headline=_headline(newest, totals[newest]),
        lead="Each is a reason for two programs to talk, not a verdict. One student, the same kind of support, two providers, the same days.",
        talk=[*_talk(newest, pairs, cells)],
        sections=sections,
        method=about["method"],
        absent=[(each["what"], each["why"]) for each in about["absent"]],
    )


def _headline(year: int, total: Shown) -> str:
    when = school_year(year)
    if total is None:
        return f"How many students were in two programs of one kind in {when} is withheld"
    many = f"{total:,}" if isinstance(total, int) else total
    return f"{many} students were in two programs of one kind in {when}"


def _talk(year: int, pairs: Sequence[NamedPair], cells: Mapping[Any, Shown]) -> Iterator[str]:
    """The pairs with the most students, each with a question to ask."""
    shown = [(cells.get(place({YEAR: str(year), PAIR: pair.name})), pair) for pair in pairs]
    counted = [(n, pair) for n, pair in shown if isinstance(n, int) and n]
    for n, pair in sorted(counted, key=lambda each: -each[0])[:MOST_TALK]:
        long = cells.get(place({YEAR: str(year), PAIR: pair.name, DAYS_BY: DAYS[-1]}))
        days = f", {long:,} of them for {DAYS[-1]}" if isinstance(long, int) and long else ""
        yield f"{pair.name}: {n:,} students had {pair.kind} from both{days}. Does each know of the other, and who leads?"
    if not counted:
        yield "No pair of programs has a number of students that can be shown. Ask the providers whether they know of each other’s students."


def _days_section(year: int, pairs: Sequence[NamedPair], cells: Mapping[Any, Shown]) -> ReportSection:
    columns = [
        ReportColumn("students"),
        *(ReportColumn(band, part=True, strong=band == DAYS[-1]) for band in DAYS),
    ]
    return ReportSection(
        f"days-{year}", f"Days in both programs, {school_year(year)}",
        ["How many students were in both programs of a pair, and for how many days of the school year."], "Programs", columns,
        [*_rows(year, pairs, cells, DAYS_BY, DAYS), *_several(year, cells, len(columns))],
    )  # fmt: skip


def _hours_section(year: int, pairs: Sequence[NamedPair], cells: Mapping[Any, Shown]) -> ReportSection:
    columns = [
        ReportColumn("students"),
        *(
            ReportColumn(band, part=True, strong=band == HOURS_A_WEEK[2], unknown=band == HOURS_A_WEEK[3])
            for band in HOURS_A_WEEK
        ),
    ]
    return ReportSection(
        f"hours-{year}", f"Hours a week that both gave together, {school_year(year)}",
        ["Only where both programs record hours. Few hours in both can be less than one program promises."], "Programs", columns,
        [*_rows(year, pairs, cells, HOURS_BY, HOURS_A_WEEK)],
    )  # fmt: skip


def _rows(
    year: int, pairs: Sequence[NamedPair], cells: Mapping[Any, Shown], dimension: str, bands: Sequence[str]
) -> Iterator[ReportRow]:
    for pair in pairs:
        at = {YEAR: str(year), PAIR: pair.name}
        if place(at) in cells:
            figures = (cells[place(at)], *(cells.get(place({**at, dimension: band})) for band in bands))
            if any(isinstance(n, int) for n in figures):
                yield ReportRow(pair.name, figures)
            else:
                yield ReportRow(pair.name, why=_range_words(figures[0]))
        else:
            yield ReportRow(
                pair.name,
                why="Not known: one of the two programs has no records of this year, or they are not shown.",
            )


def _range_words(shown: Shown) -> str:
    """What is shown of a pair without an exact figure, in a sentence."""
    if shown is None:
        return "How many students is withheld, which does not mean zero."
    return f"{shown} students, and no figure is closer."


def _several(year: int, cells: Mapping[Any, Shown], columns: int) -> Iterator[ReportRow]:
    """Students in three programs or more, of whom neither days nor hours are counted."""
    at = place({YEAR: str(year), PAIR: SEVERAL})
    n = cells.get(at)
    if at in cells:
        many = "withheld" if n is None else f"{n:,}" if isinstance(n, int) else n
        yield ReportRow(SEVERAL.capitalize(), why=f"Students: {many}. Their days are not told apart by pair.")
