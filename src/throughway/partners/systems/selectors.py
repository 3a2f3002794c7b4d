"""What the register of data systems answers."""

from collections.abc import Iterable, Mapping, Sequence

from throughway.core.refusals import Refused
from throughway.partners.models import DataSystem
from throughway.partners.request_cache import cached_per_request
from throughway.partners.systems.system import Holding


@cached_per_request
def systems(partner: str) -> Sequence[DataSystem]:
    """The partner's systems that are in use, by name."""
    return list(DataSystem.objects.filter(partner=partner, retired=None).order_by("name"))


@cached_per_request
def held() -> Mapping[str, frozenset[str]]:
    """What each partner's systems in use hold: partner → `table.column` of the vocabulary. Partners without are left out."""
    found: dict[str, set[str]] = {}
    rows = (
        DataSystem.objects.filter(retired=None).order_by("partner_id").values_list("partner_id", "holdings")
    )
    for partner, holdings in rows:
        found.setdefault(partner, set()).update(element for element, _, _ in holdings)
    return {partner: frozenset(elements) for partner, elements in found.items()}


@cached_per_request
def all_systems(partner: str | None = None) -> Sequence[DataSystem]:
    """Every system that is or was in use, of one partner or of all; by partner, current ones first."""
    found = DataSystem.objects.order_by("partner_id", "name")
    rows = found.filter(partner=partner) if partner else found
    return sorted(rows, key=lambda s: (s.partner_id, s.retired is not None))


def system(partner: str, number: int) -> DataSystem:
    """The partner's system of that number, retired or not; Refused when it has none."""
    row = DataSystem.objects.filter(pk=number, partner=partner).first()
    if row is None:
        raise Refused("That partner has no such data system; go back to the list.", code="unknown_system")
    return row


def stored(holdings: Iterable[Holding]) -> list[list[str | None]]:
    """Holdings as the table keeps them: [element, first, last], days as ISO text."""
    return [
        [h.element, h.first.isoformat() if h.first else None, h.last.isoformat() if h.last else None]
        for h in holdings
    ]
