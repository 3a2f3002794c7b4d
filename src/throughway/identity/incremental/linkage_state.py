"""The state of linkage between runs: the standardized records, their blocking keys and likely pairs, and the learned weights.

A full run makes it, and an incremental run updates it. It is stored as one table of binary parts, which the gate seals.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.incremental.learned_weights import Weights, learned_weights
from throughway.identity.linkage.blocking import CROWDED, MOST_IN_CROWDS, MOST_OF_KEY, Hashes, rules, spread
from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers, record_numbers
from throughway.identity.linkage.comparisons import COMPARISONS, Rungs
from throughway.identity.linkage.match_weights import records_in
from throughway.identity.linkage.resolution import Resolved
from throughway.identity.linkage.standardization import NOTHING_FOUND
from throughway.store.record_numbers import NOBODY

# Raised when the comparisons, the stored state or the decision change: a state of another version is not used. A test checks it against
# the code.
MODEL = 14
# A full run is due once more records came or changed than this share of those it learned from; in a small community, than OF_FEW of
# them, up to FEW. Measured on made-up records: of 20,000, five were grouped otherwise than by a full run after a tenth more had come,
# and 81 after a fifth more; of 6,000, none after a fifth more.
MOST_CHANGED, OF_FEW, FEW = 0.1, 0.2, 500
KEPT_ABOVE = -6.0  # bits; a pair below it neither joins two records nor competes with a pair that does
MOST_BYTES = 256 * 1024 * 1024  # of one part
SCHEMA = pa.schema([("part", pa.string()), ("number", pa.int64()), ("content", pa.large_binary())])


@dataclass(frozen=True, eq=False)
class RememberedPairs:
    """Pairs by record numbers (`one` < `other`), with their level on each comparison."""

    one: Integers
    other: Integers
    rungs: Rungs

    def __len__(self) -> int:
        return len(self.one)


@dataclass(frozen=True, eq=False)
class KnownRecords:
    """`rows`: the records as `standardization` prepares them, by rising record number. `keys`: their blocking keys, sorted, with the
    row of each in `places`. `pairs`: the pairs above KEPT_ABOVE."""

    rows: pa.Table
    keys: Hashes
    places: Integers
    pairs: RememberedPairs

    @cached_property
    def numbers(self) -> Integers:
        return record_numbers(self.rows)

    def places_of(self, records: Integers) -> Integers:
        """The rows of those of the records that are known, in the order given."""
        if not len(self.numbers):
            return self.numbers
        at = np.minimum(np.searchsorted(self.numbers, records), len(self.numbers) - 1)
        found: Integers = at[self.numbers[at] == records]
        return found

    def take(self, places: Integers, columns: Sequence[str]) -> pa.Table:
        return self.rows.select(columns).take(pa.array(places))

    def living_at(self, streets: pa.ChunkedArray) -> Integers:
        """The numbers of the records at these addresses, rising."""
        there = pc.is_in(self.rows["street"], pc.drop_null(pc.unique(streets)))
        found: Integers = self.numbers[there.to_numpy(zero_copy_only=False)]
        return found

    def sharing_keys(self, keys: Hashes, owners: Integers) -> tuple[Integers, Integers]:
        """For new rows (`owners` names the row of each key): each owner with each known row that shares a key with it, once.

        A key that too many records share is left out, as in a full run.
        """
        low, high = (np.searchsorted(self.keys, keys, side) for side in ("left", "right"))
        many = high - low
        most = MOST_IN_CROWDS if len(self.numbers) > CROWDED else MOST_OF_KEY
        used = (many > 0) & (many <= most)
        place = self.places[spread(low[used], many[used])]
        width = max(len(self.numbers), 1)
        both = np.unique(np.repeat(owners[used], many[used]) * width + place)
        return both // width, both % width

    def updated(
        self, touched: Integers, rows: pa.Table, keys: Hashes, owners: Integers, pairs: RememberedPairs
    ) -> "KnownRecords":
        """With `rows`, their `keys` (`owners` names the row of each) and `pairs` in place of all that was known of the records `touched`."""
        stays = ~np.isin(self.numbers, touched)
        together = pa.concat_tables([self.rows.filter(pa.array(stays)), rows.cast(self.rows.schema)])
        order = np.argsort(record_numbers(together), kind="stable")
        place = np.argsort(order)
        old = (np.cumsum(stays) - 1)[self.places]
        has_key = stays[self.places]
        all_keys = np.concatenate([self.keys[has_key], keys])
        owner = place[np.concatenate([old[has_key], owners + int(stays.sum())])]
        by_key = np.argsort(all_keys, kind="stable")
        still = ~(np.isin(self.pairs.one, touched) | np.isin(self.pairs.other, touched))
        one, other, rungs = (
            np.concatenate([getattr(self.pairs, name)[still], getattr(pairs, name)])
            for name in ("one", "other", "rungs")
        )
        rising = bool((order == np.arange(len(order))).all())
        return KnownRecords(
            together if rising else together.take(pa.array(order)),
            all_keys[by_key], owner[by_key].astype(np.int64), RememberedPairs(one, other, rungs),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class RememberedGrant:
    """The records that one grant showed; `terms` changes when what it shows of them does."""

    terms: str
    agreement: str
    records: Integers


@dataclass(frozen=True, eq=False)
class LinkageState:
    """`salt`, `rules`: how blocking keys are made. `grants`: the records that each grant showed. `files`, `batches`: those of the store,
    by table and partner, when its rows were read. `rulings`: digests of the rulings in force. `learned_from`: how many records the last
    full run had, and `changed` those that came or changed since. `no_evidence`: values that so many records have that they are no
    evidence (see `standardization`)."""

    known: KnownRecords
    weights: Weights
    salt: int
    rules: Sequence[Sequence[str]]
    grants: Mapping[str, RememberedGrant]
    files: Mapping[str, Sequence[str]]
    batches: Mapping[str, Sequence[str]]
    rulings: Sequence[str]
    learned_from: int
    changed: Integers
    no_evidence: pa.Table

    @property
    def sources(self) -> list[str]:
        return sorted({name for both in self.weights.before for name in both.split("\n")})

    def outgrown_by(self, coming: Integers) -> bool:
        """Whether a full run is due when these records come or change."""
        changed = np.union1d(self.changed, coming)
        return len(changed) > max(MOST_CHANGED * self.learned_from, min(OF_FEW * self.learned_from, FEW))


def state_after(
    resolved: Resolved,
    grants: Mapping[str, RememberedGrant],
    files: Mapping[str, Sequence[str]],
    batches: Mapping[str, Sequence[str]],
    rulings: Sequence[str],
) -> LinkageState:
    """The state after a full run."""
    scored, numbers, rows = resolved.scored, resolved.record, resolved.rows
    likely = resolved.learned.weighed.weight_alone > KEPT_ABOVE
    kept = RememberedPairs(scored.one[likely], scored.other[likely], scored.rungs[likely])
    sources = sorted(set(rows["source"].to_pylist()))
    left, right = np.searchsorted(numbers, scored.one), np.searchsorted(numbers, scored.other)
    weights = learned_weights(
        CandidatePairs(left, right, scored.rungs), resolved.learned, records_in(rows, sources), sources
    )
    return LinkageState(
        KnownRecords(rows, resolved.keys.keys, resolved.keys.rows, kept), weights, resolved.keys.salt, rules(len(numbers)),
        grants, files, batches, rulings, len(numbers), NOBODY, resolved.no_evidence,
    )  # fmt: skip


def version() -> str:
    """The version of the model, and of DuckDB, whose hash function makes the blocking keys."""
    return f"{MODEL} {duckdb.__version__}"


def digest(ruling: object) -> str:
    return hashlib.sha256(repr(ruling).encode()).hexdigest()[:16]


def pack_state(state: LinkageState) -> pa.Table:
    """The state as a table of parts, to be sealed."""
    document = {
        "version": version(), "weights": state.weights.to_json(), "salt": str(state.salt),
        "rules": [list(rule) for rule in state.rules], "learned_from": state.learned_from,
        "files": state.files, "batches": state.batches, "rulings": list(state.rulings),
        "no_evidence": state.no_evidence.to_pylist(),
        "grants": {name: [grant.terms, grant.agreement] for name, grant in state.grants.items()},
    }  # fmt: skip
    known = state.known
    rows = io.BytesIO()
    with pa.ipc.new_stream(rows, known.rows.schema) as writer:
        writer.write_table(known.rows.combine_chunks())
    parts = {
        "document": json.dumps(document).encode(),
        "rows": rows.getvalue(),
        "keys": known.keys.tobytes(),
        "places": known.places.astype(np.int32).tobytes(),
        "one": known.pairs.one.tobytes(),
        "other": known.pairs.other.tobytes(),
        "rungs": known.pairs.rungs.astype(np.int8).tobytes(),
        "changed": state.changed.tobytes(),
        **{f"grant {name}": grant.records.astype(np.int64).tobytes() for name, grant in state.grants.items()},
    }
    pieces = [
        (name, content[at : at + MOST_BYTES])
        for name, content in parts.items()
        for at in range(0, max(len(content), 1), MOST_BYTES)
    ]
    names, contents = [name for name, _ in pieces], [content for _, content in pieces]
    return pa.table([names, list(range(len(pieces))), contents], schema=SCHEMA)


def unpack_state(tables: Sequence[pa.Table]) -> LinkageState | None:
    """The stored state; None if there is none, or if another version of the model wrote it."""
    if len(tables) != 1:  # earlier versions stored a table for each run
        return None
    [table] = tables
    pieces: dict[str, list[memoryview]] = {}
    for row in range(table.num_rows):
        content = memoryview(table["content"][row].as_buffer())
        pieces.setdefault(table["part"][row].as_py(), []).append(content)
    parts = {name: each[0] if len(each) == 1 else b"".join(each) for name, each in pieces.items()}

    def numbers(name: str, kind: type = np.int64) -> Any:
        return np.frombuffer(parts[name], dtype=kind)

    if "document" not in parts:
        return None
    held = json.loads(bytes(parts["document"]))
    if held.get("version") != version():
        return None
    one = numbers("one")
    return LinkageState(
        KnownRecords(
            pa.ipc.open_stream(pa.py_buffer(parts["rows"])).read_all(),
            numbers("keys", np.uint64),
            numbers("places", np.int32).astype(np.int64),
            RememberedPairs(
                one, numbers("other"), numbers("rungs", np.int8).reshape(len(one), len(COMPARISONS))
            ),
        ),
        Weights.of_json(held["weights"]),
        int(held["salt"]),
        held["rules"],
        {
            name: RememberedGrant(terms, agreement, numbers(f"grant {name}"))
            for name, (terms, agreement) in held["grants"].items()
        },
        held["files"],
        held["batches"],
        held["rulings"],
        held["learned_from"],
        numbers("changed"),
        pa.Table.from_pylist(held["no_evidence"], NOTHING_FOUND.schema),
    )
