"""Reads plain CSV and Excel files with the partner's crosswalk."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.intake.cell_checks import faults_of
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.crosswalk_sql import table_sql, unmapped
from throughway.intake.delimited import Delimited, open_delimited
from throughway.intake.raw_cells import Raw, load_engine, sql_text
from throughway.intake.source_files import source_files
from throughway.intake.staging import ProblemLog, StagedTables
from throughway.intake.workbook import open_alike, open_workbook, rows_of_other_sheets
from throughway.store.engine import Engine
from throughway.vocabulary import TABLES

OTHER_TYPE = "a file of another type, which was not read"


def read_csv(
    path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
) -> StagedTables:
    """Reads a CSV file, or those in a folder or zip, with one crosswalk."""
    crosswalk = fitting(crosswalk, "csv", path)
    found, others = source_files(path, (".csv",), code="no_file", what=".csv file", tabular=True)
    with closing(ProblemLog(into)) as log, load_engine(into) as engine:
        log.not_read(others, OTHER_TYPE)
        files = [
            open_delimited(
                file.on_disk(into / f"unpacked-{n}.csv"), crosswalk.source, name=file.name, into=into / f"raw-{n}.parquet", log=log
            )
            for n, file in enumerate(found)
        ]  # fmt: skip
        staged = _plain(engine, files, crosswalk, into=into, school_year=school_year, problems=log.path)
        if staged is not None:
            return staged
        raws = [file.straightened() for file in files]
        return _stage(engine, raws, crosswalk, into=into, school_year=school_year, problems=log.path)


def read_xlsx(
    path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
) -> StagedTables:
    """Reads one sheet of an Excel workbook, or all that are alike, or those of each workbook in a folder or zip, with one crosswalk."""
    crosswalk = fitting(crosswalk, "xlsx", path)
    found, others = source_files(path, (".xlsx",), code="no_file", what=".xlsx file", tabular=True)
    books = [(file.name, file.on_disk(into / f"unpacked-{n}.xlsx")) for n, file in enumerate(found)]
    with closing(ProblemLog(into)) as log, load_engine(into) as engine:
        log.not_read(others, OTHER_TYPE)
        unread: Counter[str] = Counter()
        raws: list[Raw] = []
        for n, (name, book) in enumerate(books):
            if crosswalk.source.sheets:
                (within := into / f"sheets-{n}").mkdir()
                alike, others_of_it = open_alike(book, crosswalk, name=name, into=within, log=log)
                raws += alike
            else:
                to = into / f"raw-{n}.parquet"
                raws.append(open_workbook(book, crosswalk.source, name=name, into=to, log=log))
                others_of_it = rows_of_other_sheets(book, crosswalk.source)
            unread.update(others_of_it)
        staged = _stage(engine, raws, crosswalk, into=into, school_year=school_year, problems=log.path)
    return replace(staged, unread=unread)


def fitting(crosswalk: Crosswalk | None, format: str, path: Path) -> Crosswalk:
    """The crosswalk. Refused if it is not complete enough for a file without a standard format."""
    if crosswalk is None:
        raise Refused(
            f"{path.name} has no standard format, so it needs a crosswalk that says what its columns mean: give one with"
            " --crosswalk.",
            code="no_crosswalk",
        )
    if "format" in crosswalk.source.model_fields_set and crosswalk.source.format != format:
        raise Refused(
            f"The crosswalk is for {crosswalk.source.format}, but the file is given as {format}; use the "
            f"one that fits.",
            code="wrong_format",
        )
    for name, mapped in crosswalk.tables.items():
        if not mapped.key:
            raise Refused(f"The crosswalk cannot be used: tables.{name}.key is missing.", code="crosswalk")
        if TABLES[name].of_person and name != "person" and not mapped.person:
            raise Refused(f"The crosswalk cannot be used: tables.{name}.person is missing.", code="crosswalk")
    whole = {name: mapped.with_melted(name) for name, mapped in crosswalk.tables.items()}
    return crosswalk.model_copy(update={"tables": whole})


def _plain(
    engine: Engine, files: Sequence[Delimited], crosswalk: Crosswalk, *, into: Path, school_year: int | None, problems: Path
) -> StagedTables | None:  # fmt: skip
    """The staged files if the engine can read all of them directly; None if it cannot."""
    raws = [file.plain for file in files if file.plain is not None]
    if len(raws) < len(files):
        return None
    try:
        staged = _stage(engine, raws, crosswalk, into=into, school_year=school_year, problems=problems)
    except Refused as refusal:
        if refusal.code != "engine":
            raise
        return None
    # Rows with only delimiters must be skipped, which requires checking each cell.
    aside = any(
        _count(engine, f"read_parquet({sql_text(str(path))})", "_aside") for path in staged.tables.values()
    )
    if aside and any(_blank_rows(engine, raw) for raw in raws):
        return None
    return staged


def _blank_rows(engine: Engine, raw: Raw) -> int:
    # One call of many arguments: a chain of operators as long as a wide row is too deep for the engine's parser.
    filled = f"concat({', '.join(f'trim(c{n})' for n in range(len(raw.headings)))})"
    return _count(engine, raw.relation, f"{filled} = ''")


def _count(engine: Engine, relation: str, condition: str) -> int:
    return int(engine.run(f"SELECT count(*) FROM {relation} WHERE {condition}").column(0)[0].as_py())


def _stage(
    engine: Engine, raws: Sequence[Raw], crosswalk: Crosswalk, *, into: Path, school_year: int | None, problems: Path
) -> StagedTables:  # fmt: skip
    tables: dict[str, Path] = {}
    one_file: dict[str, tuple[str, int]] = {}
    for name, mapped in crosswalk.tables.items():
        selects = [
            table_sql(
                name, mapped, raw, crosswalk.source, school_year=school_year, days=crosswalk.days_of_key
            )
            for raw in _with_row_numbers(raws)
        ]
        path = into / f"staged-{name}.parquet"
        copy = f"COPY ({' UNION ALL BY NAME '.join(selects)}) TO {sql_text(str(path))} (FORMAT parquet, COMPRESSION lz4)"
        engine.run(copy)
        tables[name] = path
        if len(raws) == 1:
            one_file[name] = (raws[0].file, raws[0].first_row)
    left = [
        c for raw in raws for c in unmapped(crosswalk.tables, crosswalk.ignore, raw, school_year=school_year)
    ]
    return StagedTables(
        tables=tables,
        faults={name: faults_of(name, mapped) for name, mapped in crosswalk.tables.items()},
        problems=problems,
        typed=True,
        source_system="xlsx" if raws[0].from_workbook else "csv",
        unmapped=tuple(dict.fromkeys(left)),
        places=_places(raws),
        one_file=one_file,
        by_year=frozenset(name for name, mapped in crosswalk.tables.items() if mapped.by_year),
        row_keys={
            name: mapped.row_key(name)
            for name, mapped in crosswalk.tables.items()
            if name != "person" and TABLES[name].of_person
        },
    )


def _places(raws: Sequence[Raw]) -> dict[str, str]:
    """The position of each heading that has the same position in every file."""
    found: dict[str, set[int]] = {}
    for raw in raws:
        for position, heading in enumerate(raw.headings, start=1):
            found.setdefault(heading.text, set()).add(position)
    return {text: f"column {min(at)}" for text, at in found.items() if len(at) == 1}


def _with_row_numbers(raws: Sequence[Raw]) -> Sequence[Raw]:
    """With several files, gives each row its number, since the order of rows is lost."""
    if len(raws) == 1:
        return raws
    return [replace(raw.with_numbers(), alone=False) for raw in raws]
