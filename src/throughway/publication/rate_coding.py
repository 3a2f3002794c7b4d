"""Codes rates, so that nobody can distinguish all or none of a group from nearly all or nearly none.

A code is computed from the unrounded rate. At the edges: exactly 95% is "≥95%", exactly 5% is "≤5%"; a step includes its lower end and
not its upper end, so exactly 30% is "30–39%".
"""

from bisect import bisect_left, bisect_right
from fractions import Fraction

from throughway.publication.policy import POLICY, Band, SuppressionPolicy


def coded(numerator: int, denominator: int, policy: SuppressionPolicy = POLICY) -> int | str | None:
    """A whole percent, or a code such as "≥95%" or "21–29%"; None where there are too few persons for a rate."""
    band = _band(denominator, policy)
    if band is None:
        return None
    low = _low_end(numerator, denominator, band)
    if low < 0:
        return _bottom_code(band.edge)
    if low >= 100 - band.edge:
        return f"≥{100 - band.edge}%"
    if band.step == 1:
        return low
    return f"{max(low, band.edge + 1)}–{low + band.step - 1}%"


def coded_alike(numerator: int, denominator: int, policy: SuppressionPolicy = POLICY) -> tuple[int, int]:
    """The smallest and largest numerator with the same code: what a reader who knows the denominator can infer."""
    band = _band(denominator, policy)
    if band is None:
        return 0, denominator
    mine = _low_end(numerator, denominator, band)
    every = range(denominator + 1)
    first = bisect_left(every, mine, key=lambda n: _low_end(n, denominator, band))
    return first, bisect_right(every, mine, key=lambda n: _low_end(n, denominator, band)) - 1


def end_code(least: int, most: int, few: int, many: int, policy: SuppressionPolicy = POLICY) -> str | None:
    """The top or bottom code of a rate, where a reader of ranges can tell it: the numerator is `least` to `most`, and the others are
    `few` to `many`. The narrowest code that is certain; None where none is, or there may be too few persons for a rate.

    Example: 2,471 students are seen and 0 to 22 are not, so that 99.1% or more are seen: "≥99%".
    """
    for edge in (band.edge for band in policy.bands if band.smallest <= least + few):
        if 100 * least >= (100 - edge) * (least + many):
            return f"≥{100 - edge}%"
        # Half is the upper code where there are two.
        if 100 * most < edge * (most + few) or (edge < 50 and 100 * most == edge * (most + few)):
            return _bottom_code(edge)
    return None


def _bottom_code(edge: int) -> str:
    return f"≤{edge}%" if edge < 50 else f"<{edge}%"


def _band(denominator: int, policy: SuppressionPolicy) -> Band | None:
    return next((band for band in policy.bands if denominator >= band.smallest), None)


def _low_end(numerator: int, denominator: int, band: Band) -> int:
    """The lower end of the step in percent, growing with the numerator; -1 at the bottom, 100 - edge at the top."""
    rate = Fraction(100 * numerator, denominator)
    if rate >= 100 - band.edge:
        return 100 - band.edge
    if rate <= band.edge:
        return -1
    if band.step == 1:
        return min(int(rate + Fraction(1, 2)), 99 - band.edge)
    return int(rate) // band.step * band.step
