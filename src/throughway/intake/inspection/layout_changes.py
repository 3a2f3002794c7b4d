"""What changed between two layouts of a partner: last year's file or crosswalk, and the new file, in sentences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

from throughway.core.prose import counted, listed
from throughway.intake.crosswalk import ColumnMap, Crosswalk
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.inspection import FileInspection, InspectedTable
from throughway.intake.inspection.renamed_headings import candidates, uses_of, why_the_same

FILLED_LESS = 0.2  # of all rows
FEWER_ROWS = 0.3
NAMED = 10


@dataclass(frozen=True)
class LayoutChange:
    """`what`: `added`, `removed`, `renamed`, `type`, `dates`, `codes`, `filled`, `layout`, `rows` or `table`."""

    table: str
    column: str
    what: str
    sentence: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def changes_of_files(old: FileInspection, new: FileInspection) -> list[LayoutChange]:
    """The changes between two files, table by table."""
    if old.format != new.format:
        return [LayoutChange("", "", "layout", f"The old file is {old.format}, the new one is {new.format}.")]
    if len(old.tables) == len(new.tables) == 1:
        return list(_of_tables(old.tables[0], new.tables[0]))
    found: list[LayoutChange] = []
    ours, theirs = {t.name: t for t in old.tables}, {t.name: t for t in new.tables}
    for name in theirs.keys() - ours.keys():
        found.append(LayoutChange(name, "", "table", f"{name} is new."))
    for name, table in ours.items():
        if name in theirs:
            found += _of_tables(table, theirs[name])
        else:
            found.append(LayoutChange(name, "", "table", f"{name} is gone."))
    return found


def _of_tables(old: InspectedTable, new: InspectedTable) -> Iterator[LayoutChange]:
    yield from _layout(old, new)
    was, now = {c.name: c for c in old.columns}, {c.name: c for c in new.columns}
    gone, added = [c for n, c in was.items() if n not in now], [c for n, c in now.items() if n not in was]
    for before in list(gone):
        if (after := _renamed(before, added)) is not None:
            gone.remove(before)
            added.remove(after)
            yield LayoutChange(
                new.name, after.name, "renamed", f"{before.name} seems to be called {after.name} now."
            )
    for column in gone:
        yield LayoutChange(new.name, column.name, "removed", f"{column.name} is gone.")
    for column in added:
        yield LayoutChange(new.name, column.name, "added", f"{column.name} is new; {_means(column)}.")
    for name in was.keys() & now.keys():
        yield from _of_columns(new.name, was[name], now[name], old.rows, new.rows)
    if old.rows and new.rows < (1 - FEWER_ROWS) * old.rows:
        less = 1 - new.rows / old.rows
        yield LayoutChange(
            new.name,
            "",
            "rows",
            f"The file has {counted(new.rows, 'row')}, {less:.0%} fewer than {old.rows:,}.",
        )


def _layout(old: InspectedTable, new: InspectedTable) -> Iterator[LayoutChange]:
    if old.source is None or new.source is None:
        return
    words = {
        "encoding": "encoding",
        "delimiter": "delimiter",
        "quote": "quote",
        "header_row": "row of the headings",
        "sheet": "sheet",
    }
    for name, said in words.items():
        was, now = getattr(old.source, name), getattr(new.source, name)
        if was != now:
            yield LayoutChange(new.name, "", "layout", f"The {said} was {_shown(was)} and is {_shown(now)}.")


def _shown(value: object) -> str:
    return {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a bar"}.get(str(value), str(value))


def _means(column: ElementGuess) -> str:
    if column.element is None:
        return "it is mapped to nothing yet"
    return f"it {'may be' if column.is_doubt else 'is'} {column.element}"


def _renamed(before: ElementGuess, added: Sequence[ElementGuess]) -> ElementGuess | None:
    """The new column of the same element, or of nearly the same name."""
    same = [c for c in added if before.element is not None and c.element == before.element]
    if len(same) == 1:
        return same[0]
    near = get_close_matches(before.name.lower(), [c.name.lower() for c in added], 1, 0.85)
    return next((c for c in added if near and c.name.lower() == near[0]), None)


def _of_columns(
    table: str, old: ElementGuess, new: ElementGuess, old_rows: int, new_rows: int
) -> Iterator[LayoutChange]:
    name, was, now = new.name, old.profile, new.profile
    if was.type != now.type and "empty" not in (was.type, now.type):
        yield LayoutChange(
            table, name, "type", f"{name} held cells of the type {was.type} and now holds {now.type}."
        )
    elif (
        was.type == now.type == "date"
        and was.dates
        and now.dates
        and set(was.dates.formats) != set(now.dates.formats)
    ):
        yield LayoutChange(
            table,
            name,
            "dates",
            f"{name} was written as {listed(was.dates.formats)} and is written as {listed(now.dates.formats)}.",
        )
    if more := [code for code in new.codes if code not in old.codes]:
        yield LayoutChange(table, name, "codes", f"{name} has new codes: {_few(more)}.")
    if fewer := [code for code in old.codes if code not in new.codes]:
        yield LayoutChange(table, name, "codes", f"{name} no longer has the codes {_few(fewer)}.")
    before, after = was.filled / max(old_rows, 1), now.filled / max(new_rows, 1)
    if before - after > FILLED_LESS:
        yield LayoutChange(
            table,
            name,
            "filled",
            f"{name} was filled in {before:.0%} of the rows and is filled in {after:.0%}.",
        )


def _few(codes: Sequence[str]) -> str:
    more = len(codes) - NAMED
    return ", ".join(codes[:NAMED]) + (f" and {more} more" if more > 0 else "")


def changes_for_crosswalk(old: Crosswalk, new: FileInspection) -> list[LayoutChange]:
    """What a new file changes for the crosswalk of the old one."""
    read = [*dict.fromkeys(source for table in old.tables.values() for source in table.sources())]
    tables = [t for t in new.tables if t.source is not None]
    if not tables:
        return [
            LayoutChange(
                "", "", "layout", f"The crosswalk is for {old.source.format}, the new file is {new.format}."
            )
        ]
    table = max(tables, key=lambda t: len({c.name for c in t.columns} & set(read)))
    return list(_for_crosswalk(old, read, table))


def _for_crosswalk(old: Crosswalk, read: Sequence[str], table: InspectedTable) -> Iterator[LayoutChange]:
    source = old.source
    written = InspectedTable("", 0, (), source)
    if source.format == "csv":
        yield from _layout(written, table)
    now = {c.name: c for c in table.columns}
    uses = uses_of(old)
    known = {*old.headings(), *old.seen}
    recognized = candidates(old, table.columns)
    added = [c for n, c in now.items() if n not in known and not _melted(old, n)]
    for name in read:
        if name not in now and not _melted(old, name):
            standing = recognized.get(name, [])
            by_cells = now[standing[0]] if len(standing) == 1 else None
            after = by_cells or next((c for c in added if c.element in uses.get(name, {})), None)
            why = f": {why_the_same([{name: by_cells.name}])}" if by_cells else ""
            seems = f" It seems to be called {after.name} now{why}." if after else ""
            for_what = listed(uses[name]) if uses.get(name) else "the key"
            yield LayoutChange(table.name, name, "renamed" if after else "removed", f"{name} is gone, which the crosswalk reads for {for_what}.{seems}")  # fmt: skip
            added = [c for c in added if c is not after]
    for column in added:
        yield LayoutChange(table.name, column.name, "added", f"{column.name} is new; {_means(column)}.")
    for name, elements in uses.items():
        if name in now:
            for element, mapped in elements.items():
                yield from _of_mapped(table.name, now[name], element, mapped)


def _melted(old: Crosswalk, heading: str) -> bool:
    return any(t.melt and re.search(t.melt.columns, heading) for t in old.tables.values())


def _of_mapped(table: str, column: ElementGuess, element: str, mapped: ColumnMap) -> Iterator[LayoutChange]:
    dates = column.profile.dates
    if (
        mapped.date
        and dates is not None
        and (other := [f for f in dates.formats if not _reads(mapped.date, f)])
    ):
        yield LayoutChange(
            table,
            column.name,
            "dates",
            f"{column.name} is written as {listed(other)}, which the crosswalk does not read for {element}.",
        )
    known = mapped.map if mapped.map is not None and column.element == element else None
    more = (
        [code for code in column.codes if code not in known] if known is not None and "*" not in known else []
    )
    if more:
        said = f"{column.name} has codes that the map of {element} lacks: {_few(more)}."
        yield LayoutChange(table, column.name, "codes", said)


def _reads(formats: Sequence[str], wanted: str) -> bool:
    """Whether one of the formats is the wanted one, written with or without zeros before a number."""
    return wanted.replace("%-", "%") in {each.replace("%-", "%") for each in formats}
