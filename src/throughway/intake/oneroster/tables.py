"""The rows of one file of a bundle: its heading held against the layout, its cells against their kinds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from throughway.intake.oneroster.layout import IN_WORDS, Check, OneRosterColumn, check_of, document
from throughway.intake.oneroster.package import CsvFault, OneRosterFinding, Package, cells_of, lines_of

_METADATA = re.compile(r"metadata\.[A-Za-z0-9_.:-]+")

LIFECYCLE = ("status", "dateLastModified")


@dataclass(frozen=True)
class OneRosterRow:
    """One row: its cells by column, and what is wrong with them. `unreadable`: the elements (`table.element`) that cells
    which were emptied, since they are wrong, would have filled."""

    number: int
    cells: dict[str, str]
    findings: tuple[OneRosterFinding, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.cells.get("sourcedId", "")

    def unreadable_of(self, table: str) -> dict[str, str | None]:
        """The elements of a table that the row says in a cell that cannot be read, as staged rows take them."""
        paths = (path.split(".") for path in self.unreadable)
        return {element: None for of, element in paths if of == table}


@dataclass
class OneRosterHeading:
    """How the cells of a row are named; `extensions` and `variants` are told, not refused."""

    names: list[str | None] = field(default_factory=list)
    findings: list[OneRosterFinding] = field(default_factory=list)
    extensions: list[str] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)


def heading(package: Package, name: str) -> OneRosterHeading:
    """The heading of a file, against the version's layout."""
    with package.open(f"{name}.csv") as stream:
        return _heading(package, name, stream)[0]


def rows(package: Package, name: str) -> Iterator[OneRosterRow]:
    """The rows of a file whose heading is right, each with its findings."""
    columns = {column.name: column for column in package.layout.files[name]}
    delta = package.modes[name] == "delta"
    strict = package.layout.version == "1.2"
    checks = {n: (check_of(column), _required(column, strict)) for n, column in columns.items()}
    file = f"{name}.csv"
    with package.open(file) as stream:
        head, lines = _heading(package, name, stream)
        for number, line in lines:
            try:
                cells = cells_of(line, number)
            except CsvFault as fault:
                yield OneRosterRow(
                    number, {}, (OneRosterFinding(fault.code, file, number, "", fault.message),)
                )
                continue
            if len(cells) != len(head.names):
                message = "the row has more or fewer cells than the heading"
                yield OneRosterRow(
                    number, {}, (OneRosterFinding("csv.wrong_cell_count", file, number, "", message),)
                )
                continue
            named = {n: cell for n, cell in zip(head.names, cells, strict=True) if n is not None}
            found = [*_lifecycle(named, delta, strict), *_cells(named, checks)]
            yield OneRosterRow(
                number, named, tuple(_finding(code, file, number, column) for code, column in found)
            )


def _finding(code: str, file: str, row: int, column: str) -> OneRosterFinding:
    return OneRosterFinding(code, file, row, column, IN_WORDS[code])


def _cells(cells: dict[str, str], checks: dict[str, tuple[Check, bool]]) -> Iterator[tuple[str, str]]:
    for name, (check, required) in checks.items():
        cell = cells.get(name, "")
        if not cell.strip():
            if required:
                yield "row.missing_required_value", name
        elif (name not in LIFECYCLE) and (code := check(cell)):
            yield code, name


def _lifecycle(cells: dict[str, str], delta: bool, strict: bool) -> Iterator[tuple[str, str]]:
    for name in LIFECYCLE:
        cell = cells.get(name, "").strip()
        if not delta:
            if cell and strict:
                yield "row.field_forbidden_in_bulk", name
        elif not cell:
            yield "row.field_required_in_delta", name
        elif name == "status" and cell not in ("active", "tobedeleted"):
            yield "row.invalid_enum", name
        elif name == "dateLastModified" and check_of(OneRosterColumn(name, "datetime", True, ""))(cell):
            yield "row.invalid_datetime", name


def _required(column: OneRosterColumn, strict: bool) -> bool:
    return column.required and (strict or column.name not in document()["lenient"])


def _heading(
    package: Package, name: str, stream: IO[bytes]
) -> tuple[OneRosterHeading, Iterator[tuple[int, str]]]:
    file = f"{name}.csv"
    expected = [column.name for column in package.layout.files[name]]
    lines = lines_of(stream)
    try:
        number, line = next(lines, (1, ""))
        names = cells_of(line, number)
    except CsvFault as fault:
        code = fault.code if fault.code == "csv.invalid_encoding" else "schema.header_order_mismatch"
        return OneRosterHeading(findings=[OneRosterFinding(code, file, 1, "", fault.message)]), lines
    if package.layout.version == "1.2":
        return _strict(file, names, expected), lines
    return _lenient(file, names, package.layout.files[name]), lines


def _strict(file: str, names: Sequence[str], expected: Sequence[str]) -> OneRosterHeading:
    """1.2: order and case are fixed, extensions come last and are called `metadata.`."""
    head = OneRosterHeading(names=[n if n in expected else None for n in names])
    extensions = [n for n in names if n.startswith("metadata.")]
    plain = [n for n in names if not n.startswith("metadata.")]
    head.extensions = extensions
    if plain[: len(expected)] != list(expected):
        message = "the columns are not those of the standard, in its order"
        head.findings.append(OneRosterFinding("schema.header_order_mismatch", file, 1, "", message))
        return head
    if len(plain) > len(expected):
        message = "a column beyond the standard must be named with the prefix `metadata.`"
        head.findings.append(OneRosterFinding("schema.invalid_metadata_header", file, 1, "", message))
    if any(n.startswith("metadata.") for n in names[: len(expected)]):
        message = "columns of the prefix `metadata.` come after those of the standard"
        head.findings.append(OneRosterFinding("schema.metadata_column_position", file, 1, "", message))
    if len(set(extensions)) != len(extensions) or not all(_METADATA.fullmatch(n) for n in extensions):
        message = "a column of the prefix `metadata.` has no name of its own"
        head.findings.append(OneRosterFinding("schema.invalid_metadata_header", file, 1, "", message))
    return head


def _lenient(file: str, names: Sequence[str], columns: Sequence[OneRosterColumn]) -> OneRosterHeading:
    """1.1: exports differ in order, so columns are found by name; other columns are told."""
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
        message = "a column is there twice"
        head.findings.append(OneRosterFinding("schema.header_order_mismatch", file, 1, "", message))
    missing = [c.name for c in columns if _required(c, False) and c.name not in found]
    if missing:
        message = f"the column {missing[0]} is missing"
        head.findings.append(OneRosterFinding("schema.header_order_mismatch", file, 1, missing[0], message))
    return head
