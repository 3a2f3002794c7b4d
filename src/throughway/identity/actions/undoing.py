"""Undoing a merge or a split of persons."""

from django.utils import timezone

from throughway.gate import actions as gate
from throughway.identity.actions.landing import land_links, links_in_force, retire
from throughway.identity.models import IdentityEvent
from throughway.identity.persons import Kind
from throughway.partners import Actor
from throughway.refusals import Refused


def undo(*, event: int, by: Actor) -> None:
    """Undoes a merge or a split: its records go back to the persons they had, and stay so in later runs.

    Refused for other events, and for one that is undone already.
    """
    with gate.linking_turn():
        _undo(event, by)


def _undo(event: int, by: Actor) -> None:
    found = IdentityEvent.objects.filter(pk=event).first()
    if found is None or found.kind not in (Kind.MERGED, Kind.SPLIT):
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
    links = {**current, **before}

    def write() -> None:
        now = timezone.now()
        IdentityEvent.objects.create(
            at=now, kind=Kind.UNDONE, persons=found.persons, before=found.after, after=found.before, by=by.email,
            undoes=found,
        )  # fmt: skip
        retire(set(current.values()) - set(links.values()), set(links.values()) - set(current.values()))

    land_links(None if links == current else links, None, (), replacing=False, by=by, within=write)
