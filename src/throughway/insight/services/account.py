"""Promises beside what was delivered: true counts as tables to be protected, and protected tables as an account."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughway.agreements.services import Promise
from throughway.disclosure import ProtectedTable, RawCell, RawTable
from throughway.insight.services.asking import BANDS, Delivered

TITLE = "Students in promised programs"
BY = ("program", "school year", "hours a week")


def raw_tables(found: Mapping[str, Sequence[Delivered]]) -> tuple[RawTable, ...]:
    """One table of all programs. `found`: by what the program is called in the release, which says whose it is."""
    cells = [cell for name, years in found.items() for year in years for cell in _cells(name, year)]
    return (RawTable(TITLE, BY, tuple(cells)),) if cells else ()


def _cells(name: str, delivered: Delivered) -> Iterator[RawCell]:
    at = {"program": name, "school year": str(delivered.year)}
    yield RawCell(at, count=delivered.students)
    for band in BANDS if delivered.bands else ():
        yield RawCell({**at, "hours a week": band}, count=delivered.bands[band])


@dataclass(frozen=True)
class Year:
    """One school year of a promise, as published. Figures are None where they are withheld."""

    year: int
    students: int | str | None
    bands: tuple[tuple[str, int | str | None], ...]

    @property
    def hours_withheld(self) -> bool:
        """Nothing is told of the hours, so that one word says it."""
        return bool(self.bands) and all(shown is None for _, shown in self.bands)

    @property
    def words(self) -> str:
        return f"{self.year - 1}–{self.year % 100:02d}"


@dataclass(frozen=True)
class Account:
    """One promise with what was published of it; `why` says what is missing where nothing was, `why_hours` where no hours."""

    promise: Promise
    years: tuple[Year, ...] = ()
    why: str = ""
    why_hours: str = ""


def stated(promise: Promise, name: str, why: str, why_hours: str) -> dict[str, Any]:
    """What a release keeps of a promise: no figure but what was promised."""
    return {
        "agreement": promise.agreement, "title": promise.title, "partner": promise.partner, "program": promise.program,
        "schools": list(promise.schools), "seats": promise.seats, "hours_per_week": promise.hours_per_week,
        "first": promise.first.isoformat(), "last": promise.last.isoformat(), "winding_down": promise.winding_down,
        "name": name, "why": why, "why_hours": why_hours,
    }  # fmt: skip


def accounts(kept: Iterable[Mapping[str, Any]], tables: Iterable[ProtectedTable]) -> tuple[Account, ...]:
    """The accounts of a release: what it keeps of each promise, with the figures of its tables."""
    table = next((t for t in tables if t.title == TITLE), None)
    return tuple(_account(each, table) for each in kept)


def _account(kept: Mapping[str, Any], table: ProtectedTable | None) -> Account:
    promise = Promise(
        kept["agreement"], kept["title"], kept["partner"], kept["program"], tuple(kept["schools"]), kept["seats"],
        kept["hours_per_week"], date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), kept["winding_down"],
    )  # fmt: skip
    years: dict[int, dict[str, int | str | None]] = {}
    for cell in table.cells if table and kept["name"] else ():
        if cell.at["program"] == kept["name"]:
            years.setdefault(int(cell.at["school year"]), {})[cell.at.get("hours a week", "")] = cell.shown
    told = tuple(
        Year(year, shown.get(""), tuple((band, shown[band]) for band in BANDS if band in shown))
        for year, shown in sorted(years.items(), reverse=True)
        if year in promise.years(date.max)
    )
    return Account(promise, told, kept["why"], kept["why_hours"])


def to_json(account: Account) -> dict[str, object]:
    promise = account.promise
    return {
        "agreement": promise.agreement, "partner": promise.partner, "program": promise.program, "seats": promise.seats,
        "hours_per_week": promise.hours_per_week, "why": account.why, "why_hours": account.why_hours,
        "years": [
            {"year": y.year, "students": y.students, "hours": dict(y.bands)} for y in account.years
        ],
    }  # fmt: skip
