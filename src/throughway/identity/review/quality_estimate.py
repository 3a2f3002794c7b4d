"""How accurate linkage is, from a sample that readers labeled: precision and recall over pairs, each with a 95% interval.

The sample is drawn in strata by posterior: each labeled pair represents 1/π pairs, π its probability of being drawn (Horvitz and Thompson
1952, JASA 47:663). In each stratum the interval is Wilson's with continuity correction (Newcombe 1998, Statistics in Medicine 17:857,
method 4). Readers err, so a stratum keeps its interval even where all of it was read. Sums of strata get their limits from those of the
strata (Zou, Huang and Zhang 2009, Computational Statistics & Data Analysis 53:1080), and so does the ratio in recall (Donner and Zou
2012, Statistical Methods in Medical Research 21:347). Near 0 and 1 this holds where a standard error would have no width.

Recall is over pairs that were compared and are not left out of the sample, not over pairs that share too little to be compared.

Readers' agreement is the share of equal verdicts, and Cohen's kappa, which is corrected for agreement by chance (Cohen 1960, Educational
and Psychological Measurement 20:37; its standard error by Fleiss, Cohen and Everitt 1969, Psychological Bulletin 72:323).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, sqrt

Z = 1.959964  # 95%
FEWEST = 30  # labeled pairs below which no estimate is given
UNREAD = 0.02  # the largest share of the joined pairs that may be in strata without a label


@dataclass(frozen=True)
class Interval:
    """A value with its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def percent(self) -> str:
        return percent(self.value)

    @property
    def between(self) -> str:
        return f"{percent(self.low)} to {percent(self.high)}"


@dataclass(frozen=True)
class Stratum:
    """`pairs` in all, `read` of them labeled same or different, and `same` of these one person; `joined`: linkage joined them."""

    joined: bool
    pairs: int
    read: int
    same: int


@dataclass(frozen=True)
class LabeledPair:
    """One labeled pair of the sample; `weight` is 1/π."""

    weight: float
    joined: bool
    same: bool


@dataclass(frozen=True)
class Estimate:
    """Shares of 1; None where too few pairs are labeled."""

    precision: Interval | None
    recall: Interval | None
    read: int


def wilson(same: float, read: float) -> Interval:
    """A share with Wilson's interval and continuity correction; from 0 to 1 where none is read."""
    if read <= 0:
        return Interval(0.5, 0.0, 1.0)
    n, p = read, same / read
    whole = 2 * (n + Z**2)
    below = (2 * n * p + Z**2 - 1 - Z * sqrt(max(Z**2 - 2 - 1 / n + 4 * p * (n * (1 - p) + 1), 0.0))) / whole
    above = (2 * n * p + Z**2 + 1 + Z * sqrt(max(Z**2 + 2 - 1 / n + 4 * p * (n * (1 - p) - 1), 0.0))) / whole
    return Interval(p, 0.0 if p == 0 else min(max(below, 0.0), p), 1.0 if p == 1 else max(min(above, 1.0), p))


def estimate(strata: Sequence[Stratum]) -> Estimate:
    """Precision and recall of the whole; None where fewer than FEWEST pairs are labeled, or more than UNREAD of them are in strata without
    a label."""
    read = sum(s.read for s in strata)
    joined = [s for s in strata if s.joined and s.pairs]
    apart = [s for s in strata if not s.joined and s.pairs]
    most = UNREAD * sum(s.pairs for s in joined)
    if read < FEWEST or not joined or _unread(joined) > most:
        return Estimate(None, None, read)
    found = _total(joined)
    linked = sum(s.pairs for s in joined)
    precision = Interval(found.value / linked, found.low / linked, found.high / linked)
    if _unread(apart) > most or found.low <= 0:
        return Estimate(precision, None, read)
    missed = _ratio(_total(apart), found)
    recall = Interval(1 / (1 + missed.value), 1 / (1 + missed.high), 1 / (1 + missed.low))
    return Estimate(precision, recall, read)


def _unread(strata: Sequence[Stratum]) -> int:
    return sum(s.pairs for s in strata if not s.read)


def estimate_within_group(readings: Iterable[LabeledPair]) -> Estimate:
    """Precision and recall within a group, whose size is known from the sample alone: weighted shares, with Wilson's interval at the
    effective number of labels (Kish 1965; Korn and Graubard 1998, Survey Methodology 24:193)."""
    held = list(readings)
    joined, same = [r for r in held if r.joined], [r for r in held if r.same]
    return Estimate(
        _weighted(joined, [r.same for r in joined]), _weighted(same, [r.joined for r in same]), len(held)
    )


def percent(share: float) -> str:
    """With one decimal; a share below 1 is not rounded up to 100%."""
    shown = round(100 * share, 1)
    if shown >= 100 and share < 1:
        shown = 99.9
    return f"{shown:g}\u00a0%"


def _weighted(held: Sequence[LabeledPair], yes: Sequence[bool]) -> Interval | None:
    if len(held) < FEWEST:
        return None
    whole = sum(r.weight for r in held)
    effective = whole**2 / sum(r.weight**2 for r in held)
    share = sum(r.weight for r, is_so in zip(held, yes, strict=True) if is_so) / whole
    return wilson(share * effective, effective)


def _total(strata: Sequence[Stratum]) -> Interval:
    """The number of pairs of one person in the strata."""
    each = [(s.pairs, wilson(s.same, s.read)) for s in strata]
    value = sum(n * p.value for n, p in each)
    below = sqrt(sum((n * (p.value - p.low)) ** 2 for n, p in each))
    above = sqrt(sum((n * (p.high - p.value)) ** 2 for n, p in each))
    return Interval(value, max(value - below, 0.0), value + above)


def _ratio(above: Interval, below: Interval) -> Interval:
    """`above` over `below`, estimated independently."""
    a, la, ua = above.value, above.low, above.high
    b, lb, ub = below.value, below.low, below.high
    under_low = max((a * b) ** 2 - la * ub * (2 * a - la) * (2 * b - ub), 0.0)
    under_high = max((a * b) ** 2 - ua * lb * (2 * a - ua) * (2 * b - lb), 0.0)
    low = (a * b - sqrt(under_low)) / (ub * (2 * b - ub))
    high = (a * b + sqrt(under_high)) / (lb * (2 * b - lb))
    return Interval(a / b, max(low, 0.0), high)


@dataclass(frozen=True)
class ReaderAgreement:
    """`pairs` that two have read, the share with equal verdicts, and kappa: None where all verdicts are equal, since chance alone would
    make them agree."""

    pairs: int
    raw: Interval
    kappa: Interval | None


def agreement(readings: Sequence[tuple[str, str]]) -> ReaderAgreement | None:
    """From the verdicts of the first and the second reader on each pair; None where no pair has two."""
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
    verdicts = sorted(rows | columns)
    observed = sum(cells[s, s] for s in verdicts) / n
    expected = sum(rows[s] * columns[s] for s in verdicts) / n**2
    if expected >= 1:
        return None
    kappa = (observed - expected) / (1 - expected)
    diagonal = sum(cells[s, s] / n * (1 - (rows[s] + columns[s]) / n * (1 - kappa)) ** 2 for s in verdicts)
    off_diagonal = sum(
        cells[a, b] / n * ((columns[a] + rows[b]) / n * (1 - kappa)) ** 2
        for a in verdicts
        for b in verdicts
        if a != b
    )
    variance = (diagonal + off_diagonal - (kappa - expected * (1 - kappa)) ** 2) / (n * (1 - expected) ** 2)
    reach = Z * sqrt(max(variance, 0.0))
    return Interval(kappa, max(kappa - reach, -1.0), min(kappa + reach, 1.0))


@dataclass(frozen=True)
class TruthComparison:
    """One figure: the `true` one over all pairs, the estimate (None while there is none), and whether its interval `holds` the truth."""

    name: str
    true: str
    estimated: Interval | None
    holds: bool


def compare_with_truth(judged: Mapping[str, float], found: Estimate) -> list[TruthComparison]:
    """`judged`: precision and recall over all pairs of records, as shares of 1."""
    names = (
        ("Correct, of joined pairs", judged["precision"], found.precision),
        ("Joined, of true pairs", judged["recall"], found.recall),
    )
    return [
        TruthComparison(
            name, percent(true), estimated, estimated is not None and estimated.low <= true <= estimated.high
        )
        for name, true, estimated in names
    ]


STEP = 0.1


@dataclass(frozen=True)
class Whisker:
    """In a drawing 100 wide: where the interval begins, how wide it is, and where the value is."""

    left: float
    width: float
    at: float


def begins(shown: Iterable[Interval | None]) -> float:
    """Where the scale begins, a share of 1."""
    lowest = min((each.low for each in shown if each), default=0.0)
    return min(max(floor(lowest / STEP) * STEP, 0.0), 1 - STEP)


def whisker(interval: Interval, begin: float) -> Whisker:
    def place(share: float) -> float:
        return 100 * (share - begin) / (1 - begin)

    return Whisker(
        place(interval.low), max(place(interval.high) - place(interval.low), 0.5), place(interval.value)
    )
