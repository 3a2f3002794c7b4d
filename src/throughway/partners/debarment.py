"""Debarment: after a finding of the Department of Education the agency whose records a party misused gives it none for at least
five years (34 CFR 99.67(c)-(e), 20 U.S.C. 1232g(b)(4)(B))."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

FIVE_YEARS = "34 CFR 99.67(c)–(e)"
YEARS = 5


@dataclass(frozen=True)
class Debarment:
    """`agency`, from which the records came, gives `party` none from `found_on` through `until`. `finding`: a reference to the
    Department's finding, such as its number. `ended`: why the debarment ended early, where the Department withdrew its finding."""

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
    """The bar between the two on that day, the longest if there are several; None when there is none."""
    found = [b for b in bars if (b.party, b.agency) == (party, agency) and b.holds(on)]
    return max(found, key=lambda bar: bar.until, default=None)
