"""What the register of data systems answers."""

from collections.abc import Iterable, Mapping
from datetime import date

from throughway.core.refusals import Refused
from throughway.partners.models import DataSystem, DataSystemEvent
from throughway.partners.request_cache import cached_per_request
from throughway.partners.systems.system import (
    Holding,
    Origin,
    Refresh,
    Regime,
    RegisteredSystem,
    SystemEvent,
    SystemEventKind,
    SystemStatement,
)


@cached_per_request
def systems(partner: str) -> list[RegisteredSystem]:
    """The partner's systems that are in use, by name."""
    return [
        system_of(row) for row in DataSystem.objects.filter(partner_id=partner, retired=None).order_by("name")
    ]


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
def all_systems(partner: str | None = None) -> list[RegisteredSystem]:
    """Every system that is or was in use, of one partner or of all; by partner, current ones first."""
    found = DataSystem.objects.order_by("partner_id", "name")
    rows = found.filter(partner_id=partner) if partner else found
    return sorted(map(system_of, rows), key=lambda s: (s.partner, s.retired is not None))


def system(partner: str, number: int) -> RegisteredSystem:
    """The partner's system of that number, retired or not; Refused when it has none."""
    row = DataSystem.objects.filter(pk=number, partner_id=partner).first()
    if row is None:
        raise Refused("That partner has no such data system; go back to the list.", code="unknown_system")
    return system_of(row)


def changes(number: int) -> list[SystemEvent]:
    """What was done to a system, newest first."""
    rows = DataSystemEvent.objects.filter(system_id=number).order_by("-id")
    return [SystemEvent(SystemEventKind(row.what), row.at, row.by) for row in rows]


def statement_of(row: DataSystem) -> SystemStatement:
    return SystemStatement(
        row.name, row.owner, row.steward, Regime(row.regime), Refresh(row.refresh), row.note,
        tuple(Holding(e, _day(first), _day(last)) for e, first, last in row.holdings),
    )  # fmt: skip


def system_of(row: DataSystem) -> RegisteredSystem:
    statement = vars(statement_of(row))
    return RegisteredSystem(
        **statement, id=row.pk, partner=row.partner_id, origin=Origin(row.origin), retired=row.retired
    )


def stored(holdings: Iterable[Holding]) -> list[list[str | None]]:
    """Holdings as the table keeps them: [element, first, last], days as ISO text."""
    return [
        [h.element, h.first.isoformat() if h.first else None, h.last.isoformat() if h.last else None]
        for h in holdings
    ]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
