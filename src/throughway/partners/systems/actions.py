"""Every write to the register of data systems; each records an event with the statement that applies from then on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.partners.kinds import LegalStatus, PartnerFacts
from throughway.partners.models import DataSystem, DataSystemEvent, Partner
from throughway.partners.permissions import check_can_keep_systems
from throughway.partners.selectors import known, own_kind
from throughway.partners.systems.selectors import statement_of, stored, system_of
from throughway.partners.systems.system import (
    AS_LOADED,
    Holding,
    Origin,
    Refresh,
    Regime,
    RegisteredSystem,
    SystemEventKind,
    SystemStatement,
    checked,
    merged,
)


@dataclass(frozen=True)
class Entered:
    """The change of one system by a file or by loads; `what` is None where nothing changed."""

    system: RegisteredSystem
    what: SystemEventKind | None


@transaction.atomic
def add_system(
    *, partner: str, statement: SystemStatement, origin: Origin = Origin.HAND, by: Actor
) -> RegisteredSystem:
    """Enters a system; Refused when something is missing, or the partner has one of that name."""
    _check(partner, by)
    statement = checked(statement)
    if DataSystem.objects.filter(partner_id=partner, name=statement.name).exists():
        raise Refused(
            "That partner has a data system of this name already, in use or retired; change that one, or choose another name.",
            code="exists",
        )
    row = DataSystem(partner_id=partner, origin=origin)
    _write(row, statement, SystemEventKind.ADDED, by)
    return system_of(row)


@transaction.atomic
def change_system(*, partner: str, number: int, statement: SystemStatement, by: Actor) -> RegisteredSystem:
    """Replaces the statement of a system; the same statement changes nothing."""
    row = _kept(partner, number, by)
    statement = checked(statement)
    if DataSystem.objects.filter(partner_id=partner, name=statement.name).exclude(pk=row.pk).exists():
        raise Refused("Another data system of that partner has this name; choose another.", code="exists")
    if statement_of(row) != statement:
        _write(row, statement, SystemEventKind.CHANGED, by)
    return system_of(row)


@transaction.atomic
def retire_system(*, partner: str, number: int, by: Actor) -> RegisteredSystem:
    """Takes a system out of use: nothing is picked from it any more, and it stays on record."""
    return _set_retired(partner, number, datetime.now(UTC).date(), SystemEventKind.RETIRED, by)


@transaction.atomic
def restore_system(*, partner: str, number: int, by: Actor) -> RegisteredSystem:
    """Takes a retired system into use again, as it was last stated."""
    return _set_retired(partner, number, None, SystemEventKind.RESTORED, by)


def _set_retired(
    partner: str, number: int, retired: date | None, what: SystemEventKind, by: Actor
) -> RegisteredSystem:
    row = _kept(partner, number, by)
    if (row.retired is None) != (retired is None):
        row.retired = retired
        row.save()
        _record(row, what, by)
    return system_of(row)


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
        statement = replace(statement_of(row), holdings=merged(holdings))
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
        _write(row, statement, SystemEventKind.ADDED, by)
        return Entered(system_of(row), SystemEventKind.ADDED)
    if statement_of(row) == statement and row.retired is None:
        return Entered(system_of(row), None)
    row.retired = None
    _write(row, statement, SystemEventKind.CHANGED, by)
    return Entered(system_of(row), SystemEventKind.CHANGED)


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
    Partner.objects.select_for_update().get(id=partner)


def _kept(partner: str, number: int, by: Actor) -> DataSystem:
    _check(partner, by)
    row = DataSystem.objects.select_for_update().filter(pk=number, partner_id=partner).first()
    if row is None:
        raise Refused("That partner has no such data system; go back to the list.", code="unknown_system")
    return row


def _write(row: DataSystem, statement: SystemStatement, what: SystemEventKind, by: Actor) -> None:
    for name, value in _stored(statement).items():
        setattr(row, name, value)
    row.save()
    _record(row, what, by)


def _record(row: DataSystem, what: SystemEventKind, by: Actor) -> None:
    statement = _stored(statement_of(row))
    DataSystemEvent.objects.create(system=row, what=what, said=statement, at=datetime.now(UTC), by=by.email)


def _stored(statement: SystemStatement) -> dict[str, object]:
    return {**vars(statement), "holdings": stored(statement.holdings)}
