"""A community whose records come, change, leave and are ruled upon, run by run, without a store: what linkage keeps, and who is who.

The runs are the product's own, over rows in memory, so that many days pass in a second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from throughway.identity.incremental.incremental_decision import (
    IncrementalDecision,
    RecordChanges,
    former_companions,
    update_state,
)
from throughway.identity.incremental.linkage_state import LinkageState, state_after
from throughway.identity.linkage.candidate_pairs import compare
from throughway.identity.linkage.clustering import Rulings, decide
from throughway.identity.linkage.match_weights import records_in
from throughway.identity.linkage.names_alone import NamesAlone, NameSample, Two, name_pairs
from throughway.identity.linkage.own_numbers import own_numbers
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.identity.linkage.resolution import Resolved, resolve
from throughway.identity.linkage.standardization import connection
from throughway.identity.person_ids import LOWEST, Assignment, assign
from throughway.identity.review.verdicts import Settled, rulings_in_force
from throughway.store.links import Links

Tables = Mapping[str, pa.Table]
Partition = dict[int, frozenset[int]]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Community:
    """`tables`: every record as it would be seen now. `seen`: those that may be seen. `hidden`: those that are stored and linkage may not see.
    `samples`: what people found of names alone."""

    tables: Tables
    seen: set[int]
    state: LinkageState = field(init=False)
    links: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    given_out: list[int] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    made: Assignment = field(default_factory=lambda: Assignment({}))
    near: IncrementalDecision | None = None
    hidden: set[int] = field(default_factory=set)
    samples: Mapping[Two, NameSample] = field(default_factory=dict)

    def names(self) -> NamesAlone:
        """What is known of the rule of names alone."""
        held: dict[str, list[int]] = {}
        for row in self.tables["person"].select(["person_record", "partner"]).to_pylist():
            if row["person_record"] in self.seen | self.hidden:
                held.setdefault(row["partner"], []).append(row["person_record"])
        return NamesAlone({p: np.array(sorted(n), np.int64) for p, n in held.items()}, self.samples)

    def rows(self, records: Sequence[int] | set[int]) -> dict[str, pa.Table]:
        wanted = list(records)
        return {
            name: t.filter(np.isin(np.asarray(t["person_record"]), wanted)) for name, t in self.tables.items()
        }

    def whole(self, labels: Sequence[tuple[int, int, bool]] = ()) -> Resolved:
        """A full run."""
        rulings = rulings_in_force(self.settled, ())
        found = resolve(
            self.rows(self.seen), together=rulings.together, apart=rulings.apart, labels=labels, salt=11,
            names=self.names(),
        )  # fmt: skip
        self.state = state_after(found, {}, {}, {}, [])
        groups: dict[int, list[int]] = {}
        for record, person in zip(found.record.tolist(), found.person.tolist(), strict=True):
            groups.setdefault(person, []).append(record)
        self._put(list(groups.values()), set(self.links))
        return found

    def correct(self, record: int, **said: object) -> None:
        """Its partner sends the record with other values in the table `person`."""
        rows = self.tables["person"].to_pylist()
        rows = [row | said if row["person_record"] == record else row for row in rows]
        self.tables = {**self.tables, "person": pa.Table.from_pylist(rows, self.tables["person"].schema)}

    def say(self, one: int, other: int, *, same: bool) -> None:
        """Readers settle a pair."""
        at = BEGIN + timedelta(minutes=len(self.settled))
        self.settled.append(Settled(min(one, other), max(one, other), same, at))

    def run(self, came: Sequence[int] = (), went: Sequence[int] = (), stirred: Sequence[int] = ()) -> None:
        """A run over the records that came or changed, that left, and about whom readers spoke."""
        self.seen = (self.seen | set(came)) - set(went)
        touched = np.array(sorted({*came, *went}), dtype=np.int64)
        rulings, held = rulings_in_force(self.settled, ()), self.held()
        beside = {*came, *went, *stirred, *former_companions(touched, self.left, held.pairs).tolist()}
        came_so = RecordChanges(
            rows_of(self.rows(came), self.state.no_evidence),
            touched,
            held.together(np.array(sorted(beside), dtype=np.int64)),
        )
        self.near, self.state = update_state(
            self.state, came_so, held.persons_of, (rulings.together, rulings.apart), self.names()
        )
        self._put(self.near.groups, {n for group in self.near.groups for n in group} | set(touched.tolist()))

    def held(self) -> Links:
        record = np.array(sorted(self.links), dtype=np.int64)
        return Links(record, np.array([self.links[n] for n in record.tolist()], dtype=np.int64))

    def _put(self, groups: Sequence[Sequence[int]], concerned: set[int]) -> None:
        before = {n: p for n, p in self.links.items() if n in concerned}
        first = max(self.given_out, default=LOWEST)
        draws = iter(range(first + 1, first + 1_000_000))
        left = {n: p for n, p in self.left.items() if n in concerned}
        self.made = assign(groups, before, left=left, given_out=self.given_out, draw=draws.__next__)
        self.left |= {n: p for n, p in before.items() if n not in self.made.links}
        self.links = {n: p for n, p in self.links.items() if n not in concerned} | dict(self.made.links)
        self.left = {n: p for n, p in self.left.items() if n not in self.links}
        self.given_out += self.made.new

    @property
    def persons(self) -> Partition:
        return partition(self.links)

    def with_the_same_weights(self) -> Partition:
        """Who is who when all that is known is compared anew, with the weights of the last full run."""
        rows, weights = self.state.known.rows, self.state.weights
        number = rows["person_record"].to_numpy().astype(np.int64)
        at = rows.schema.get_field_index("unique_id")
        with connection() as engine:
            numbered = rows.set_column(at, "unique_id", pa.array(np.arange(rows.num_rows), pa.int64()))
            engine.register("numbered", numbered)
            engine.execute("create table comparable as select * from numbered")
            pairs = compare(engine, rows.num_rows)
        sources = sorted({*self.state.sources, *rows["source"].to_pylist()})
        records = records_in(rows, sources)
        place = {n: row for row, n in enumerate(number.tolist())}
        rulings = rulings_in_force(self.settled, ())
        here = Rulings(
            [[place[n] for n in together if n in place] for together in rulings.together],
            [{place[n]: side for n, side in apart.items() if n in place} for apart in rulings.apart],
        )
        weighed = weights.weigh(pairs, records, sources)
        numbers = own_numbers(rows, weights.lists)
        by_name = name_pairs(rows, self.names())
        found = decide(pairs, weighed, records.source, here, weights.doubles(sources), numbers, by_name)
        return partition(dict(zip(number.tolist(), found.person.tolist(), strict=True)))

    def afresh(self) -> Partition:
        """Who is who by a full run over the records that may be seen now."""
        other = replace(self, links={}, left={}, given_out=[], settled=list(self.settled))
        other.whole()
        return other.persons


def partition(links: Mapping[int, int]) -> Partition:
    """The records of each record's person."""
    of: dict[int, set[int]] = {}
    for record, person in links.items():
        of.setdefault(person, set()).add(record)
    return {record: frozenset(held) for held in of.values() for record in held}


def differ(one: Partition, other: Partition) -> int:
    """How many records stand with others in the one than in the other."""
    assert one.keys() == other.keys()
    return sum(one[record] != other[record] for record in other)
