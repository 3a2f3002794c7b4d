"""Looks at a partner's file before anything of it is stored: its format, its columns, and a drafted crosswalk."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from throughway.core.prose import counted, listed
from throughway.core.refusals import Refused
from throughway.intake.contract import TableNeed
from throughway.intake.crosswalk import SourceLayout
from throughway.intake.delimited import open_delimited
from throughway.intake.formats import BY_CROSSWALK, FORMATS, READABLE, reader_of
from throughway.intake.inspection.alike_sheets import are_alike, of_sheets
from throughway.intake.inspection.column_profile import ColumnProfile, profiles
from throughway.intake.inspection.crosswalk_draft import TableOfFile, draft
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.file_guess import guesses
from throughway.intake.inspection.file_layout import FIXED_WIDTH, delimited_layout, format_of
from throughway.intake.inspection.sheets import sheets_of
from throughway.intake.inspection.student_key import PERSON_KEY, whole_name
from throughway.intake.raw_cells import Raw, load_engine, sql_text, tidy_headings, write_rows
from throughway.intake.source_files import SourceFile, source_files
from throughway.intake.staging import ProblemLog, StagedTables
from throughway.intake.vendor_layouts import vendors_of
from throughway.intake.workbook import open_workbook
from throughway.store.engine import Engine
from throughway.vocabulary import TABLES, element

MOST_TABLES = 40  # files or sheets of one zip or workbook that are looked at
TABULAR = (".csv", ".txt", ".tsv", ".tab", ".psv", ".dat")


@dataclass(frozen=True)
class InspectedTable:
    """A file, a sheet, or a table that a standard format fills."""

    name: str
    rows: int
    columns: tuple[ElementGuess, ...]
    source: SourceLayout | None = None  # of a file that a crosswalk maps
    notes: tuple[str, ...] = ()
    year: int | None = None  # the school year that the sheet tells


@dataclass(frozen=True)
class FileInspection:
    """The result. `needs`: what the agreements in effect need of the partner, by table; None where no partner was given."""

    format: str
    tables: tuple[InspectedTable, ...]
    crosswalk: str
    notes: tuple[str, ...] = ()
    needs: Mapping[str, TableNeed] | None = field(default=None, compare=False)
    drafted: TableOfFile | None = None  # what the crosswalk is drafted from

    @property
    def notes_by_command(self) -> list[str]:
        """The notes, and the command for a crosswalk that is included, which the site offers as a button."""
        found = vendors_of([column.name for column in self.drafted.columns]) if self.drafted else ()
        command = f"A crosswalk is included for this layout ({' or '.join(found)}): throughway crosswalk vendor NAME."
        return [*self.notes, *([command] if found else [])]

    @property
    def doubts(self) -> list[tuple[InspectedTable, ElementGuess]]:
        return [(t, c) for t in self.tables for c in t.columns if c.is_doubt]

    def is_split(self, guess: ElementGuess) -> bool:
        """Whether a crosswalk reads the student's first and last name from the column."""
        return bool(guess.names) and any(whole_name(table.columns) is guess for table in self.tables)

    def admitted_by(self, guess: ElementGuess) -> tuple[str, ...] | None:
        """The agreements in effect that would let a column in; None where no partner was given."""
        if self.needs is None:
            return None
        table, _, name = (guess.element or "").partition(".")
        names = [name]
        if self.is_split(guess):
            table, names = "person", ["first_name", "last_or_surname"]
        if (need := self.needs.get(table)) is None:
            return ()
        return tuple(
            sorted({need.judges[judge].agreement for name in names for judge in need.columns.get(name, ())})
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "tables": [
                {
                    "name": table.name,
                    "rows": table.rows,
                    "layout": _layout(table.source),
                    "notes": list(table.notes),
                    "columns": [self._column(column) for column in table.columns],
                }
                for table in self.tables
            ],
            "notes": self.notes_by_command,
            "crosswalk": self.crosswalk,
        }

    def _column(self, guess: ElementGuess) -> dict[str, Any]:
        profile = guess.profile
        found: dict[str, Any] = {
            "name": guess.name,
            "element": guess.element,
            "confidence": guess.confidence,
            "doubt": guess.is_doubt,
            "reason": guess.reason,
            "codes": {source: code.code for source, code in guess.codes.items()},
            "codes_hidden": guess.hidden_codes,
            "sensitive": guess.sensitive or None,
            "identifier": guess.identifier,
            "type": profile.type,
            "filled": profile.filled,
            "distinct": profile.distinct,
            "range": range_of(guess) or None,
            "dates": list(profile.dates.formats) if profile.type == "date" and profile.dates else None,
            "date_order": profile.dates.order if profile.type == "date" and profile.dates else None,
            "shapes": list(profile.shapes),
        }
        admitted = self.admitted_by(guess)
        return found if admitted is None else {**found, "agreements": list(admitted)}


def is_only_key(guess: ElementGuess, admitted: Sequence[str]) -> bool:
    """Whether a column comes in as the key of the student's records alone: as an identifier no agreement lets it in."""
    return guess.element == PERSON_KEY and not admitted


def range_of(guess: ElementGuess) -> str:
    """The rounded range of a column of days or numbers; none for identifiers and for columns that are not known, years for birth dates."""
    if guess.element is None or guess.identifier:
        return ""
    return guess.profile.rounded_range(years_only=bool(guess.sensitive) and guess.sensitive != "discipline")


def _layout(source: SourceLayout | None) -> dict[str, Any] | None:
    if source is None:
        return None
    shown = {"encoding": source.encoding, "delimiter": source.delimiter, "quote": source.quote}
    if source.format == "xlsx":
        shown = {"sheet": source.sheet or ""}
    return {**shown, "header_row": source.header_row}


def inspect(
    path: Path, *, into: Path, partner: str = "", needs: Mapping[str, TableNeed] | None = None, table: str | None = None
) -> FileInspection:  # fmt: skip
    """What a file, zip or folder holds. Works in the folder `into`, which the caller removes: nothing is stored. `table`: only the file or
    sheet of that name. Refused when the file is of no format that is known, damaged, or larger when unpacked than any export."""
    format = format_of(path)
    if format in READABLE and format not in BY_CROSSWALK:
        return _standard(path, format, into=into, partner=partner, needs=needs)
    if format == "hsds":
        return FileInspection(
            format,
            (),
            "",
            ("A directory of services holds no student data: load it with --format hsds.",),
            needs,
        )
    with closing(ProblemLog(into)) as log, load_engine(into) as engine:
        found = []
        for each in _tables(path, format, into=into, log=log, wanted=table):
            called = each.name if len(each.name) > 2 else path.name
            columns = guesses(_profiled(engine, each), called, needs)
            found.append((each.kind, _inspected(each, columns)))
    if table is not None and not found:
        raise Refused(f"{path.name} holds no file or sheet named {table}.", code="no_sheet")
    return _finished(format, found, path, needs)


@dataclass(frozen=True)
class OpenTable:
    """A file or sheet whose cells the engine can read. `kind`: `csv`, `xlsx` or FIXED_WIDTH."""

    name: str
    raw: Raw
    source: SourceLayout
    kind: str
    notes: tuple[str, ...] = ()
    straightened: Callable[[], Raw] | None = None
    year: int | None = None  # the school year that the sheet tells


def _tables(
    path: Path, format: str, *, into: Path, log: ProblemLog, wanted: str | None
) -> Iterator[OpenTable]:
    suffixes = (".xlsx",) if format == "xlsx" else TABULAR
    found, others = source_files(path, suffixes, code="no_file", what="table", tabular=True)
    log.not_read(others, "not read")
    for number, file in enumerate(found[:MOST_TABLES]):
        if format == "xlsx":
            yield from _of_workbook(file, number, into=into, log=log, wanted=wanted)
        elif wanted in (None, file.name):
            yield _of_text(file, number, into=into, log=log)
            (into / f"unpacked-{number}.csv").unlink(missing_ok=True)


def _of_workbook(file: SourceFile, number: int, *, into: Path, log: ProblemLog, wanted: str | None) -> Iterator[OpenTable]:  # fmt: skip
    book = file.on_disk(into / f"unpacked-{number}.xlsx")
    for n, (title, at, year) in enumerate(sheets_of(book, file.name)):
        if wanted not in (None, title):
            continue
        source = SourceLayout(format="xlsx", sheet=title, header_row=at)
        raw = open_workbook(book, source, name=file.name, into=into / f"raw-{number}-{n}.parquet", log=log)
        yield OpenTable(title, raw, source, "xlsx", _about_headings(raw, source), year=year)


def _of_text(file: SourceFile, number: int, *, into: Path, log: ProblemLog) -> OpenTable:
    at = file.on_disk(into / f"unpacked-{number}.csv")
    found = delimited_layout(at, file.name)
    if found.spans:
        raw = _fixed_width(at, found.source, found.spans, file.name, into / f"raw-{number}.parquet", log)
        return OpenTable(file.name, raw, found.source, FIXED_WIDTH)
    opened = open_delimited(at, found.source, name=file.name, into=into / f"raw-{number}.parquet", log=log)
    raw = opened.plain or opened.straightened()
    return OpenTable(
        file.name, raw, found.source, "csv", _about_headings(raw, found.source), opened.straightened
    )


def _profiled(engine: Engine, opened: OpenTable) -> tuple[ColumnProfile, ...]:
    """The profiles; a text that the engine cannot read by itself is read row by row."""
    try:
        return profiles(engine, opened.raw)
    except Refused as refusal:
        if refusal.code != "engine" or opened.straightened is None:
            raise
        return profiles(engine, opened.straightened())


def _fixed_width(
    path: Path,
    source: SourceLayout,
    spans: Sequence[tuple[int, int | None]],
    name: str,
    to: Path,
    log: ProblemLog,
) -> Raw:
    with path.open(encoding=source.encoding, newline="") as lines:
        split = ([line.rstrip("\r\n")[first:last].strip() for first, last in spans] for line in lines)
        headings = tidy_headings(next(split))
        return write_rows(enumerate(split, start=2), headings=headings, to=to, file=name, log=log)


def _about_headings(raw: Raw, source: SourceLayout) -> tuple[str, ...]:
    notes = []
    texts = [heading.text for heading in raw.headings]
    repeated = list(dict.fromkeys(text for text in texts if text and texts.count(text) > 1))
    if repeated:
        places = "; ".join(
            f"columns {' and '.join(str(n) for n, text in enumerate(texts, start=1) if text == name)}"
            for name in repeated
        )
        notes.append(
            f"Headings that repeat: {places}. A crosswalk names each by its place among its like, as in “Heading (2)”."
        )
    if source.header_row == 0:
        notes.append("The file has no row of headings; its columns are called 1, 2, 3.")
    elif source.header_row > 1:
        notes.append(f"The headings are in row {source.header_row}.")
    return tuple(notes)


def _inspected(opened: OpenTable, columns: tuple[ElementGuess, ...]) -> InspectedTable:
    rows = columns[0].profile.rows if columns else 0
    return InspectedTable(opened.name, rows, columns, opened.source, opened.notes, opened.year)


def _finished(
    format: str,
    found: Sequence[tuple[str, InspectedTable]],
    path: Path,
    needs: Mapping[str, TableNeed] | None,
) -> FileInspection:
    tables = tuple(table for _, table in found)
    notes = []
    if any(kind == FIXED_WIDTH for kind, _ in found):
        notes.append("Columns of fixed positions cannot be loaded: export the file as CSV or Excel.")
        return FileInspection(FIXED_WIDTH, tables, "", tuple(notes), needs)
    whole = [table for table in tables if table.columns]
    if not whole:
        return FileInspection(format, tables, "", ("No sheet or file has rows.",), needs)
    # A crosswalk maps one layout; the largest table is drafted, the others by name.
    chosen = max(whole, key=lambda table: (sum(c.element is not None for c in table.columns), table.rows))
    alike = [t for t in whole if are_alike(chosen, t)]
    of = of_sheets(alike, path.name) if format == "xlsx" and len(alike) > 1 else None
    if of is not None:
        notes.append(
            f"{len(alike)} sheets have one layout, and are loaded together: {listed([t.name for t in alike])}."
        )
    if len(alike) < len(whole):
        others = counted(len(whole) - len(alike), "other table")
        said = (
            f"{others} of {path.name} {'is' if others.startswith('1 ') else 'are'} not read with them."
            if of is not None
            else f"A crosswalk maps one layout, and {path.name} has {counted(len(whole), 'table')}: this one is for {chosen.name}."
        )
        notes.append(f"{said} Draft the others with: throughway crosswalk draft FILE --table NAME.")
    of = of or TableOfFile(
        chosen.name, chosen.source or SourceLayout(), chosen.columns, (chosen.name,), chosen.year
    )
    return FileInspection(format, tables, draft(of), tuple(notes), needs, of)


def _standard(
    path: Path, format: str, *, into: Path, partner: str, needs: Mapping[str, TableNeed] | None
) -> FileInspection:  # fmt: skip
    """A format whose own reader knows what each column means."""
    staged = reader_of(format)(
        path, into=into, partner=partner or "partner", crosswalk=None, school_year=None
    )
    with load_engine(into) as engine:
        tables = [_of_standard(engine, staged, name, FORMATS[format].title) for name in staged.tables]
    notes = [f"{FORMATS[format].title}: the reader knows its columns, so no crosswalk is needed."]
    if staged.unmapped:
        notes.append(f"Columns that are not read: {', '.join(staged.unmapped)}.")
    if staged.unread:
        notes.append("Kinds of records that are not read: " + ", ".join(f"{kind} ({n:,})" for kind, n in staged.unread.items()) + ".")  # fmt: skip
    return FileInspection(format, tuple(tables), "", tuple(notes), needs)


def _of_standard(engine: Engine, staged: StagedTables, name: str, title: str) -> InspectedTable:
    relation = f"read_parquet({sql_text(str(staged.tables[name]))})"
    known = [e for e in TABLES[name].elements if e != "person_id"]
    present = engine.run(f"SELECT * FROM {relation} LIMIT 0").column_names
    columns = [e for e in known if e in present]
    renamed = ", ".join(f"CAST({e} AS VARCHAR) AS c{n}" for n, e in enumerate(columns))
    select = f"(SELECT {renamed or 'NULL AS c0'} FROM {relation})"
    raw = Raw(name, tidy_headings(columns), select, first_row=1, numbered=False)
    found = tuple(_of_element(profile, name, title) for profile in profiles(engine, raw) if profile.filled)
    rows = int(engine.run(f"SELECT count(*) FROM {relation}").column(0)[0].as_py())
    return InspectedTable(name, rows, found)


def _of_element(profile: ColumnProfile, table: str, title: str) -> ElementGuess:
    found = element(f"{table}.{profile.name}")
    tags = found.law_tags
    restricting = ", ".join(sorted(tags - {"directory", "identifier", "quasi_identifier"}))
    identifying = (
        "identifying"
        if "identifier" in tags
        else "identifying together with others"
        if "quasi_identifier" in tags
        else ""
    )
    return ElementGuess(
        profile,
        found.path,
        1.0,
        f"{title} says so",
        identifier="identifier" in tags,
        sensitive=restricting or identifying,
    )
