"""One promise as the page tells it: what was promised, what was delivered, and what is missing, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from throughway.agreements.labels import listed, people
from throughway.agreements.service_commitments import Promise
from throughway.insight.services.account import Account, NonParticipants, PromiseYear
from throughway.insight.services.countable import Countable
from throughway.partners import PartnerFacts


@dataclass(frozen=True)
class PromiseLine:
    """`missing`: what stands in the way of a count, or who can make it; empty where the reader can."""

    promise: Promise
    account: Account | None
    missing: str

    @property
    def years(self) -> tuple[PromiseYear, ...]:
        return self.account.years if self.account else ()

    @property
    def no_year(self) -> NonParticipants:
        """Who did not take part, in records that tell no year."""
        return self.account.no_year if self.account else NonParticipants()

    @property
    def why(self) -> str:
        """Why no figure stands beside the promise; empty where one does."""
        if self.years:
            return ""
        return (self.account.why if self.account else "") or self.missing or "No public release counts it."

    @property
    def why_hours(self) -> str:
        if self.promise.hours_per_week and self.years:
            return self.account.why_hours if self.account else ""
        return ""


def missing(promise: Promise, found: Countable, partners: Mapping[str, PartnerFacts]) -> str:
    """Which agreement is missing, or who can count under the one that there is."""
    whose = _name(promise.partner, partners)
    if not found.agreements:
        return (
            f"No agreement in effect lets it be counted. One would have to show who takes part in programs of {whose} for a purpose "
            "whose figures are protected (form aggregate)."
        )
    if found.by_reader:
        return ""
    who = listed(f"{people(role)} of {_name(partner, partners)}" for role, partner in found.readers)
    return f"No public release counts it. Under {listed(found.agreements)}, {who} can."


def _name(partner: str, partners: Mapping[str, PartnerFacts]) -> str:
    return partners[partner].name if partner in partners else partner
