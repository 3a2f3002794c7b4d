"""Which entries of the ledger a reader may see, and whose address is told with them (34 CFR 99.32(c))."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from throughway.partners.roles import Role

KEEPERS = (Role.PRIVACY_OFFICER, Role.DATA_STEWARD, Role.LEADER)  # custodians of a partner's records


@dataclass(frozen=True)
class Sight:
    """`everything`: the people of a steward, who keep the records of all. Others see what concerns their partner."""

    partner: str
    everything: bool

    def sees(self, *, outcome: str, by_partner: str | None, disclosers: Sequence[str]) -> bool:
        """Entries about the partner's own records, those that its own people asked for, and publications, which are
        for all to read."""
        return (
            self.everything
            or outcome == "published"
            or by_partner == self.partner
            or self.partner in disclosers
        )

    def tells_address(self, by_partner: str | None) -> bool:
        """A discloser is told which partner and role received records; who it was, that partner and the steward know."""
        return self.everything or by_partner == self.partner


def sight_of(partner: str, stewards: Collection[str]) -> Sight:
    """`stewards`: the partners that house records under an agreement in effect."""
    return Sight(partner, partner in stewards)
