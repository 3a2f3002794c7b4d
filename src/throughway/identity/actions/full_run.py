"""A full run: every record that linkage may see is compared anew, and what was learned is kept for later runs."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from throughway.gate import actions as gate
from throughway.identity.actions.granted_records import read_granted
from throughway.identity.actions.review_pairs import keep_doubts
from throughway.identity.actions.run_record import (
    LinkageRunReport,
    draw,
    land_links,
    links_in_force,
    write_run,
)
from throughway.identity.actions.state_loading import compared, marks, shown
from throughway.identity.incremental import linkage_state
from throughway.identity.incremental.index import KEPT_ABOVE, Layer, LinkageIndex, RememberedPairs
from throughway.identity.incremental.learned_weights import learned
from throughway.identity.incremental.linkage_state import LinkageState
from throughway.identity.linkage.blocking import Keyed, keys_of, rules
from throughway.identity.linkage.candidate_pairs import CandidatePairs, compare
from throughway.identity.linkage.match_weights import records_in
from throughway.identity.linkage.resolution import Find, Resolved, resolve
from throughway.identity.linkage.standardization import NOTHING_FOUND
from throughway.identity.person_ids import PersonEventKind, assign
from throughway.identity.selectors import labels, left_records, persons_given_out, rulings
from throughway.partners import Actor
from throughway.store.record_numbers import NOBODY

Tell = Callable[[str, float], None]


@dataclass
class _EngineRecords:
    """What a full run's engine held of the records."""

    rows: pa.Table = field(default_factory=lambda: pa.table({}))
    no_evidence: pa.Table = field(default_factory=lambda: NOTHING_FOUND)
    layer: tuple[Any, Any] = (None, None)
    salt: int = field(default_factory=lambda: secrets.randbits(63))
    rules: Sequence[Sequence[str]] = ()

    def __call__(self, engine: duckdb.DuckDBPyConnection) -> None:
        self.rows = engine.execute("select * from comparable order by unique_id").to_arrow_table()
        self.no_evidence = engine.execute("select * from no_evidence order by all").to_arrow_table()
        self.rules = rules(self.rows.num_rows)
        self.layer = keys_of(engine, "comparable", self.salt, self.rules)

    def find(self, engine: duckdb.DuckDBPyConnection, records: int) -> CandidatePairs:
        """The pairs, by the keys that were made already."""
        return compare(engine, records, Keyed(self.salt, *self.layer))


def link_all_records(
    accesses: Sequence[gate.GovernedAccess], *, why: str, find: Find, by: Actor, tell: Tell, started: float
) -> LinkageRunReport:
    """Compares all records with all, and puts what it found in force."""
    since, grants, ruled = gate.landed_since(compared(accesses), {}, {}), shown(accesses), marks()
    tables, disclosures = read_granted(accesses)
    tell(f"comparing {len(tables['person']):,} records", 0.2)
    together, apart = rulings()
    seen = _EngineRecords()
    find = seen.find if find is compare else find
    resolved = resolve(tables, together=together, apart=apart, labels=labels(), keep=seen, find=find)
    tell("giving persons their ids", 0.8)
    current = links_in_force()
    assignment = assign(
        _groups(resolved), current, left=left_records(), given_out=persons_given_out(), draw=draw
    )
    linked = LinkageRunReport(
        records=len(assignment.links),
        persons=len(set(assignment.links.values())),
        new_persons=len(assignment.new),
        merged=assignment.count(PersonEventKind.MERGED),
        split=assignment.count(PersonEventKind.SPLIT),
        for_review=0,
        seconds=round(time.monotonic() - started, 3),
        compared=len(assignment.links),
        decided=len(assignment.links),
        why_full=why,
        taught=str(resolved.learned.taught),
        noticed=resolved.noticed,
    )

    def write() -> None:
        nonlocal linked
        run = write_run(linked, assignment, full=True, disclosures=disclosures, shares=resolved.shares, by=by)
        waiting = keep_doubts(
            resolved.scored, resolved.review, assignment.links, _partners(tables["person"]), run
        )
        linked = replace(linked, for_review=waiting)

    known = _known(seen, resolved, grants, since, list(ruled))
    land_links(
        None if assignment.links == current else assignment.links,
        linkage_state.base(known), {grant.agreement for grant in grants.values()}, replacing=True, by=by, within=write,
    )  # fmt: skip
    return linked


def _known(
    seen: _EngineRecords,
    resolved: Resolved,
    grants: Mapping[str, linkage_state.RememberedGrant],
    since: gate.LandedChanges,
    ruled: Sequence[str],
) -> LinkageState:
    scored, numbers = resolved.scored, resolved.record
    weighed = resolved.learned.weighed
    told = (weighed.weight if weighed.alone is None else weighed.alone) > KEPT_ABOVE
    names = sorted(set(seen.rows["source"].to_pylist()))
    pairs = CandidatePairs(
        np.searchsorted(numbers, scored.one), np.searchsorted(numbers, scored.other), scored.rungs
    )
    kept = RememberedPairs(scored.one[told], scored.other[told], scored.rungs[told])
    keys, places = seen.layer
    return LinkageState(
        LinkageIndex([Layer(seen.rows, keys, places, kept, NOBODY)]),
        learned(pairs, resolved.learned, records_in(seen.rows, names), names),
        seen.salt, seen.rules, grants, since.files, since.batches, ruled, len(numbers), seen.no_evidence,
    )  # fmt: skip


def _partners(people: pa.Table) -> dict[int, str]:
    """Whose each record is."""
    return dict(zip(people["person_record"].to_pylist(), people["partner"].to_pylist(), strict=True))


def _groups(resolved: Resolved) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for record, person in zip(resolved.record.tolist(), resolved.person.tolist(), strict=True):
        groups.setdefault(person, []).append(record)
    return list(groups.values())
