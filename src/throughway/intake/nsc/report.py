"""The rows of a StudentTracker detail report, with their cells found by heading whatever its spelling."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import IO, Any

from throughway.core.refusals import Refused
from throughway.core.yaml_text import packaged
from throughway.intake.source_files import SourceFile
from throughway.intake.staging import Problem

CODE = "nsc"


@dataclass(frozen=True)
class DetailRow:
    """One row: its line, the learner's key as the partner knows it, and its cells by folded heading."""

    number: int
    person: str
    cells: Mapping[str, str]

    def cell(self, heading: str) -> str:
        """The cell under a heading, blank where there is none."""
        return self.cells.get(folded(heading), "")


@cache
def layout() -> Mapping[str, Any]:
    """Which headings there are, from `maps/nsc.yaml`."""
    loaded: Mapping[str, Any] = packaged("throughway.intake", "maps/nsc.yaml")
    return loaded


@cache
def folded(heading: str) -> str:
    """`College Code/Branch` and `COLLEGE_CODE_BRANCH` are one heading."""
    return re.sub(r"[\W_]+", "", heading.casefold())


KEPT = (
    "Search Date", "College Name", "Enrollment End", "Enrollment Status", "Enrollment CIP 1", "Graduated?",
    "Graduation Date", "Degree Title", "Degree CIP 1",
)  # fmt: skip


def detail_rows(file: SourceFile, set_aside: Callable[[Problem], None]) -> Iterator[DetailRow]:
    """The rows of a report; a row whose cells cannot be told apart is set aside."""
    with file.open() as stream:
        reader = _reader(file, stream)
        headings = _headings(file, reader)
        persons = [folded(heading) for heading in layout()["person"]]
        try:
            for cells in reader:
                if not any(cells):
                    continue
                number = reader.line_num
                if len(cells) > len(headings):
                    problem = "the row has more cells than there are headings"
                    set_aside(Problem(file.name, number, "", problem, "correct it in the report", "row"))
                    continue
                named = {name: cell.strip() for name, cell in zip(headings, cells, strict=False)}
                key = next((named[p] for p in persons if named.get(p)), "")
                yield DetailRow(number, key.rstrip("_"), named)
        except (csv.Error, UnicodeDecodeError):
            raise _unreadable(file) from None


def unmapped_headings(file: SourceFile) -> list[str]:
    """Headings that nothing reads and nothing ignores; Refused where the file is no detail report."""
    with file.open() as stream:
        reader = _reader(file, stream)
        try:
            given: list[str] = next(reader, [])
        except (csv.Error, UnicodeDecodeError):
            raise _unreadable(file) from None
    _check(file, [folded(heading) for heading in given])
    known = {folded(h) for part in ("person", "required", "ignored") for h in layout()[part]} | {
        *map(folded, KEPT)
    }
    return [heading.strip() for heading in given if folded(heading) not in known]


def _headings(file: SourceFile, reader: Any) -> Sequence[str]:
    try:
        headings = [folded(heading) for heading in next(reader, [])]
    except (csv.Error, UnicodeDecodeError):
        raise _unreadable(file) from None
    _check(file, headings)
    return headings


def _check(file: SourceFile, headings: Sequence[str]) -> None:
    missing = [heading for heading in layout()["required"] if folded(heading) not in headings]
    if not any(folded(heading) in headings for heading in layout()["person"]):
        missing.insert(0, layout()["person"][0])
    if missing:
        raise Refused(
            f"{file.name} is no StudentTracker detail report: its first line has no heading {missing[0]}; "
            "give the detail file (DETLRPT) as it came.",
            code=CODE,
        )
    if len(set(headings)) != len(headings):
        raise Refused(f"{file.name} has one heading twice; give the detail file as it came.", code=CODE)


def _reader(file: SourceFile, stream: IO[bytes]) -> Any:
    return csv.reader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""), strict=True)


def _unreadable(file: SourceFile) -> Refused:
    return Refused(
        f"{file.name} is no CSV text in UTF-8; give the detail file (DETLRPT) as it came.", code=CODE
    )
