"""Intervals of shares, and what a gap or a change is made of: from published figures alone, so that they tell nothing more.

A share has Wilson's 95% interval (Wilson 1927; Newcombe 1998, method 3), as if the class were drawn from many like it. Where other
partners' records show who reached an outcome, a missed link hides somebody who did: the upper end is widened by the lower end of the
estimated recall. A difference of two shares has Newcombe's interval (Newcombe 1998, method 10).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod, sqrt

from throughway.publication.shown_figures import range_ends

Z = 1.959964
WIDEST = 50  # points
Shown = int | str | None  # as published; None: withheld


@dataclass(frozen=True)
class ShareInterval:
    """Percent, from 0 to 100."""

    low: float
    high: float

    @property
    def words(self) -> str:
        """As it is printed; in words where it is so wide that it says nothing."""
        return f"over {WIDEST} points" if self.wide else f"{self.low:.0f}–{self.high:.0f}%"

    @property
    def wide(self) -> bool:
        return self.high - self.low > WIDEST


def signed(value: float) -> str:
    """`+9`, `−1`, `0`."""
    whole = round(value)
    return f"+{whole}" if whole > 0 else f"−{-whole}" if whole < 0 else "0"


def wilson(reached: float, seen: float) -> ShareInterval:
    """The interval of a share; from 0 to 100 of nobody."""
    if seen <= 0:
        return ShareInterval(0.0, 100.0)
    p, z2 = reached / seen, Z * Z
    middle, width = p + z2 / (2 * seen), Z * sqrt(p * (1 - p) / seen + z2 / (4 * seen * seen))
    low, high = (middle - width) / (1 + z2 / seen), (middle + width) / (1 + z2 / seen)
    return ShareInterval(100 * max(low, 0.0), 100 * min(high, 1.0))


def ends(shown: Shown) -> tuple[int, int] | None:
    """The smallest and the largest count that is printed so; None where it is withheld."""
    if isinstance(shown, int):
        return shown, shown
    return range_ends(shown)


def interval_of(reached: Shown, lost: Shown, recall: float | None = None) -> ShareInterval | None:
    """The interval of the share reached among those seen; of counts that are ranges, from the lowest end to the highest. `recall`: the
    least share of true links that are found, where the outcome depends on links. None where a count is withheld."""
    at, missed = ends(reached), ends(lost)
    if at is None or missed is None:
        return None
    low = wilson(at[0], at[0] + missed[1]).low
    most, seen = at[1], at[1] + missed[0]
    if recall:
        most = min(round(most / recall), seen)
    return ShareInterval(low, wilson(most, seen).high)


def difference(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, ShareInterval]:
    """Of (reached, lost) of two groups: the first share less the second in points, and its interval."""
    (p, of_p), (q, of_q) = ((100 * r / (r + n), wilson(r, r + n)) for r, n in (one, other))
    below = sqrt((p - of_p.low) ** 2 + (of_q.high - q) ** 2)
    above = sqrt((of_p.high - p) ** 2 + (q - of_q.low) ** 2)
    return p - q, ShareInterval(p - q - below, p - q + above)


@dataclass(frozen=True)
class Decomposition:
    """Points of a change in a share: `composition` because the groups have other sizes, `rate` because they have other shares (Kitagawa
    1955). They add up to the change. A description, not a cause."""

    composition: float
    rate: float


def decomposed(before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]) -> Decomposition | None:  # fmt: skip
    """Of (reached, lost) by group in two classes; None where the groups differ or one has nobody."""
    if (
        before.keys() != after.keys()
        or not before
        or any(sum(n) == 0 for n in (*before.values(), *after.values()))
    ):
        return None
    seen = [sum(sum(n) for n in each.values()) for each in (before, after)]
    composition = rate = 0.0
    for group in before:
        p0, p1 = (sum(each[group]) / total for each, total in zip((before, after), seen, strict=True))
        r0, r1 = (100 * each[group][0] / sum(each[group]) for each in (before, after))
        composition += (p1 - p0) * (r1 + r0) / 2
        rate += (r1 - r0) * (p1 + p0) / 2
    return Decomposition(composition, rate)


def closed_by_step(group: Sequence[float], reference: Sequence[float]) -> list[float] | None:
    """Of each step in a chain, the share of the whole gap, in percent, that would close if the group had the reference's share at that
    step alone. `group`, `reference`: shares from 0 to 1, step by step. None where there is no gap."""
    whole = prod(reference) - prod(group)
    if not group or abs(whole) < 1e-9:
        return None
    found = []
    for at in range(len(group)):
        moved = [reference[i] if i == at else share for i, share in enumerate(group)]
        found.append(100 * (prod(moved) - prod(group)) / whole)
    return found
