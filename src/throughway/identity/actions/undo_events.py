"""Undoing a merge or a split of persons."""

from collections.abc import Mapping

from django.utils import timezone

from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.actions.links import land_links, links_in_force, retire
from throughway.identity.models import IdentityEvent
from throughway.identity.person_ids import PersonEventKind
from throughway.ledger.selectors import sight
from throughway.partners import Actor
from throughway.partners.roles import Role


def undo(*, event: int, by: Actor) -> None:
    """Undoes a merge or a split: its records go back to the persons they had, and stay so in later runs.

    Refused to all but the operator and a data steward of the partner that keeps all records; for other events, for one that is
    undone already, and for one on which a later event of the same records rests.
    """
    if not by.is_operator and not (by.role == Role.DATA_STEWARD and sight(by).everything):
        raise Refused(
            "Only a data steward of the partner that keeps all records undoes what linkage did; ask there.",
            code="not_allowed",
        )
    with gate.linking_turn():
        _undo(event, by)


def _undo(event: int, by: Actor) -> None:
    found = IdentityEvent.objects.filter(pk=event).first()
    if found is None or found.kind not in (PersonEventKind.MERGED, PersonEventKind.SPLIT):
        raise Refused(
            f"Event {event} is no merge or split of persons; only these can be undone.", code="no_such_event"
        )
    if IdentityEvent.objects.filter(undoes=found).exists():
        raise Refused(f"Event {event} is undone already; nothing was changed.", code="undone")
    current = links_in_force()
    before = {
        record: int(person)
        for person, records in found.before.items()
        for record in records
        if record in current
    }
    _check_rests(found, current)
    links = {**current, **before}

    def write() -> None:
        now = timezone.now()
        IdentityEvent.objects.create(
            at=now, kind=PersonEventKind.UNDONE, persons=found.persons, before=found.after, after=found.before, by=by.email,
            reason="undo", undoes=found,
        )  # fmt: skip
        retire(set(current.values()) - set(links.values()), set(links.values()) - set(current.values()))

    land_links(None if links == current else links, None, (), replacing=False, by=by, within=write)


def _check_rests(found: IdentityEvent, current: Mapping[int, int]) -> None:
    """Refused when the records are no longer where the event put them."""
    moved = {
        record
        for person, records in found.after.items()
        for record in records
        if record in current and current[record] != int(person)
    }
    if not moved:
        return
    later = [
        e.pk
        for e in IdentityEvent.objects.filter(
            pk__gt=found.pk, kind__in=(PersonEventKind.MERGED, PersonEventKind.SPLIT)
        ).order_by("-pk")
        if moved & {record for records in e.before.values() for record in records}
        and not hasattr(e, "undone_by")
    ]
    first = f"undo event {later[0]} first" if later else "its records are with other persons now"
    raise Refused(f"Event {found.pk} cannot be undone as things stand: {first}.", code="overtaken")
