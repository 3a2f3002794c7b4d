"""Tables before and after protection.

Within one release, `at` identifies the figure: two cells with the same `at` and the same statistic are the same figure, in whichever
table they are. A total omits the summed dimension from `at`, so every sum that a reader can form follows from the tables themselves.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from throughway.publication.shown_figures import count_between, range_ends

if TYPE_CHECKING:  # small commands start without NumPy
    from throughway.store.record_numbers import Numbers

Place = frozenset[tuple[str, str]]


def place(at: Mapping[str, str]) -> Place:
    """`{"sex": "Female"}` as a hashable, comparable value."""
    return frozenset(at.items())


def without(where: Place, dimension: str) -> Place | None:
    """The place of the total over `dimension`; None where the figure's place does not have it."""
    left = frozenset(pair for pair in where if pair[0] != dimension)
    return left if len(left) < len(where) else None


# Ends the name of the dimension that tells the groups of a pool apart: {"school": "Elm and Oak together", "school alone": "Elm"}.
ALONE = " alone"


def of_a_pool(where: Place) -> bool:
    """Whether the figure is of a single group of a pool."""
    return any(dimension.endswith(ALONE) for dimension, _ in where)


def subsets(where: Place) -> Iterator[Place]:
    """The place itself and those of all groups that contain it."""
    return (frozenset(some) for size in range(len(where) + 1) for some in combinations(where, size))


def sums(places: Collection[Place]) -> dict[tuple[Place, str], list[Place]]:
    """The parts of each total among these places: by the place of the total and the dimension over which it sums."""
    found: dict[tuple[Place, str], list[Place]] = {}
    for where in places:
        for dimension, _ in sorted(where):
            total = without(where, dimension)
            if total is not None and total in places:
                found.setdefault((total, dimension), []).append(where)
    return found


@dataclass(frozen=True)
class RawCell:
    """A true figure: a count of students, or a rate as numerator and denominator.

    A rate whose parts are counts in the same release names their places: `of` for the numerator, `among` for the denominator. A rate
    without them is published without counts, and its denominator is assumed to be known. `persons`: the person numbers that a count
    counts, sorted, by which it is compared with other releases; None where they are unknown.
    """

    at: Mapping[str, str]
    statistic: str = "students"
    count: int = 0
    numerator: int = 0
    denominator: int = 0
    of: tuple[Place, ...] = ()
    among: tuple[Place, ...] = ()
    # How much a reader loses when it is withheld, relative to other figures of the release.
    worth: float = 1.0
    # Whether it is the size of an enrolled group, which readers are assumed to know from elsewhere, shown or not.
    public: bool = False
    persons: "Numbers | None" = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.statistic not in ("students", "rate"):
            raise ValueError(f"statistic {self.statistic!r}: only students and rates can be protected")
        if self.count < 0 or not 0 <= self.numerator <= self.denominator:
            raise ValueError("a count is below zero, or a numerator above its denominator")
        if self.public and self.statistic != "students":
            raise ValueError("only a count can be the size of a group")
        if bool(self.of) != bool(self.among) or not set(self.of) <= set(self.among):
            raise ValueError("the numerator's counts must be among those of the denominator")

    @property
    def place(self) -> Place:
        return place(self.at)


@dataclass(frozen=True)
class RawTable:
    """True figures by dimensions. Never shown, stored or rendered: `protect` turns it into a ProtectedTable."""

    title: str
    by: tuple[str, ...]
    cells: tuple[RawCell, ...]

    def __post_init__(self) -> None:
        if any(not set(cell.at) <= set(self.by) for cell in self.cells):
            raise ValueError(f"table {self.title!r} has a cell at a dimension that it does not name")
        named = [(cell.statistic, cell.place) for cell in self.cells]
        if len(set(named)) < len(named):
            raise ValueError(f"table {self.title!r} has two cells at one place")


@dataclass(frozen=True)
class Relation:
    """What a reader knows besides the sums within the tables: `parts` make up `total`, or are some of it.

    `exact` False: together they are at most the total.
    """

    total: Mapping[str, str]
    parts: Sequence[Mapping[str, str]]
    exact: bool = True


@dataclass(frozen=True)
class ProtectedCell:
    """A figure as published: a count, a range of a count such as "0–20", a whole percent or a code such as "≥95%"; None where it is
    withheld."""

    at: Mapping[str, str]
    statistic: str
    shown: int | str | None

    @property
    def withheld(self) -> bool:
        return self.shown is None

    @property
    def range(self) -> tuple[int, int] | None:
        """The smallest and the largest count that a reader takes from what is printed; None where it is withheld."""
        return None if self.shown is None else count_between(self.shown)

    @property
    def ranged(self) -> bool:
        """Whether it is a count that is shown as a range."""
        return range_ends(self.shown) is not None


@dataclass(frozen=True)
class ProtectedTable:
    """The only figures that may be rendered, stored or handed out. `rule`: the sentence that says how the figures are protected where
    they are no counts; empty for counts and their rates, which the certificate of a release covers."""

    title: str
    by: tuple[str, ...]
    cells: tuple[ProtectedCell, ...]
    rule: str = ""

    def shown(self, at: Mapping[str, str], statistic: str = "students") -> int | str | None:
        """The figure at that place; None where it is withheld. KeyError where the table has none."""
        for cell in self.cells:
            if cell.statistic == statistic and cell.at == at:
                return cell.shown
        raise KeyError(f"{self.title}: no {statistic} at {dict(at)}")

    def to_json(self) -> dict[str, object]:
        return {
            "title": self.title,
            "by": list(self.by),
            "cells": [
                {"at": dict(c.at), "statistic": c.statistic, "shown": c.shown, "withheld": c.withheld}
                for c in self.cells
            ],
            **({"rule": self.rule} if self.rule else {}),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ProtectedTable":
        """The table from its registered JSON."""
        cells = (ProtectedCell(c["at"], c["statistic"], c["shown"]) for c in stored["cells"])
        return cls(stored["title"], tuple(stored["by"]), tuple(cells), stored.get("rule", ""))
