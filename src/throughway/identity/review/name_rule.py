"""How often the rule of names alone was wrong (see `linkage.names_alone`): what people found in its sample, for each two partners."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from throughway.identity.linkage.names_alone import FIRST_SAMPLE, NameSample, Two
from throughway.identity.review.quality_estimate import Interval
from throughway.identity.review.verdicts import PairVerdict

DOUBT = 0.05  # the interval is a 95% one


def sample_of(pairs: Sequence[tuple[str, tuple[int, int] | None]]) -> NameSample:
    """The sample from what people said of each pair ("" while they have not), and its record numbers while the pair is known."""
    verdicts = [said for said, _ in pairs]
    return NameSample(
        verdicts.count(PairVerdict.SAME),
        verdicts.count(PairVerdict.DIFFERENT),
        verdicts.count(PairVerdict.CANNOT_TELL),
        frozenset(pair for said, pair in pairs if not said and pair),
    )


@dataclass(frozen=True)
class NameRule:
    """What two partners' sample says of the rule."""

    partners: Two
    sample: NameSample

    @property
    def wrong(self) -> Interval | None:
        """The share of the rule's pairs that are two persons; None while nobody has decided any."""
        return exact(self.sample.different, self.sample.decided) if self.sample.decided else None

    @property
    def state(self) -> str:
        """`open`: it joins; `asking`: people measure it first; `stopped`: it was wrong, or nobody could tell, too often."""
        return "stopped" if self.sample.stopped else "open" if self.sample.open else "asking"

    @property
    def lacking(self) -> int:
        """How many more pairs people must find to be one person before it joins."""
        return max(FIRST_SAMPLE - self.sample.same, 0)

    def to_json(self) -> dict[str, object]:
        found = self.wrong
        return {
            "partners": list(self.partners), "state": self.state, "sampled": self.sample.decided + self.sample.unclear + len(self.sample.waiting),
            "decided": self.sample.decided, "wrong": self.sample.different, "unclear": self.sample.unclear,
            "wrong_share": found and {"value": found.value, "low": found.low, "high": found.high},
        }  # fmt: skip


def exact(hits: int, of: int) -> Interval:
    """A share with its 95% interval by Clopper and Pearson (1934, Biometrika 26:404), which is never too narrow, also where none was hit."""
    from scipy.special import betaincinv

    low = float(betaincinv(hits, of - hits + 1, DOUBT / 2)) if hits else 0.0
    high = float(betaincinv(hits + 1, of - hits, 1 - DOUBT / 2)) if hits < of else 1.0
    return Interval(hits / of, low, high)


def sentences(rules: list[NameRule], names: dict[str, str]) -> Iterator[str]:
    """What the rule does for each two partners, by name, and its measured error."""
    for rule in rules:
        one, other = (names.get(partner, partner) for partner in rule.partners)
        yield f"{one} and {other}: {_words(rule)}"


def _words(rule: NameRule) -> str:
    found, sample = rule.wrong, rule.sample
    measured = (
        f"Of {sample.decided} pairs of one name that people decided, drawn by lot, {sample.different} "
        f"{'was' if sample.different == 1 else 'were'} two persons (an error of {found.percent}, 95% interval {found.between})."
        if found
        else "Nobody has decided a pair of the sample yet."
    )
    measured += f" Of {sample.unclear} more nobody could tell." if sample.unclear else ""
    if rule.state == "stopped":
        return f"{measured} So names alone join none of their records, and each such pair waits for a person."
    if rule.state == "asking":
        return f"{measured} Names that stand once on both sides, at one school or in one program, join their records once {rule.lacking} more are decided to be one person."
    return f"{measured} Names that stand once on both sides, at one school or in one program, join their records."
