"""Tries a crosswalk on a file: ten rows as they would be loaded beside their cells, every code that it does not map, and what it cannot read.

Nothing is stored. A value that may identify a person is shown as its shape.
"""

from collections import Counter
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
from throughway.intake.quarantine import count_of_notes
from throughway.intake.raw_cells import Raw, load_engine
from throughway.intake.source_files import source_files
from throughway.intake.staging import ProblemLog, RowFault, StagedTables
from throughway.intake.workbook import open_workbook
from throughway.store.engine import Engine
from throughway.vocabulary import Element, code_set

SHOWN = 10  # rows
MOST_CODES = 100  # of one column


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
    """One table of the crosswalk. `problems`: what cannot be read, and in how many rows. `codes_hidden`: unmapped codes that stand in one
    row each, and are not shown. `notes`: lines of totals and notes among the rows that are set aside, which hold no record."""

    name: str
    rows: int
    set_aside: int
    repeated_keys: int
    sample: tuple[tuple[int, tuple[MappedCell, ...]], ...]
    codes: tuple[UnmappedCode, ...]
    codes_hidden: int
    problems: tuple[tuple[str, int], ...]
    notes: int = 0


@dataclass(frozen=True)
class CrosswalkCheck:
    tables: tuple[CheckedTable, ...]
    unmapped: tuple[str, ...]  # columns that no table reads and nothing ignores
    by_year: tuple[str, ...] = ()  # tables whose load needs a school year

    @property
    def is_fit(self) -> bool:
        """Whether every row and every cell that the crosswalk names can be read."""
        return not any(t.codes or t.codes_hidden or t.problems or t.set_aside > t.notes for t in self.tables)

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
                    "problems": [{"problem": problem, "rows": rows} for problem, rows in table.problems],
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
        if workbook:
            return open_workbook(at, crosswalk.source, name=file.name, into=here / "raw.parquet", log=log)
        return open_delimited(
            at, crosswalk.source, name=file.name, into=here / "raw.parquet", log=log
        ).straightened()


def _table(engine: Engine, staged: StagedTables, name: str, mapped: TableMap, raw: Raw) -> CheckedTable:
    found = checked(engine, staged, name)
    counts = engine.run(f"SELECT count(*), count(*) FILTER (WHERE _aside) FROM {found.relation}")
    rows, aside = (int(column[0].as_py()) for column in counts.columns)
    repeated = engine.run(
        f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {found.relation} WHERE NOT _aside GROUP BY _person, _key) WHERE n > 1"
        if "_person" in _columns(engine, found)
        else "SELECT 0"
    )
    codes, hidden = _unmapped_codes(engine, found, mapped)
    return CheckedTable(
        name, rows, aside, int(repeated.column(0)[0].as_py()), tuple(_sample(engine, found, mapped, raw)), codes, hidden,
        tuple(_problems(engine, found)), count_of_notes(engine, found),
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


def _problems(engine: Engine, found: Checked) -> Iterator[tuple[str, int]]:
    """What is wrong with cells and rows, the most frequent first."""
    counts = ", ".join(
        f"count(*) FILTER (WHERE (_faults & {1 << bit}) <> 0)" for bit in range(len(found.faults))
    )
    if not counts:
        return
    met = engine.run(f"SELECT {counts} FROM {found.relation}")
    by_sentence: Counter[str] = Counter()
    for fault, column in zip(found.faults, met.columns, strict=True):
        if (rows := int(column[0].as_py())) and fault.kind != "note":
            place = f"{fault.column}: " if fault.column else ""
            by_sentence[f"{place}{fault.problem}; {fault.cure}"] += rows
    yield from by_sentence.most_common()
