"""Forgetting: what became of persons, and what readers said of pairs, no longer names records that are gone."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q

from throughway.core.personal_data import Gone
from throughway.gate import actions as gate
from throughway.identity.actions.links import retire
from throughway.identity.models import IdentityEvent, Label, Person, ReviewPair, SampledPair

AT_ONCE = 500


@transaction.atomic
def forget(gone: Gone) -> Mapping[str, int]:
    """Takes the numbers of records that are gone out of what happened to persons; that it happened stays. A person without a
    record keeps its id, so that it is never given out again, and is retired."""
    numbers, changed = gone.numbers, []
    if not numbers:
        return {"happenings of persons": 0, "pairs under review": 0}
    for event in IdentityEvent.objects.iterator():
        before, after = _without(event.before, numbers), _without(event.after, numbers)
        if (before, after) != (event.before, event.after):
            event.before, event.after = before, after
            changed.append(event)
    IdentityEvent.objects.bulk_update(changed, ["before", "after"], batch_size=AT_ONCE)
    linked = set(gate.person_links()["person"].to_pylist())
    given_out = Person.objects.filter(retired=False).values_list("id", flat=True)
    retire({person for person in given_out.iterator() if person not in linked}, set())
    return {"happenings of persons": len(changed), "pairs under review": _forget_pairs(sorted(numbers))}


def _forget_pairs(numbers: Sequence[int]) -> int:
    """Removes every pair of such a record with all that was said of it; how many there were."""
    count = 0
    for at in range(0, len(numbers), AT_ONCE):
        part = numbers[at : at + AT_ONCE]
        pairs = list(
            ReviewPair.objects.filter(Q(one__in=part) | Q(other__in=part)).values_list("pk", flat=True)
        )
        for some in (pairs[n : n + AT_ONCE] for n in range(0, len(pairs), AT_ONCE)):
            said = Label.objects.filter(pair__in=some)
            said.filter(takes_back__isnull=False).delete()
            said.delete()
            SampledPair.objects.filter(pair__in=some).delete()
            ReviewPair.objects.filter(pk__in=some).delete()
        count += len(pairs)
    return count


def _without(held: Mapping[str, Sequence[int]], numbers: frozenset[int]) -> dict[str, list[int]]:
    left = {person: [n for n in records if n not in numbers] for person, records in held.items()}
    return {person: records for person, records in left.items() if records or not held[person]}
