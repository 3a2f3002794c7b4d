"""The formats that a partner's file may have, each with its reader. The command line, the site and crosswalks offer this list."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from throughway.core.refusals import Refused

if TYPE_CHECKING:
    from throughway.intake.crosswalk import Crosswalk
    from throughway.intake.staging import StagedTables


class FormatReader(Protocol):
    """Reads a file, zip or folder into staged text; Refused when it is not what it claims to be."""

    def __call__(
        self, path: Path, *, into: Path, partner: str, crosswalk: "Crosswalk | None", school_year: int | None
    ) -> "StagedTables": ...


@dataclass(frozen=True)
class Format:
    """`title`: what it is, for people. `kinds`: the endings of the files in which it comes. `reads`: the module and function of
    its reader, imported when it is first used, so that the command line starts at once; "" where it cannot be read yet.
    `by_crosswalk`: its columns have no meaning of their own."""

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
        "hsds": Format("Directory of services (HSDS)", (".zip",), ""),
        "hmis": Format("Homeless services (HMIS CSV)", (".zip",), ""),
        "nsc": Format(
            "StudentTracker report of the National Student Clearinghouse", (".csv", ".zip"), "nsc.reader.read"
        ),
    }
)
READABLE = {name: format for name, format in FORMATS.items() if format.reads}
BY_CROSSWALK = frozenset(name for name, format in FORMATS.items() if format.by_crosswalk)


def reader_of(format: str) -> FormatReader:
    """Refused for a format that is none, or that is not readable yet."""
    if format not in FORMATS:
        raise Refused(f"{format} is no format of files; choose {', '.join(READABLE)}.", code="format")
    if format not in READABLE:
        raise Refused(
            f"{format} is not yet readable; export the records as CSV or Excel, and load them as csv or xlsx through a"
            " crosswalk.",
            code="format",
        )
    module, _, function = READABLE[format].reads.rpartition(".")
    return cast(FormatReader, getattr(import_module(f"throughway.intake.{module}"), function))
