"""Releases as they are published, as one system: unknown whole numbers, and everything a reader knows of them.

Made of documents alone (`release_document`). The rule itself is no row of it: see `certificate`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from throughway.publication.shown_figures import count_between, rate_rows
from throughway.publication.tables import Place, place, without

COUNTED = ("students", "sum")  # statistics that add up to their totals
TOLERANCE = 1e-6

Figure = tuple[str, str, Place]  # release, statistic, place


def named(figure: Figure) -> str:
    """A figure in words: `school: Oak, outcome: lost`."""
    return ", ".join(f"{dimension}: {value}" for dimension, value in sorted(figure[2])) or "all"


@dataclass(frozen=True)
class Row:
    """`low <= sum of times * unknown <= high`."""

    times: Mapping[int, int]
    low: float
    high: float

    def holds(self, values: Mapping[int, int]) -> bool:
        return self.low <= sum(times * values[i] for i, times in self.times.items()) <= self.high


@dataclass(frozen=True)
class PublishedSystem:
    """What is published, as unknown whole numbers and rows that connect them. A figure that is shown as a count is no unknown.

    `between`: the range that is printed for an unknown; zero to infinity where it is withheld. `own_rules`: what is not certified, each
    with the rule that protects it. `known_sizes`: the sizes of groups that are shown; `withheld_sizes`: the unknowns that are such sizes.
    """

    figures: tuple[Figure, ...]
    between: tuple[tuple[float, float], ...]
    rows: tuple[Row, ...]
    minimum: int
    # Audited beside earlier releases, for the sake of which more may be withheld: the rule need not hold in every group.
    beside_others: bool = False
    own_rules: tuple[tuple[str, str], ...] = ()
    known_sizes: Mapping[Figure, int] = field(default_factory=dict)
    withheld_sizes: frozenset[int] = frozenset()


class Contradiction(ValueError):
    """What is published contradicts itself."""


def published_system(documents: Sequence[Mapping[str, Any]], *, opened: bool = False) -> PublishedSystem:
    """All documents as one system; Contradiction where a printed figure contradicts another.

    `opened`: printed counts are unknowns too, with their value as their range, and no rate binds them: what withholding could change. Not
    so the sizes of groups: a reader may know them from elsewhere, so that to withhold them would not help.
    """
    shown: dict[Figure, Any] = {}
    own_rules: list[tuple[str, str]] = []
    for document in documents:
        for table in document["tables"]:
            if table.get("rule"):
                own_rules.append((table["title"], table["rule"]))
                continue
            for cell in table["cells"]:
                figure = (document["id"], cell["statistic"], place(cell["at"]))
                if shown.setdefault(figure, cell["shown"]) != cell["shown"]:
                    raise Contradiction(f"one figure is shown in two ways, at {dict(cell['at'])}")
    counts = {figure: value for figure, value in shown.items() if figure[1] in COUNTED}
    between = {
        figure: (0.0, np.inf) if value is None else count_between(value) for figure, value in counts.items()
    }
    sizes = {
        (document["id"], "students", place(at))
        for document in documents
        for at in document.get("public_sizes", ())
    }
    if not sizes <= set(counts):
        raise Contradiction("a size of a group is named that is not in the release")
    unknown = [
        figure for figure, (low, high) in between.items() if low < high or (opened and figure not in sizes)
    ]
    number = {figure: i for i, figure in enumerate(unknown)}
    rows = []
    rates = [] if opened else _rates(documents, shown)
    for times, low, high in (*_sums(between), *_relations(documents, between), *rates):
        row = _row(times, low, high, between, number)
        if row.times:
            rows.append(row)
        elif not row.holds({}):
            raise Contradiction(f"the figures do not add up, at {dict(next(iter(times))[2])}")
    own_rules += _uncounted(documents, shown)
    return PublishedSystem(
        tuple(unknown), tuple(between[figure] for figure in unknown),
        tuple(rows),
        max(int(document["minimum_cell"]) for document in documents),
        any(document.get("beside") for document in documents), tuple(own_rules),
        {figure: int(between[figure][0]) for figure in sizes if figure not in number},
        frozenset(number[figure] for figure in sizes if figure in number),
    )  # fmt: skip


def _uncounted(documents: Sequence[Mapping[str, Any]], shown: Iterable[Figure]) -> Iterator[tuple[str, str]]:
    """What is no count and not made of counts that are in the release."""
    made = {
        (document["id"], "rate", place(each["at"]))
        for document in documents
        for each in document.get("rates", ())
    }
    kinds = {figure[1] for figure in shown if figure[1] not in COUNTED and figure not in made}
    for statistic in sorted(kinds):
        yield (
            (
                "rates without counts",
                "They are whole percents or ranges; their counts are not in the release.",
            )
            if statistic == "rate"
            else (statistic, "It is protected by a rule of its own, which this certificate does not check.")
        )


Printed = tuple[dict[Figure, int], float, float]  # a row over figures, printed ones included


def _sums(figures: Iterable[Figure]) -> Iterator[Printed]:
    """Each total within the tables is the sum of its parts: the figures that have one dimension more."""
    known = dict.fromkeys(figures)
    parts: dict[tuple[Figure, str], list[Figure]] = defaultdict(list)
    for release, statistic, where in known:
        for dimension, _ in sorted(where):
            outer = without(where, dimension)
            if outer is not None and (release, statistic, outer) in known:
                parts[(release, statistic, outer), dimension].append((release, statistic, where))
    for (total, _), listed in parts.items():
        yield {total: -1, **dict.fromkeys(listed, 1)}, 0, 0


def _relations(documents: Sequence[Mapping[str, Any]], known: Mapping[Figure, Any]) -> Iterator[Printed]:
    for document in documents:
        for each in document.get("relations", ()):
            statistic = each.get("statistic", "students")
            times: dict[Figure, int] = defaultdict(int)
            times[document["id"], statistic, place(each["total"])] -= 1
            for part in each["parts"]:
                times[document["id"], statistic, place(part)] += 1
            if not set(times) <= set(known):
                raise Contradiction(
                    f"a relation names a figure that is not in the release, at {each['total']}"
                )
            yield dict(times), 0 if each.get("exact", True) else -np.inf, 0


def _rates(documents: Sequence[Mapping[str, Any]], shown: Mapping[Figure, Any]) -> Iterator[Printed]:
    """What a printed rate says of its counts."""
    for document in documents:
        for each in document.get("rates", ()):
            rate = shown[document["id"], "rate", place(each["at"])]
            if rate is None:
                continue
            of, among = (
                [(document["id"], "students", place(at)) for at in each[name]] for name in ("of", "among")
            )
            for numerator, denominator, low, high in rate_rows(rate):
                times: dict[Figure, int] = defaultdict(int)
                for figure in of:
                    times[figure] += numerator
                for figure in among:
                    times[figure] += denominator
                yield dict(times), low, high


def _row(
    times: Mapping[Figure, int], low: float, high: float, between: Mapping[Figure, tuple[float, float]],
    number: Mapping[Figure, int],
) -> Row:  # fmt: skip
    """The row over the unknowns alone, with the printed counts on its right side."""
    printed = sum(each * int(between[figure][0]) for figure, each in times.items() if figure not in number)
    left = {number[figure]: each for figure, each in times.items() if figure in number and each}
    return Row(left, low - printed, high - printed)


def groups(system: PublishedSystem) -> list[list[int]]:
    """The unknowns in groups that no row connects: what a table says in one has no bearing on another."""
    joined: dict[int, list[int]] = {i: [i] for i in range(len(system.figures))}
    for row in system.rows:
        members = {id(joined[i]): joined[i] for i in row.times}
        if len(members) > 1:
            largest, *others = sorted(members.values(), key=len, reverse=True)
            for other in others:
                largest += other
                joined.update(dict.fromkeys(other, largest))
    return [sorted(group) for group in {id(g): g for g in joined.values()}.values()]


def narrow_row_by_row(
    rows: Iterable[Row], low: dict[int, float], high: dict[int, float], *, rounds: int
) -> None:
    """Makes the smallest and largest value of each unknown as narrow as each row alone makes them, again and again, at most so many times."""
    rows = list(rows)
    for _ in range(rounds):
        before = dict(low), dict(high)
        for row in rows:
            least = {i: t * (low[i] if t > 0 else high[i]) for i, t in row.times.items()}
            for i, others in _without_each(least):
                times = row.times[i]
                if times > 0:
                    high[i] = min(high[i], np.floor((row.high - others) / times + TOLERANCE))
                elif np.isfinite(row.high - others):
                    low[i] = max(low[i], np.ceil((row.high - others) / times - TOLERANCE))
            most = {i: t * (high[i] if t > 0 else low[i]) for i, t in row.times.items()}
            for i, others in _without_each(most):
                times = row.times[i]
                if times > 0 and np.isfinite(row.low - others):
                    low[i] = max(low[i], np.ceil((row.low - others) / times - TOLERANCE))
                elif times < 0:
                    high[i] = min(high[i], np.floor((row.low - others) / times + TOLERANCE))
        if (low, high) == before:
            break


def _without_each(terms: Mapping[int, float]) -> Iterator[tuple[int, float]]:
    """Each unknown with the sum of all other terms."""
    whole = sum(terms.values())
    for i, own in terms.items():
        yield i, whole - own if np.isfinite(whole) else sum(v for j, v in terms.items() if j != i)
