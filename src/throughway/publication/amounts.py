"""Sums and means of amounts, such as hours of help or dollars: which may be shown, and how they are rounded.

An amount needs a rule of its own, beside that of counts: the count of 40 students may be shown while one of them has nearly all of
the hours. The rule, in the order in which it is applied to each figure:

1. The count of the students with an amount is shown, and is at least the minimum cell.
2. At least the minimum cell of them lie above the smallest amount of the figure, and as many below the largest: otherwise the figure
   tells what nearly everybody has.
3. The p-percent rule, on the amounts, on their distances from the smallest and on those from the largest: without the two largest, the
   rest is at least p percent of the largest (Federal Committee on Statistical Methodology, Statistical Policy Working Paper 22,
   "Report on Statistical Disclosure Limitation Methodology", 2005, chapter IV). So the student with the second largest amount cannot
   work out the largest within p percent.
4. A sum is rounded to a multiple of a base that is not below the largest amount of any one student of the question: 1, 2 or 5 times a
   power of ten. A mean is the rounded sum by the count that is shown, so it tells nothing more.
5. A total is the sum of its rounded parts, and is shown only where all of them are: no withheld sum follows from a total. Where the
   question has one group only, a total is rounded on its own instead if what it leaves open of the withheld parts together is at least
   the base.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10

from throughway.publication.tables import Place, ProtectedCell, ProtectedTable, place

# Sums that differ in one student's amount tell no more than their rounding leaves open, as long as one of them is rounded once only: two
# sums of one amount and one of the other. With two of each, both can be worked out closely.
MOST_AMOUNTS = 3
PERCENT = 20  # p of the p-percent rule; agencies use 5 to 20
TITLES = {"sum": "Sum", "mean": "Mean"}


@dataclass(frozen=True)
class RawAmount:
    """The true amounts of one figure, one for each student who has one. Never shown, stored or rendered.

    `statistic`: "sum" or "mean"; `beside`: the place of the count of these students.
    """

    name: str
    by: tuple[str, ...]
    at: Mapping[str, str]
    statistic: str
    beside: Place
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.statistic not in TITLES:
            raise ValueError(f"statistic {self.statistic!r}: only sums and means are of amounts")


def rule_sentence(minimum_cell: int) -> str:
    """The rule for the reader of a release."""
    return (
        f"Sums and means are shown for {minimum_cell} or more students, where no student’s amount stands out: without the two largest "
        f"amounts, the rest is at least {PERCENT} percent of the largest (p-percent rule, Statistical Policy Working Paper 22). Sums are "
        "rounded to a step that is not below the largest amount of one student; a mean is made of the rounded sum. A total is shown only where no withheld part follows from it."
    )


def base(largest: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below the amount; 0.0 for 0.

    >>> base(7), base(20), base(0.3)
    (10.0, 20.0, 0.5)
    """
    if largest <= 0:
        return 0.0
    power = floor(log10(largest)) - 1
    return next(
        step for p in range(power, power + 4) for n in (1, 2, 5) if (step := float(f"{n}e{p}")) >= largest
    )


def may_show(values: Sequence[float], minimum_cell: int) -> bool:
    """Rules 1 to 3 for the amounts of one figure."""
    if len(values) < minimum_cell:
        return False
    low, high = min(values), max(values)
    if sum(v > low for v in values) < minimum_cell or sum(v < high for v in values) < minimum_cell:
        return False
    return not any(
        _stands_out(amounts)
        for amounts in ([abs(v) for v in values], [v - low for v in values], [high - v for v in values])
    )


def _stands_out(amounts: Sequence[float]) -> bool:
    """The p-percent rule, for amounts of zero or more."""
    largest, _, *rest = sorted(amounts, reverse=True)
    return 100 * sum(rest) < PERCENT * largest


def protect_amounts(
    amounts: Sequence[RawAmount], *, shown: Collection[Place], minimum_cell: int
) -> tuple[ProtectedTable, ...]:
    """The sums and means that may be shown, each figure in a table of its own. `shown`: the places of the counts that are shown."""
    named: dict[tuple[str, str], list[RawAmount]] = {}
    for amount in amounts:
        named.setdefault((amount.name, amount.statistic), []).append(amount)
    return tuple(
        ProtectedTable(
            f"{TITLES[statistic]}: {name.replace('_', ' ')}",
            of[0].by,
            tuple(_cells(of, frozenset(shown), minimum_cell)),
            rule_sentence(minimum_cell),
        )
        for (name, statistic), of in named.items()
    )


def _cells(amounts: Sequence[RawAmount], shown: frozenset[Place], minimum: int) -> Iterator[ProtectedCell]:
    step = base(max((abs(v) for a in amounts for v in a.values), default=0.0))
    allowed = {
        place(a.at): a.beside in shown and may_show(a.values, minimum) and _rounded(sum(a.values), step) != 0
        for a in amounts
    }
    depth = max(len(a.at) for a in amounts)
    parts = {place(a.at): _rounded(sum(a.values), step) for a in amounts if len(a.at) == depth}
    for a in amounts:
        mine = {p: value for p, value in parts.items() if place(a.at) <= p}
        total = None
        if not allowed[place(a.at)]:
            pass
        elif all(allowed[p] for p in mine):
            total = sum(mine.values())
        elif len(a.at) == depth - 1 == 0:
            total = _apart(
                _rounded(sum(a.values), step),
                [v for p, v in mine.items() if allowed[p]],
                step,
                negative=_negative(amounts),
            )
        yield ProtectedCell(a.at, a.statistic, _shown(a, total, step))


def _negative(amounts: Sequence[RawAmount]) -> bool:
    return any(v < 0 for a in amounts for v in a.values)


def _apart(total: float, parts: Sequence[float], step: float, *, negative: bool) -> float | None:
    """A total rounded on its own, if a reader can place the withheld parts together no closer than a step; otherwise None."""
    if not parts:
        return total
    open_ = (len(parts) + 1) * step / 2
    low, high = total - sum(parts) - open_, total - sum(parts) + open_
    if not negative:
        low = max(low, 0.0)
    return total if high - low >= step else None


def _rounded(value: float, step: float) -> float:
    return floor(value / step + 0.5) * step if step else 0.0


def _shown(amount: RawAmount, total: float | None, step: float) -> int | str | None:
    """The sum, or the mean with as many digits as the rounding leaves; None where a rounded 0 would read as nobody."""
    if not total:
        return None
    if amount.statistic == "sum":
        return _digits(total, step)
    mean = total / len(amount.values)
    unit = 10.0 ** floor(
        log10(step / len(amount.values))
    )  # digits below it would claim more than the rounded sum says
    return _digits(floor(mean / unit + 0.5) * unit, unit)


def _digits(value: float, step: float) -> int | str:
    places = max(0, -floor(log10(step)))
    text = f"{value:.{places}f}"
    return text if places else int(text)
