"""Tries a crosswalk on a file: ten rows as they would be loaded beside their cells, every code that it does not map, and what it cannot read.

Nothing is stored. A value that may identify a person is shown as its shape.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from throughway.core.refusals import Refused
from throughway.intake.cell_checks import Checked, checked, element_of
from throughway.intake.crosswalk import Crosswalk, TableMap
from throughway.intake.delimited import open_delimited
from throughway.intake.formats import BY_CROSSWALK, reader_of
from throughway.intake.inspection.code_guess import guess_code
from throughway.intake.inspection.column_profile import shape
from throughway.intake.load_report import FEW, ProblemGroup
from throughway.intake.quarantine import count_of_notes
from throughway.intake.raw_cells import Raw, load_engine
from throughway.intake.source_files import source_files
from throughway.intake.staging import ProblemLog, RowFault, StagedTables
from throughway.intake.workbook import open_alike, open_workbook
from throughway.store.engine import Engine
from throughway.vocabulary import Element, code_set

SHOWN = 10  # rows
MOST_CODES = 100  # of one column
TOLERATED = (
    0.1  # share of rows with a fault that may stay: they are set aside or their cells left empty, and listed
)


@dataclass(frozen=True)
class MappedCell:
    """One element of one row. `original` and `mapped` are shapes where the value may identify somebody, and `masked` says so."""

    element: str
    column: str
    original: str
    mapped: str | None
    masked: bool


@dataclass(frozen=True)
class UnmappedCode:
    """A partner's code without one of ours. `nearest`: codes with their labels."""

    element: str
    column: str
    code: str
    rows: int
    nearest: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CheckedTable:
    """One table of the crosswalk. `problems`: what cannot be read, and in which rows. `codes_hidden`: unmapped codes that stand in one
    row each, and are not shown. `notes`: lines of totals and notes among the rows that are set aside, which hold no record. `faulty`: the
    other rows of which something cannot be read. `unread`: columns of which nothing can."""

    name: str
    rows: int
    set_aside: int
    repeated_keys: int
    sample: tuple[tuple[int, tuple[MappedCell, ...]], ...]
    codes: tuple[UnmappedCode, ...]
    codes_hidden: int
    problems: tuple[ProblemGroup, ...]
    notes: int = 0
    faulty: int = 0
    unread: tuple[str, ...] = ()

    @property
    def is_fit(self) -> bool:
        return not self.unread and self.faulty <= TOLERATED * (self.rows - self.notes)


@dataclass(frozen=True)
class CrosswalkCheck:
    tables: tuple[CheckedTable, ...]
    unmapped: tuple[str, ...]  # columns that no table reads and nothing ignores
    by_year: tuple[str, ...] = ()  # tables whose load needs a school year

    @property
    def is_fit(self) -> bool:
        """Whether something can be read of every column that the crosswalk names, and all of most rows."""
        return all(table.is_fit for table in self.tables)

    def to_json(self) -> dict[str, Any]:
        return {
            "ok": self.is_fit,
            "tables": [
                {
                    "name": table.name,
                    "rows": table.rows,
                    "set_aside": table.set_aside,
                    "notes": table.notes,
                    "repeated_keys": table.repeated_keys,
                    "sample": [
                        {"row": row, "cells": [asdict(cell) for cell in cells]} for row, cells in table.sample
                    ],
                    "codes": [
                        {
                            **asdict(code),
                            "nearest": [{"code": c, "label": label} for c, label in code.nearest],
                        }
                        for code in table.codes
                    ],
                    "codes_hidden": table.codes_hidden,
                    "problems": [
                        {
                            "problem": problem_sentence(each),
                            "rows": each.count,
                            "first_rows": [*map(int, each.rows)],
                        }
                        for each in table.problems
                    ],
                    "faulty": table.faulty,
                    "unread": list(table.unread),
                }
                for table in self.tables
            ],
            "unmapped": list(self.unmapped),
            "by_year": list(self.by_year),
        }


def check(path: Path, crosswalk: Crosswalk, *, into: Path, school_year: int | None = None) -> CrosswalkCheck:
    """Refused as a load would be: when the file is not of the crosswalk's format, or lacks a column that it reads. Works in the folder
    `into`, which the caller removes."""
    format = crosswalk.source.format
    if format not in BY_CROSSWALK:
        raise Refused(
            f"The crosswalk is for {format}, which needs none; load the file without one.",
            code="wrong_format",
        )
    staged = reader_of(format)(
        path, into=into, partner="partner", crosswalk=crosswalk, school_year=school_year
    )
    whole = {name: mapped.with_melted(name) for name, mapped in crosswalk.tables.items()}
    with load_engine(into) as engine:
        raw = _raw(path, crosswalk, into)
        tables = tuple(_table(engine, staged, name, whole[name], raw) for name in staged.tables)
    return CrosswalkCheck(tables, tuple(staged.unmapped), tuple(sorted(staged.by_year)))


def _raw(path: Path, crosswalk: Crosswalk, into: Path) -> Raw:
    """The cells of the first file, with the number of each row."""
    workbook = crosswalk.source.format == "xlsx"
    found, _ = source_files(
        path, (".xlsx",) if workbook else (".csv",), code="no_file", what="table", tabular=True
    )
    file, here = found[0], into / "originals"
    here.mkdir()
    at = file.on_disk(here / "file")
    with closing(ProblemLog(here)) as log:
        if crosswalk.source.sheets:
            return open_alike(at, crosswalk, name=file.name, into=here, log=log)[0][0]
        if workbook:
            return open_workbook(at, crosswalk.source, name=file.name, into=here / "raw.parquet", log=log)
        return open_delimited(
            at, crosswalk.source, name=file.name, into=here / "raw.parquet", log=log
        ).straightened()


def _table(engine: Engine, staged: StagedTables, name: str, mapped: TableMap, raw: Raw) -> CheckedTable:
    found = checked(engine, staged, name)
    note = sum(1 << bit for bit, fault in enumerate(found.faults) if fault.kind == "note")
    faulty = f"(_aside OR _faults <> 0) AND (_faults & {note}) = 0"
    counts = engine.run(
        f"SELECT count(*), count(*) FILTER (WHERE _aside), count(*) FILTER (WHERE {faulty}) FROM {found.relation}"
    )
    rows, aside, wrong = (int(column[0].as_py()) for column in counts.columns)
    repeated = engine.run(
        f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {found.relation} WHERE NOT _aside GROUP BY _person, _key) WHERE n > 1"
        if "_person" in _columns(engine, found)
        else "SELECT 0"
    )
    codes, hidden = _unmapped_codes(engine, found, mapped)
    return CheckedTable(
        name, rows, aside, int(repeated.column(0)[0].as_py()), tuple(_sample(engine, found, mapped, raw)), codes, hidden,
        _problems(engine, found), count_of_notes(engine, found), wrong, tuple(_unread(engine, found)),
    )  # fmt: skip


def _columns(engine: Engine, found: Checked) -> list[str]:
    return list(engine.run(f"SELECT * FROM {found.relation} LIMIT 0").column_names)


def _sample(
    engine: Engine, found: Checked, mapped: TableMap, raw: Raw
) -> Iterator[tuple[int, tuple[MappedCell, ...]]]:
    """Rows from the whole file, at equal distances."""
    places = {heading.text: n for n, heading in enumerate(raw.headings)}
    total = engine.run(f"SELECT count(*) FROM {found.relation} WHERE NOT _aside").column(0)[0].as_py()
    step = max(total // SHOWN, 1)
    filled = [e for e in mapped.columns if e in found.filled]
    originals = ", ".join(f"raw.c{n} AS o{n}" for n in dict.fromkeys(places.values()))
    met = engine.run(
        f"SELECT kept.*, {originals} FROM (SELECT {', '.join(['_row', '_file', *filled])} FROM (SELECT *, row_number() OVER (ORDER BY _row)"
        f" - 1 AS _at FROM {found.relation} WHERE NOT _aside) WHERE _at % {step} = 0 LIMIT {SHOWN}) AS kept"
        f" JOIN {raw.relation} AS raw ON raw._row = kept._row WHERE kept._file = {_text(raw.file)} ORDER BY kept._row"
    ).to_pylist()
    for row in met:
        cells = []
        for name in filled:
            sources = [s for s in mapped.columns[name].sources if s in places]
            if sources:
                original = " ".join(str(row[f"o{places[s]}"] or "") for s in sources)
                cells.append(_cell(element_of(found.table, name), " + ".join(sources), original, row[name]))
        yield row["_row"], tuple(cells)


def _cell(element: Element, column: str, original: str, mapped: object) -> MappedCell:
    masked = may_identify(element)
    shown = None if mapped is None else str(mapped)
    if masked:
        return MappedCell(
            element.path, column, shape(original), None if shown is None else shape(shown), True
        )
    return MappedCell(element.path, column, original[:80], shown, False)


def may_identify(element: Element) -> bool:
    """Whether a value of the element may identify a person alone or together with others, or is protected, or is free text."""
    tags = element.law_tags
    free = element.type in ("string", "id") and not element.name.startswith(("school_year", "marking_period"))
    return bool(tags & {"identifier", "quasi_identifier"}) or element.restricted or free


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _unmapped_codes(engine: Engine, found: Checked, mapped: TableMap) -> tuple[tuple[UnmappedCode, ...], int]:
    shown: list[UnmappedCode] = []
    hidden = 0
    for name, column in mapped.columns.items():
        element = element_of(found.table, name)
        source = f"{name}_source"
        if not code_set(element) or not column.from_ or source not in _columns(engine, found):
            continue
        bits = _bits(found.faults, name)
        met = engine.run(
            f"SELECT {source} AS code, count(*) AS rows FROM {found.relation} WHERE (_faults & {bits}) <> 0 AND {source} IS NOT NULL"
            " GROUP BY ALL ORDER BY rows DESC, code"
        ).to_pylist()
        for each in met:
            guess = guess_code(element, each["code"])
            if (
                (each["rows"] > 1 or guess.code is not None)
                and len(each["code"]) <= 60
                and len(shown) < MOST_CODES
            ):
                near = ((guess.code, ""),) if guess.code is not None else guess.nearest
                shown.append(
                    UnmappedCode(element.path, column.from_, each["code"], each["rows"], tuple(near))
                )
            else:
                hidden += 1
    return tuple(shown), hidden


def _bits(faults: Sequence[RowFault], element: str) -> int:
    return sum(
        1 << bit
        for bit, fault in enumerate(faults)
        if fault.element == element and fault.kind == "unreadable"
    )


def _problems(engine: Engine, found: Checked) -> tuple[ProblemGroup, ...]:
    """What is wrong with cells and rows, and where, the most frequent first."""
    masks: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for bit, fault in enumerate(found.faults):
        if fault.kind != "note":
            masks[fault.column, fault.problem, fault.cure] |= 1 << bit
    groups = []
    for told, mask in masks.items():
        met = engine.run(
            f"SELECT count(*) AS rows, min(_row, {FEW}) AS first FROM {found.relation} WHERE (_faults & {mask}) <> 0"
        ).to_pylist()[0]
        if met["rows"]:
            groups.append(ProblemGroup("", *told, met["rows"], tuple(map(str, dict.fromkeys(met["first"])))))
    return tuple(sorted(groups, key=lambda group: -group.count))


def _unread(engine: Engine, found: Checked) -> Iterator[str]:
    """The columns that are filled and of which no cell can be read."""
    for name in found.filled:
        fault = next((f for f in found.faults if f.element == name and f.kind == "unreadable"), None)
        if fault is not None and fault.column:
            read, met = engine.run(
                f"SELECT count({name}), count(*) FILTER (WHERE (_faults & {_bits(found.faults, name)}) <> 0) FROM {found.relation}"
            ).columns
            if met[0].as_py() and not read[0].as_py():
                yield fault.column


def problem_sentence(group: ProblemGroup) -> str:
    place = f"{group.column}: " if group.column else ""
    return f"{place}{group.problem}; {group.cure}"
