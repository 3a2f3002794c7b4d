"""The outcome of a load's rows, the list of problems for display, and why nothing of a file was stored."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.intake.feeds.contract import FeedFinding
from throughway.intake.row_keys import one_row_for

FEW = 5  # rows named in a group


@dataclass(frozen=True)
class ProblemLine:
    """One problem: its place and cure. `row` is empty for a problem of the whole file."""

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
    """Every problem, in file order; empty where there is no list."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield ProblemLine(*(row.get(name) or "" for name in ProblemLine.__dataclass_fields__))


def write_problems(path: Path, problems: Iterable[ProblemLine]) -> None:
    """Writes a list of problems in the form that `lines` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        written = csv.writer(file, lineterminator="\n")
        written.writerow(ProblemLine.__dataclass_fields__)
        written.writerows(dict.fromkeys(tuple(vars(each).values()) for each in problems))


def page(path: Path, number: int, size: int) -> list[ProblemLine]:
    """The lines of one page, counted from 1."""
    return list(islice(lines(path), (number - 1) * size, number * size))


def groups(path: Path) -> tuple[ProblemGroup, ...]:
    """Problems grouped, most frequent first."""
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


@dataclass(frozen=True)
class RowOutcomes:
    """What became of rows that were read.

    `changed`: how many of the `landed` replaced a stored row. `cannot_tell`: rows whose scope cannot be decided, since a cell that the
    agreements require is empty. `not_covered`: no agreement in effect needs such rows. `not_read`: no reader makes rows of such
    records.
    """

    read: int = 0
    landed: int = 0
    changed: int = 0
    quarantined: int = 0
    unchanged: int = 0
    out_of_scope: int = 0
    cannot_tell: int = 0
    not_covered: int = 0
    not_read: int = 0


@dataclass(frozen=True)
class Counts(RowOutcomes):
    """Rows of one table, or records of a kind without a table: each row read is counted in exactly one of the others."""

    def __post_init__(self) -> None:
        became = sum(vars(self).values()) - self.read - self.changed
        if self.read != became or self.changed > self.landed or min(vars(self).values()) < 0:
            raise ValueError("the counts of a load do not add up")


def total(counts: Iterable[Counts]) -> Counts:
    """The sum, field by field."""
    return Counts(**vars(together(counts, sum)))


def together(counts: Iterable[RowOutcomes], how: Callable[[Iterable[int]], int]) -> RowOutcomes:
    """The `sum` or the `max`, field by field."""
    held = [RowOutcomes(), *counts]
    names = RowOutcomes.__dataclass_fields__
    return RowOutcomes(**{name: how([getattr(each, name) for each in held]) for name in names})


@dataclass(frozen=True)
class Loaded:
    """One load. `quarantine`: a CSV of the problems with their places, without values. `unmapped`: the refused columns that neither
    the format nor the crosswalk maps. `nothing`: why no record of the file was stored. `withdrawn`: by table, the stored rows that the file says
    are deleted, or that a whole file no longer has. `findings`: how it differs from what its feed expects, and what is doubtful beside the
    partner's earlier files. `row_keys`: by table, what tells two of its rows apart (`TableMap.row_key`)."""

    batch: str
    tables: Mapping[str, Counts]
    cells_emptied: int
    refused_columns: Sequence[str]
    quarantine: Path
    agreements: Sequence[str] = ()
    unmapped: Sequence[str] = ()
    nothing: Refused | None = None
    withdrawn: Mapping[str, int] = field(default_factory=dict)
    findings: Sequence[FeedFinding] = ()
    row_keys: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def differences(self) -> tuple[str, ...]:
        return tuple(finding.sentence for finding in self.findings)

    def to_json(self) -> dict[str, object]:
        return {
            "batch": self.batch,
            "tables": {name: asdict(counts) for name, counts in self.tables.items()},
            "cells_emptied": self.cells_emptied,
            "refused_columns": list(self.refused_columns),
            "quarantine": str(self.quarantine),
            "withdrawn": dict(self.withdrawn),
            "differences": list(self.differences),
            "row_keys": {table: one_row_for(parts) for table, parts in self.row_keys.items()},
        }


def why_nothing(
    name: str, partner: str, tables: Mapping[str, Counts], listed: Path, *, deletes: bool = False
) -> Refused | None:
    """The refusal of a load of the file `name`; None where some of it landed or was already stored, where it `deletes` records and nothing
    of it was set aside, and where the file is valid and has no records. `listed`: the list of problems."""
    whole = total(tables.values())
    wrong = groups(listed)
    only_deletes = deletes and not (whole.quarantined or whole.cannot_tell)
    if whole.landed or whole.unchanged or only_deletes or not (whole.read or wrong):
        return None
    uncovered = [table for table, counts in tables.items() if counts.not_covered]
    if uncovered and not (whole.quarantined or whole.cannot_tell or whole.not_read):
        return Refused(
            f"No agreement in effect needs anything in this file from {partner} "
            f"({', '.join(sorted(uncovered))}); amend an"
            " agreement's schedule, or do not send it.",
            code="not_covered",
        )
    reasons = []
    if whole.quarantined or not whole.read:
        most = f" ({wrong[0].file}, {wrong[0].where}: {wrong[0].problem}; {wrong[0].cure})" if wrong else ""
        reasons.append(f"{counted(whole.quarantined, 'record')} could not be read{most}")
    if whole.cannot_tell:
        reasons.append(
            f"{counted(whole.cannot_tell, 'record')} lacked a value that decides whether an agreement "
            f"covers them"
        )
    if whole.out_of_scope:
        reasons.append(
            f"{counted(whole.out_of_scope, 'record')} are about students or days that no agreement covers"
        )
    if uncovered:
        reasons.append(f"no agreement in effect needs {', '.join(sorted(uncovered))}")
    if unread := [kind for kind, counts in tables.items() if counts.not_read]:
        reasons.append(f"this format is not read for {', '.join(sorted(unread))}")
    return Refused(f"Nothing from {name} was loaded: {'; '.join(reasons)}.", code="nothing_landed")
