"""The thresholds of disclosure control, and the publication rules that an agreement may name: change them here, never in a rule.

The bands of both rules are taken from summaries and not yet checked against the printed pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from throughway.agreements.enums import PublicationRule


@dataclass(frozen=True)
class Band:
    """How a rate over `smallest` or more persons is coded.

    Up to `edge` percent and from 100 - `edge` percent on, one code for all; between them steps of `step` percent. With an edge of 50
    there are two codes, below 50 and from 50 on.
    """

    smallest: int
    edge: int
    step: int


# Largest first. Below the last band's smallest number of persons, no rate is published.
NCES_2011_BANDS = (
    Band(smallest=301, edge=1, step=1),
    Band(smallest=101, edge=2, step=1),
    Band(smallest=41, edge=5, step=5),
    Band(smallest=21, edge=10, step=10),
    Band(smallest=10, edge=20, step=10),
)
EDFACTS_BANDS = (
    Band(smallest=301, edge=1, step=1),
    Band(smallest=61, edge=5, step=5),
    Band(smallest=31, edge=10, step=10),
    Band(smallest=16, edge=20, step=20),
    Band(smallest=6, edge=50, step=50),
)


@dataclass(frozen=True)
class SuppressionPolicy:
    """What protects a withheld figure, besides the minimum cell that agreements set."""

    bands: tuple[Band, ...] = NCES_2011_BANDS
    # Whether a rate is coded by its band even where all counts that it is made of are printed; else it is a whole percent there.
    codes_every_rate: bool = False
    # A student who is the only one in a cell can subtract one person from the total, so every range must be that much wider: in all
    # blocks, because a rule that asked for a 1 would tell where one is.
    extra_beside_one: int = 1
    # A range is shown in place of a withheld count where it is at most this many times the minimum wide, or reaches at most from a count
    # to its double.
    widest_range: int = 4
    # Of more withheld figures that are connected, a range is only what follows from those shown: to find narrower ones would take too long.
    largest_part: int = 500
    # Withholding a total costs a reader more than withholding one of its parts: by this factor for each level.
    weight_of_a_total: float = 3.0

    def is_useful(self, low: float, high: float, minimum: int) -> bool:
        """Whether a range in place of a withheld count says enough to be shown."""
        return high - low <= max(self.widest_range * minimum, low)


POLICY = SuppressionPolicy()


@dataclass(frozen=True)
class RuleOfRates:
    """A publication rule: its name, the document that it is taken from, and its bands. `sentence`: what it does to percentages."""

    name: str
    source: str
    sentence: str
    policy: SuppressionPolicy

    def to_json(self) -> dict[str, str]:
        """As a release's document names it."""
        return {"name": self.name, "source": self.source}


# None: the agreements name no rule.
RULES: Mapping[PublicationRule | None, RuleOfRates] = {
    None: RuleOfRates(
        "minimum cell",
        "the agreements; NCES 2011-603 for percentages whose counts are not all shown",
        "Percentages are whole where the counts that they are made of are shown; elsewhere they are coded in the ranges of the "
        "National Center for Education Statistics.",
        POLICY,
    ),
    PublicationRule.NCES_2011: RuleOfRates(
        "NCES 2011-603",
        "National Center for Education Statistics, SLDS Technical Brief 3 (NCES 2011-603), December 2010",
        "Percentages are coded in the ranges of the National Center for Education Statistics, by the number of students.",
        replace(POLICY, codes_every_rate=True),
    ),
    PublicationRule.EDFACTS: RuleOfRates(
        "EDFacts",
        "U.S. Department of Education, EDFacts Data Documentation, Four-Year Adjusted-Cohort Graduation Rates, Privacy Protections Used",
        "Percentages are coded in the ranges of EDFacts public files, by the number of students.",
        replace(POLICY, bands=EDFACTS_BANDS, codes_every_rate=True),
    ),
}


def rates_sentence(rule: Mapping[str, str] | None) -> str:
    """What the rule that a release names does to percentages; empty where it names none, as older ones do."""
    return next((each.sentence for each in RULES.values() if rule == each.to_json()), "")
