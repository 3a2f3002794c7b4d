"""What the database says of persons: ids given out, records that left, and what people have ruled."""

from collections.abc import Mapping, Sequence

from throughway.identity.models import IdentityEvent, Person
from throughway.identity.persons import Kind


def persons_given_out() -> list[int]:
    """Every person id ever given out, oldest first."""
    return list(Person.objects.order_by("first_seen_at", "id").values_list("id", flat=True))


def left_records() -> dict[int, int]:
    """The last person of each record that could be seen once and cannot be seen now."""
    left: dict[int, int] = {}
    events = IdentityEvent.objects.filter(kind__in=(Kind.LEFT, Kind.RETURNED)).order_by("id")
    for kind, before, after in events.values_list("kind", "before", "after"):
        if kind == Kind.LEFT:
            left.update({record: int(person) for person, records in before.items() for record in records})
        else:
            for records in after.values():
                for record in records:
                    left.pop(record, None)
    return left


def rulings() -> tuple[Sequence[Sequence[int]], Sequence[Mapping[int, int]]]:
    """Records that stay together (an undone split) and those that stay apart (an undone merge: record to side)."""
    together: list[list[int]] = []
    apart: list[dict[int, int]] = []
    undone = IdentityEvent.objects.filter(kind=Kind.UNDONE).select_related("undoes").order_by("id")
    for event in undone:
        if event.undoes is None:
            continue
        sides = list(event.undoes.before.values())
        if event.undoes.kind == Kind.SPLIT:
            together.extend(sides)
        else:
            apart.append({record: side for side, records in enumerate(sides) for record in records})
    return together, apart


def events(person: int | None = None) -> list[dict[str, object]]:
    """What became of persons, newest first; of one person, when named."""
    found = [
        {"id": e.pk, "at": e.at, "kind": e.kind, "persons": e.persons, "by": e.by, "undoes": e.undoes_id}
        for e in IdentityEvent.objects.order_by("-id")
    ]
    return [event for event in found if person is None or person in event["persons"]]
