"""How far two readers agree: the share, and Cohen's kappa, which takes away what chance alone would make agree.

Cohen 1960 (Educational and Psychological Measurement 20:37); its standard error by Fleiss, Cohen and Everitt 1969
(Psychological Bulletin 72:323).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from throughway.identity.review.quality_estimate import Interval, Z, wilson


@dataclass(frozen=True)
class ReaderAgreement:
    """`pairs` that two have read, the share on which both said the same, and kappa: None where all say one thing, for then
    chance alone would make them agree."""

    pairs: int
    raw: Interval
    kappa: Interval | None


def agreement(readings: Sequence[tuple[str, str]]) -> ReaderAgreement | None:
    """Of what the first and the second reader said of each pair; None where no pair has two readers."""
    n = len(readings)
    if not n:
        return None
    alike = sum(one == other for one, other in readings)
    return ReaderAgreement(n, wilson(alike, n), _kappa(readings))


def _kappa(readings: Sequence[tuple[str, str]]) -> Interval | None:
    n = len(readings)
    cells, rows, columns = (
        Counter(readings),
        Counter(one for one, _ in readings),
        Counter(other for _, other in readings),
    )
    said = sorted(rows | columns)
    observed = sum(cells[s, s] for s in said) / n
    expected = sum(rows[s] * columns[s] for s in said) / n**2
    if expected >= 1:
        return None
    kappa = (observed - expected) / (1 - expected)
    diagonal = sum(cells[s, s] / n * (1 - (rows[s] + columns[s]) / n * (1 - kappa)) ** 2 for s in said)
    beside = sum(
        cells[a, b] / n * ((columns[a] + rows[b]) / n * (1 - kappa)) ** 2
        for a in said
        for b in said
        if a != b
    )
    variance = (diagonal + beside - (kappa - expected * (1 - kappa)) ** 2) / (n * (1 - expected) ** 2)
    reach = Z * sqrt(max(variance, 0.0))
    return Interval(kappa, max(kappa - reach, -1.0), min(kappa + reach, 1.0))
