"""What the database says of persons: ids given out, records that left, and what people have ruled."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import TextField
from django.db.models.functions import Cast

from throughway.gate.actions.person_records import HeldRecord, persons_by_partner, records_of
from throughway.identity.models import (
    IdentityEvent,
    IdentityRun,
    Person,
    QualityDraw,
    ReviewPair,
    SampledPair,
)
from throughway.identity.person_counts import Tally, tally
from throughway.identity.person_ids import PersonEventKind
from throughway.identity.review.queue import PairState, PairVerdict
from throughway.identity.review.rulings import Settled, Undone, rulings_in_force


def persons_given_out() -> list[int]:
    """Every person id ever given out, oldest first."""
    return list(Person.objects.order_by("first_seen_at", "id").values_list("id", flat=True))


def ages(persons: Collection[int]) -> list[int]:
    """Those of these ids that were given out, oldest first."""
    wanted, found = sorted(persons), []
    for at in range(0, len(wanted), 500):
        rows = Person.objects.filter(id__in=wanted[at : at + 500]).values_list("first_seen_at", "id")
        found += list(rows)
    return [person for _, person in sorted(found)]


def left_records() -> dict[int, int]:
    """The last person of each record that could be seen once and cannot be seen now."""
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
    """Records that stay together (an undone split, pairs that readers found to be one) and those that stay apart (an undone
    merge, pairs that readers found to be two: record to side)."""
    found = rulings_in_force(settled_pairs(), _undone())
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


def labels() -> list[tuple[int, int, bool]]:
    """What linkage learns from: the pairs that readers settled and nothing later overruled, as two record numbers, and whether
    they are one person. None of the newest sample: what measures linkage does not teach it."""
    newest = QualityDraw.objects.order_by("-id").values("id")[:1]
    drawn = set(SampledPair.objects.filter(draw__in=newest).values_list("pair__one", "pair__other"))
    standing = rulings_in_force(settled_pairs(), _undone()).standing
    return [(p.one, p.other, p.same) for p in standing if (p.one, p.other) not in drawn]


def label_summary() -> str:
    """What readers' answers taught the last full run, in a sentence; empty where none has run."""
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
    """What became of persons, newest first: when, why, by whom, and which records were whose before and after; of one person,
    when named. `undone`: a later act took it back."""
    return [
        {
            "id": e.pk, "at": e.at.isoformat(), "kind": e.kind, "reason": e.reason, "by": e.by, "persons": e.persons,
            "before": e.before, "after": e.after, "undoes": e.undoes_id, "undone": hasattr(e, "undone_by"),
        }
        for e in islice(_events_of(person), most)
    ]  # fmt: skip


def _events_of(person: int | None) -> Iterator[IdentityEvent]:
    """Newest first; of everybody where no person is named."""
    found = IdentityEvent.objects.select_related("undone_by").order_by("-id")
    if person is None:
        return found.iterator()
    # The text of the list holds the number; another number that holds it too is told apart here.
    named = found.annotate(said=Cast("persons", TextField())).filter(said__contains=str(person))
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


@dataclass(frozen=True)
class Happening:
    """What became of a person: `kind` a `PersonEventKind`; `before` and `after` map persons to record numbers; `undone` says that a
    later act took it back; `reason` is review where readers settled it."""

    at: datetime
    kind: str
    by: str
    before: Mapping[int, Sequence[int]]
    after: Mapping[int, Sequence[int]]
    undone: bool
    reason: str = "linkage"
    event: int = 0

    @property
    def can_be_undone(self) -> bool:
        return self.kind in (PersonEventKind.MERGED, PersonEventKind.SPLIT) and not self.undone


@dataclass(frozen=True)
class KnownPerson:
    """One person: the records, since when the id is given out, what became of it (newest first)."""

    person: int
    since: datetime | None
    records: Sequence[HeldRecord]
    happenings: Sequence[Happening]


def runs(most: int = 12) -> list[Run]:
    """The runs of linkage, newest first."""
    return [_run(row) for row in IdentityRun.objects.defer("shares").order_by("-at")[:most]]


def last_run() -> Run | None:
    return next(iter(runs(1)), None)


def _run(row: IdentityRun) -> Run:
    return Run(
        row.at, row.by, row.records, row.persons, row.new_persons, row.merged, row.split, row.for_review
    )


_tallied: tuple[tuple[str, ...], Tally] | None = None


def tallied() -> Tally:
    """How many records are how many persons; counted anew only when something landed or was linked."""
    global _tallied
    found = persons_by_partner()
    if _tallied is None or _tallied[0] != found.key:
        _tallied = (found.key, tally(found.persons))
    return _tallied[1]


def known_person(person: int) -> KnownPerson | None:
    """What is known of a person without reading a name; None where no partner holds a record of that id now."""
    records = records_of(person)
    if not records:
        return None
    row = Person.objects.filter(id=person).first()
    return KnownPerson(
        person, row.first_seen_at if row else None, records, list(map(_happening, _events_of(person)))
    )


def event(number: int) -> Happening | None:
    """One event; None where there is none of that number."""
    found = IdentityEvent.objects.filter(pk=number).select_related("undone_by").first()
    return _happening(found) if found else None


def _happening(e: IdentityEvent) -> Happening:
    undone = hasattr(e, "undone_by")
    return Happening(e.at, e.kind, e.by, _of(e.before), _of(e.after), undone, e.reason, e.pk)


def _of(held: Mapping[str, Sequence[int]]) -> dict[int, Sequence[int]]:
    return {int(person): records for person, records in held.items()}
