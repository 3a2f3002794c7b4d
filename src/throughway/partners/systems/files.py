"""Data systems as a file says them: YAML with one section for each system, or CSV with one line for each holding."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from throughway.core.refusals import Refused
from throughway.partners.csv_lists import CsvRow
from throughway.partners.systems.holdings import holdings_of
from throughway.partners.systems.system import Refresh, Regime, SystemStatement
from throughway.partners.systems.system_checks import said_of, word

COLUMNS = ("partner", "system", "owner", "steward", "regime", "refresh", "note", "element", "from", "to")
ONCE = (
    "owner",
    "steward",
    "regime",
    "refresh",
    "note",
)  # said on the first line of a system, or the same on each


def from_values(values: object, partner: str | None) -> list[tuple[str, SystemStatement]]:
    """(partner, system) of the plain values of a YAML or JSON text: `systems`, a list. `partner` stands for those of the
    list that name none. Refused, naming the place."""
    if (
        not isinstance(values, Mapping)
        or values.keys() != {"systems"}
        or not isinstance(values["systems"], list)
    ):
        raise Refused("A file of data systems is one section, systems, with a list of them.", code="bad_file")
    found = []
    for place, each in enumerate(values["systems"], 1):
        where = f"System {place} of the file"
        if not isinstance(each, Mapping):
            raise Refused(f"{where} is no section; begin it with name.", code="bad_file")
        fields = {str(key): value for key, value in each.items()}
        whose = _whose(fields.pop("partner", None), partner, where)
        found.append((whose, said_of(fields, where=where)))
    return _once_each(found)


def from_lines(lines: Sequence[CsvRow], partner: str | None) -> list[tuple[str, SystemStatement]]:
    """(partner, system) of the lines of a CSV. Refused, naming the line."""
    found: dict[tuple[str, str], SystemStatement] = {}
    for line in lines:
        whose = _whose(line.cells["partner"], partner, f"Line {line.number}")
        name = line.text("system", "name of a system")
        before = found.get((whose, name))
        here = _said(line, name, before)
        held = holdings_of(
            line.text("element", "element"), line.day("from"), line.day("to"), where=f"Line {line.number}"
        )
        found[whose, name] = replace(here, holdings=(*here.holdings, *held))
    return [(whose, said) for (whose, _), said in found.items()]


def _said(line: CsvRow, name: str, before: SystemStatement | None) -> SystemStatement:
    cells = {column: line.cells[column] for column in ONCE}
    if before is None:
        where = f"Line {line.number}"
        regime = word(Regime, cells["regime"], where=where, what="regime")
        refresh = word(Refresh, cells["refresh"], where=where, what="refresh")
        return SystemStatement(name, cells["owner"], cells["steward"], regime, refresh, cells["note"], ())
    for column, value in cells.items():
        if value and value.lower() != str(getattr(before, column)).lower():
            raise line.wrong(f"says another {column} of a system than the line before; write it once")
    return before


def _whose(named: object, default: str | None, where: str) -> str:
    whose = str(named or default or "").strip()
    if not whose:
        raise Refused(
            f"{where} does not say whose it is; name its partner, or give --partner.", code="no_partner"
        )
    return whose


def _once_each(found: list[tuple[str, SystemStatement]]) -> list[tuple[str, SystemStatement]]:
    places = [(whose, said.name.strip()) for whose, said in found]
    for place, each in enumerate(places, 1):
        if each in places[: place - 1]:
            raise Refused(f"System {place} of the file stands there twice; keep one of them.", code="twice")
    return found
