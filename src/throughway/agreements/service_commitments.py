"""Commitments of service: who promised which program, seats, hours and schools, under which agreement and until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.vocabulary.school_calendar import school_year_of

# A promise is in effect while its agreement is, and is still reported on during the wind-down.
STANDS = frozenset({AgreementState.ACTIVE, AgreementState.WINDING_DOWN})


@dataclass(frozen=True)
class Promise:
    """One partner's promise in one agreement. `hours_per_week` and `seats` None: the agreement does not say."""

    agreement: str
    title: str
    partner: str
    program: str
    schools: tuple[str, ...]
    seats: int | None
    hours_per_week: float | None
    first: date
    last: date
    winding_down: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """The key of the promise: its agreement, partner and program."""
        return (self.agreement, self.partner, self.program)

    def years(self, on: date) -> range:
        """The school years, by ending year, that the promise covers up to that day."""
        last = min(self.last, on)
        return range(school_year_of(self.first), school_year_of(last) + 1) if last >= self.first else range(0)


def promised(standings: Iterable[AgreementStatus]) -> tuple[Promise, ...]:
    """Every promise of agreements in effect or winding down, by partner and program."""
    found = [
        Promise(
            agreement=s.document.id, title=s.document.title, partner=service.partner, program=service.program,
            schools=tuple(service.schools), seats=service.seats, hours_per_week=service.hours_per_week,
            first=s.document.terms.effective, last=s.document.terms.expires, winding_down=s.state is not AgreementState.ACTIVE,
        )
        for s in standings
        if s.state in STANDS
        for service in s.document.services
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda p: (p.partner, p.program.lower(), p.agreement)))
