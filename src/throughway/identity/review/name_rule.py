"""How often the rule of names alone was wrong (see `linkage.names_alone`): what people found in its sample, for each two partners."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from throughway.identity.linkage.names_alone import FIRST_SAMPLE, NameSample, Two
from throughway.identity.models import SampledNamePair
from throughway.identity.review.quality_estimate import Interval
from throughway.identity.review.verdicts import PairState, PairVerdict

DOUBT = 0.05  # the interval is a 95% one


def name_samples() -> dict[Two, NameSample]:
    """The sample of each two partners, by their ids, with the verdicts as they stand now."""
    found: defaultdict[Two, list[tuple[str, tuple[int, int] | None]]] = defaultdict(list)
    rows = SampledNamePair.objects.order_by("id").values_list(
        "one_partner", "other_partner", "verdict", "pair__one", "pair__other", "pair__state", "pair__verdict"
    )
    for one_partner, other_partner, kept, one, other, state, verdict in rows:
        said = kept if one is None else verdict if state == PairState.SETTLED else ""
        found[one_partner, other_partner].append((said, None if one is None else (one, other)))
    return {two: _sample(pairs) for two, pairs in found.items()}


def _sample(pairs: list[tuple[str, tuple[int, int] | None]]) -> NameSample:
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


def name_rules() -> list[NameRule]:
    """The rule for each two partners whose pairs it was ever tried on."""
    return [NameRule(two, sample) for two, sample in sorted(name_samples().items())]


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
