"""What a run of linkage reads and writes: the links in force, the data for the next run, the run itself, new ids, and the history of
persons."""

import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from threading import Lock
from types import MappingProxyType
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from throughway.core.prose import counted
from throughway.gate import actions as gate
from throughway.identity.incremental.linkage_state import LinkageState, digest, unpack_state
from throughway.identity.models import IdentityEvent, IdentityRun, Person
from throughway.identity.person_ids import HIGHEST, LOWEST, Assignment, PersonEvent, PersonEventKind
from throughway.identity.review.selectors import name_rules
from throughway.identity.review.verdicts import ruled_by
from throughway.identity.selectors import rulings, settled_pairs
from throughway.partners import Actor

_loaded: tuple[tuple[str, ...], LinkageState] | None = None
_lock = Lock()


def load_state() -> LinkageState | None:
    """The state that the last run stored; read again only when its files changed. None if there is none that this version can use."""
    global _loaded
    with _lock:
        files = gate.linkage_state_ids()
        if _loaded is not None and files and _loaded[0] == files:
            return _loaded[1]
        files, tables = gate.sealed_linkage_state()
        found = unpack_state(tables)
        _loaded = (files, found) if found else None
        return found


def rulings_by_digest() -> dict[str, list[int]]:
    """Every ruling of people in force, by its digest, with the records that it names."""
    together, apart = rulings()
    return {digest(sorted(ruled)): list(ruled) for ruled in together} | {
        digest(sorted(sides.items())): list(sides) for sides in apart
    }


def links_in_force() -> dict[int, int]:
    links = gate.person_links()
    return dict(zip(links["record"].to_pylist(), links["person"].to_pylist(), strict=True))


def land_links(
    links: Mapping[int, int] | pa.Table | None,
    content: pa.Table | None,
    agreements: Collection[str],
    *,
    ending: bool = False,
    by: Actor,
    within: Callable[[], None],
) -> None:
    """Puts the links in force (None: no change), stores the state (None: no change, or nothing if linkage is `ending`) and makes the writes
    of `within`, in one transaction."""
    if links is None and content is None and not ending:
        with transaction.atomic():
            within()
        return
    if isinstance(links, Mapping):
        records = sorted(links)
        links = pa.table(
            {
                "record": pa.array(records, pa.int64()),
                "person": pa.array([links[record] for record in records], pa.int64()),
            }
        )
    replacing = ending or content is not None
    gate.land_linkage_state(
        links=links, content=content, agreements=agreements, replacing=replacing, by=by, within=within
    )


def retire(retired: set[int], revived: set[int]) -> None:
    for persons, value in ((sorted(retired), True), (sorted(revived), False)):
        for at in range(0, len(persons), 500):
            Person.objects.filter(id__in=persons[at : at + 500]).update(retired=value)


REPORTED_ONLY = (
    "compared",
    "decided",
    "ruled",
    "why_full",
    "noticed",
    "names_alone",
)  # the row of the run does not keep them


ENDED = "linkage has ended"


@dataclass(frozen=True)
class LinkageRunReport:
    """The result of one run of linkage, as the command line shows it. `for_review`: pairs that now wait for a reader. `compared`: records
    that were read and compared. `decided`: records of persons with a new, changed or ruled-upon record, and of persons who changed
    because of them. `ruled`: records that people ruled upon since the last run; 0 in a full run. `why_full`: why all were compared; empty
    if they were not. `taught`: what readers' answers taught, in a sentence. `noticed`: oddities of the records, a sentence each, without
    a value. `names_alone`: for each two partners, what the sample of the rule of names alone found, and what the rule does."""

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
    names_alone: tuple[Mapping[str, object], ...] = ()

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @property
    def sentence(self) -> str:
        """What the run found, and how many records it compared."""
        if not self.records and not self.merged and not self.split and self.why_full != ENDED:
            return "No record can be compared yet: load a file of each partner, then link again."
        if not self.compared and not self.ruled and not self.why_full:
            nothing = "No record came or changed since the last run, so none was compared."
            return f"{counted(self.records, 'record')}, {counted(self.persons, 'person')}; waiting for review: {counted(self.for_review, 'pair')}. {nothing}"
        ruled = f", people ruled on {self.ruled:,} since the last run" if self.ruled else ""
        compared = (
            f"All records were compared again: {self.why_full}."
            if self.why_full
            else f"{self.compared:,} of them were new or changed and were compared{ruled}; {self.decided:,} were decided again,"
            " including all affected by them."
        )
        return (
            f"{counted(self.records, 'record')}, {counted(self.persons, 'person')} ({self.new_persons:,} new, "
            f"{self.merged:,} merged, {self.split:,} split); waiting for review: {counted(self.for_review, 'pair')}."
            f" {compared} {self.seconds:.1f} s."
        )


def draw() -> int:
    """A random person id."""
    return LOWEST + secrets.randbelow(HIGHEST - LOWEST)


def land_run(
    assignment: Assignment,
    links: Mapping[int, int] | pa.Table | None,
    content: pa.Table | None,
    agreements: Collection[str],
    *,
    full: bool,
    by: Actor,
    started: float,
    disclosures: Sequence[str] = (),
    shares: Mapping[str, object] = MappingProxyType({}),
    keep_doubts: Callable[[IdentityRun], int] = lambda run: 0,
    ending: bool = False,
    by_numbers: Collection[PersonEvent] = (),
    **facts: Any,
) -> LinkageRunReport:
    """`land_links` with the run and its changes to persons. `started`: on the monotonic clock; `facts`: the rest of the report.
    `by_numbers`: the splits of records to which a partner's own system gives different numbers.
    `keep_doubts` stores the pairs that wait for a reader, and counts them."""
    linked = LinkageRunReport(
        new_persons=len(assignment.new),
        merged=assignment.count(PersonEventKind.MERGED),
        split=assignment.count(PersonEventKind.SPLIT),
        for_review=0,
        seconds=round(time.monotonic() - started, 3),
        **facts,
    )

    def write() -> None:
        nonlocal linked
        kept = {name: value for name, value in asdict(linked).items() if name not in REPORTED_ONLY}
        run = IdentityRun.objects.create(
            at=timezone.now(), by=by.email, full=full, disclosures=list(disclosures), shares=dict(shares), **kept
        )  # fmt: skip
        Person.objects.bulk_create(
            [Person(id=person, first_seen_at=run.at) for person in assignment.new], batch_size=1000
        )
        retire(set(assignment.retired), set(assignment.revived))
        settled = settled_pairs() if assignment.events else []
        IdentityEvent.objects.bulk_create(
            [
                _event(event, run, ruled_by(event.before, event.after, settled), event in by_numbers)
                for event in assignment.events
            ],
            batch_size=500,
        )
        waiting = keep_doubts(run)
        linked = replace(linked, for_review=waiting, names_alone=tuple(r.to_json() for r in name_rules()))

    land_links(links, content, agreements, ending=ending, by=by, within=write)
    return linked


def _event(event: PersonEvent, run: IdentityRun, reader: str, by_numbers: bool) -> IdentityEvent:
    """`reader`: who settled it; empty if linkage found it."""

    def plain(held: Mapping[int, tuple[int, ...]]) -> dict[str, list[int]]:
        return {str(person): list(records) for person, records in held.items()}

    return IdentityEvent(
        at=run.at, kind=event.kind, persons=list(event.persons), before=plain(event.before), after=plain(event.after),
        by=reader or run.by, reason="review" if reader else "own_numbers" if by_numbers else "linkage", run=run,
    )  # fmt: skip
