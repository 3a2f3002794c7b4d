"""File formats of partners, each with its reader, and their file endings.

The command line, the site, uploads and crosswalks offer this list.
"""

import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from throughway.core.refusals import Refused

if TYPE_CHECKING:
    from throughway.intake.crosswalk import Crosswalk
    from throughway.intake.staging import StagedTables

LARGEST_UPLOAD = 200 * 1024 * 1024  # bytes
START = 4096  # bytes at the start of a file by which its kind is recognized
ZIPPED = b"PK\x03\x04"


class FormatReader(Protocol):
    """Reads a file, zip or folder into staged text; Refused when it is not of the format."""

    def __call__(
        self, path: Path, *, into: Path, partner: str, crosswalk: "Crosswalk | None", school_year: int | None
    ) -> "StagedTables": ...


@dataclass(frozen=True)
class Format:
    """`title`: its name for people. `kinds`: its file endings. `reads`: the module and function of its reader, imported on first use,
    so that the command line starts quickly; "" where it holds no student data and another room reads it. `by_crosswalk`: its columns have no fixed meaning."""

    title: str
    kinds: tuple[str, ...]
    reads: str
    by_crosswalk: bool = False


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "csv": Format("Spreadsheet saved as CSV", (".csv", ".zip"), "tabular.read_csv", by_crosswalk=True),
        "xlsx": Format("Excel workbook", (".xlsx", ".zip"), "tabular.read_xlsx", by_crosswalk=True),
        "oneroster": Format("OneRoster package (zip)", (".zip",), "oneroster.reader.read"),
        "edfi-xml": Format("Ed-Fi XML", (".xml", ".zip"), "edfi.xml.read"),
        "edfi-jsonl": Format("Ed-Fi JSON lines", (".jsonl", ".zip"), "edfi.jsonl.read"),
        "hsds": Format("Directory of services (HSDS)", (".zip", ".json"), ""),
        "hmis": Format("Homeless services (HMIS CSV)", (".zip",), "hmis.read"),
        "nsc": Format(
            "StudentTracker report of the National Student Clearinghouse", (".csv", ".zip"), "nsc.read"
        ),
    }
)
READABLE = {name: format for name, format in FORMATS.items() if format.reads}
DIRECTORY = "hsds"  # holds supports and no student data: the directory of supports reads it (`supports.actions.load_directory`)
BY_CROSSWALK = frozenset(name for name, format in FORMATS.items() if format.by_crosswalk)


def reader_of(format: str) -> FormatReader:
    """The reader of a format; Refused for an unknown format, and for the directory of services."""
    if format not in FORMATS:
        raise Refused(f"{format} is not a file format; choose {', '.join(READABLE)}.", code="format")
    if format == DIRECTORY:
        raise Refused(
            "A directory of services holds no student records; load it with `throughway load … --format hsds`.",
            code="format",
        )
    module, _, function = READABLE[format].reads.rpartition(".")
    return cast(FormatReader, getattr(import_module(f"throughway.intake.{module}"), function))


def _is_zip(start: bytes) -> bool:
    return start.startswith(ZIPPED)


def _text_begins(signs: tuple[str, ...], *, wanted: bool) -> Callable[[bytes], bool]:
    """A check whether a file is a text that begins with one of the signs or, where they are not wanted, with none of them."""

    def check(start: bytes) -> bool:
        text = _text(start)
        return text is not None and text.startswith(signs) is wanted

    return check


def _text(start: bytes) -> str | None:
    """The beginning of a text in one of the usual encodings; None when it is not text."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "replace").lstrip("\ufeff \t\r\n")
    if b"\x00" in start or _is_zip(start):
        return None
    return start.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")


# By file ending, whether the first bytes match.
FILE_KINDS: Mapping[str, Callable[[bytes], bool]] = MappingProxyType(
    {
        ".csv": _text_begins(("%PDF", "<!DOCTYPE", "<html", "{\\rtf"), wanted=False),
        ".xlsx": _is_zip,
        ".zip": _is_zip,
        ".xml": _text_begins(("<",), wanted=True),
        ".jsonl": _text_begins(("{", "["), wanted=True),
    }
)


def check_kind(name: str, format: str, size: int, start: bytes) -> None:
    """Refused, in one sentence, when the file is empty, too large, of another kind, or does not match its ending.

    `start`: the first bytes of the file, START at most.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in FILE_KINDS:
        raise Refused(
            f"A file of this kind cannot be loaded; send a {endings(FILE_KINDS)} file.", code="wrong_kind"
        )
    wanted = READABLE[format]
    if suffix not in wanted.kinds:
        raise Refused(
            f"A {suffix} file cannot hold {wanted.title}; choose the format that fits, or send a {endings(wanted.kinds)} file.",
            code="wrong_kind",
        )
    if size == 0:
        raise Refused("The file is empty; export it again.", code="empty")
    if size > LARGEST_UPLOAD:
        raise Refused("The file is larger than 200 MB; send it in parts, or zipped.", code="too_large")
    if not FILE_KINDS[suffix](start):
        raise Refused(
            f"The file is named {suffix} but holds something else; export it again.", code="wrong_kind"
        )


LARGEST_DIRECTORY = 20 * 1024 * 1024  # bytes


def check_directory_file(name: str, size: int) -> None:
    """Refused where a file is not one that can hold a directory of services, by its ending and its size in bytes."""
    kinds = FORMATS[DIRECTORY].kinds
    if Path(name).suffix.lower() not in kinds:
        raise Refused(f"A directory of services is a {endings(kinds)} file; choose one.", code="wrong_kind")
    if not 0 < size <= LARGEST_DIRECTORY:
        raise Refused("The file is empty or larger than 20 MB; export the directory again.", code="too_large")


def check_zip(path: Path) -> None:
    """Refused when a file that begins like a zip is damaged."""
    if FILE_KINDS.get(path.suffix.lower()) is _is_zip and not zipfile.is_zipfile(path):
        raise Refused("The file is damaged; export it again.", code="wrong_kind")


def endings(kinds: Iterable[str]) -> str:
    """`.csv, .xlsx or .zip`."""
    *first, last = kinds
    return f"{', '.join(first)} or {last}" if first else last
