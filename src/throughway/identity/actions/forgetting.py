"""Forgetting: what became of persons no longer names records that are gone."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from throughway.forgetting import Gone
from throughway.gate import actions as gate
from throughway.identity.actions.landing import retire
from throughway.identity.models import IdentityEvent, Person

AT_ONCE = 500


@transaction.atomic
def forget(gone: Gone) -> Mapping[str, int]:
    """Takes the numbers of records that are gone out of what happened to persons; that it happened stays. A person without a
    record keeps its id, so that it is never given out again, and is retired."""
    numbers, changed = gone.numbers, []
    if not numbers:
        return {"happenings of persons": 0}
    for event in IdentityEvent.objects.iterator():
        before, after = _without(event.before, numbers), _without(event.after, numbers)
        if (before, after) != (event.before, event.after):
            event.before, event.after = before, after
            changed.append(event)
    IdentityEvent.objects.bulk_update(changed, ["before", "after"], batch_size=AT_ONCE)
    linked = set(gate.person_links()["person"].to_pylist())
    given_out = Person.objects.filter(retired=False).values_list("id", flat=True)
    retire({person for person in given_out.iterator() if person not in linked}, set())
    return {"happenings of persons": len(changed)}


def _without(held: Mapping[str, Sequence[int]], numbers: frozenset[int]) -> dict[str, list[int]]:
    left = {person: [n for n in records if n not in numbers] for person, records in held.items()}
    return {person: records for person, records in left.items() if records or not held[person]}
