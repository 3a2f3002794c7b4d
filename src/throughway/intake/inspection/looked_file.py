"""What the page of a file that is looked at shows of it: its columns, some rows as they would be loaded, and which included
crosswalks fit it."""

from collections.abc import Mapping
from pathlib import Path

from throughway.core.prose import counted, listed
from throughway.core.refusals import Refused
from throughway.intake.contract import TableNeed
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.inspection.crosswalk_check import SHOWN, CheckedTable, check
from throughway.intake.inspection.crosswalk_draft import TableOfFile
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.inspection import FileInspection, InspectedTable, is_only_key, range_of
from throughway.intake.vendor_layouts import vendor_crosswalk, vendors_of
from throughway.vocabulary.labels import element_words, table_words

COLUMNS = 300  # of a table that are shown


def tried_rows(path: Path, found: FileInspection, folder: Path) -> list[dict[str, object]]:
    """Ten rows as the draft would load them; none where the draft cannot be tried yet."""
    if found.drafted is None:
        return []
    (folder / "tried").mkdir()
    try:
        checked = check(path, Crosswalk.read(found.crosswalk), into=folder / "tried")
    except Refused:  # it has a doubt without which no row can be read
        return []
    return [_rows(table) for table in checked.tables if table.sample]


def _rows(table: CheckedTable) -> dict[str, object]:
    elements = [cell.element.partition(".")[2] for cell in table.sample[0][1]]
    return {
        "words": table_words(table.name),
        "headings": [element_words(element) for element in elements],
        "rows": [(row, cells) for row, cells in table.sample[:SHOWN]],
    }


def shown_table(found: FileInspection, table: InspectedTable) -> dict[str, object]:
    """A file or sheet with its columns, as the page shows it."""
    return {
        "name": table.name,
        "size": f"{counted(table.rows, 'row')}, {counted(len(table.columns), 'column')}",
        "notes": table.notes,
        "columns": [_column(found, column) for column in table.columns[:COLUMNS]],
        "more": max(len(table.columns) - COLUMNS, 0),
    }


def _column(found: FileInspection, column: ElementGuess) -> dict[str, object]:
    profile = column.profile
    split, admitted = found.is_split(column), found.admitted_by(column) or ()
    table, _, name = ("person." if split else column.element or "").partition(".")
    return {
        "guess": column,
        "element": "parts of a name" if split else element_words(name) if name else "",
        "table": table_words(table) if table else "",
        "filled": f"{profile.filled / profile.rows:.0%}" if profile.rows else "",
        "range": range_of(column),
        "shapes": ", ".join(profile.shapes[:2]),
        "let_in": "yes"
        if admitted
        else "only to tell students apart"
        if is_only_key(column, admitted)
        else "no agreement",
    }


def known_layout(of: TableOfFile, needs: Mapping[str, TableNeed]) -> dict[str, object]:
    """The included crosswalks that fit the file; and in words what they fill, where no agreement needs any of it."""
    found = vendors_of([c.name for c in of.columns])
    tables = {table for name in found for table in Crosswalk.read(vendor_crosswalk(name)).tables}
    return {
        "included": found,
        "needless": "" if needs.keys() & tables else listed(sorted(map(table_words, tables))),
    }
