"""Cells of OneRoster: what each kind of column may hold, and the code of the finding when it holds something else."""

import re
from collections.abc import Callable
from datetime import date, datetime

from throughway.intake.oneroster.layout import OneRosterColumn, vocabulary

Check = Callable[[str], str | None]  # a cell that is not blank -> the finding's code, None when it is right

GUID = re.compile(r"[0-9A-Za-z./@_-]{1,255}")
PAIR = re.compile(r"\{[^:{}]+:[^{}]+\}")
_YEAR = re.compile(r"\d{4}")
_INTEGER = re.compile(r"[+-]?\d+")
_FLOAT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z")

IN_WORDS = {
    "row.invalid_year": "a year is written YYYY",
    "row.invalid_guid": "an identifier has letters, digits and . / @ _ - alone",
    "row.invalid_integer": "the cell must be a whole number",
    "row.invalid_float": "the cell must be a number",
    "row.invalid_date": "a day is written YYYY-MM-DD",
    "row.invalid_datetime": "a time is written YYYY-MM-DDTHH:MM:SS.sssZ",
    "row.invalid_enum": "the word is not in the standard's list",
    "row.invalid_boolean": "the cell must be true or false",
    "row.invalid_list": "an item of the list is empty or not well formed",
    "row.missing_required_value": "a required cell is blank",
    "row.field_forbidden_in_bulk": "status and dateLastModified stay blank in a bulk file",
    "row.field_required_in_delta": "status and dateLastModified are required in a delta file",
}


def list_items(cell: str) -> list[str]:
    """The items of a list in one cell."""
    return cell.split(",") if cell else []


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        return False
    return True


def _matches(code: str, right: Callable[[str], object]) -> Check:
    return lambda cell: None if right(cell) else code


def check_of(column: OneRosterColumn) -> Check:
    """What checks a cell of a column."""
    if column.kind == "enum":
        return _matches("row.invalid_enum", vocabulary(column.of).has)
    if column.kind in ("list", "pairs", "refs", "enums"):
        return _list_check(column)
    simple: dict[str, Check] = {
        "guid": _matches("row.invalid_guid", GUID.fullmatch),
        "ref": _matches("row.invalid_guid", GUID.fullmatch),
        "year": _matches("row.invalid_year", _YEAR.fullmatch),
        "integer": _matches("row.invalid_integer", _INTEGER.fullmatch),
        "float": _matches("row.invalid_float", _FLOAT.fullmatch),
        "date": _matches("row.invalid_date", _is_day),
        "datetime": _matches("row.invalid_datetime", _is_moment),
        "boolean": _matches("row.invalid_boolean", lambda cell: cell.strip().lower() in ("true", "false")),
    }
    return simple.get(column.kind, _anything)


def _anything(cell: str) -> str | None:
    """Finds no fault."""
    return None


def _list_check(column: OneRosterColumn) -> Check:
    inner: Check
    if column.kind == "refs":
        inner = _matches("row.invalid_guid", GUID.fullmatch)
    elif column.kind == "enums":
        inner = _matches("row.invalid_enum", vocabulary(column.of).has)
    elif column.kind == "pairs":
        inner = _matches("row.invalid_list", PAIR.fullmatch)
    else:
        inner = _anything

    def check(cell: str) -> str | None:
        items = list_items(cell)
        if not all(item.strip() for item in items):
            return "row.invalid_list"
        return next((code for item in items if (code := inner(item.strip()))), None)

    return check
