"""An answer that was counted and is released to nobody yet: what of it may be shown, and all that must be decided once more before it is.

Pure: whose rows a grant shows now is an argument (`RowScope`).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, fields, is_dataclass
from hashlib import sha256
from typing import Any, cast

import numpy as np
import pyarrow as pa

from throughway.agreements.grant import Grant
from throughway.gate.row_scope import RowScope
from throughway.store.record_numbers import NOBODY, Numbers, distinct, less

ABOUT = b"about"  # the place of all else in the file of the answer


@dataclass(frozen=True, eq=False)
class HeldAnswer:
    """`answer`: the rows and columns that may be shown, of `rows` and `width` in all. `shows`: by the digest of each grant that was used, the
    record numbers that it could show; `seen`: the same by table and discloser; `linked`: disclosers whose links were seen."""

    answer: pa.Table
    rows: int
    width: int
    elements: tuple[str, ...]
    notes: tuple[str, ...]
    shows: Mapping[str, Numbers]
    seen: Mapping[tuple[str, str], Numbers]
    linked: frozenset[str]

    @property
    def students(self) -> Numbers:
        return distinct(np.concatenate([NOBODY, *self.seen.values()]))

    def stands(self, used: Sequence[Grant], linked: frozenset[str], scope: RowScope) -> bool:
        """Whether all that it shows is still open. `used`: of the reader's grants now, those of `shows`."""
        return (
            {digest(grant) for grant in used} == self.shows.keys()
            and self.linked <= linked
            and not any(
                len(less(numbers, scope.allowed(grant, numbers)))
                for grant in used
                for numbers in (self.shows[digest(grant)],)
            )
        )

    def to_bytes(self) -> bytes:
        about = {
            "rows": self.rows,
            "width": self.width,
            "elements": self.elements,
            "notes": self.notes,
            "shows": {key: _text(numbers) for key, numbers in self.shows.items()},
            "seen": [[*at, _text(numbers)] for at, numbers in self.seen.items()],
            "linked": sorted(self.linked),
        }
        table = self.answer.replace_schema_metadata({ABOUT: json.dumps(about).encode()})
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as file:
            file.write_table(table)
        return cast(bytes, sink.getvalue().to_pybytes())

    @classmethod
    def from_bytes(cls, content: bytes) -> "HeldAnswer":
        table = pa.ipc.open_file(pa.py_buffer(content)).read_all()
        about = json.loads(table.schema.metadata[ABOUT])
        return cls(
            answer=table.replace_schema_metadata(None),
            rows=about["rows"],
            width=about["width"],
            elements=tuple(about["elements"]),
            notes=tuple(about["notes"]),
            shows={key: _numbers(text) for key, text in about["shows"].items()},
            seen={(table, discloser): _numbers(text) for table, discloser, text in about["seen"]},
            linked=frozenset(about["linked"]),
        )


def digest(grant: Grant) -> str:
    """The same for equal grants in every process, unlike `content_key`: sets have no order of their own."""
    return sha256(repr(_ordered(grant)).encode()).hexdigest()


def _ordered(value: Any) -> object:
    if is_dataclass(value):
        return type(value).__name__, [_ordered(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, Mapping):
        return sorted((repr(_ordered(key)), repr(_ordered(each))) for key, each in value.items())
    if isinstance(value, Set):
        return sorted(repr(_ordered(each)) for each in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_ordered(each) for each in value]
    return value


def _text(numbers: Numbers) -> str:
    return b64encode(numbers.astype("<i8").tobytes()).decode()


def _numbers(text: str) -> Numbers:
    return np.frombuffer(b64decode(text), dtype="<i8").astype(np.int64)
