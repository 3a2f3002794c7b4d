"""A party barred by a finding of the Department of Education: for five years at least, the agency whose records it misused
may not let it have any (34 CFR 99.67(c)-(e), 20 U.S.C. 1232g(b)(4)(B))."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

FIVE_YEARS = "34 CFR 99.67(c)–(e)"
YEARS = 5


@dataclass(frozen=True)
class Debarment:
    """`agency`, from which the records came, gives `party` none from `found_on` until the end of `until`. `finding` tells which
    finding of the Department says so, such as its number. `ended`: why it no longer stands, where the Department took it back."""

    number: int
    party: str
    agency: str
    finding: str
    found_on: date
    until: date
    ended: str = ""

    def holds(self, on: date) -> bool:
        return not self.ended and self.found_on <= on <= self.until

    @property
    def sentence(self) -> str:
        return (
            f"{self.party} may have no education records of {self.agency} until {self.until}: the Department found on "
            f"{self.found_on} that it misused them ({self.finding})."
        )


def least(found_on: date) -> date:
    """The first day on which a bar may end: five years after the finding."""
    try:
        return found_on.replace(year=found_on.year + YEARS)
    except ValueError:  # the 29th of February
        return found_on.replace(year=found_on.year + YEARS, month=3, day=1)


def standing(bars: Iterable[Debarment], party: str, agency: str, on: date) -> Debarment | None:
    """The bar between the two on that day, the longest of several; None when there is none."""
    found = [b for b in bars if (b.party, b.agency) == (party, agency) and b.holds(on)]
    return max(found, key=lambda bar: bar.until, default=None)
