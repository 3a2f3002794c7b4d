"""The data systems of partners: the statement about one, its validation, and its YAML and CSV forms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from throughway.core.refusals import Refused, nearest
from throughway.partners.csv_lists import CsvRow
from throughway.vocabulary import TABLES, covered

AS_LOADED = "As loaded here"  # the name of the system that represents a partner's loaded data
MAX_NAME = 200
MAX_NOTE = 2000
W = TypeVar("W", bound=StrEnum)
FIELDS = ("name", "owner", "steward", "regime", "refresh", "note", "holdings")
COLUMNS = ("partner", "system", "owner", "steward", "regime", "refresh", "note", "element", "from", "to")
REPEATED = (
    "owner",
    "steward",
    "regime",
    "refresh",
    "note",
)  # given on the first line of a system, or the same on each


@dataclass(frozen=True)
class Holding:
    """`table.column` of the vocabulary, held from the first day to the last. `first` None: nobody knows since when;
    `last` None: to this day."""

    element: str
    first: date | None = None
    last: date | None = None

    @property
    def table(self) -> str:
        return self.element.partition(".")[0]

    @property
    def column(self) -> str:
        return self.element.partition(".")[2]


def holdings_of(pattern: str, first: date | None, last: date | None, *, where: str) -> tuple[Holding, ...]:
    """The holdings of `table.column` or `table.*`; `where` begins the sentence of a refusal.

    As in an agreement, a wildcard leaves out what must be named one by one. Refused (unknown_element, bad_period).
    """
    try:
        found = covered(pattern)
    except KeyError:
        raise Refused(
            f"{where} names {_shown(pattern)}, which is {_nearest(pattern)}.", code="bad_element"
        ) from None
    if first is not None and last is not None and last < first:
        raise Refused(f"{where} ends before it begins; mend one of the two days.", code="bad_period")
    return tuple(Holding(element.path, first, last) for element in found)


def merged(holdings: Iterable[Holding]) -> tuple[Holding, ...]:
    """Each element once, in the order of the vocabulary; one that is named twice is held over both times."""
    widest: dict[str, Holding] = {}
    for new in holdings:
        old = widest.get(new.element, new)
        first = min(old.first, new.first) if old.first and new.first else None
        last = max(old.last, new.last) if old.last and new.last else None
        widest[new.element] = Holding(new.element, first, last)
    order = {f"{table.name}.{name}": None for table in TABLES.values() for name in table.elements}
    known = [path for path in order if path in widest]
    return tuple(widest[path] for path in [*known, *sorted(widest.keys() - order.keys())])


def periods(holdings: Sequence[Holding]) -> dict[str, tuple[date | None, date | None]]:
    """The period in which a system has anything of each table."""
    found: dict[str, tuple[date | None, date | None]] = {}
    for table in dict.fromkeys(holding.table for holding in holdings):
        of_table = [holding for holding in holdings if holding.table == table]
        firsts, lasts = [h.first for h in of_table], [h.last for h in of_table]
        first = None if None in firsts else min(day for day in firsts if day)
        last = None if None in lasts else max(day for day in lasts if day)
        found[table] = (first, last)
    return found


def _shown(pattern: str) -> str:
    return ascii(pattern)[1:-1][:80] or "nothing"


def _nearest(pattern: str) -> str:
    """The unknown name and the nearest known one."""
    table, _, column = pattern.partition(".")
    if table not in TABLES:
        near = nearest(table, TABLES)
        names = [element.path for each in TABLES.values() for element in each.elements.values()]
        near = [f"{near[0]}.{column or '*'}"] if near else nearest(pattern, names)
        return f"no table of the vocabulary{f'; the nearest is {near[0]}' if near else ''}"
    if not column:
        return f"a whole table; write {table}.* for all of it, or one element such as {table}.{next(iter(TABLES[table].elements))}"
    near = nearest(column, TABLES[table].elements)
    return f"no element of the vocabulary{f'; the nearest is {table}.{near[0]}' if near else f'; {table}.* is all of the table'}"


class Regime(StrEnum):
    """The law that a system's records are kept under, before any agreement."""

    FERPA = "ferpa"
    IDEA = "idea"
    HIPAA = "hipaa"
    PART2 = "part2"
    HMIS = "hmis"
    CHILD_WELFARE = "child_welfare"
    UI = "ui"
    OWN = "own"
    OTHER = "other"


class Refresh(StrEnum):
    """How often the data of a system are updated."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    TERMLY = "termly"
    YEARLY = "yearly"
    ONCE = "once"
    IRREGULAR = "irregular"


class Origin(StrEnum):
    """How the register came to know a system."""

    HAND = "hand"
    FILE = "file"
    LOADS = "loads"


class SystemEventKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    RETIRED = "retired"
    RESTORED = "restored"


REGIME_LABELS: Mapping[Regime, str] = {
    Regime.FERPA: "Education records (FERPA)",
    Regime.IDEA: "Special education records (IDEA and FERPA)",
    Regime.HIPAA: "Health records (HIPAA)",
    Regime.PART2: "Treatment of substance use (42 CFR Part 2)",
    Regime.HMIS: "Homeless services (HMIS rules)",
    Regime.CHILD_WELFARE: "Child welfare records (State law and CAPTA)",
    Regime.UI: "Unemployment insurance wage records (20 CFR part 603)",
    Regime.OWN: "The partner’s own records, under its own rules",
    Regime.OTHER: "Another law, named in the note",
}
REFRESH_LABELS: Mapping[Refresh, str] = {
    Refresh.DAILY: "every day",
    Refresh.WEEKLY: "every week",
    Refresh.MONTHLY: "every month",
    Refresh.TERMLY: "every term",
    Refresh.YEARLY: "every year",
    Refresh.ONCE: "once, and not again",
    Refresh.IRREGULAR: "when something comes",
}
ORIGIN_LABELS: Mapping[Origin, str] = {
    Origin.HAND: "entered here",
    Origin.FILE: "from a file",
    Origin.LOADS: "from what was loaded",
}
EVENT_LABELS: Mapping[SystemEventKind, str] = {
    SystemEventKind.ADDED: "Entered",
    SystemEventKind.CHANGED: "Changed",
    SystemEventKind.RETIRED: "Retired",
    SystemEventKind.RESTORED: "In use again",
}


@dataclass(frozen=True)
class SystemStatement:
    """The statement of a system. `owner` and `steward` are offices, never people; empty only for a system known from loads
    alone."""

    name: str
    owner: str
    steward: str
    regime: Regime
    refresh: Refresh
    note: str
    holdings: tuple[Holding, ...]


def checked(statement: SystemStatement, *, offices: bool = True) -> SystemStatement:
    """The same, trimmed; Refused with one sentence when something is missing, too long, or no office."""
    name, owner, steward, note = (
        _plain(text) for text in (statement.name, statement.owner, statement.steward, statement.note)
    )
    if not name:
        raise Refused("A data system needs a name, such as Student information system.", code="missing_name")
    for what, text in (("owner", owner), ("steward", steward)):
        if offices and not text:
            raise Refused(
                f"Name the {what} of {_short(name)}: an office, such as Office of technology.",
                code=f"missing_{what}",
            )
        if "@" in text:
            raise Refused(
                f"The {what} of {_short(name)} is an e-mail address; name an office, for people come and go.",
                code="no_office",
            )
    if max(map(len, (name, owner, steward))) > MAX_NAME or len(note) > MAX_NOTE:
        raise Refused(
            f"Names of a system and its offices have at most {MAX_NAME} characters, a note {MAX_NOTE:,}; shorten {_short(name)}.",
            code="too_long",
        )
    if statement.regime is Regime.OTHER and not note:
        raise Refused(f"{_short(name)} is under another law; name the law in the note.", code="missing_note")
    if not statement.holdings:
        raise Refused(f"Say what {_short(name)} holds: at least one element.", code="no_holdings")
    return SystemStatement(
        name, owner, steward, statement.regime, statement.refresh, note, merged(statement.holdings)
    )


def choice(kind: type[W], value: object, *, where: str, what: str) -> W:
    """The choice with that name. Refused for any other, with the list and the nearest match."""
    text = str(value if value is not None else "").strip().lower()
    if text in set(kind):
        return kind(text)
    near = nearest(text, [each.value for each in kind])
    hint = f"; the nearest is {near[0]}" if near else ""
    raise Refused(f"{where} has no {what} that is known{hint}; choose {', '.join(kind)}.", code=f"bad_{what}")


def statement_from(values: Mapping[str, object], *, where: str) -> SystemStatement:
    """The statement in the plain values of a file; `where` begins the sentence of a refusal."""
    unknown = sorted(values.keys() - {*FIELDS})
    if unknown:
        near = nearest(unknown[0], FIELDS)
        raise Refused(
            f"{where} has a field {ascii(unknown[0])[1:-1][:60]}, which a system does not have{f'; {near[0]} is meant perhaps' if near else ''}.",
            code="bad_field",
        )
    texts = {part: _text(values.get(part), where, part) for part in ("name", "owner", "steward", "note")}
    listed = values.get("holdings")
    if not isinstance(listed, list):
        raise Refused(f"{where} needs holdings: a list of elements with from and to.", code="no_holdings")
    holdings: list[Holding] = []
    for place, each in enumerate(listed, 1):
        holdings += _holding(each, f"{where}, holding {place},")
    return SystemStatement(
        **texts, regime=choice(Regime, values.get("regime"), where=where, what="regime"),
        refresh=choice(Refresh, values.get("refresh"), where=where, what="refresh"), holdings=tuple(holdings),
    )  # fmt: skip


def day(value: object, *, where: str) -> date | None:
    """The day, None where there is none; Refused when it cannot be read."""
    text = str(value if value is not None else "").strip()
    if not text:
        return None
    try:
        if len(text) != len("2026-09-01"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"{where} has a day that cannot be read; write it as 2026-09-01.", code="bad_day"
        ) from None


def _holding(value: object, where: str) -> tuple[Holding, ...]:
    if isinstance(value, str):
        value = {"element": value}
    if not isinstance(value, Mapping) or not {"element"} <= value.keys() <= {"element", "from", "to"}:
        raise Refused(
            f"{where} is not of the shape {{element: table.column, from: day, to: day}}.", code="bad_holding"
        )
    first, last = day(value.get("from"), where=where), day(value.get("to"), where=where)
    return holdings_of(str(value["element"]).strip(), first, last, where=where)


def _text(value: object, where: str, part: str) -> str:
    if isinstance(value, (list, Mapping, bool)):
        raise Refused(f"{where} has a list or a section as its {part}; write a text.", code="bad_field")
    return "" if value is None else str(value)


def _plain(text: str) -> str:
    """Without blanks at its ends, and without characters that no database keeps or no screen shows."""
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        raise Refused(
            "A text of a data system holds half a character or a NUL; type it again.", code="bad_text"
        )
    return text.strip()


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:59]}…"


def from_values(values: object, partner: str | None) -> list[tuple[str, SystemStatement]]:
    """(partner, system) of the plain values of a YAML or JSON text: `systems`, a list. `partner`: for those that name none.
    Refused, naming the place."""
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
            raise Refused(f"{where} is not a section; begin it with name.", code="bad_file")
        fields = {str(key): value for key, value in each.items()}
        whose = _whose(fields.pop("partner", None), partner, where)
        found.append((whose, statement_from(fields, where=where)))
    return _once_each(found)


def from_lines(lines: Sequence[CsvRow], partner: str | None) -> list[tuple[str, SystemStatement]]:
    """(partner, system) of the lines of a CSV. Refused, naming the line."""
    found: dict[tuple[str, str], SystemStatement] = {}
    for line in lines:
        whose = _whose(line.cells["partner"], partner, f"Line {line.number}")
        name = line.text("system", "name of a system")
        before = found.get((whose, name))
        here = _statement_of_row(line, name, before)
        held = holdings_of(
            line.text("element", "element"), line.day("from"), line.day("to"), where=f"Line {line.number}"
        )
        found[whose, name] = replace(here, holdings=(*here.holdings, *held))
    return [(whose, statement) for (whose, _), statement in found.items()]


def _statement_of_row(line: CsvRow, name: str, before: SystemStatement | None) -> SystemStatement:
    cells = {column: line.cells[column] for column in REPEATED}
    if before is None:
        where = f"Line {line.number}"
        regime = choice(Regime, cells["regime"], where=where, what="regime")
        refresh = choice(Refresh, cells["refresh"], where=where, what="refresh")
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
    places = [(whose, statement.name.strip()) for whose, statement in found]
    for place, each in enumerate(places, 1):
        if each in places[: place - 1]:
            raise Refused(f"System {place} is in the file twice; keep one of them.", code="twice")
    return found
