"""A OneRoster bundle before its rows are read: the zip or folder, its file names, its CSV, and its manifest.

Each fault of a bundle is a finding with a stable code, a place and a sentence, never a value."""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from throughway.core.refusals import Refused
from throughway.intake.oneroster.layout import (
    OneRosterLayout,
    layouts,
)
from throughway.intake.source_files import opened_entry, safe_entries

CODE = "oneroster"

# Codes for which only the row is set aside and the others are loaded. For any other code the whole bundle is refused.
OF_A_ROW = ("row.", "semantic.", "csv.")
ALSO_OF_A_ROW = frozenset({"reference.duplicate_sourced_id", "reference.missing_target_record"})
OF_THE_FILE = frozenset({"csv.invalid_encoding"})


@dataclass(frozen=True)
class OneRosterFinding:
    """One violation of the standard. `row`: the line in the file; the heading is line 1."""

    code: str
    file: str
    row: int | None
    column: str
    message: str

    @property
    def worded(self) -> str:
        """The finding in words, with the standard's code."""
        return f"{self.message} ({self.code})"

    @property
    def of_a_row(self) -> bool:
        """Whether only the row is set aside."""
        if self.code in OF_THE_FILE:
            return False
        return self.code.startswith(OF_A_ROW) or self.code in ALSO_OF_A_ROW


def refusal(name: str, findings: Sequence[OneRosterFinding]) -> Refused:
    """The refusal of the bundle: the first finding in words, followed by all codes."""
    first = findings[0]
    codes = ", ".join(dict.fromkeys(finding.code for finding in findings))
    where = f"{first.file}: " if first.file else ""
    return Refused(f"{name} is not a valid OneRoster bundle: {where}{first.message} ({codes}).", code=CODE)


LONGEST = 1 << 20  # bytes of one line

_CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(,|\Z)')


class CsvFault(Exception):
    """A line that cannot be split into cells, or a file that is not text."""

    def __init__(self, code: str, row: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.row = row
        self.message = message


def lines_of(stream: IO[bytes]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without line ends and BOM; CsvFault (`csv.invalid_encoding`) for a file that is not UTF-8."""
    row = 0
    while raw := stream.readline(LONGEST):
        row += 1
        try:
            line = raw.decode("utf-8-sig" if row == 1 else "utf-8")
        except UnicodeDecodeError:
            raise CsvFault("csv.invalid_encoding", row, "the text is not UTF-8") from None
        if not raw.endswith(b"\n") and len(raw) == LONGEST:
            raise CsvFault("csv.invalid_encoding", row, "a line is longer than any row can be")
        line = line.removesuffix("\n").removesuffix("\r")
        if line:
            yield row, line


def cells_of(line: str, row: int) -> list[str]:
    """The cells of a line; CsvFault for quotes that do not close or are in the middle of a cell."""
    if "\r" in line:
        raise CsvFault("csv.bare_carriage_return", row, "a row contains a carriage return")
    if '"' not in line:
        return line.split(",")
    cells = []
    at = 0
    while True:
        found = _CELL.match(line, at)
        if found is None:
            raise CsvFault("csv.unescaped_quote", row, "a quote is not doubled or not closed")
        quoted, plain, end = found.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        at = found.end()
        if not end:
            return cells


ENTRIES = 64  # of a zip; a bundle has at most 22
PACKED = 512 * 1024**2  # bytes of a bundle
TOTAL = 4 * 1024**3  # of all its files, unpacked

MANIFEST = "manifest.csv"


@dataclass(frozen=True)
class Package:
    """The files of a bundle. `modes`: `bulk` or `delta` for each file that is present."""

    path: Path
    names: frozenset[str]
    layout: OneRosterLayout
    modes: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A file of the bundle by its full name."""
        if self.path.is_dir():
            with (self.path / name).open("rb") as file:
                yield file
            return
        with opened_entry(self.path, name) as file:
            yield file


def open_package(path: Path) -> tuple[Package, list[OneRosterFinding]]:
    """The bundle at a path, and the findings about its file names and its manifest.

    Refused when the path is neither a folder nor a zip that is safe to unpack.
    """
    names = _names(path)
    package = Package(path, frozenset(names), layouts()["1.2"])
    if MANIFEST not in names:
        return package, [_fault("package.missing_manifest", "the manifest is missing")]
    try:
        properties, findings = _manifest(package)
    except CsvFault as fault:
        return package, [_fault(fault.code, fault.message, row=fault.row)]
    if findings:
        return package, findings
    version = properties.get("oneroster.version", "")
    if version not in layouts():
        message = "oneroster.version must be 1.1 or 1.2"
        return package, [_fault("manifest.invalid_value", message, column="oneroster.version")]
    layout = layouts()[version]
    modes = {f: properties.get(f"file.{f}", "absent") for f in layout.files}
    findings = [*_properties(properties, layout), *_presence(names, modes)]
    supplied = {f: mode for f, mode in modes.items() if mode != "absent"}
    return Package(path, frozenset(names), layout, supplied), findings


def _names(path: Path) -> list[str]:
    if path.is_dir():
        return sorted(p.name for p in path.iterdir() if not p.name.startswith("."))
    if not path.is_file():
        raise Refused(f"{path.name} does not exist: give the path of a OneRoster zip or folder.", code=CODE)
    if not zipfile.is_zipfile(path):
        raise Refused(
            f"{path.name} is neither a zip nor a folder: give the OneRoster bundle itself.", code=CODE
        )
    if path.stat().st_size > PACKED:
        raise Refused(f"{path.name} is larger than a bundle can be; send it in parts.", code="too_large")
    entries = safe_entries(path, path.name, code=CODE, most_bytes=TOTAL, most_entries=ENTRIES)
    return sorted(entry.filename for entry in entries)


def _fault(
    code: str, message: str, *, file: str = MANIFEST, row: int | None = None, column: str = ""
) -> OneRosterFinding:
    return OneRosterFinding(code, file, row, column, message)


def _manifest(package: Package) -> tuple[dict[str, str], list[OneRosterFinding]]:
    properties: dict[str, str] = {}
    with package.open(MANIFEST) as stream:
        lines = lines_of(stream)
        _, head = next(lines, (1, ""))
        if head != "propertyName,value":
            return {}, [_fault("manifest.invalid_header", "its heading must be propertyName,value", row=1)]
        findings = []
        for row, line in lines:
            cells = cells_of(line, row)
            if len(cells) != 2:
                message = "each line has a property and its value"
                findings.append(_fault("manifest.invalid_value", message, row=row))
            elif cells[0] in properties:
                findings.append(_fault("manifest.duplicate_property", "a property appears twice", row=row))
            else:
                properties[cells[0]] = cells[1]
    return properties, findings


def _properties(properties: Mapping[str, str], layout: OneRosterLayout) -> Iterator[OneRosterFinding]:
    files = {f"file.{name}" for name in layout.files}
    known = {"manifest.version", "oneroster.version", "source.systemName", "source.systemCode", *files}
    for name, value in properties.items():
        if name not in known:
            yield _fault("manifest.unknown_property", "it has an unknown property")
        elif name in files and value not in ("absent", "bulk", "delta"):
            yield _fault("manifest.invalid_value", "a file must be absent, bulk or delta", column=name)
    if properties.get("manifest.version") != "1.0":
        yield _fault("manifest.invalid_value", "manifest.version must be 1.0", column="manifest.version")
    if layout.version == "1.2":  # exports of 1.1 omit files that they do not have
        for name in sorted(files - properties.keys()):
            yield _fault("manifest.missing_property", f"{name} is missing", column=name)


def _presence(names: Sequence[str], modes: Mapping[str, str]) -> Iterator[OneRosterFinding]:
    for name in names:
        file = name.removesuffix(".csv")
        if name == MANIFEST:
            continue
        if not name.endswith(".csv") or file not in modes:
            yield _fault("package.unknown_file", "it contains a file that is not part of OneRoster", file="")
        elif modes[file] == "absent":
            message = "the manifest says that it is absent, but it is present"
            yield _fault("manifest.file_unexpected", message, file=name)
    for file, mode in modes.items():
        if mode in ("bulk", "delta") and f"{file}.csv" not in names:
            message = "the manifest says that it is present, but it is missing"
            yield _fault("manifest.file_missing", message, file=f"{file}.csv")
