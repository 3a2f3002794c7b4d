"""The services of an HSDS file, each as one nested object, whether it came as JSON or as CSV tables with a datapackage.json.

What is wrong is a problem with its file, row and column, and never repeats a value.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

from throughway.core.refusals import Refused
from throughway.core.spreadsheet import plain
from throughway.intake.load_report import ProblemLine
from throughway.intake.source_files import SourceFile, source_files

Row = dict[str, Any]
LARGEST = 50 * 1024 * 1024  # bytes of one file
# Tables that are read, with the file that a package without a readable datapackage.json names them by.
TABLES: Mapping[str, str] = {
    "organization": "organizations.csv",
    "program": "programs.csv",
    "service": "services.csv",
    "service_at_location": "service_at_location.csv",
    "location": "locations.csv",
    "address": "addresses.csv",
    "schedule": "schedules.csv",
    "language": "languages.csv",
    "phone": "phones.csv",
    "contact": "contacts.csv",
    "cost_option": "cost_options.csv",
    "attribute": "attributes.csv",
    "taxonomy_term": "taxonomy_terms.csv",
    "service_capacity": "service_capacity.csv",
    "unit": "units.csv",
}
# Lists of a service, location or service at a location, by the table of their rows.
LISTS = {
    "schedule": "schedules", "language": "languages", "phone": "phones", "contact": "contacts", "cost_option": "cost_options",
    "service_capacity": "capacities",
}  # fmt: skip
REFERENCES: Mapping[str, tuple[tuple[str, str, bool], ...]] = {
    # table → (column, table that it points to, whether it is required)
    "service": (("organization_id", "organization", True), ("program_id", "program", False)),
    "service_at_location": (("service_id", "service", True), ("location_id", "location", True)),
    "address": (("location_id", "location", False),),
    "schedule": (("service_id", "service", False), ("location_id", "location", False),
                 ("service_at_location_id", "service_at_location", False)),
    "language": (("service_id", "service", False), ("location_id", "location", False)),
    "phone": (("service_id", "service", False), ("location_id", "location", False), ("organization_id", "organization", False),
              ("service_at_location_id", "service_at_location", False)),
    "contact": (("service_id", "service", False), ("organization_id", "organization", False)),
    "cost_option": (("service_id", "service", True),),
    "attribute": (("taxonomy_term_id", "taxonomy_term", True),),
    "service_capacity": (("service_id", "service", True), ("unit_id", "unit", True)),
}  # fmt: skip


@dataclass(frozen=True)
class ServiceRecord:
    """One service with all that belongs to it, and where it stands in the file."""

    service: Row
    file: str
    row: str


@dataclass
class DirectoryFile:
    """What a file holds. `unread`: number of records of kinds that are not read. `broken`: services that were set aside by the reader,
    counted in `read`."""

    services: list[ServiceRecord] = field(default_factory=list)
    problems: list[ProblemLine] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    broken: int = 0

    def problem(self, file: str, row: object, column: str, problem: str, cure: str) -> None:
        self.problems.append(ProblemLine(file, str(row or ""), column, problem, cure))


def read(path: Path) -> DirectoryFile:
    """The services at a path: a JSON file, or a folder or zip of CSV tables or of JSON. Refused when it holds neither."""
    files, _ = source_files(path, (".csv", ".json"), code="wrong_format", what="CSV or JSON file of HSDS")
    found = DirectoryFile()
    tables = [file for file in files if file.name.lower().endswith(".csv")]
    if tables or (len(files) == 1 and _stem(files[0].name) == "datapackage"):
        _read_tables(files, found)
    else:
        for file in files:
            _read_json(file, found)
    if not found.services and not found.broken:
        raise Refused(
            f"{path.name} holds no service of HSDS; export the directory as HSDS 3.", code="wrong_format"
        )
    return found


def _text(file: SourceFile) -> str:
    """In UTF-8, or as older systems wrote it."""
    with file.open() as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(
            f"{PurePosixPath(file.name).name} is larger than 50 MB; send the directory in parts.",
            code="too_large",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _json(file: SourceFile, found: DirectoryFile) -> Any:
    """The value of a JSON file; None, with a problem, where it is none."""
    try:
        return json.loads(_text(file))
    except (json.JSONDecodeError, RecursionError):
        found.problem(file.name, "", "", "this is not JSON", "export it again")
        return None


def _stem(name: str) -> str:
    return PurePosixPath(name).stem.lower()


def _read_json(file: SourceFile, found: DirectoryFile) -> None:
    value = _json(file, found)
    if value is None:
        return
    if isinstance(value, dict) and isinstance(pages := value.get("total_pages"), int) and pages > 1:
        found.problem(file.name, "", "total_pages", "this is one page of several", "load the other pages too")
    for place, (service, fault) in enumerate(_services(value), 1):
        if fault:
            found.broken += 1
            found.problem(file.name, place, "", fault, "export it as HSDS 3")
        else:
            found.services.append(ServiceRecord(service, file.name, str(place)))


def _services(value: Any) -> Iterator[tuple[Row, str]]:
    """The services of a value: a service, an organization with services, a service at a location, a page or a list of these."""
    if isinstance(value, list):
        for each in value:
            yield from _services(each)
    elif not isinstance(value, dict):
        yield {}, "this is no service"
    elif isinstance(value.get("contents"), list):
        yield from _services(value["contents"])
    elif isinstance(value.get("services"), list):
        organization = {name: item for name, item in value.items() if name != "services"}
        for service, fault in _services(value["services"]):
            yield ({"organization": organization} | service, fault)
    elif isinstance(value.get("service"), dict):
        at = {name: item for name, item in value.items() if name != "service"}
        for service, fault in _services(value["service"]):
            yield (service | {"service_at_locations": [at]}, fault)
    elif "status" in value or "organization" in value:
        yield value, ""
    else:
        yield {}, "this is no service"


def _read_tables(files: Sequence[SourceFile], found: DirectoryFile) -> None:
    named = _named_tables(files, found)
    rows: dict[str, dict[str, Row]] = {table: {} for table in TABLES}
    where: dict[int, tuple[str, int]] = {}
    for file in files:
        if not file.name.lower().endswith(".csv"):
            continue
        table = named.get(PurePosixPath(file.name).name.lower(), "")
        for number, row in _rows(file, found):
            if table not in TABLES:
                found.unread[table or _stem(file.name)] += 1
                continue
            id = row.get("id", "")
            if not id or id in rows[table]:
                problem = "a row of this id stands above" if id else "the row has no id"
                found.problem(file.name, number, "id", problem, "give each row an id of its own")
                found.broken += table == "service"
                found.unread[table] += table != "service"
                continue
            rows[table][id] = row
            where[id_of(row)] = (file.name, number)
    _check_references(rows, where, found)
    _nest(rows)
    for service in rows["service"].values():
        file_name, number = where[id_of(service)]
        found.services.append(ServiceRecord(service, file_name, str(number)))
    if not any(
        file.name.lower().endswith(".csv") and named.get(PurePosixPath(file.name).name.lower()) == "service"
        for file in files
    ):
        raise Refused(
            "The package has no services.csv, so it lists no service; export it again.", code="wrong_format"
        )


id_of = id  # rows are told apart as objects: ids of different tables may be equal


def _named_tables(files: Sequence[SourceFile], found: DirectoryFile) -> dict[str, str]:
    """Table by name of file: as the datapackage.json says, else as the specification names them."""
    usual = {name: table for table, name in TABLES.items()}
    package = next(
        (file for file in files if PurePosixPath(file.name).name.lower() == "datapackage.json"), None
    )
    if package is None:
        return usual
    value = _json(package, found)
    resources = value.get("resources") if isinstance(value, dict) else None
    if not isinstance(resources, list):
        if value is not None:
            found.problem(
                package.name, "", "resources", "it lists no tables", "export the data package again"
            )
        return usual
    told = {
        PurePosixPath(str(each.get("path"))).name.lower(): str(each.get("name"))
        for each in resources
        if isinstance(each, dict) and isinstance(each.get("path"), str)
    }
    return usual | told


def _rows(file: SourceFile, found: DirectoryFile) -> Iterator[tuple[int, Row]]:
    """The rows that have as many cells as the head, by line; cells without text are left out, and so is the quote that keeps a text from
    being a formula."""
    reader = csv.reader(StringIO(_text(file), newline=""), strict=True)
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                found.problem(file.name, reader.line_num, "", "the row has more or fewer cells than the head", "put a cell that holds a comma in double quotes")  # fmt: skip
                found.broken += _stem(file.name) == "services"
                continue
            yield (
                reader.line_num,
                {name: plain(cell.strip()) for name, cell in zip(head, cells, strict=True) if cell.strip()},
            )
    except csv.Error:
        found.problem(
            file.name,
            reader.line_num + 1,
            "",
            "the quotation marks do not match",
            "close each that is opened",
        )


def _check_references(
    rows: dict[str, dict[str, Row]], where: Mapping[int, tuple[str, int]], found: DirectoryFile
) -> None:
    """Sets aside each row that points to a row that is not there. A service without its organization is kept: its partner is known."""
    for table, references in REFERENCES.items():
        for id, row in list(rows[table].items()):
            for column, target, required in references:
                value = row.get(column)
                if value in rows[target] or (value is None and not required):
                    continue
                file, number = where[id_of(row)]
                problem = f"it names no row of {TABLES[target]}" if value else "it is empty"
                found.problem(
                    file, number, column, problem, f"add the row to {TABLES[target]}, or mend the id"
                )
                row.pop(column, None)
                if required and table != "service":
                    found.unread[table] += 1
                    rows[table].pop(id, None)
                    break


def _nest(rows: dict[str, dict[str, Row]]) -> None:
    """Puts each row into the one that it belongs to, as the JSON form has it."""
    for address in rows["address"].values():
        _add(rows["location"], address.get("location_id"), "addresses", address)
    for capacity in rows["service_capacity"].values():
        capacity["unit"] = rows["unit"].get(capacity.get("unit_id", ""), {})
    for table, name in LISTS.items():
        for row in rows[table].values():
            for column, target in (
                ("service_id", "service"), ("service_at_location_id", "service_at_location"), ("location_id", "location"),
                ("organization_id", "organization"),
            ):  # fmt: skip
                if _add(rows[target], row.get(column), name, row):
                    break
    for attribute in rows["attribute"].values():
        attribute["taxonomy_term"] = rows["taxonomy_term"].get(attribute.get("taxonomy_term_id", ""), {})
        _add(rows["service"], attribute.get("link_id"), "attributes", attribute)
    for at in rows["service_at_location"].values():
        at["location"] = rows["location"].get(at.get("location_id", ""), {})
        _add(rows["service"], at.get("service_id"), "service_at_locations", at)
    for service in rows["service"].values():
        service["organization"] = rows["organization"].get(service.get("organization_id", ""), {})


def _add(rows: Mapping[str, Row], id: str | None, name: str, row: Row) -> bool:
    if id is None or id not in rows:
        return False
    rows[id].setdefault(name, []).append(row)
    return True
