"""The judge: what a reader may see, decided value by value and row by row, slow and obvious.

Written from the meaning of the agreement document and apart from the compiler: it reads the document as people write it
(plain mappings) and shares no code with the grants, the tiers or the SQL.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Row = dict[str, Any]
Document = dict[str, Any]

COMMON = ("source_system", "batch_id", "valid_from", "valid_to", "recorded_at")
COARSE = ["none", "band", "year", "mask", "pseudonym", "suppress"]


@dataclass
class World:
    """`elements`: table to its elements; `restricted`: those that a wildcard leaves out; `days`: table to the names of its
    first and last days; `conditions`: the meaning of each `where` that documents use."""

    elements: dict[str, list[str]]
    restricted: set[str]
    days: dict[str, tuple[list[str], list[str]]]
    conditions: dict[str, Callable[[Row], bool | None]]
    rows: dict[tuple[str, str], list[Row]]
    links: dict[int, int]
    documents: list[Document] = field(default_factory=list)


def in_effect(world: World, document: Document, day: date) -> bool:
    terms = document["terms"]
    if not terms["effective"] <= day <= terms["expires"] or document.get("suspended"):
        return False
    above = document.get("under", [])
    return not above or any(in_effect(world, wider(world, name), day) for name in above)


def wider(world: World, name: str) -> Document:
    return next(d for d in world.documents if d["id"] == name)


def ways_up(world: World, document: Document, day: date) -> Iterator[list[Document]]:
    """The document with the tiers above it, for each way on which all are in effect."""
    if not (document["terms"]["effective"] <= day <= document["terms"]["expires"]) or document.get(
        "suspended"
    ):
        return
    if not document.get("under"):
        yield [document]
    for name in document.get("under", []):
        for way in ways_up(world, wider(world, name), day):
            yield [document, *way]


def disclosers(document: Document, entry: Document) -> list[str]:
    return entry.get("from") or [p["partner"] for p in document["parties"] if "discloser" in p["roles"]]


def recipients(document: Document, entry: Document) -> list[str]:
    return entry.get("recipients") or [p["partner"] for p in document["parties"] if "recipient" in p["roles"]]


def transform_of(
    world: World, document: Document, purpose: str, discloser: str, table: str, column: str
) -> str | None:
    """What the document's schedule says of one element; None: it does not cover it."""
    lines = [
        line
        for line in document["schedule"]
        if purpose in line["purposes"] and (not line.get("from") or discloser in line["from"])
    ]
    named = [line for line in lines if line["element"] == f"{table}.{column}"]
    if named:
        return named[0].get("transform", "none")
    if column == "person_id" and column in world.elements[table]:
        of_table = [line for line in lines if line["element"].startswith(f"{table}.")]
        return "none" if of_table else None
    if column in COMMON:
        return "none" if any(line["element"].startswith(f"{table}.") for line in lines) else None
    wild = [line for line in lines if line["element"] == f"{table}.*"]
    if wild and column in world.elements[table] and f"{table}.{column}" not in world.restricted:
        return coarsest([line.get("transform", "none") for line in wild])
    return None


def coarseness(transform: str) -> tuple[int, int]:
    name, _, width = transform.partition(":")
    return COARSE.index(name), int(width or 0)


def coarsest(transforms: list[str]) -> str:
    return max(transforms, key=coarseness)


@dataclass
class Reader:
    partner: str
    role: str


def ways_in(world: World, reader: Reader, purpose: str, day: date) -> Iterator[tuple[list[Document], str]]:
    """Each (document with its tiers, discloser) under which this reader may read on this day."""
    for document in world.documents:
        for entry in document["purposes"]:
            for way in ways_up(world, document, day):
                for discloser in disclosers(document, entry):
                    if entry["id"] == purpose and may(reader, way, entry, discloser):
                        yield way, discloser


def may(reader: Reader, way: list[Document], entry: Document, discloser: str) -> bool:
    document, *above = way
    if reader.partner not in recipients(document, entry) or reader.role not in entry["roles"]:
        return False
    if entry.get("reach", "all") != "all" or entry["basis"] in ("consent", "directory"):
        return False
    if any(d["terms"]["training"] for d in way):
        return False
    for tier in above:
        parties = {p["partner"]: p["roles"] for p in tier["parties"]}
        if discloser not in parties or reader.partner not in parties:
            return False
        if parties[discloser] and "discloser" not in parties[discloser]:
            return False
        if tier["purposes"]:
            upper = [
                e
                for e in tier["purposes"]
                if e["id"] == entry["id"] and discloser in disclosers(tier, e)
                and reader.partner in recipients(tier, e) and reader.role in e["roles"]
                and e.get("reach", "all") == "all" and e["basis"] not in ("consent", "directory")
            ]  # fmt: skip
            if not upper:
                return False
    return True


def column_under(
    world: World, way: list[Document], purpose: str, discloser: str, table: str, column: str
) -> str | None:
    """The coarsest that the document and its tiers say of the element; a tier without a schedule does not narrow."""
    said = []
    for document in way:
        if document["schedule"]:
            said.append(transform_of(world, document, purpose, discloser, table, column))
        elif document is way[0]:
            return None
    return None if None in said else coarsest([s for s in said if s is not None])


def granted_columns(
    world: World, way: list[Document], purpose: str, discloser: str, table: str
) -> dict[str, str]:
    return {
        column: transform
        for column in (*world.elements[table], *COMMON)
        if (transform := column_under(world, way, purpose, discloser, table, column)) is not None
    }


# ---- rows


def first_day(world: World, table: str, row: Row) -> date | None:
    return next((row[name] for name in world.days[table][0] if row[name] is not None), None)


def last_day(world: World, table: str, row: Row) -> date | None:
    return next((row[name] for name in world.days[table][1] if row[name] is not None), None)


def has_days(world: World, table: str) -> bool:
    return bool(world.days[table][0])


def days_of(world: World, table: str, row: Row) -> tuple[date, date] | None:
    """The days that the row covers; open bounds are far away; None for a single day that is not known."""
    starts, ends = world.days[table]
    first, last = first_day(world, table, row), last_day(world, table, row)
    if starts == ends:
        return None if first is None or last is None else (first, last)
    return first or date.min, last or date.max


def touches(days: tuple[date, date] | None, first: date, last: date) -> bool:
    return days is not None and days[0] <= last and days[1] >= first


def in_records(world: World, way: list[Document], table: str, row: Row) -> bool:
    if not has_days(world, table):
        return True
    windows = [d.get("records", {}) for d in way]
    firsts = [w["from"] for w in windows if w.get("from")]
    lasts = [w["to"] for w in windows if w.get("to")]
    if not firsts and not lasts:
        return True
    days = days_of(world, table, row)
    if days is None:
        return False
    return (not firsts or days[1] >= max(firsts)) and (not lasts or days[0] <= min(lasts))


def known_by(world: World, table: str, row: Row, on: date, today: date) -> bool:
    """On a past day nothing of a later day was so."""
    if on == today or not has_days(world, table):
        return True
    first = first_day(world, table, row)
    return first is None or first <= on


def in_population(
    world: World,
    way: list[Document],
    tier: Document,
    discloser: str,
    table: str,
    row: Row,
    on: date,
    today: date,
) -> bool:
    entries = [e for e in tier.get("population", []) if not e.get("from") or discloser in e["from"]]
    if not entries or "person_id" not in world.elements[table]:
        return True
    for entry in entries:
        for member in world.rows.get((entry["on"], discloser), []):
            if member["person_record"] is None or member["person_record"] != row["person_record"]:
                continue
            if world.conditions[entry["where"]](member) is not True or not known_by(
                world, entry["on"], member, on, today
            ):
                continue
            if belongs(world, way, entry, table, row, member, on, today):
                return True
    return False


def belongs(
    world: World,
    way: list[Document],
    entry: Document,
    table: str,
    row: Row,
    member: Row,
    on: date,
    today: date,
) -> bool:
    when = entry.get("when", "fact")
    if when == "ever":
        return True
    if when == "reading":
        return not has_days(world, entry["on"]) or all(
            touches(days_of(world, entry["on"], member), day, day) for day in (on, today)
        )
    if not has_days(world, table):
        return in_records(world, way, entry["on"], member)
    if not has_days(world, entry["on"]):
        return True
    days = days_of(world, table, row)
    return days is not None and touches(days_of(world, entry["on"], member), *days)


def admitted(
    world: World,
    way: list[Document],
    windows: list[Document],
    discloser: str,
    table: str,
    row: Row,
    on: date,
    today: date,
) -> bool:
    """`windows`: the documents whose `records` must all hold."""
    return (
        in_records(world, windows, table, row)
        and known_by(world, table, row, on, today)
        and all(in_population(world, windows, tier, discloser, table, row, on, today) for tier in way)
    )


# ---- values


def linked(world: World, discloser: str, purpose: str, day: date) -> bool:
    for document in world.documents:
        for way in ways_up(world, document, day):
            for entry in document["purposes"]:
                if entry["kind"] != "linkage" or discloser not in disclosers(document, entry):
                    continue
                serves = entry.get("serves") or [e["id"] for e in document["purposes"]]
                if purpose not in serves and purpose != entry["id"]:
                    continue
                if linkage_holds(world, way, entry, discloser):
                    return True
    return False


def linkage_holds(world: World, way: list[Document], entry: Document, discloser: str) -> bool:
    """Some reader could use it: every tier has it for the discloser, and something is scheduled under it."""
    if entry["basis"] in ("consent", "directory"):
        return False
    for tier in way[1:]:
        parties = {p["partner"]: p["roles"] for p in tier["parties"]}
        if discloser not in parties or (parties[discloser] and "discloser" not in parties[discloser]):
            return False
        if tier["purposes"] and not any(
            e["id"] == entry["id"] and discloser in disclosers(tier, e) and e["basis"] not in ("consent", "directory")
            and set(recipients(tier, e)) & set(recipients(way[0], entry)) & set(parties)
            for e in tier["purposes"]
        ):  # fmt: skip
            return False
    return any(granted_columns(world, way, entry["id"], discloser, table) for table in world.elements)


def shown(world: World, row: Row, column: str, transform: str, is_linked: bool) -> Any:
    if column == "person_id":
        record = row["person_record"]
        value: Any = world.links.get(record, record) if is_linked else record
    else:
        value = row.get(column)
    if value is None or transform == "suppress":
        return None
    if transform == "none":
        return value
    if transform == "year":
        return value.year
    if transform == "mask":
        return str(value)[0] + "…" if value else None
    width = int(re.fullmatch(r"band:(\d+)", transform)[1])  # type: ignore[index]
    return int(value // width) * width


def visible(
    world: World, reader: Reader, purpose: str, table: str, on: date, today: date
) -> tuple[set[str], list[Row]] | None:
    """The columns and rows of a table that the reader sees; None where no agreement grants the table."""
    then = list(ways_in(world, reader, purpose, on))
    now = list(ways_in(world, reader, purpose, today))
    columns: set[str] = set()
    rows = []
    for discloser in dict.fromkeys(d for _, d in now):
        of_then = [granted(world, way, purpose, discloser, table) for way, d in then if d == discloser]
        of_now = [granted(world, way, purpose, discloser, table) for way, d in now if d == discloser]
        columns |= set().union(*(set(a[1]) & set(b[1]) for a in of_then for b in of_now))
        both = linked(world, discloser, purpose, on) and linked(world, discloser, purpose, today)
        for row in world.rows.get((table, discloser), []):
            cells = cells_of(world, discloser, table, row, of_then, of_now, on, today)
            if cells is not None:
                rows.append({c: shown(world, row, c, t, both) if t else None for c, t in cells.items()})
    return (columns, rows) if columns else None


Granted = tuple[list[Document], dict[str, str]]


def granted(world: World, way: list[Document], purpose: str, discloser: str, table: str) -> Granted:
    return way, granted_columns(world, way, purpose, discloser, table)


def cells_of(
    world: World,
    discloser: str,
    table: str,
    row: Row,
    of_then: list[Granted],
    of_now: list[Granted],
    on: date,
    today: date,
) -> dict[str, str] | None:
    """Column to the finest transform that holds on both days; None where the row is not visible."""
    found: dict[str, str] = {}
    for way, then_columns in of_then:
        for way_now, now_columns in of_now:
            shared = then_columns.keys() & now_columns.keys()
            both = [*way, *way_now]
            if not all(admitted(world, w, both, discloser, table, row, on, today) for w in (way, way_now)):
                continue
            for column in shared:
                transform = coarsest([then_columns[column], now_columns[column]])
                found[column] = min(found.get(column, transform), transform, key=coarseness)
    return found or None
