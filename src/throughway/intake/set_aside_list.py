"""The list of what was wrong in a load, read for people: grouped by what is wrong, never with a value."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

FEW = 5  # rows named in a group


@dataclass(frozen=True)
class ProblemLine:
    """One problem: where it is and what cures it. `row` is empty for one of the whole file."""

    file: str
    row: str
    column: str
    problem: str
    cure: str


@dataclass(frozen=True)
class ProblemGroup:
    """Problems of one kind in one file and column; `rows`: the first few."""

    file: str
    column: str
    problem: str
    cure: str
    count: int
    rows: tuple[str, ...]

    @property
    def where(self) -> str:
        """`rows 3, 5 and 9`, or `rows 3, 5, 9 and 201 more`."""
        named = [row for row in self.rows if row]
        if not named:
            return "the whole file"
        if self.count > len(self.rows):
            return f"rows {', '.join(named)} and {self.count - len(self.rows):,} more"
        *first, last = named
        return f"rows {', '.join(first)} and {last}" if first else f"row {last}"


def lines(path: Path) -> Iterator[ProblemLine]:
    """Every problem, in the file's order; none where the list is not there."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield ProblemLine(
                row.get("file") or "",
                row.get("row") or "",
                row.get("column") or "",
                row.get("problem") or "",
                row.get("cure") or "",
            )


def page(path: Path, number: int, size: int) -> list[ProblemLine]:
    """The lines of one page, counted from 1."""
    return list(islice(lines(path), (number - 1) * size, number * size))


def groups(path: Path) -> tuple[ProblemGroup, ...]:
    """What was wrong, most frequent first."""
    if not path.is_file():
        return ()
    written = path.stat()
    return _groups(path, written.st_mtime_ns, written.st_size)


@lru_cache(maxsize=64)  # a list is written once and read often
def _groups(path: Path, written: int, size: int) -> tuple[ProblemGroup, ...]:
    found: dict[tuple[str, str, str, str], tuple[int, tuple[str, ...]]] = {}
    for line in lines(path):
        key = (line.file, line.column, line.problem, line.cure)
        count, rows = found.get(key, (0, ()))
        found[key] = (count + 1, rows if len(rows) >= FEW else (*rows, line.row))
    listed = [ProblemGroup(*key, count=count, rows=rows) for key, (count, rows) in found.items()]
    return tuple(sorted(listed, key=lambda group: (-group.count, group.file, group.column)))
