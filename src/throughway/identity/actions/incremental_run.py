"""A run over the records that came or changed since the last: they are held against the known ones, and nobody else is."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from throughway.gate import actions as gate
from throughway.identity.actions.granted_records import read_few
from throughway.identity.actions.review_pairs import keep_doubts
from throughway.identity.actions.run_record import LinkageRunReport, draw, land_links, write_run
from throughway.identity.actions.state_loading import (
    FullRunNeeded,
    marks,
    records_with_changed_grants,
    silent,
)
from throughway.identity.incremental import linkage_state
from throughway.identity.incremental.incremental_decision import (
    IncrementalDecision,
    RecordChanges,
    former_companions,
    update_state,
)
from throughway.identity.incremental.linkage_state import LinkageState, RememberedGrant
from throughway.identity.linkage.candidate_pairs import Integers
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.identity.person_ids import Assignment, PersonEventKind, assign
from throughway.identity.selectors import ages, label_summary, left_records, rulings
from throughway.partners import Actor
from throughway.store.record_numbers import any_of


@dataclass(frozen=True, eq=False)
class ChangesSinceRun:
    """What is to be read anew (`records`), and which others a ruling of people concerns (`ruled_upon`); `since` is the state of the
    store, `grants` and `ruled` what else stands now."""

    records: Integers
    ruled_upon: Integers
    since: gate.LandedChanges
    grants: Mapping[str, RememberedGrant]
    ruled: Sequence[str]


def changes_since_run(
    known: LinkageState, grants: Mapping[str, RememberedGrant], tables: Collection[str]
) -> ChangesSinceRun:
    """What is not as it was in these tables at the last run. FullRunNeeded where that cannot be known, or is too much."""
    moved = records_with_changed_grants(known.grants, grants)
    if moved is None:
        raise FullRunNeeded("what the agreements show for linkage changed")
    since = gate.landed_since(tables, known.files, known.batches)
    if since.lost:
        raise FullRunNeeded("files of the store were destroyed or restored")
    records = np.union1d(since.records, moved)
    if why := known.outgrown(records):
        raise FullRunNeeded(why)
    now = marks()
    ruled = {number for name, numbers in now.items() if name not in set(known.rulings) for number in numbers}
    if set(known.rulings) - now.keys():
        raise FullRunNeeded("a ruling of people no longer stands")
    return ChangesSinceRun(records, np.array(sorted(ruled), dtype=np.int64), since, grants, sorted(now))


def link_incrementally(
    known: LinkageState,
    accesses: Sequence[gate.GovernedAccess],
    what: ChangesSinceRun,
    *,
    by: Actor,
    started: float,
) -> LinkageRunReport:
    """Compares what changed with what is known, and puts what it found in force. FullRunNeeded where it cannot."""
    links = gate.links_in_force()
    tables, disclosures = read_few(accesses, what.records.tolist())
    found, grew = _decided(known, tables, what, links)
    before, assignment = _assigned(found, what, links)
    untouched = before == assignment.links
    now = _links(links, before, assignment)
    linked = LinkageRunReport(
        records=len(now["record"]),
        persons=len(np.unique(now["person"])),
        new_persons=len(assignment.new),
        merged=assignment.count(PersonEventKind.MERGED),
        split=assignment.count(PersonEventKind.SPLIT),
        for_review=0,
        seconds=round(time.monotonic() - started, 3),
        compared=len(what.records),
        decided=sum(map(len, found.groups)),
        ruled=len(what.ruled_upon),
        taught=label_summary(),
    )
    later = replace(
        grew, grants=what.grants, files=what.since.files, batches=what.since.batches, rulings=what.ruled,
    )  # fmt: skip

    def write() -> None:
        nonlocal linked
        run = write_run(
            linked, assignment, full=False, disclosures=disclosures, shares=known.weights.shares, by=by
        )
        persons = dict(zip(now["record"].tolist(), now["person"].tolist(), strict=True))
        waiting = keep_doubts(found.scored, found.review, persons, found.source_of, run, whole=False)
        linked = replace(linked, for_review=waiting)

    land_links(
        None if untouched else pa.table(now),
        linkage_state.layer(later, known) if _differs(known, what) else None,
        {grant.agreement for grant in what.grants.values()}, replacing=False, by=by, within=write,
    )  # fmt: skip
    return linked


def _differs(known: LinkageState, what: ChangesSinceRun) -> bool:
    """Whether there is anything to remember of this run."""
    return bool(len(what.records)) or (known.files, list(known.rulings)) != (
        what.since.files,
        list(what.ruled),
    )


def _decided(
    known: LinkageState, tables: Mapping[str, pa.Table], what: ChangesSinceRun, links: gate.Links
) -> tuple[IncrementalDecision, LinkageState]:
    with silent():
        rows = rows_of(tables, known.no_evidence)
        if not known.weights.knows(sorted({*known.sources, *rows["source"].to_pylist()})):
            raise FullRunNeeded("a partner's records are linked for the first time")
        companions = former_companions(what.records, left_records(), links.pairs)
        concerned = links.together(any_of([what.records, what.ruled_upon, companions]))
        return update_state(known, RecordChanges(rows, what.records, concerned), links.persons_of, rulings())


def _assigned(
    found: IncrementalDecision, what: ChangesSinceRun, links: gate.Links
) -> tuple[dict[int, int], Assignment]:
    """The links of all concerned before, and as they are now."""
    numbers = np.unique(np.concatenate([what.records, *[np.array(g, np.int64) for g in found.groups]]))
    persons = links.persons_of(numbers)
    linked = persons != numbers
    before = dict(zip(numbers[linked].tolist(), persons[linked].tolist(), strict=True))
    concerned = set(numbers.tolist())
    left = {record: person for record, person in left_records().items() if record in concerned}
    given_out = ages({*before.values(), *left.values()})
    return before, assign(found.groups, before, left=left, given_out=given_out, draw=draw)


def _links(links: gate.Links, before: Mapping[int, int], assignment: Assignment) -> dict[str, Integers]:
    """All links, those of the concerned as they are now."""
    record, person = links.pairs["record"], links.pairs["person"]
    stays = ~np.isin(record, np.array(sorted(before), np.int64))
    new = np.array(sorted(assignment.links), np.int64)
    record = np.concatenate([record[stays], new])
    person = np.concatenate([person[stays], np.array([assignment.links[n] for n in new.tolist()], np.int64)])
    order = np.argsort(record, kind="stable")
    return {"record": record[order], "person": person[order]}
