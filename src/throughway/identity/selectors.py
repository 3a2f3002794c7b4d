"""Reads of persons: ids, runs, records that left, people's rulings, and the history of a person."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import TextField
from django.db.models.functions import Cast

from throughway.gate.actions.person_records import HeldRecord, persons_by_partner, records_of
from throughway.identity.models import (
    ConfirmedLink,
    IdentityEvent,
    IdentityRun,
    Person,
    QualityDraw,
    ReviewPair,
    SampledPair,
)
from throughway.identity.person_counts import Tally, tally
from throughway.identity.person_ids import PersonEventKind
from throughway.identity.review.verdicts import PairState, PairVerdict, Settled, Undone, rulings_in_force


def persons_given_out() -> list[int]:
    """Every person id ever used, oldest first."""
    return list(Person.objects.order_by("first_seen_at", "id").values_list("id", flat=True))


def ages(persons: Collection[int]) -> list[int]:
    """The ones of these ids that were ever used, oldest first."""
    wanted = sorted(persons)
    found: list[tuple[datetime, int]] = []
    for at in range(0, len(wanted), 500):
        found += Person.objects.filter(id__in=wanted[at : at + 500]).values_list("first_seen_at", "id")
    return [person for _, person in sorted(found)]


def left_records() -> dict[int, int]:
    """The last person of each record that linkage could see earlier and cannot see now."""
    left: dict[int, int] = {}
    events = IdentityEvent.objects.filter(kind__in=(PersonEventKind.LEFT, PersonEventKind.RETURNED)).order_by(
        "id"
    )
    for kind, before, after in events.values_list("kind", "before", "after"):
        if kind == PersonEventKind.LEFT:
            left.update({record: int(person) for person, records in before.items() for record in records})
        else:
            for records in after.values():
                for record in records:
                    left.pop(record, None)
    return left


def rulings() -> tuple[Sequence[Sequence[int]], Sequence[Mapping[int, int]]]:
    """Records that stay together (an undone split, pairs that readers or the partners' people found to be one person), and records that
    stay apart (an undone merge, pairs that readers found to be two: record to side)."""
    found = rulings_in_force([*settled_pairs(), *confirmed_links()], _undone())
    return found.together, found.apart


def settled_pairs() -> list[Settled]:
    """The pairs that readers settled to be one person or two, oldest first."""
    rows = ReviewPair.objects.filter(
        state=PairState.SETTLED, verdict__in=(PairVerdict.SAME, PairVerdict.DIFFERENT)
    )
    return [
        Settled(p.one, p.other, p.verdict == PairVerdict.SAME, p.settled_at, p.settled_by)
        for p in rows.order_by("settled_at", "id")
        if p.settled_at is not None
    ]


def confirmed_links() -> list[Settled]:
    """The pairs that the partners' people know to be one person, oldest first. Linkage learns nothing from them: they were not chosen by
    how alike their records are."""
    rows = ConfirmedLink.objects.order_by("at", "id")
    return [Settled(row.one, row.other, same=True, at=row.at, by=row.by) for row in rows]


def labels() -> list[tuple[int, int, bool]]:
    """The labels that linkage learns from: two record numbers, and whether readers settled that they are one person, unless a later act
    overruled it. The newest sample is left out, because linkage must not learn from the pairs that measure it."""
    newest = QualityDraw.objects.order_by("-id").values("id")[:1]
    drawn = set(SampledPair.objects.filter(draw__in=newest).values_list("pair__one", "pair__other"))
    standing = rulings_in_force(settled_pairs(), _undone()).standing
    return [(p.one, p.other, p.same) for p in standing if (p.one, p.other) not in drawn]


def label_summary() -> str:
    """What the last full run learned from readers' answers, in a sentence; empty if there was no run."""
    last = IdentityRun.objects.filter(full=True).order_by("-id").values_list("taught", flat=True).first()
    return last or ""


def _undone() -> list[Undone]:
    found = IdentityEvent.objects.filter(kind=PersonEventKind.UNDONE, undoes__isnull=False).select_related(
        "undoes"
    )
    return [
        Undone(list(e.undoes.before.values()), e.undoes.kind == PersonEventKind.SPLIT, e.at)
        for e in found.order_by("id")
        if e.undoes
    ]


def events(person: int | None = None, *, most: int | None = None) -> list[dict[str, object]]:
    """The changes to persons, or to one person, newest first: when, why, by whom, and whose records they were before and after. `undone`:
    a later act undid it."""
    return [
        {
            "id": e.pk, "at": e.at.isoformat(), "kind": e.kind, "reason": e.reason, "by": e.by, "persons": e.persons,
            "before": e.before, "after": e.after, "undoes": e.undoes_id, "undone": e.is_undone,
        }
        for e in islice(_events_of(person), most)
    ]  # fmt: skip


def _events_of(person: int | None) -> Iterator[IdentityEvent]:
    """Newest first; of all persons unless one is named."""
    found = IdentityEvent.objects.select_related("undone_by").order_by("-id")
    if person is None:
        return found.iterator()
    # The text of the JSON list narrows the rows on both databases; a number that only contains this one is dropped here.
    named = found.annotate(text=Cast("persons", TextField())).filter(text__contains=str(person))
    return (event for event in named.iterator() if person in event.persons)


@dataclass(frozen=True)
class Run:
    """One run of linkage, in numbers."""

    at: datetime
    by: str
    records: int
    persons: int
    new_persons: int
    merged: int
    split: int
    for_review: int


def runs(most: int = 12) -> list[Run]:
    """The runs of linkage, newest first."""
    rows = IdentityRun.objects.order_by("-at").values_list(*Run.__dataclass_fields__)
    return [Run(*row) for row in rows[:most]]


def last_run() -> Run | None:
    return next(iter(runs(1)), None)


_tallied: tuple[tuple[str, ...], Tally] | None = None


def tallied() -> Tally:
    """The counts of records and persons; counted again only after a load or a run of linkage."""
    global _tallied
    found = persons_by_partner()
    if _tallied is None or _tallied[0] != found.key:
        _tallied = (found.key, tally(found.persons))
    return _tallied[1]


TITLES: Mapping[str, str] = {
    PersonEventKind.MERGED: "Found to be one person",
    PersonEventKind.SPLIT: "Found to be several persons",
    PersonEventKind.LEFT: "A record left",
    PersonEventKind.RETURNED: "A record came back",
    PersonEventKind.UNDONE: "An earlier decision was undone",
}


def event_text(event: IdentityEvent, person: int) -> str:
    """An event from this person's point of view: its records before, and its records after."""
    own = str(person)
    was, now = len(event.before.get(own, ())), len(event.after.get(own, ()))
    if event.kind == PersonEventKind.MERGED:
        if own not in event.after:
            return "Its records became part of another person, who was known longer or had more records."
        others = _persons(len(event.before.keys() - {own}))
        return f"Its {_records(was)} and those of {others} are one person, with {_records(now)}."
    if event.kind == PersonEventKind.SPLIT:
        if own not in event.before:
            return f"{_records(now)} of another person became this one."
        moved = sum(len(records) for other, records in event.after.items() if other != own)
        return f"{_records(now)} stayed; {_records(moved)} became {_persons(len(event.after) - 1)} more."
    if event.kind == PersonEventKind.LEFT:
        return f"{_records(was)} can no longer be seen by linkage."
    if event.kind == PersonEventKind.RETURNED:
        return f"{_records(now)} can be seen by linkage again."
    return f"Its records are as they were before: {_records(now)}."


def _records(n: int) -> str:
    return f"{n:,} record{'' if n == 1 else 's'}"


def _persons(n: int) -> str:
    return "one other person" if n == 1 else f"{n:,} other persons"


@dataclass(frozen=True)
class KnownPerson:
    """One person: its records, the day of its id, and its history (newest first)."""

    person: int
    since: datetime | None
    records: Sequence[HeldRecord]
    events: Sequence[IdentityEvent]


def known_person(person: int) -> KnownPerson | None:
    """The facts about a person that need no name; None if no partner has a record of that person now."""
    records = records_of(person)
    if not records:
        return None
    row = Person.objects.filter(id=person).first()
    return KnownPerson(person, row.first_seen_at if row else None, records, list(_events_of(person)))
