"""What of a partner's file could not be read, where, and its cure: a sentence for each kind, never a value."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from throughway.intake.cell_checks import Checked
from throughway.intake.raw_cells import sql_text
from throughway.intake.staging import Problem, Scope, StagedTables

Ask = Callable[[str], pa.Table]  # SQL → its answer
NAMED = 3  # rows that a sentence names
LEFT = {"row": "set aside", "cell": "left empty"}


@dataclass(frozen=True)
class Unread:
    """One kind of fault in one column of one file. `element` is '' where the whole row is at fault."""

    file: str
    column: str
    element: str
    scope: Scope
    problem: str
    cure: str
    count: int
    rows: tuple[int, ...]

    def __str__(self) -> str:
        said = f"{self.file}, {self.column}" if self.column else self.file
        if self.scope in LEFT:
            many = f"{self.count:,} {self.scope}{'' if self.count == 1 else 's'}"
            rows = ", ".join([f"{row:,}" for row in self.rows] + ["…"] * (self.count > len(self.rows)))
            said += f": {many} {LEFT[self.scope]} (row{'' if self.count == 1 else 's'} {rows})"
        return f"{said}: {self.problem}; {self.cure}."


def unread(ask: Ask, staged: StagedTables, found: Iterable[Checked]) -> tuple[Unread, ...]:
    """What the reader and the checks found, of the tables that are asked for, rows first."""
    told = [*_listed(staged.problems), *(one for path in staged.problem_files for one in _filed(ask, path))]
    for table in found:
        told += _checked(ask, table)
    once = {(one.file, one.column, one.problem): one for one in reversed(told)}
    return tuple(sorted(once.values(), key=lambda one: (one.scope != "row", one.file, one.rows, one.column)))


def _checked(ask: Ask, found: Checked) -> Iterator[Unread]:
    for bit, fault in enumerate(found.faults):
        counted = ask(
            f"SELECT _file, count(*), min(_row, {NAMED}) FROM {found.relation} WHERE (_faults & {1 << bit}) <> 0 GROUP BY _file"
        )
        for file, count, rows in _lines(counted):
            yield Unread(
                file, fault.column, fault.element, fault.scope, fault.problem, fault.cure, count, tuple(rows)
            )


def _filed(ask: Ask, path: Path) -> Iterator[Unread]:
    counted = ask(
        f'SELECT file, "column", scope, problem, cure, count(*), min("row", {NAMED}) FROM read_parquet({sql_text(str(path))})'
        " GROUP BY ALL"
    )
    for file, column, scope, problem, cure, count, rows in _lines(counted):
        yield Unread(file, column, "", scope, problem, cure, count, tuple(rows or ()))


def _listed(problems: Iterable[Problem]) -> Iterator[Unread]:
    rows: dict[tuple[str, str, str, Scope, str, str], list[int]] = {}
    for p in problems:
        rows.setdefault((p.file, p.column, "", p.scope, p.problem, p.cure), []).append(p.row or 0)
    for said, at in rows.items():
        yield Unread(*said, len(at), tuple(sorted(filter(None, at))[:NAMED]))


def _lines(answer: pa.Table) -> Iterator[Any]:
    return zip(*(column.to_pylist() for column in answer.columns), strict=True)
