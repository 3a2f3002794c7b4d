"""An incremental run: only the records that are new or changed since the last run are compared, with the known ones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from throughway.gate import actions as gate
from throughway.identity.actions.granted_records import read_some, without_engine_messages
from throughway.identity.actions.name_samples import names_known
from throughway.identity.actions.number_splits import sentence_of, split_by_numbers
from throughway.identity.actions.review_pairs import keep_doubts
from throughway.identity.actions.run_record import (
    LinkageRunReport,
    draw,
    land_run,
    rulings_by_digest,
)
from throughway.identity.incremental.incremental_decision import (
    IncrementalDecision,
    RecordChanges,
    former_companions,
    update_state,
)
from throughway.identity.incremental.linkage_state import LinkageState, RememberedGrant, pack_state
from throughway.identity.linkage.candidate_pairs import Integers
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.identity.person_ids import Assignment, assign
from throughway.identity.selectors import ages, label_summary, left_records, rulings
from throughway.partners import Actor
from throughway.store.record_numbers import NOBODY, any_of, less


class FullRunNeeded(Exception):
    """All records must be compared again; the message says why."""


@dataclass(frozen=True, eq=False)
class ChangesSinceRun:
    """`records`: to be read again. `ruled_upon`: others that a ruling of people concerns. `stored`: the files of the store now. `grants`: the
    records that each grant shows now. `rulings`: the digests of the rulings in force."""

    records: Integers
    ruled_upon: Integers
    stored: gate.LandedChanges
    grants: Mapping[str, RememberedGrant]
    rulings: Sequence[str]


def changes_since_run(
    state: LinkageState, grants: Mapping[str, RememberedGrant], tables: Collection[str]
) -> ChangesSinceRun:
    """The changes in these tables since the last run. Raises FullRunNeeded if they cannot be known or are too many."""
    if _terms(state.grants) != _terms(grants):
        raise FullRunNeeded("what the agreements show for linkage changed")
    stored = gate.landed_since(tables, state.files, state.batches)
    if stored.lost:
        raise FullRunNeeded("files of the store were destroyed or restored")
    records = np.union1d(stored.records, _newly_shown_or_hidden(state.grants, grants))
    if state.outgrown_by(records):
        raise FullRunNeeded("many records came or changed since the last full run")
    now = rulings_by_digest()
    if set(state.rulings) - now.keys():
        raise FullRunNeeded("a ruling of people is no longer in force")
    ruled = {number for name, numbers in now.items() if name not in set(state.rulings) for number in numbers}
    return ChangesSinceRun(records, np.array(sorted(ruled), np.int64), stored, grants, sorted(now))


def _terms(grants: Mapping[str, RememberedGrant]) -> dict[str, str]:
    return {name: grant.terms for name, grant in grants.items()}


def _newly_shown_or_hidden(
    before: Mapping[str, RememberedGrant], now: Mapping[str, RememberedGrant]
) -> Integers:
    changed = [NOBODY]
    for name, grant in now.items():
        was = before[name].records
        if not np.array_equal(was, grant.records):
            changed += [less(was, grant.records), less(grant.records, was)]
    return any_of(changed)


def link_incrementally(
    state: LinkageState,
    accesses: Sequence[gate.GovernedAccess],
    changes: ChangesSinceRun,
    *,
    by: Actor,
    started: float,
) -> LinkageRunReport:
    """Compares the changed records with the known ones, and puts the result in force. Raises FullRunNeeded if it cannot."""
    links = gate.links_in_force()
    tables, disclosures = read_some(accesses, changes.records.tolist())
    decision, later = _decide(state, tables, changes, links)
    before, assignment = _assign(decision, changes, links)
    now = _links_after(links, before, assignment)
    by_numbers = split_by_numbers(assignment, later.known.rows, later.weights.lists)
    stored = changes.stored
    later = replace(
        later, grants=changes.grants, files=stored.files, batches=stored.batches, rulings=changes.rulings
    )
    same = (state.files, list(state.rulings)) == (stored.files, changes.rulings)
    persons = dict(zip(now["record"].tolist(), now["person"].tolist(), strict=True))
    return land_run(
        assignment, None if before == assignment.links else pa.table(now),
        None if same and not len(changes.records) else pack_state(later),
        {grant.agreement for grant in changes.grants.values()}, full=False, by=by, started=started,
        disclosures=disclosures, shares=state.weights.shares,
        keep_doubts=lambda run: keep_doubts(decision.scored, decision.review, persons, decision.source_of, run, is_full=False, by_name=decision.by_name),
        records=len(now["record"]), persons=len(np.unique(now["person"])), compared=len(changes.records),
        decided=sum(map(len, decision.groups)), ruled=len(changes.ruled_upon), taught=label_summary(),
        noticed=tuple(sentence_of(by_numbers)), by_numbers=by_numbers,
    )  # fmt: skip


def _decide(
    state: LinkageState, tables: Mapping[str, pa.Table], changes: ChangesSinceRun, links: gate.Links
) -> tuple[IncrementalDecision, LinkageState]:
    with without_engine_messages():
        rows = rows_of(tables, state.no_evidence)
    if not state.weights.knows(sorted({*state.sources, *rows["source"].to_pylist()})):
        raise FullRunNeeded("a partner's records are linked for the first time")
    companions = former_companions(changes.records, left_records(), links.pairs)
    concerned = links.together(any_of([changes.records, changes.ruled_upon, companions]))
    with without_engine_messages():
        return update_state(
            state, RecordChanges(rows, changes.records, concerned), links.persons_of, rulings(), names_known()
        )


def _assign(
    decision: IncrementalDecision, changes: ChangesSinceRun, links: gate.Links
) -> tuple[dict[int, int], Assignment]:
    """The links of all concerned records, before and now."""
    numbers = np.unique(np.concatenate([changes.records, *[np.array(g, np.int64) for g in decision.groups]]))
    persons = links.persons_of(numbers)
    linked = persons != numbers
    before = dict(zip(numbers[linked].tolist(), persons[linked].tolist(), strict=True))
    concerned = set(numbers.tolist())
    left = {record: person for record, person in left_records().items() if record in concerned}
    given_out = ages({*before.values(), *left.values()})
    return before, assign(decision.groups, before, left=left, given_out=given_out, draw=draw)


def _links_after(links: gate.Links, before: Mapping[int, int], assignment: Assignment) -> dict[str, Integers]:
    """All links: those of the concerned records as they are now, and the others unchanged."""
    record, person = links.pairs["record"], links.pairs["person"]
    stays = ~np.isin(record, np.array(sorted(before), np.int64))
    new = np.array(sorted(assignment.links), np.int64)
    record = np.concatenate([record[stays], new])
    person = np.concatenate([person[stays], np.array([assignment.links[n] for n in new.tolist()], np.int64)])
    order = np.argsort(record, kind="stable")
    return {"record": record[order], "person": person[order]}
