"""Recognising the persons in all records that linkage purposes in effect show."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import pyarrow as pa
from django.utils import timezone

from throughway.gate import actions as gate
from throughway.identity.actions.doubting import keep_doubts
from throughway.identity.actions.granted import read_granted
from throughway.identity.actions.landing import land, links_in_force, retire
from throughway.identity.models import IdentityEvent, IdentityRun, Person
from throughway.identity.persons import HIGHEST, LOWEST, Assignment, Event, Kind, assign
from throughway.identity.reading import left_records, persons_given_out, rulings, settled_pairs
from throughway.identity.resolving import Resolved, resolve
from throughway.identity.review.ruling import ruled_by
from throughway.partners import Actor


@dataclass(frozen=True)
class Linked:
    """What one run of linkage did, as the command line shows it."""

    records: int
    persons: int
    new_persons: int
    merged: int
    split: int
    for_review: int
    seconds: float

    def to_json(self) -> dict[str, int | float]:
        return asdict(self)


def link(*, full: bool = False, by: Actor, progress: Callable[[str, float], None] | None = None) -> Linked:
    """Recognises the persons in all records that linkage purposes in effect show, and lands their ids.

    Persons keep their ids as far as their records allow. Every run compares all records; `full` is recorded with it.
    `progress` is told in a few words what begins, and the share that is done. Refused when no agreement in effect asks for linkage.
    """
    with gate.linking_turn():
        return _link(full, by, progress)


def _link(full: bool, by: Actor, progress: Callable[[str, float], None] | None) -> Linked:
    started = time.monotonic()
    tell = progress or (lambda stage, fraction: None)
    tell("reading names through the gate", 0.0)
    tables, disclosures = read_granted(by=by, on=timezone.localdate())
    tell(f"comparing {len(tables['person']):,} records", 0.2)
    together, apart = rulings()
    resolved = resolve(tables, together=together, apart=apart)
    tell("giving persons their ids", 0.9)
    current = links_in_force()
    assignment = assign(
        _groups(resolved), current, left=left_records(), given_out=persons_given_out(), draw=_draw
    )
    linked = Linked(
        records=len(assignment.links),
        persons=len(set(assignment.links.values())),
        new_persons=len(assignment.new),
        merged=assignment.count(Kind.MERGED),
        split=assignment.count(Kind.SPLIT),
        for_review=len(resolved.review),
        seconds=round(time.monotonic() - started, 3),
    )

    def write() -> None:
        run = IdentityRun.objects.create(
            at=timezone.now(),
            by=by.email,
            full=full,
            disclosures=disclosures,
            shares=resolved.shares,
            **asdict(linked),
        )
        _write(assignment, run)
        keep_doubts(resolved.scored, resolved.review, assignment.links, _partners(tables["person"]), run)

    land(assignment.links, current, by=by, within=write)
    return linked


def _draw() -> int:
    return LOWEST + secrets.randbelow(HIGHEST - LOWEST)


def _partners(people: pa.Table) -> dict[int, str]:
    """Whose each record is."""
    return dict(zip(people["person_record"].to_pylist(), people["partner"].to_pylist(), strict=True))


def _groups(resolved: Resolved) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for record, person in zip(resolved.record.tolist(), resolved.person.tolist(), strict=True):
        groups.setdefault(person, []).append(record)
    return list(groups.values())


def _write(assignment: Assignment, run: IdentityRun) -> None:
    Person.objects.bulk_create(
        [Person(id=person, first_seen_at=run.at) for person in assignment.new], batch_size=1000
    )
    retire(set(assignment.retired), set(assignment.revived))
    settled = settled_pairs()
    IdentityEvent.objects.bulk_create(
        [_row(event, run, ruled_by(event.before, event.after, settled)) for event in assignment.events],
        batch_size=500,
    )


def _row(event: Event, run: IdentityRun, reader: str) -> IdentityEvent:
    """`reader`: who settled that it is so; empty where linkage found it."""

    def plain(held: Mapping[int, tuple[int, ...]]) -> dict[str, list[int]]:
        return {str(person): list(records) for person, records in held.items()}

    return IdentityEvent(
        at=run.at, kind=event.kind, persons=list(event.persons), before=plain(event.before), after=plain(event.after),
        by=reader or run.by, reason="review" if reader else "linkage", run=run,
    )  # fmt: skip
