"""What a run of linkage writes: the links in force, the run, the ids that it gave out, and what became of persons."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from throughway.gate import actions as gate
from throughway.identity.models import IdentityEvent, IdentityRun, Person
from throughway.identity.person_ids import HIGHEST, LOWEST, Assignment, PersonEvent
from throughway.identity.review.rulings import ruled_by
from throughway.identity.selectors import settled_pairs
from throughway.partners import Actor


def links_in_force() -> dict[int, int]:
    links = gate.person_links()
    return dict(zip(links["record"].to_pylist(), links["person"].to_pylist(), strict=True))


def land_links(
    links: Mapping[int, int] | pa.Table | None,
    content: pa.Table | None,
    agreements: Collection[str],
    *,
    replacing: bool,
    by: Actor,
    within: Callable[[], None],
) -> None:
    """Lands the links (None: those in force stay), what linkage keeps (beside what it kept, or in its place) and what `within`
    writes, in one transaction."""
    if links is None and content is None and not replacing:
        with transaction.atomic():
            within()
        return
    gate.land_linkage_state(
        links=as_table(links) if isinstance(links, Mapping) else links,
        content=content, agreements=agreements, replacing=replacing, by=by, within=within,
    )  # fmt: skip


def as_table(links: Mapping[int, int]) -> pa.Table:
    records = sorted(links)
    return pa.table(
        {
            "record": pa.array(records, pa.int64()),
            "person": pa.array([links[record] for record in records], pa.int64()),
        }
    )


def retire(retired: set[int], revived: set[int]) -> None:
    for persons, value in ((sorted(retired), True), (sorted(revived), False)):
        for at in range(0, len(persons), 500):
            Person.objects.filter(id__in=persons[at : at + 500]).update(retired=value)


SAID_ONCE = (
    "compared",
    "decided",
    "ruled",
    "why_full",
    "noticed",
)  # to whoever ran it; the row of the run does not keep them


@dataclass(frozen=True)
class LinkageRunReport:
    """What one run of linkage did, as the command line shows it. `for_review`: pairs that wait for a person now. `compared`: records
    that were read and compared. `decided`: records of the persons of whom a record came or changed or people ruled about one, or who
    changed because of them. `ruled`: records about which people ruled since the run before, 0 where all were compared. `why_full`: why
    all were compared, empty where they were not. `taught`: what readers' answers taught, in a sentence. `noticed`: what is odd about the
    records, a sentence each, without a value."""

    records: int
    persons: int
    new_persons: int
    merged: int
    split: int
    for_review: int
    seconds: float
    compared: int = 0
    decided: int = 0
    ruled: int = 0
    why_full: str = ""
    taught: str = ""
    noticed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def draw() -> int:
    """A random person id."""
    return LOWEST + secrets.randbelow(HIGHEST - LOWEST)


def write_run(
    linked: LinkageRunReport,
    assignment: Assignment,
    *,
    full: bool,
    disclosures: Sequence[str],
    shares: Mapping[str, object],
    by: Actor,
) -> IdentityRun:
    """Writes the run with all that became of persons, within the caller's transaction."""
    told = {name: value for name, value in asdict(linked).items() if name not in SAID_ONCE}
    run = IdentityRun.objects.create(
        at=timezone.now(), by=by.email, full=full, disclosures=list(disclosures), shares=shares, **told
    )
    Person.objects.bulk_create(
        [Person(id=person, first_seen_at=run.at) for person in assignment.new], batch_size=1000
    )
    retire(set(assignment.retired), set(assignment.revived))
    settled = settled_pairs() if assignment.events else []
    IdentityEvent.objects.bulk_create(
        [_row(event, run, ruled_by(event.before, event.after, settled)) for event in assignment.events],
        batch_size=500,
    )
    return run


def _row(event: PersonEvent, run: IdentityRun, reader: str) -> IdentityEvent:
    """`reader`: who settled that it is so; empty where linkage found it."""

    def plain(held: Mapping[int, tuple[int, ...]]) -> dict[str, list[int]]:
        return {str(person): list(records) for person, records in held.items()}

    return IdentityEvent(
        at=run.at, kind=event.kind, persons=list(event.persons), before=plain(event.before), after=plain(event.after),
        by=reader or run.by, reason="review" if reader else "linkage", run=run,
    )  # fmt: skip
