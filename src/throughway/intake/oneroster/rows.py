"""The rows of a file of a bundle, many at once and column by column: its heading, its cells, and what is wrong with a row by itself."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from types import MappingProxyType
from typing import IO

from throughway.intake.oneroster.layout import IN_WORDS, Check, OneRosterColumn, check_of, document
from throughway.intake.oneroster.package import (
    LONGEST,
    CsvFault,
    OneRosterFinding,
    Package,
    cells_of,
    lines_of,
)
from throughway.intake.staging import RowFault

BLOCK = 1 << 18  # bytes of a file that are read at once; a line that they cut is read to its end

_METADATA = re.compile(r"metadata\.[A-Za-z0-9_.:-]+")

LIFECYCLE = ("status", "dateLastModified")


@dataclass(frozen=True)
class OneRosterRow:
    """One row: its cells by column. `unreadable`: for each wrong cell that was emptied, the element (`table.element`) that it
    would have filled, and the fault."""

    number: int
    cells: dict[str, str]
    unreadable: Mapping[str, RowFault] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.cells.get("sourcedId", "")

    def unreadable_of(self, table: str) -> dict[str, str | RowFault]:
        """The elements of a table whose cells in the row cannot be read, as staged rows take them."""
        return {
            fault.element: fault for path, fault in self.unreadable.items() if path.startswith(f"{table}.")
        }


Findings = dict[int, list[OneRosterFinding]]  # by the number of the row


@dataclass(frozen=True)
class RowBlock:
    """Many consecutive rows of a file, column by column, since a check then looks once at each different cell. `broken`: the rows that
    cannot be split, which have no cells."""

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[str]]
    broken: Findings

    def column(self, name: str) -> Sequence[str]:
        """The cells of a column, blank where the file does not have it."""
        return self.columns.get(name) or ("",) * len(self.numbers)

    def only(self, chosen: Sequence[bool], emptied: Mapping[int, Iterable[str]] = MappingProxyType({})) -> "RowBlock":  # fmt: skip
        """Some of the rows that are not broken, with some cells empty (columns, by row)."""
        numbers = list(compress(self.numbers, chosen))
        columns = {name: list(compress(cells, chosen)) for name, cells in self.columns.items()}
        for place, number in enumerate(numbers if emptied else ()):
            for name in columns.keys() & emptied.get(number, ()):
                columns[name][place] = ""
        return RowBlock(numbers, columns, {})

    def rows(self) -> Iterator[OneRosterRow]:
        names = tuple(self.columns)
        for number, cells in zip(self.numbers, zip(*self.columns.values(), strict=True), strict=True):
            yield OneRosterRow(number, dict(zip(names, cells, strict=True)))
        for number in self.broken:
            yield OneRosterRow(number, {})


@dataclass
class OneRosterHeading:
    """The columns of a file's heading; `extensions` and `variants` are reported, not refused."""

    names: list[str | None] = field(default_factory=list)
    findings: list[OneRosterFinding] = field(default_factory=list)
    extensions: list[str] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)


def heading(package: Package, name: str) -> OneRosterHeading:
    """The heading of a file, against the version's layout."""
    with package.open(f"{name}.csv") as stream:
        return _heading(package, name, stream)[0]


def blocks(package: Package, name: str) -> Iterator[RowBlock]:
    """The rows of a file whose heading is right; CsvFault where it is not UTF-8."""
    with package.open(f"{name}.csv") as stream:
        head, row = _heading(package, name, stream)
        while raw := stream.read(BLOCK):
            if not raw.endswith(b"\n"):
                raw += _rest_of_line(stream, row + raw.count(b"\n"))
            try:
                text = raw.decode().replace("\r\n", "\n")
            except UnicodeDecodeError as error:
                at = row + raw.count(b"\n", 0, error.start) + 1
                raise CsvFault("csv.invalid_encoding", at, "the text is not UTF-8") from None
            text = text[:-1] if text.endswith("\n") else text.removesuffix("\r")
            yield _block(f"{name}.csv", head.names, row + 1, text)
            row += text.count("\n") + 1


def _rest_of_line(stream: IO[bytes], row: int) -> bytes:
    rest = stream.readline(LONGEST)
    if len(rest) == LONGEST and not rest.endswith(b"\n"):
        raise CsvFault("csv.invalid_encoding", row + 1, "a line is longer than any row can be")
    return rest


def _block(file: str, names: Sequence[str | None], row: int, text: str) -> RowBlock:
    columns = _regular(text, len(names))
    if columns is not None:
        return RowBlock(range(row, row + len(columns[0])), _named(names, columns), {})
    kept: dict[int, list[str]] = {}
    broken: Findings = {}
    for number, line in enumerate(text.split("\n"), start=row):
        if not line:
            continue
        try:
            cells = cells_of(line, number)
        except CsvFault as fault:
            broken[number] = [OneRosterFinding(fault.code, file, number, "", fault.message)]
            continue
        if len(cells) == len(names):
            kept[number] = cells
        else:
            message = "the row has more or fewer cells than the heading"
            broken[number] = [OneRosterFinding("csv.wrong_cell_count", file, number, "", message)]
    return RowBlock(list(kept), _named(names, list(zip(*kept.values(), strict=True))), broken)


def _named(names: Sequence[str | None], columns: Sequence[Sequence[str]]) -> dict[str, Sequence[str]]:
    return {name: cells for name, cells in zip(names, columns, strict=False) if name is not None}


def _regular(text: str, width: int) -> list[list[str]] | None:
    """The columns of lines that all have `width` cells, without quotes or each in quotes, as systems mostly write them; None for any others."""
    lines = text.count("\n") + 1
    quotes = text.count('"')
    comma, end = (",", "\n") if not quotes else ('","', '"\n"')
    if width < 2 or "\r" in text or quotes not in (0, 2 * width * lines):
        return None
    if quotes and text[0] + text[-1] != '""':
        return None
    # One split for all lines: each is followed by a cell that is only the line's end, so that a line of another width shows.
    cells = (text[1:-1] if quotes else text).replace(end, f"{comma}\n{comma}").split(comma)
    step = width + 1
    if len(cells) != lines * step - 1 or cells[width::step].count("\n") != lines - 1:
        return None
    return [cells[n::step] for n in range(width)]


def rows(package: Package, name: str) -> Iterator[OneRosterRow]:
    """The rows of a file whose heading is right, one by one."""
    for block in blocks(package, name):
        yield from block.rows()


REMEMBERED = 50_000  # cells of a column that are right; the columns of most rows hold a few, again and again


class CellChecks:
    """What the standard says of the cells of a file."""

    def __init__(self, package: Package, name: str) -> None:
        self._file = f"{name}.csv"
        self._strict = package.layout.version == "1.2"
        self._delta = package.modes[name] == "delta"
        self._right: dict[str, set[str]] = defaultdict(set)  # by column, cells that were found right before
        # The rules of the lifecycle come first.
        self._checks = [(name, self._of_lifecycle(name)) for name in LIFECYCLE]
        self._checks += [
            (column.name, self._of_column(column))
            for column in package.layout.files[name]
            if column.name not in LIFECYCLE
        ]

    def findings(self, block: RowBlock) -> Findings:
        """What is wrong with rows by themselves."""
        found: Findings = defaultdict(list, block.broken)
        for column, check in self._checks:
            cells = block.column(column)
            right = self._right[column]
            new = set(cells) - right
            wrong = {cell: code for cell in new if (code := check(cell))}
            if not wrong and len(right) < REMEMBERED:
                right |= new
            if wrong:
                for number, cell in zip(block.numbers, cells, strict=True):
                    if code := wrong.get(cell):
                        found[number].append(
                            OneRosterFinding(code, self._file, number, column, IN_WORDS[code])
                        )
        return found

    def _of_column(self, column: OneRosterColumn) -> Check:
        blank = "row.missing_required_value" if _required(column, self._strict) else None
        right = check_of(column)
        return lambda cell: right(cell) if cell.strip() else blank

    def _of_lifecycle(self, name: str) -> Check:
        if not self._delta:
            return lambda cell: "row.field_forbidden_in_bulk" if self._strict and cell.strip() else None
        kind = "enum" if name == "status" else "datetime"
        right = check_of(OneRosterColumn(name, kind, True, "status"))
        return lambda cell: right(cell.strip()) if cell.strip() else "row.field_required_in_delta"


def _required(column: OneRosterColumn, strict: bool) -> bool:
    return column.required and (strict or column.name not in document()["lenient"])


def _heading(package: Package, name: str, stream: IO[bytes]) -> tuple[OneRosterHeading, int]:
    """The heading, and the number of its line."""
    file = f"{name}.csv"
    expected = [column.name for column in package.layout.files[name]]
    try:
        number, line = next(lines_of(stream), (1, ""))
        names = cells_of(line, number)
    except CsvFault as fault:
        code = fault.code if fault.code == "csv.invalid_encoding" else "schema.header_order_mismatch"
        return OneRosterHeading(findings=[OneRosterFinding(code, file, 1, "", fault.message)]), 1
    if package.layout.version == "1.2":
        return _strict(file, names, expected), number
    return _lenient(file, names, package.layout.files[name]), number


def _strict(file: str, names: Sequence[str], expected: Sequence[str]) -> OneRosterHeading:
    """1.2: order and case are fixed; extensions come last and have the prefix `metadata.`."""
    head = OneRosterHeading(names=[n if n in expected else None for n in names])
    extensions = [n for n in names if n.startswith("metadata.")]
    plain = [n for n in names if not n.startswith("metadata.")]
    head.extensions = extensions
    if plain[: len(expected)] != list(expected):
        message = "the columns are not those of the standard, or are in another order"
        head.findings.append(OneRosterFinding("schema.header_order_mismatch", file, 1, "", message))
        return head
    if len(plain) > len(expected):
        message = "a column beyond the standard must be named with the prefix `metadata.`"
        head.findings.append(OneRosterFinding("schema.invalid_metadata_header", file, 1, "", message))
    if any(n.startswith("metadata.") for n in names[: len(expected)]):
        message = "columns with the prefix `metadata.` must come after those of the standard"
        head.findings.append(OneRosterFinding("schema.metadata_column_position", file, 1, "", message))
    if len(set(extensions)) != len(extensions) or not all(_METADATA.fullmatch(n) for n in extensions):
        message = "a column has only the prefix `metadata.` and no name"
        head.findings.append(OneRosterFinding("schema.invalid_metadata_header", file, 1, "", message))
    return head


def _lenient(file: str, names: Sequence[str], columns: Sequence[OneRosterColumn]) -> OneRosterHeading:
    """1.1: exports differ in order, so columns are found by name; other columns are reported."""
    known = {column.name.lower(): column.name for column in columns}
    variants = document()["variants"]
    head = OneRosterHeading()
    for given in names:
        plain = given.strip().lower()
        name = known.get(plain) or known.get(str(variants.get(plain, "")).lower())
        if name is None:
            head.extensions.append(given)
        elif name != given:
            head.variants.append(name)
        head.names.append(name)
    found = [n for n in head.names if n is not None]
    if len(set(found)) != len(found):
        message = "a column appears twice"
        head.findings.append(OneRosterFinding("schema.header_order_mismatch", file, 1, "", message))
    missing = [c.name for c in columns if _required(c, False) and c.name not in found]
    if missing:
        message = f"the column {missing[0]} is missing"
        head.findings.append(OneRosterFinding("schema.header_order_mismatch", file, 1, missing[0], message))
    return head
