"""Which entries of the ledger a reader may see, and whose address is told with them (34 CFR 99.32(c))."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from throughway.partners.roles import Role

KEEPERS = (Role.PRIVACY_OFFICER, Role.DATA_STEWARD, Role.LEADER)  # custodians of a partner's records


@dataclass(frozen=True)
class LedgerVisibility:
    """`everything`: the people of a steward, who keep the records of all. Others see what concerns their partner;
    `gives_under`: the agreements under which it gives records."""

    partner: str
    everything: bool
    gives_under: frozenset[str] = frozenset()

    def sees(
        self,
        *,
        outcome: str,
        by_partner: str | None,
        disclosers: Collection[str] = (),
        refused_by: Collection[str] = (),
        recipients: Collection[str] = (),
    ) -> bool:
        """Entries about the partner's own records, those that its own people asked for, requests that were refused by an
        agreement under which it gives (`refused_by`), what was asked of it as an authority, and publications, which are for
        all to read."""
        return (
            self.everything
            or outcome == "published"
            or by_partner == self.partner
            or self.partner in disclosers
            or (outcome == "refused" and not self.gives_under.isdisjoint(refused_by))
            or (outcome == "requested" and self.partner in recipients)
        )

    def tells_address(self, by_partner: str | None) -> bool:
        """A discloser is told which partner and role received records; who it was, that partner and the steward know."""
        return self.everything or by_partner == self.partner


def visibility_of(
    partner: str, stewards: Collection[str], gives_under: Iterable[str] = ()
) -> LedgerVisibility:
    """`stewards`: the partners that house records under an agreement in effect."""
    return LedgerVisibility(partner, partner in stewards, frozenset(gives_under))
