"""The judge: what a reader may see, decided value by value and row by row, slow and obvious.

Written from the meaning of the agreement document and apart from the compiler: it reads the document as people write it
(plain mappings) and shares no code with the grants, the tiers or the SQL.
"""

import re
from collections.abc import Callable, Iterator, Mapping
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
    # Of the one who reads: (course, first day, last day); (partner, record, first day, last day).
    completed: list[tuple[str, date, date]] = field(default_factory=list)
    caseload: list[tuple[str, int, date, date]] = field(default_factory=list)
    # Of the one who reads, at the reader's own partner: (school or program, its id, first day, last day).
    sites: list[tuple[str, str, date, date]] = field(default_factory=list)
    said: list[Row] = field(default_factory=list)  # what families decided, see `Said` in worlds.py
    transfers: dict[int, tuple[date, date]] = field(
        default_factory=dict
    )  # record: right with parents before, with student from
    items: dict[str, list[str]] = field(default_factory=dict)  # what the words of a public notice name
    naming: set[str] = field(default_factory=set)  # elements that name a person by themselves
    bars: list[tuple[str, str, date, date]] = field(
        default_factory=list
    )  # (party, agency, first day, last day)
    telling: set[str] = field(
        default_factory=set
    )  # tables whose rows are there for what they say of a student


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


@dataclass
class Way:
    """One way in: the document with its tiers, and what its purpose entry and theirs ask for beside that."""

    documents: list[Document]
    entries: list[Document]  # of the document itself, then of those tiers that have purposes
    owners: list[Document]  # whose entries they are
    discloser: str

    @property
    def reach(self) -> str:
        return max(
            (e.get("reach", "all") for e in self.entries), key=["all", "roster", "site", "caseload"].index
        )

    @property
    def form(self) -> str:
        return max((e["form"] for e in self.entries), key=["identified", "pseudonymous", "aggregate"].index)

    def form_of(self, document: Document) -> str:
        """The form that the document's entry states; of one without purposes that of the way, which is the stricter reading."""
        stated = [e["form"] for d, e in zip(self.owners, self.entries, strict=True) if d is document]
        return stated[0] if stated else self.form

    @property
    def choices(self) -> set[tuple[str, str, str]]:
        """(agreement, purpose or * for any, consent or directory)."""
        by_custody = {
            (d["id"], "*", "consent")
            for d in self.documents
            for c in d.get("custody", [])
            if c["basis"] == "consent" and self.discloser in (c.get("from") or [self.discloser])
        }
        return by_custody | {
            (d["id"], e["id"], e["basis"])
            for d, e in zip(self.owners, self.entries, strict=True)
            if e["basis"] in ("consent", "directory")
        }


def ways_in(world: World, reader: Reader, purpose: str, day: date) -> Iterator[Way]:
    """Each way under which this reader may read on this day."""
    for way in ways_for(world, purpose, day):
        entry = way.entries[0]
        if reader.partner not in recipients(way.documents[0], entry) or reader.role not in entry["roles"]:
            continue
        if any(reader.partner not in [p["partner"] for p in d["parties"]] for d in way.documents[1:]):
            continue
        if any(
            reader.partner not in recipients(d, e) or reader.role not in e["roles"]
            for d, e in zip(way.owners, way.entries, strict=True)
        ):
            continue
        if entry["basis"] != "partner_records" and any(
            (party, agency) == (reader.partner, way.discloser) and first <= day <= last
            for party, agency, first, last in world.bars
        ):
            continue
        asked = {course for d in way.documents for course in d["terms"]["training"]}
        if asked - {c for c, first, last in world.completed if first <= day <= last}:
            continue
        if way.reach in ("roster", "site") and not (
            reader.partner == way.discloser
            or (linked(world, way.discloser, purpose, day) and linked(world, reader.partner, purpose, day))
        ):
            continue
        yield way


def ways_for(world: World, purpose: str, day: date) -> Iterator[Way]:
    """Each way on which the purpose stands in effect, whoever reads."""
    for document in world.documents:
        for entry in document["purposes"]:
            for documents in ways_up(world, document, day):
                for discloser in disclosers(document, entry):
                    if entry["id"] == purpose:
                        yield from through_tiers(documents, entry, discloser)


def through_tiers(documents: list[Document], entry: Document, discloser: str) -> Iterator[Way]:
    """The entry with one of the same purpose of each tier that has purposes; none where a tier does not have it."""
    document, *above = documents
    ways = [Way(documents, [entry], [document], discloser)]
    for tier in above:
        parties = {p["partner"]: p["roles"] for p in tier["parties"]}
        if discloser not in parties or (parties[discloser] and "discloser" not in parties[discloser]):
            return
        if tier["purposes"]:
            ways = [
                Way(documents, [*way.entries, e], [*way.owners, tier], discloser)
                for way in ways
                for e in tier["purposes"]
                if e["id"] == entry["id"] and discloser in disclosers(tier, e)
            ]
    yield from ways


def granted_columns(world: World, way: Way, purpose: str, table: str) -> dict[str, str]:
    """Column to transform: what the document's schedule and that of every tier say, and public notices name. A tier narrows by what it
    would show itself: of a name that it lists as it is, one of pseudonymous form shows nothing, so nothing below it does."""
    found: dict[str, str] | None = None
    for document in way.documents:
        notices = [
            e
            for d, e in zip(way.owners, way.entries, strict=True)
            if d is document and e["basis"] == "directory"
        ]
        if document["schedule"] or document is way.documents[0]:
            said = {
                column: transform
                for column in (*world.elements[table], *COMMON)
                if (transform := transform_of(world, document, purpose, way.discloser, table, column))
                is not None
            }
        else:
            said = None
        if found is None:
            found = noticed(world, table, said or {}, notices)
            continue
        found = noticed(world, table, found, notices)
        if said is not None:
            said = in_form(world, table, said, way.form_of(document))
            found = {c: coarsest([t, said[c]]) for c, t in found.items() if c in said}
    return in_form(world, table, found or {}, way.form)


def in_form(world: World, table: str, columns: dict[str, str], form: str) -> dict[str, str]:
    """What of the columns the form shows: beside codes no name as it is, and nothing of a row's arrival."""
    if form != "pseudonymous":
        return columns
    return {
        c: t
        for c, t in columns.items()
        if c not in ("batch_id", "recorded_at")
        and (c == "person_id" or t in ("pseudonym", "suppress") or f"{table}.{c}" not in world.naming)
    }


def noticed(world: World, table: str, columns: dict[str, str], notices: list[Document]) -> dict[str, str]:
    """Of the columns those that each notice names; nothing where it names none of the table's own."""
    for notice in notices:
        named = {path for item in notice["basis_details"]["items"] for path in world.items[item]}
        own = {
            c: t
            for c, t in columns.items()
            if f"{table}.{c}" in named and f"{table}.{c}" not in world.restricted
        }
        with_it = {c: t for c, t in columns.items() if c == "person_id" or c in COMMON}
        columns = {**with_it, **own} if own.keys() - with_it.keys() else {}
    return columns


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
    way: Way,
    windows: list[Document],
    table: str,
    row: Row,
    on: date,
    today: date,
) -> bool:
    """`windows`: the documents whose `records` must all hold."""
    return (
        in_records(world, windows, table, row)
        and known_by(world, table, row, on, today)
        and all(
            in_population(world, windows, tier, way.discloser, table, row, on, today)
            for tier in way.documents
        )
    )


# ---- whom the reader reaches, and what families chose


def one_person(world: World, one: int, other: int) -> bool:
    return one == other or (one in world.links and world.links[one] == world.links.get(other))


def reached(world: World, reader: Reader, purpose: str, way: Way, record: int, on: date, today: date) -> bool:
    both_days = [on, today]

    def may_link(partner: str) -> bool:
        return all(linked(world, partner, purpose, day) for day in both_days)

    if way.reach == "all":
        return True
    if way.reach == "caseload":
        return any(
            all(
                any(
                    (p, r) == (partner, number) and first <= day <= last
                    for p, r, first, last in world.caseload
                )
                for day in both_days
            )
            and (
                number == record
                or (may_link(way.discloser) and may_link(partner) and one_person(world, number, record))
            )
            for partner, number, _, _ in world.caseload
        )
    spells = [
        (table, spell)
        for table in ("school_enrollment", "program_participation")
        for spell in world.rows.get((table, reader.partner), [])
        if spell["person_record"] is not None
    ]

    def at_site(table: str, spell: Row, day: date) -> bool:
        kind, name = (
            ("school", spell.get("organization_id"))
            if table == "school_enrollment"
            else ("program", spell.get("program_identifier"))
        )
        return any((k, s) == (kind, name) and first <= day <= last for k, s, first, last in world.sites)

    if may_link(way.discloser) and may_link(reader.partner):
        same = lambda number: one_person(world, number, record)  # noqa: E731
    elif way.discloser == reader.partner:
        same = lambda number: number == record  # noqa: E731
    else:
        return False
    return all(
        any(
            same(s["person_record"])
            and is_served(t, s)
            and touches(days_of(world, t, s), day, day)
            and (way.reach != "site" or at_site(t, s, day))
            for t, s in spells
        )
        for day in both_days
    )


def is_served(table: str, spell: Mapping[str, Any]) -> bool:
    """A stay in a program serves by a first day, and a status that says so; one that is over must say when."""
    if table != "program_participation":
        return True
    status = spell.get("program_participation_status")
    if spell["program_participation_start_date"] is None:
        return False
    if status in ("Exited", "Withdrew"):
        return spell["program_participation_exit_date"] is not None
    return status in ("Active", None)


def chosen(world: World, way: Way, record: int, on: date, today: date) -> bool:
    """Whether every choice that the grant depends on was made for this record, and no record of the same person refuses it."""
    siblings = [
        n
        for n in {e["record"] for e in world.said if e["partner"] == way.discloser}
        if one_person(world, n, record)
    ]
    for agreement, purpose, basis in way.choices:
        for day in (on, today):
            if basis == "directory":
                if any(
                    opted_out(world, agreement, purpose, way.discloser, n, day) for n in {*siblings, record}
                ):
                    return False
                continue
            if not given(world, agreement, purpose, way.discloser, record, day):
                return False
            if any(refused(world, agreement, purpose, way.discloser, n, day) for n in siblings):
                return False
    return True


def last_words(
    world: World, agreement: str, purposes: set[str], discloser: str, record: int, day: date
) -> list[Row]:
    """Of each signer the last that was said by that day; on one day a refusal comes last."""
    found: dict[int, Row] = {}
    for event in world.said:
        about = (event["agreement"], event["partner"], event["record"])
        if (
            about != (agreement, discloser, record)
            or event["purpose"] not in purposes
            or event["signed_on"] > day
        ):
            continue
        known = found.get(event["holder"])
        if known is None or (event["signed_on"], event["decision"] != "yes") >= (
            known["signed_on"],
            known["decision"] != "yes",
        ):
            found[event["holder"]] = event
    return list(found.values())


def holds_right(world: World, event: Row, day: date) -> bool:
    """Where it cannot be told who holds the right, both do."""
    after, by = world.transfers.get(event["record"], (date.min, date.max))
    return day >= by or not day < after if event["student"] else not day >= by


def given(world: World, agreement: str, purpose: str, discloser: str, record: int, day: date) -> bool:
    if purpose == "*":
        named = {e["purpose"] for e in world.said}
        return any(given_for(world, agreement, {"*", name}, discloser, record, day) for name in {*named, "*"})
    return given_for(world, agreement, {"*", purpose}, discloser, record, day)


def given_for(
    world: World, agreement: str, purposes: set[str], discloser: str, record: int, day: date
) -> bool:
    words = [
        e
        for e in last_words(world, agreement, purposes, discloser, record, day)
        if holds_right(world, e, day)
    ]
    if any(e["decision"] != "yes" for e in words):
        return False
    return any(e["expires"] is None or day <= e["expires"] for e in words)


def refused(world: World, agreement: str, purpose: str, discloser: str, record: int, day: date) -> bool:
    words = last_words(world, agreement, {"*", purpose}, discloser, record, day)
    no = any(e["decision"] != "yes" and holds_right(world, e, day) for e in words)
    return no and not (purpose == "*" and given(world, agreement, purpose, discloser, record, day))


def opted_out(world: World, agreement: str, purpose: str, discloser: str, record: int, day: date) -> bool:
    """A parent's opt-out holds on after the parent's right, until the student who holds it says yes."""
    words = last_words(world, agreement, {"*", purpose}, discloser, record, day)
    _, by = world.transfers.get(record, (date.min, date.max))
    if any(e["student"] and day >= by and e["decision"] == "yes" for e in words):
        return False
    return any(e["decision"] != "yes" and (holds_right(world, e, day) or not e["student"]) for e in words)


# ---- values


def linked(world: World, discloser: str, purpose: str, day: date) -> bool:
    """A linkage purpose of the discloser, by which somebody may match, serves the purpose, hanging on no family's choice; and the
    purpose gives none of its records by public notice."""
    for way in ways_for(world, purpose, day):
        by_notice = any(basis == "directory" for _, _, basis in way.choices)
        if way.discloser == discloser and by_notice and usable(world, way, purpose):
            return False
    for document in world.documents:
        for entry in document["purposes"]:
            serves = entry.get("serves") or [e["id"] for e in document["purposes"]]
            if entry["kind"] != "linkage" or (purpose not in serves and purpose != entry["id"]):
                continue
            for way in ways_for(world, entry["id"], day):
                own = way.discloser == discloser and way.entries[0] is entry and not way.choices
                if own and matchers(way) and usable(world, way, entry["id"]):
                    return True
    return False


def matchers(way: Way) -> set[str]:
    """The partners that every document of the way lets read by it."""
    readers = set(recipients(way.documents[0], way.entries[0]))
    for tier in way.documents[1:]:
        readers &= {p["partner"] for p in tier["parties"]}
    for tier, entry in zip(way.owners[1:], way.entries[1:], strict=True):
        readers &= set(recipients(tier, entry))
    return readers


def usable(world: World, way: Way, purpose: str) -> bool:
    """Some partner could read by it, and something is scheduled under it."""
    # A document that has no purposes above narrows nothing; where it has, somebody must be left to read.
    left = bool(matchers(way)) or len(way.owners) == 1
    return left and any(granted_columns(world, way, purpose, table) for table in world.elements)


def shown(world: World, row: Row, column: str, transform: str, is_linked: bool) -> Any:
    if column == "person_id":
        record = row["person_record"]
        value: Any = world.links.get(record, record) if is_linked else record
    else:
        value = row.get(column)
    if value is None or transform == "suppress":
        return None
    if transform in ("none", "pseudonym"):
        return value  # codes are told by what they stand for
    if transform == "year":
        return value.year
    if transform == "mask":
        return str(value)[0] + "…" if value else None
    width = int(re.fullmatch(r"band:(\d+)", transform)[1])  # type: ignore[index]
    return int(value // width) * width


def visible(
    world: World, reader: Reader, purpose: str, table: str, on: date, today: date
) -> tuple[set[str], list[Row], set[int]] | None:
    """The columns and rows of a table that the reader sees, and whose they are; None where no agreement grants the table."""
    then = list(ways_in(world, reader, purpose, on))
    now = list(ways_in(world, reader, purpose, today))
    columns: set[str] = set()
    rows, records = [], set()
    for discloser in dict.fromkeys(way.discloser for way in now):
        of_then = [(w, granted_columns(world, w, purpose, table)) for w in then if w.discloser == discloser]
        of_now = [(w, granted_columns(world, w, purpose, table)) for w in now if w.discloser == discloser]
        pairs = [
            (a, b)
            for a in of_then
            for b in of_now
            if {a[0].reach, b[0].reach} not in ({"roster", "caseload"}, {"site", "caseload"})
        ]
        columns |= set().union(*(set(a[1]) & set(b[1]) for a, b in pairs))
        both = linked(world, discloser, purpose, on) and linked(world, discloser, purpose, today)
        for row in world.rows.get((table, discloser), []):
            cells = cells_of(world, reader, purpose, table, row, pairs, on, today)
            if cells is not None:
                records.add(row["person_record"])
                rows.append({c: shown(world, row, c, t, both) if t else None for c, t in cells.items()})
    return (columns, rows, records) if columns else None


def says_something(world: World, table: str, row: Row, columns: set[str]) -> bool:
    """Something of what is granted; or nothing of what must be named one by one, which the row's being there would tell."""
    own = [c for c in world.elements[table] if row.get(c) is not None and c != "person_id"]
    return any(c in columns for c in own) or not any(f"{table}.{c}" in world.restricted for c in own)


Granted = tuple[Way, dict[str, str]]


def cells_of(
    world: World,
    reader: Reader,
    purpose: str,
    table: str,
    row: Row,
    pairs: list[tuple[Granted, Granted]],
    on: date,
    today: date,
) -> dict[str, str] | None:
    """Column to the finest transform that holds on both days; None where the row is not visible."""
    found: dict[str, str] = {}
    for (way, then_columns), (way_now, now_columns) in pairs:
        shared = then_columns.keys() & now_columns.keys()
        both = [*way.documents, *way_now.documents]
        if not all(admitted(world, w, both, table, row, on, today) for w in (way, way_now)):
            continue
        if table in world.telling and not says_something(world, table, row, shared):
            continue
        if "person_id" in world.elements[table] and not all(
            row["person_record"] is not None
            and reached(world, reader, purpose, w, row["person_record"], on, today)
            and chosen(world, w, row["person_record"], on, today)
            for w in (way, way_now)
        ):
            continue
        for column in shared:
            transform = coarsest([then_columns[column], now_columns[column]])
            found[column] = min(found.get(column, transform), transform, key=coarseness)
    return found or None
