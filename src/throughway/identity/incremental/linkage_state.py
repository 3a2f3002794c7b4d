"""All that linkage keeps between its runs, how it is stored, and whether a run may build on it."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from throughway.identity.incremental.index import Layer, LinkageIndex, RememberedPairs
from throughway.identity.incremental.learned_weights import Weights
from throughway.identity.linkage.candidate_pairs import Integers
from throughway.identity.linkage.comparisons import COMPARISONS
from throughway.identity.linkage.standardization import NOTHING_FOUND
from throughway.store.record_numbers import less

MODEL = 9  # raised whenever what is compared, kept or decided changes, so that all is compared anew; a test holds it
# Records that may come or change, at once or day by day, before all are compared anew: a share of those that a full run learned from,
# and in a small community more. Of 20,000 made-up records five stood with others than by a full run once a tenth more had come, and 81
# once a fifth more had; of 6,000 none once a fifth had.
MOST_CHANGED, OF_FEW, FEW = 0.1, 0.2, 500
LAYERS = 32  # layers beyond which all are compared anew: each is looked through for whatever is asked


@dataclass(frozen=True, eq=False)
class RememberedGrant:
    """Whom one grant showed: `terms` is the same while it shows the same of them."""

    terms: str
    agreement: str
    records: Integers


@dataclass(frozen=True, eq=False)
class LinkageState:
    """`salt`, `rules`: how keys are made. `grants`: whom each grant showed. `files`, `batches`: of the store, by table and
    partner, when its rows were read. `rulings`: marks of what people had ruled. `learned_from`: so many records. `no_evidence`: values
    that so many records have that they say nothing (see `standardization`)."""

    index: LinkageIndex
    weights: Weights
    salt: int
    rules: Sequence[Sequence[str]]
    grants: Mapping[str, RememberedGrant]
    files: Mapping[str, Sequence[str]]
    batches: Mapping[str, Sequence[str]]
    rulings: Sequence[str]
    learned_from: int
    no_evidence: pa.Table

    @property
    def sources(self) -> list[str]:
        return sorted({name for both in self.weights.before for name in both.split("\n")})

    def outgrown(self, coming: Integers) -> str:
        """Why all records must be compared anew when these come or change; empty where they need not be."""
        layers = self.index.layers
        moved = np.unique(np.concatenate([coming, *(layer.gone for layer in layers[1:])]))
        learned = max(self.learned_from, 1)
        if len(moved) > max(MOST_CHANGED * learned, min(OF_FEW * learned, FEW)):
            return "many records came or changed since the last full run"
        return "many small runs came since the last full one" if len(layers) > LAYERS else ""


def version() -> str:
    """A mark of the model, and of the engine that makes keys: another one, and nothing that was kept is used."""
    return f"{MODEL} {duckdb.__version__}"


def base(known: LinkageState) -> pa.Table:
    """The whole, to be sealed; of one layer."""
    told = {
        "version": version(), "weights": known.weights.to_json(), "salt": str(known.salt),
        "rules": [list(rule) for rule in known.rules], "learned_from": known.learned_from, **_told(known),
        "no_evidence": known.no_evidence.to_pylist(),
        "grants": {name: [grant.terms, grant.agreement] for name, grant in known.grants.items()},
    }  # fmt: skip
    sets = {f"grant {name}": grant.records for name, grant in known.grants.items()}
    return packed(told, known.index.layers[0], sets)


def layer(known: LinkageState, before: LinkageState) -> pa.Table:
    """What the last layer adds to what was kept before, to be sealed beside it."""
    sets = {}
    for name, grant in known.grants.items():
        was = before.grants[name].records
        if not np.array_equal(was, grant.records):
            sets[f"more {name}"] = less(grant.records, was)
            sets[f"less {name}"] = less(was, grant.records)
    return packed({"version": version(), **_told(known)}, known.index.layers[-1], sets)


def _told(known: LinkageState) -> dict[str, Any]:
    return {"files": known.files, "batches": known.batches, "rulings": list(known.rulings)}


def unpack_state(tables: Sequence[pa.Table]) -> LinkageState | None:
    """What was kept, from the whole and its layers; None where there is none, or of another version of the model."""
    if not tables:
        return None
    told, first, sets = unpacked(tables[0])
    if told.get("version") != version() or "weights" not in told:
        return None
    layers: list[Layer] = [first]
    records = {name: sets[f"grant {name}"] for name in told["grants"]}
    latest = told
    for table in tables[1:]:
        latest, more, changed = unpacked(table)
        if latest.get("version") != version() or "weights" in latest:
            return None
        layers.append(more)
        for name in records:
            if f"more {name}" in changed:
                stays = less(records[name], changed[f"less {name}"])
                records[name] = np.union1d(stays, changed[f"more {name}"])
    return LinkageState(
        LinkageIndex(layers),
        Weights.of_json(told["weights"]),
        int(told["salt"]),
        told["rules"],
        {name: RememberedGrant(terms, of, records[name]) for name, (terms, of) in told["grants"].items()},
        latest["files"],
        latest["batches"],
        latest["rulings"],
        told["learned_from"],
        pa.Table.from_pylist(told["no_evidence"], NOTHING_FOUND.schema),
    )


def mark(ruling: object) -> str:
    return hashlib.sha256(repr(ruling).encode()).hexdigest()[:16]


MOST = 256 * 1024 * 1024  # bytes of one part
SCHEMA = pa.schema([("part", pa.string()), ("number", pa.int64()), ("content", pa.large_binary())])


def packed(told: Mapping[str, Any], layer: Layer, sets: Mapping[str, np.ndarray]) -> pa.Table:
    """A layer with what is told of it (JSON) and named sets of numbers, as a table of parts."""
    parts = [
        ("told", json.dumps(told).encode()),
        ("rows", _ipc(layer.rows)),
        ("keys", layer.keys.tobytes()),
        ("places", layer.places.astype(np.int32).tobytes()),
        ("one", layer.pairs.one.tobytes()),
        ("other", layer.pairs.other.tobytes()),
        ("rungs", layer.pairs.rungs.astype(np.int8).tobytes()),
        ("gone", layer.gone.tobytes()),
        *((f"set {name}", numbers.astype(np.int64).tobytes()) for name, numbers in sets.items()),
    ]
    cut = [(name, piece) for name, content in parts for piece in _pieces(content)]
    return pa.table(
        [[name for name, _ in cut], list(range(len(cut))), [piece for _, piece in cut]], schema=SCHEMA
    )


def unpacked(table: pa.Table) -> tuple[dict[str, Any], Layer, dict[str, Any]]:
    """What `packed` was given; ValueError or KeyError where it is no such table."""
    parts: dict[str, list[memoryview]] = {}
    for row in range(table.num_rows):
        buffer = table["content"][row].as_buffer()
        parts.setdefault(table["part"][row].as_py(), []).append(memoryview(buffer))
    whole = {name: pieces[0] if len(pieces) == 1 else b"".join(pieces) for name, pieces in parts.items()}

    def numbers(name: str, kind: type = np.int64) -> Any:
        return np.frombuffer(whole[name], dtype=kind)

    one = numbers("one")
    rungs = numbers("rungs", np.int8).reshape(len(one), len(COMPARISONS))
    layer = Layer(
        pa.ipc.open_stream(pa.py_buffer(whole["rows"])).read_all(),
        numbers("keys", np.uint64),
        numbers("places", np.int32).astype(np.int64),
        RememberedPairs(one, numbers("other"), rungs),
        numbers("gone"),
    )
    sets = {name.removeprefix("set "): numbers(name) for name in whole if name.startswith("set ")}
    return json.loads(bytes(whole["told"])), layer, sets


def _ipc(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows.combine_chunks())
    return sink.getvalue()


def _pieces(content: bytes) -> Iterator[bytes]:
    for at in range(0, max(len(content), 1), MOST):
        yield content[at : at + MOST]
