"""Writes to the history of persons: undoes a merge or a split, and removes destroyed records."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.actions.run_record import land_links, links_in_force, retire
from throughway.identity.models import ConfirmedLink, IdentityEvent, Label, Person, ReviewPair, SampledPair
from throughway.identity.person_ids import PersonEventKind
from throughway.ledger.visibility import sight
from throughway.partners.actor import Actor, Role


def undo(*, event: int, by: Actor) -> None:
    """Undoes a merge or a split: its records return to their earlier persons, and later runs respect that.

    Only the operator and a data steward of the partner that keeps all records may do it. Refused for other events, for one that was
    already undone, and if a later event moved the same records.
    """
    if not by.is_operator and not (by.role == Role.DATA_STEWARD and sight(by).everything):
        raise Refused(
            "Only a data steward of the partner that keeps all records may undo a merge or a split; ask one of them.",
            code="not_allowed",
        )
    with gate.linking_turn():
        _undo(event, by)


def _undo(event: int, by: Actor) -> None:
    found = IdentityEvent.objects.filter(pk=event).first()
    if found is None or found.kind not in (PersonEventKind.MERGED, PersonEventKind.SPLIT):
        raise Refused(
            f"Event {event} is not a merge or split of persons; only these can be undone.",
            code="no_such_event",
        )
    if IdentityEvent.objects.filter(undoes=found).exists():
        raise Refused(f"Event {event} was already undone; nothing was changed.", code="undone")
    current = links_in_force()
    before = {
        record: int(person)
        for person, records in found.before.items()
        for record in records
        if record in current
    }
    _check_not_overtaken(found, current)
    links = {**current, **before}

    def write() -> None:
        now = timezone.now()
        IdentityEvent.objects.create(
            at=now, kind=PersonEventKind.UNDONE, persons=found.persons, before=found.after, after=found.before, by=by.email,
            reason="undo", undoes=found,
        )  # fmt: skip
        retire(set(current.values()) - set(links.values()), set(links.values()) - set(current.values()))

    land_links(None if links == current else links, None, (), by=by, within=write)


def _check_not_overtaken(found: IdentityEvent, current: Mapping[int, int]) -> None:
    """Refused if the records no longer belong to the persons that the event gave them."""
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
    first = f"undo event {later[0]} first" if later else "its records now belong to other persons"
    raise Refused(f"Event {found.pk} cannot be undone now: {first}.", code="overtaken")


AT_ONCE = 500


@transaction.atomic
def forget(gone: Gone) -> Mapping[str, int]:
    """Removes the numbers of destroyed records from the history of persons; the events stay. A person without a record is retired, and
    its id is never given out again."""
    numbers, changed = gone.numbers, []
    if not numbers:
        return {"events in the history of persons": 0, "pairs under review": 0}
    for event in IdentityEvent.objects.iterator():
        before, after = _without(event.before, numbers), _without(event.after, numbers)
        if (before, after) != (event.before, event.after):
            event.before, event.after = before, after
            changed.append(event)
    IdentityEvent.objects.bulk_update(changed, ["before", "after"], batch_size=AT_ONCE)
    linked = set(gate.person_links()["person"].to_pylist())
    given_out = Person.objects.filter(retired=False).values_list("id", flat=True)
    retire({person for person in given_out.iterator() if person not in linked}, set())
    return {
        "events in the history of persons": len(changed),
        "pairs under review": _forget_pairs(sorted(numbers)),
    }


def _forget_pairs(numbers: Sequence[int]) -> int:
    """Removes every pair of these records with its verdicts, and returns how many there were."""
    count = 0
    for at in range(0, len(numbers), AT_ONCE):
        part = numbers[at : at + AT_ONCE]
        ConfirmedLink.objects.filter(Q(one__in=part) | Q(other__in=part)).delete()
        pairs = list(
            ReviewPair.objects.filter(Q(one__in=part) | Q(other__in=part)).values_list("pk", flat=True)
        )
        for some in (pairs[n : n + AT_ONCE] for n in range(0, len(pairs), AT_ONCE)):
            labels = Label.objects.filter(pair__in=some)
            labels.filter(takes_back__isnull=False).delete()
            labels.delete()
            SampledPair.objects.filter(pair__in=some).delete()
            ReviewPair.objects.filter(pk__in=some).delete()
        count += len(pairs)
    return count


def _without(held: Mapping[str, Sequence[int]], numbers: frozenset[int]) -> dict[str, list[int]]:
    left = {person: [n for n in records if n not in numbers] for person, records in held.items()}
    return {person: records for person, records in left.items() if records or not held[person]}
