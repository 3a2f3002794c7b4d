"""What a made-up community's own list of who is who says, beside what readers of the sample estimate."""

from collections.abc import Mapping
from dataclasses import dataclass

from throughway.identity.review.quality_estimate import Estimate, Interval, percent


@dataclass(frozen=True)
class TruthComparison:
    """One figure: `true` of all pairs, and whether the estimate's range holds it; `estimated` is None while there is none."""

    name: str
    true: str
    estimated: Interval | None
    holds: bool


def compare_with_truth(judged: Mapping[str, float], found: Estimate) -> list[TruthComparison]:
    """`judged`: precision and recall over all pairs of records, as shares of 1."""
    names = (
        ("Right, of what is joined", judged["precision"], found.precision),
        ("Joined, of what is one person", judged["recall"], found.recall),
    )
    return [
        TruthComparison(
            name, percent(true), estimated, estimated is not None and estimated.low <= true <= estimated.high
        )
        for name, true, estimated in names
    ]
