"""Reads Ed-Fi XML: interchanges of any Data Standard, as a stream, without DTDs, entities or the network.

Names are matched without their namespace, which only shows the version (`http://ed-fi.org/5.2.0`).
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lxml import etree

from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi.map import edfi_map
from throughway.intake.edfi.records import Resolve, identity, local_name, of_element
from throughway.intake.edfi.rows import EdFiRows
from throughway.intake.source_files import SourceFile, source_files
from throughway.intake.staging import StagedTables

CODE = "edfi_xml"

BLOCK = 1 << 16
NAMESPACE = re.compile(r"https?://(www\.)?ed-fi\.org(/|$)", re.IGNORECASE)

# No entities, no DTD, no network, and the parser's own limits on size and depth.
SAFE: Any = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def records(file: SourceFile) -> Iterator[Any]:
    """An interchange's records, each complete, and released when the next is requested.

    The parser is fed block by block, and complete children of the root are removed: no event for each of the many small elements.
    """
    parser = etree.XMLPullParser(events=("start",), tag=root_tag(file), **SAFE)
    with file.open() as stream:
        root = None
        try:
            while block := stream.read(BLOCK):
                parser.feed(block)
                if root is None:
                    root = next((element for _, element in parser.read_events()), None)
                if root is not None:
                    yield from _taken(root, keep=1)
            parser.close()
        except etree.XMLSyntaxError as error:
            raise _broken(file, error) from None
    yield from _taken(root, keep=0)


def _taken(root: Any, *, keep: int) -> Iterator[Any]:
    """Removes the root's children except the last `keep`, which may be incomplete."""
    while len(root) > keep:
        element = root[0]
        yield element
        del root[0]


def root_tag(file: SourceFile) -> str:
    """The tag of an interchange's root; Refused where the file is not one."""
    with file.open() as stream:
        try:
            _, root = next(iter(etree.iterparse(stream, events=("start",), **SAFE)))
        except (etree.XMLSyntaxError, StopIteration) as error:
            raise _broken(file, error) from None
        if root.getroottree().docinfo.doctype:
            raise Refused(
                f"{file.name} declares a document type (DTD), which Ed-Fi files do not have; export it without one.",
                code=CODE,
            )
        tag = str(root.tag)
    # A prefix that is declared nowhere stays in the name, which is then no name.
    namespace, name = (
        (None, "")
        if ":" in tag.rpartition("}")[2]
        else (etree.QName(tag).namespace, etree.QName(tag).localname)
    )
    if namespace and not NAMESPACE.match(namespace):
        raise Refused(
            f"{file.name} is XML but not an Ed-Fi interchange: its namespace is not one of Ed-Fi's "
            f"(http://ed-fi.org/...); give"
            " the files that the system exported.",
            code=CODE,
        )
    if not name.startswith("Interchange"):
        raise Refused(
            f"{file.name} is XML but not an Ed-Fi interchange: its first element is not called "
            f"Interchange...; "
            "give the files that the system exported.",
            code=CODE,
        )
    return tag


def _broken(file: SourceFile, error: Exception) -> Refused:
    line = getattr(error, "lineno", None)
    where = f" (line {line})" if line else ""
    return Refused(
        f"{file.name} is not well-formed XML{where}: it is another kind of file or was cut off; export it again.",
        code=CODE,
    )


_BLOCK = 1 << 20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Pointers:
    """The identities behind the `id`s of one file; a context manager."""

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
        """A function that returns the identity for an `id`; None where the file has no references."""
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


def read(
    path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
) -> StagedTables:
    """Stages a file, folder or zip of interchanges; Refused, and nothing staged, where one is invalid."""
    found, others = source_files(path, (".xml",), code=CODE, what="Ed-Fi XML file (.xml)")
    versions = {
        etree.QName(root_tag(file)).namespace or "" for file in found
    }  # every file, before anything is read
    rows = EdFiRows(into, crosswalk)
    for file in found:
        with Pointers(file, into) as pointers:
            for number, element in enumerate(records(file), start=1):
                name = local_name(element.tag)
                record = of_element(element, pointers.resolve)
                rows.take(name, record, file=file.name, row=number, title=element.tag.rpartition("}")[2])
    rows.log.not_read(others, "this file is not Ed-Fi XML and was not read")
    known = sorted(filter(None, (namespace.rpartition("/")[2] for namespace in versions)))
    return rows.staged(f"Ed-Fi XML {', '.join(known)}".strip())
