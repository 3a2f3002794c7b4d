"""The formats that a partner's file may have, each with its reader."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

from throughway.intake.crosswalk import Crosswalk
from throughway.intake.staged import Staged


class Reader(Protocol):
    """Reads a file, zip or folder into staged text; Refused when it is not what it claims to be."""

    def __call__(
        self, path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
    ) -> Staged: ...


def _reader(module: str, function: str = "read") -> Reader:
    """A reader that is imported when it is first used, so that the command line starts at once."""

    def read(
        path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
    ) -> Staged:
        found = cast(Reader, getattr(import_module(f"throughway.intake.{module}"), function))
        return found(path, into=into, partner=partner, crosswalk=crosswalk, school_year=school_year)

    return read


FORMATS: Mapping[str, Reader] = MappingProxyType(
    {
        "csv": _reader("sheets", "read_csv"),
        "xlsx": _reader("sheets", "read_xlsx"),
        "oneroster": _reader("oneroster.reader"),
        "edfi-xml": _reader("edfi.xml"),
        "edfi-jsonl": _reader("edfi.jsonl"),
        "nsc": _reader("nsc.reader"),
    }
)
