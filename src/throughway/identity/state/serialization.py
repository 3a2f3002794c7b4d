"""The index as parts of bytes, as they are sealed, and back."""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from throughway.identity.linkage.comparisons import COMPARISONS
from throughway.identity.state.index import Layer, RememberedPairs

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
