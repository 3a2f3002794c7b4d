"""What `<ContactReference ref="..."/>` points to: another record of the same file, before it or after it.

Most files have no pointers and are read once. One that has some is read once more before, and the identities of its
records are kept in a file of their own, so that a large interchange does not fill the memory.
"""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from throughway.intake.edfi.interchange import records
from throughway.intake.edfi.map import edfi_map
from throughway.intake.edfi.records import Resolve, identity, of_element
from throughway.intake.source_files import SourceFile

_BLOCK = 1 << 20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Pointers:
    """The identities behind the `id`s of one file; to be used as a context."""

    def __init__(self, file: SourceFile, folder: Path) -> None:
        self._file = file
        self._path = folder / "pointers.db"
        self._index: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        if _has_pointers(self._file):
            self._path.unlink(missing_ok=True)
            self._index = sqlite3.connect(self._path)
            self._index.execute("PRAGMA journal_mode = OFF")
            self._index.execute("PRAGMA synchronous = OFF")
            self._index.execute("CREATE TABLE known (id TEXT PRIMARY KEY, identity TEXT) WITHOUT ROWID")
            self._index.executemany("INSERT OR IGNORE INTO known VALUES (?, ?)", _identities(self._file))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._index is not None:
            self._index.close()
            self._path.unlink(missing_ok=True)

    @property
    def resolve(self) -> Resolve | None:
        """What gives the identity behind an `id`; None where the file points to nothing."""
        return None if self._index is None else self._identity

    def _identity(self, pointer: str) -> Mapping[str, str]:
        """Empty where no record of the file has that `id`."""
        assert self._index is not None
        found = self._index.execute("SELECT identity FROM known WHERE id = ?", (pointer,)).fetchone()
        return dict(json.loads(found[0])) if found else {}


def _has_pointers(file: SourceFile) -> bool:
    with file.open() as stream:
        tail = b""
        while block := stream.read(_BLOCK):
            if not tail and block.startswith(_UTF16):
                return True
            if b' ref="' in tail + block or b" ref='" in tail + block:
                return True
            tail = block[-8:]
    return False


def _identities(file: SourceFile) -> Any:
    names = edfi_map().identities
    for element in records(file):
        if (given := element.get("id")) is not None:
            record = of_element(element, None)
            yield given, json.dumps(identity(record, names))
