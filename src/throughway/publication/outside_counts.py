"""Whom the figures of a table from outside count by our records, and what a reader of it therefore knows.

Whom the other publisher counted is unknown. So each figure is taken to count exactly the students whom ours counts at the same place, and
the difference between the two numbers is known to every reader. A percent, and a range that leaves fewer than the smallest number open,
are taken as numbers that everybody knows exactly. A figure that is withheld there must not follow from ours.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from throughway.core.prose import counted, listed
from throughway.publication.joint_audit import CountedFigure, totals_of
from throughway.publication.outside_tables import PERCENT, STUDENTS, OutsideFigure
from throughway.publication.tables import Place, RawCell, RawTable, place, sums, without
from throughway.store.record_numbers import Numbers, any_of, both

NAMED = 3  # places in a message


@dataclass(frozen=True)
class PlacedFigure:
    """What a table from outside says of the students whom ours counts at a place. `own`: our number on the day of counting; `between`:
    theirs, None where it is withheld."""

    at: Place
    between: tuple[int, int] | None
    own: int

    def to_json(self) -> dict[str, Any]:
        return {"at": sorted(self.at), "between": self.between, "own": self.own}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "PlacedFigure":
        between = stored["between"]
        return cls(
            frozenset((d, v) for d, v in stored["at"]), (between[0], between[1]) if between else None, stored["own"]
        )  # fmt: skip


def placed(
    figures: Iterable[OutsideFigure], tables: Iterable[RawTable]
) -> tuple[dict[Place, Numbers], list[PlacedFigure]]:
    """The persons whom our counts have at the places of these figures, and what is printed of each. ValueError, naming the places in words,
    where our tables have no such count."""
    counts = {
        c.place: c for t in tables for c in t.cells if c.statistic == STUDENTS and c.persons is not None
    }
    rates = {c.place: c for t in tables for c in t.cells if c.statistic == "rate" and c.of}
    persons: dict[Place, Numbers] = {}
    found: dict[Place, PlacedFigure] = {}
    missing = []
    # a printed number says more than a percent
    for figure in sorted(figures, key=lambda f: f.statistic == PERCENT):
        of = list(_counted(figure, counts, rates))
        if not of:
            missing.append(_words(figure.at))
        for at, mine in of:
            own = mine.size
            between = None if figure.withheld else figure.between or (own, own)
            persons.setdefault(at, mine)
            found.setdefault(at, PlacedFigure(at, between, own))
    if missing:
        more = len(missing) - NAMED
        also = [counted(more, "other place")] if more > 0 else []
        raise ValueError(listed([*missing[:NAMED], *also]))
    return persons, list(found.values())


def _counted(
    figure: OutsideFigure, counts: Mapping[Place, RawCell], rates: Mapping[Place, RawCell]
) -> Iterator[tuple[Place, Numbers]]:
    """Our counts that the figure tells: a percent tells its students and all of whom they are a part."""
    at = place(figure.at)

    def of(where: Place) -> tuple[Place, Numbers]:
        persons = counts[where].persons
        assert persons is not None
        return where, persons

    if figure.statistic == PERCENT and at in rates:
        rate = rates[at]
        yield from (of(where) for where in rate.of if where in counts)
        if not figure.withheld:
            among = [of(where)[1] for where in rate.among if where in counts]
            yield frozenset({*at, (PERCENT, "of")}), any_of(among)
    elif at in counts:
        yield of(at)
        if figure.statistic == PERCENT and not figure.withheld:
            totals = (without(at, dimension) for dimension in figure.at)
            yield from (of(total) for total in totals if total is not None and total in counts)


def _words(at: Mapping[str, str]) -> str:
    return "“" + (", ".join(f"{name}: {value}" for name, value in at.items()) or "all students") + "”"


def known_figures(
    placed_figures: Iterable[PlacedFigure], persons: Mapping[Place, Numbers], minimum: int
) -> tuple[CountedFigure, ...]:
    """What a reader knows of these persons, as the joint audit takes it: the figures, and what is left of a total without its exact parts.
    `persons`: of each figure, as far as they are known today; `minimum`: a range that leaves fewer open is taken as known."""
    found = []
    for each in placed_figures:
        mine = persons[each.at]
        shown, differs = (mine.size, mine.size) if each.between else None, 0
        if each.between:
            low, high = each.between
            if high - low >= minimum:
                shown = min(low, mine.size), max(high, mine.size)
            else:
                differs = low - each.own if each.own < low else min(high - each.own, 0)
        found.append(CountedFigure(each.at, mine, shown, totals_of(each.at, persons), True, differs))
    return (*found, *_rests(found))


def _rests(figures: Sequence[CountedFigure]) -> Iterator[CountedFigure]:
    exact = {f.at: f for f in figures if f.exact}
    for (total, dimension), places in sums(exact.keys()).items():
        whole, parts = exact[total], [exact[at] for at in places]
        inside = any_of(part.persons for part in parts)
        left = np.setdiff1d(whole.persons, inside, assume_unique=True)
        if left.size and inside.size == sum(part.persons.size for part in parts):
            differs = whole.differs - sum(part.differs for part in parts)
            at = frozenset({*total, (dimension, "")})
            yield CountedFigure(at, left, (left.size, left.size), (whole.persons,), True, differs)


def near_other_numbers(
    figures: Iterable[CountedFigure], outside: Iterable[CountedFigure], least_difference: int
) -> set[Place]:
    """The figures whose number is near a different one from outside, for students of whom too few are certainly others: the publishers
    count a few students differently, and the difference of the two numbers tells about them."""
    others = [f for f in outside if f.differs]
    found = set()
    for figure in figures:
        for other in others if figure.exact else ():
            number = other.persons.size + other.differs - figure.persons.size
            if abs(number) < least_difference:
                apart = (
                    figure.persons.size + other.persons.size - 2 * both(figure.persons, other.persons).size
                )
                if apart < least_difference + abs(other.differs) and (apart or number):
                    found.add(figure.at)
    return found
