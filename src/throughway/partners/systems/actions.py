"""Every write to the register of data systems; each records an event with the statement that applies from then on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from django.db import transaction

from throughway.partners.actor import Actor
from throughway.partners.kinds import LegalStatus, PartnerFacts
from throughway.partners.models import DataSystem, DataSystemEvent, Partner, check_valid
from throughway.partners.permissions import check_can_keep_systems
from throughway.partners.selectors import check_acts_for, known, own_kind
from throughway.partners.systems.selectors import stored, system
from throughway.partners.systems.system import (
    AS_LOADED,
    Holding,
    Origin,
    Refresh,
    Regime,
    SystemEventKind,
    SystemStatement,
    checked,
    merged,
)


@dataclass(frozen=True)
class Entered:
    """The change of one system by a file or by loads; `what` is None where nothing changed."""

    system: DataSystem
    what: SystemEventKind | None


@transaction.atomic
def add_system(
    *, partner: str, statement: SystemStatement, origin: Origin = Origin.HAND, by: Actor
) -> DataSystem:
    """Enters a system; Refused when something is missing, or the partner has one of that name."""
    _check(partner, by)
    row = DataSystem(partner_id=partner, origin=origin)
    return _write(row, checked(statement), SystemEventKind.ADDED, by)


@transaction.atomic
def change_system(*, partner: str, number: int, statement: SystemStatement, by: Actor) -> DataSystem:
    """Replaces the statement of a system; the same statement changes nothing."""
    row = _kept(partner, number, by)
    statement = checked(statement)
    return row if row.statement == statement else _write(row, statement, SystemEventKind.CHANGED, by)


@transaction.atomic
def retire_system(*, partner: str, number: int, by: Actor) -> DataSystem:
    """Takes a system out of use: nothing is picked from it any more, and it stays on record."""
    return _set_retired(partner, number, datetime.now(UTC).date(), SystemEventKind.RETIRED, by)


@transaction.atomic
def restore_system(*, partner: str, number: int, by: Actor) -> DataSystem:
    """Takes a retired system into use again, as it was last stated."""
    return _set_retired(partner, number, None, SystemEventKind.RESTORED, by)


def _set_retired(
    partner: str, number: int, retired: date | None, what: SystemEventKind, by: Actor
) -> DataSystem:
    row = _kept(partner, number, by)
    if (row.retired is None) != (retired is None):
        row.retired = retired
        row.save()
        _record(row, what, by)
    return row


@transaction.atomic
def enter_systems(*, found: Sequence[tuple[str, SystemStatement]], by: Actor) -> list[Entered]:
    """Enters the (partner, statement) pairs of a file, all or none: a known name is updated, an equal statement is left unchanged."""
    return [_enter(partner, statement, Origin.FILE, by) for partner, statement in found]


@transaction.atomic
def enter_loaded(*, partner: str, holdings: Sequence[Holding], by: Actor) -> Entered:
    """Enters or updates the system for the partner's loaded data; what people entered stays."""
    _check(partner, by)
    row = DataSystem.objects.filter(partner_id=partner, name=AS_LOADED).first()
    if row is not None:
        statement = replace(row.statement, holdings=merged(holdings))
    else:
        statement = SystemStatement(
            AS_LOADED, "", "", _regime(known(partner)), Refresh.IRREGULAR, "", merged(holdings)
        )
    return _enter(partner, statement, Origin.LOADS, by)


def _enter(partner: str, statement: SystemStatement, origin: Origin, by: Actor) -> Entered:
    _check(partner, by)
    statement = checked(statement, offices=origin is not Origin.LOADS)
    row = DataSystem.objects.select_for_update().filter(partner_id=partner, name=statement.name).first()
    if row is None:
        row = DataSystem(partner_id=partner, origin=origin)
        return Entered(_write(row, statement, SystemEventKind.ADDED, by), SystemEventKind.ADDED)
    if row.statement == statement and row.retired is None:
        return Entered(row, None)
    row.retired = None
    return Entered(_write(row, statement, SystemEventKind.CHANGED, by), SystemEventKind.CHANGED)


def _regime(partner: PartnerFacts) -> Regime:
    """The default law for a partner's records: the strictest of its legal statuses."""
    for status, regime in (
        (LegalStatus.PART2, Regime.PART2), (LegalStatus.HIPAA, Regime.HIPAA), (LegalStatus.ED_FUNDED, Regime.FERPA),
        (LegalStatus.CHILD_WELFARE, Regime.CHILD_WELFARE), (LegalStatus.WORKFORCE, Regime.UI),
    ):  # fmt: skip
        if status in partner.legal:
            return regime
    return Regime.OWN


def _check(partner: str, by: Actor) -> None:
    """Checks the actor's permission, and locks the partner's row against concurrent writes."""
    known(partner)
    check_can_keep_systems(by, own_kind(by), partner)
    check_acts_for(by, partner, unattended=True)
    Partner.objects.select_for_update().get(id=partner)


def _kept(partner: str, number: int, by: Actor) -> DataSystem:
    _check(partner, by)
    return system(partner, number)  # the partner's row is locked


def _write(row: DataSystem, statement: SystemStatement, what: SystemEventKind, by: Actor) -> DataSystem:
    for name, value in _stored(statement).items():
        setattr(row, name, value)
    check_valid(row)
    row.save()
    _record(row, what, by)
    return row


def _record(row: DataSystem, what: SystemEventKind, by: Actor) -> None:
    statement = _stored(row.statement)
    DataSystemEvent.objects.create(system=row, what=what, said=statement, at=datetime.now(UTC), by=by.email)


def _stored(statement: SystemStatement) -> dict[str, object]:
    return {**vars(statement), "holdings": stored(statement.holdings)}
