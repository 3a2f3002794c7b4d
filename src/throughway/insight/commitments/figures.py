"""Promises of service with their figures: true counts as tables to be protected, and what the protected tables show of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughway.agreements.enums import AccessForm
from throughway.agreements.grant import Grant
from throughway.agreements.labels import people
from throughway.agreements.service_commitments import Promise
from throughway.core.prose import listed, school_year
from throughway.insight.commitments.participation import (
    ALL,
    ALL_BANDS,
    BANDS,
    HALF,
    LESS,
    NONE,
    OTHERS,
    Delivered,
)
from throughway.measures.stays import PART
from throughway.partners import Actor, PartnerFacts
from throughway.publication import ProtectedCell, ProtectedTable, RawCell, RawTable
from throughway.publication.tables import Relation
from throughway.store.record_numbers import NOBODY, any_of
from throughway.vocabulary import codes_of, element
from throughway.vocabulary.participation import MEANINGS, ParticipationStatus

TITLE = "Students in promised programs"
HOURS_BY = "hours a week"
# Two groups of the four, for programs too small to show the four.
HALVES_BY = "half of the promised hours"
HALF_OR_MORE = "half of them or more"
HALVES = {HALF_OR_MORE: (ALL, HALF), "less than half, or none recorded": (LESS, NONE)}
BY = ("program", "school year", HOURS_BY, HALVES_BY)
OTHERS_TITLE = "Students who did not take part in promised programs"
# A separate dimension, since the parts under "school year" must add up to those who participated.
YEAR = "school year of the seat or application"
YEAR_BEFORE = "year of the place"  # the name in earlier releases
OTHERS_BY = ("program", YEAR, "standing")
NO_YEAR = "not recorded"
STATUS_LABELS = {
    ParticipationStatus.WAITING: "on a waiting list",
    ParticipationStatus.APPLIED: "applied or were referred, and have no seat",
    ParticipationStatus.DECLINED: "declined, or were not eligible",
    ParticipationStatus.WITHDREW: "withdrew before a first day",
    ParticipationStatus.UNKNOWN: "with no first day recorded, or a status that does not say",
}
# What a reader loses when a figure is withheld, where one of the four bands counts 1: the two halves say more than some of the bands.
WORTH_OF_TOTAL, WORTH_OF_HALF = 4.0, 3.0


def raw_tables(found: Mapping[str, Sequence[Delivered]]) -> tuple[RawTable, ...]:
    """One table of all programs, and one of students who did not participate. `found`: by the program's name in the release."""
    listed = [(name, each) for name, years in found.items() for each in years]
    cells = [cell for name, each in listed if each.year for cell in _cells(name, each)]
    others = [cell for name, each in listed for cell in _others(name, each)]
    tables = (RawTable(TITLE, BY, tuple(cells)), RawTable(OTHERS_TITLE, OTHERS_BY, tuple(others)))
    return tuple(table for table in tables if table.cells)


def relations(tables: Iterable[RawTable]) -> tuple[Relation, ...]:
    """That each half is made of its bands."""
    return tuple(
        Relation(
            cell.at, [_elsewhere(cell.at, HALVES_BY, HOURS_BY, band) for band in HALVES[cell.at[HALVES_BY]]]
        )
        for table in tables
        for cell in table.cells
        if HALVES_BY in cell.at
    )


def _elsewhere(at: Mapping[str, str], dimension: str, other: str, value: str) -> dict[str, str]:
    return {name: each for name, each in at.items() if name != dimension} | {other: value}


def _cells(name: str, delivered: Delivered) -> Iterator[RawCell]:
    at = {"program": name, "school year": str(delivered.year)}
    persons = delivered.persons
    yield RawCell(
        at, count=delivered.students, persons=persons.get(ALL_BANDS, NOBODY), worth=WORTH_OF_TOTAL,
        public=bool(delivered.bands),
    )  # fmt: skip
    if not delivered.bands:
        return
    for band in BANDS:
        yield RawCell({**at, HOURS_BY: band}, count=delivered.bands[band], persons=persons.get(band, NOBODY))
    for half, parts in HALVES.items():
        yield RawCell(
            {**at, HALVES_BY: half}, count=sum(delivered.bands[band] for band in parts), worth=WORTH_OF_HALF,
            persons=any_of(persons.get(band, NOBODY) for band in parts),
        )  # fmt: skip


def _others(name: str, delivered: Delivered) -> Iterator[RawCell]:
    for standing in OTHERS:
        at = {"program": name, YEAR: str(delivered.year or NO_YEAR), "standing": str(standing)}
        persons = delivered.persons.get(standing, NOBODY)
        yield RawCell(at, count=delivered.others.get(standing, 0), persons=persons)


Shown = int | str | None  # None: withheld


@dataclass(frozen=True)
class NonParticipants:
    """Students who did not participate, by status."""

    shown: tuple[tuple[ParticipationStatus, Shown], ...] = ()

    @property
    def lines(self) -> list[tuple[str, Shown]]:
        return [(STATUS_LABELS[standing], shown) for standing, shown in self.shown]

    @property
    def all_withheld(self) -> bool:
        """Whether every figure is withheld."""
        return bool(self.shown) and all(shown is None for _, shown in self.shown)


@dataclass(frozen=True)
class PromiseYear:
    """One school year of a promise, as published. Figures are None where they are withheld, and a string where they are ranges."""

    year: int
    students: Shown
    bands: tuple[tuple[str, Shown], ...]
    others: NonParticipants = NonParticipants()
    halves: tuple[tuple[str, Shown], ...] = ()  # empty in older releases

    @property
    def hours_withheld(self) -> bool:
        """Whether every figure of the hours is withheld."""
        return bool(self.bands) and all(shown is None for _, shown in (*self.bands, *self.halves))

    @property
    def hours(self) -> tuple[tuple[str, Shown], ...]:
        """The four bands; the two halves where they show more figures."""
        found = [sum(isinstance(shown, int) for _, shown in each) for each in (self.halves, self.bands)]
        return self.halves if found[0] > found[1] else self.bands

    @property
    def words(self) -> str:
        return school_year(self.year)


@dataclass(frozen=True)
class PromiseFigures:
    """One promise with its published figures. `why`: why there are none; `why_hours`: why there are none of hours. `no_year`:
    nonparticipants in records without a year."""

    promise: Promise
    years: tuple[PromiseYear, ...] = ()
    no_year: NonParticipants = NonParticipants()
    why: str = ""
    why_hours: str = ""
    seats_now: str = (
        ""  # the seats that there are and who waits, as the partner states it in the directory today
    )

    @property
    def newest(self) -> PromiseYear | None:
        return max(self.years, key=lambda year: year.year, default=None)

    @property
    def beside(self) -> str:
        """What stands beside "promised 90, took part 36": the seats that there are, and who waits by the newest published figure."""
        waiting = dict(self.newest.others.shown).get(ParticipationStatus.WAITING) if self.newest else None
        waits = (
            f"{waiting:,} wait" + ("s" if waiting == 1 else "")
            if isinstance(waiting, int) and waiting
            else ""
        )
        return ", ".join(filter(None, (self.seats_now, waits if "wait" not in self.seats_now else "")))

    @property
    def shows_a_figure(self) -> bool:
        others = [self.no_year, *(year.others for year in self.years)]
        figures = [year.students for year in self.years] + [n for each in others for _, n in each.shown]
        return any(isinstance(shown, int) for shown in figures)


def promise_to_json(promise: Promise, name: str, why: str, why_hours: str) -> dict[str, Any]:
    """What a release stores about a promise: what was promised, and no figure. `name`: the program's name in the tables."""
    return {
        "agreement": promise.agreement, "title": promise.title, "partner": promise.partner, "program": promise.program,
        "schools": list(promise.schools), "seats": promise.seats, "hours_per_week": promise.hours_per_week,
        "first": promise.first.isoformat(), "last": promise.last.isoformat(), "winding_down": promise.winding_down,
        "name": name, "why": why, "why_hours": why_hours,
    }  # fmt: skip


def promise_figures(
    kept: Iterable[Mapping[str, Any]], tables: Iterable[ProtectedTable]
) -> tuple[PromiseFigures, ...]:
    """The promises of a release: what it stores about each, with the figures from its tables."""
    found = {table.title: table.cells for table in tables}
    return tuple(_figures(each, found.get(TITLE, ()), found.get(OTHERS_TITLE, ())) for each in kept)


WHOLE = ("", "")  # the part that is all participants


def _figures(
    kept: Mapping[str, Any], cells: Iterable[ProtectedCell], others: Iterable[ProtectedCell]
) -> PromiseFigures:
    promise = Promise(
        kept["agreement"], kept["title"], kept["partner"], kept["program"], tuple(kept["schools"]), kept["seats"],
        kept["hours_per_week"], date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), kept["winding_down"],
    )  # fmt: skip
    years: dict[int, dict[tuple[str, str], Shown]] = {}
    for cell in cells:
        if kept["name"] and cell.at["program"] == kept["name"]:
            part = next(((name, cell.at[name]) for name in (HOURS_BY, HALVES_BY) if name in cell.at), WHOLE)
            years.setdefault(int(cell.at["school year"]), {})[part] = cell.shown
    by_status: dict[str, list[tuple[ParticipationStatus, Shown]]] = {}
    for cell in others:
        if kept["name"] and cell.at["program"] == kept["name"]:
            by_status.setdefault(cell.at.get(YEAR) or cell.at[YEAR_BEFORE], []).append(
                (ParticipationStatus(cell.at["standing"]), cell.shown)
            )
    by_year = tuple(
        PromiseYear(
            year, shown.get(WHOLE), _listed(shown, HOURS_BY, BANDS), NonParticipants(tuple(by_status.get(str(year), ()))),
            _listed(shown, HALVES_BY, HALVES),
        )
        for year, shown in sorted(years.items(), reverse=True)
        if year in promise.years(date.max)
    )  # fmt: skip
    return PromiseFigures(
        promise, by_year, NonParticipants(tuple(by_status.get(NO_YEAR, ()))), kept["why"], kept["why_hours"]
    )


def _listed(
    shown: Mapping[tuple[str, str], Shown], dimension: str, values: Iterable[str]
) -> tuple[tuple[str, Shown], ...]:
    return tuple((value, shown[dimension, value]) for value in values if (dimension, value) in shown)


def absent(found: PromiseFigures, missing: str) -> str:
    """Why nothing can be shown for a promise, in a sentence; empty where a figure can. `missing`: what the records lack for all
    promises."""
    if found.why or found.shows_a_figure:
        return found.why
    if not found.years:
        return "No school year of this promise has begun."
    return missing or "Every figure is zero or below the smallest number that may be shown."


def to_json(found: PromiseFigures) -> dict[str, object]:
    promise = found.promise
    return {
        "agreement": promise.agreement, "partner": promise.partner, "program": promise.program, "seats": promise.seats,
        "hours_per_week": promise.hours_per_week, "why": found.why, "why_hours": found.why_hours,
        "years": [
            {
                "year": y.year, "students": y.students, "hours": dict(y.bands), "half_of_hours": dict(y.halves),
                "did_not_take_part": {str(standing): shown for standing, shown in y.others.shown},
            }
            for y in found.years
        ],
        "no_year": {str(standing): shown for standing, shown in found.no_year.shown},
    }  # fmt: skip


def why_not_counted(
    promise: Promise, grants: Iterable[Grant], reader: Actor, partners: Mapping[str, PartnerFacts]
) -> str:
    """Which agreement is missing, or who can count under the existing one; empty where the reader can. `grants`: those of agreements
    in effect."""

    def name(partner: str) -> str:
        return partners[partner].name if partner in partners else partner

    counting = [
        g
        for g in grants
        if g.form is AccessForm.AGGREGATE
        and g.discloser == promise.partner
        and g.table == PART[0]
        and _plain(g)
    ]
    if not counting:
        return (
            f"No agreement in effect allows the count. An agreement must show who takes part in programs of {name(promise.partner)} "
            "for a purpose with protected figures (form aggregate)."
        )
    readers = sorted({(role, partner) for g in counting for role in g.roles for partner in g.recipients})
    if (reader.role, reader.partner or "") in readers:
        return ""
    who = listed(f"{people(role)} of {name(partner)}" for role, partner in readers)
    return f"No public release includes it. Under {listed(sorted({g.agreement for g in counting}))}, {who} can count it."


def _plain(grant: Grant) -> bool:
    """Whether the grant shows participation columns unchanged."""
    return all(column in grant.columns and grant.columns[column].name == "none" for column in PART[1:])


STATUS = "program_participation.program_participation_status"


def method() -> tuple[str, ...]:
    """How services are counted, in sentences made from the table of statuses: who participated, who did not, and how hours are
    counted."""
    labels = codes_of(element(STATUS)) or {}

    def meant(standing: ParticipationStatus, *, dated: bool) -> str:
        found = (
            labels[status]
            for status, m in MEANINGS.items()
            if status and (m.with_first_day if dated else m.without_first_day) is standing
        )
        return listed([f"“{label}”" for label in found])

    return (
        "Students who took part have a first day in the program, no later than the school year (1 July to 30 June) and the day of "
        f"counting, and a status that means taking part: {meant(ParticipationStatus.TOOK_PART, dated=True)}, or no status. A stay without a "
        "last day counts as current only while its status says so. Each student counts once a year.",
        "Students who did not take part are counted apart: on a waiting list "
        f"({meant(ParticipationStatus.WAITING, dated=False)}); applied or referred ({meant(ParticipationStatus.APPLIED, dated=False)}); declined or not "
        f"eligible ({meant(ParticipationStatus.DECLINED, dated=False)}); withdrawn before a first day ({meant(ParticipationStatus.WITHDREW, dated=False)}). "
        "The school year is that of the seat, or if there is none, of the application.",
        f"Hours are counted as students: how many had {ALL} a week, {HALF}, {LESS}, or {NONE}. A student’s hours a week are counted over "
        "the weeks in which the program served anybody while the student was enrolled. Where two agreements promise different "
        "hours for a program, the larger number is used.",
    )
