"""Elements of XML, a column of them at once, and the interchange that holds them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from throughway.demo.columns import Column, put, rows, texts, where


def escaped(values: Any) -> Column:
    column = texts(values)
    for plain, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        column = pc.replace_substring(column, plain, safe)
    return column


def filled(before: str, values: Column, after: str) -> Column:
    """The element round a value; nothing where it is null or empty."""
    present = pc.fill_null(pc.not_equal(values, ""), False)
    return where(present, rows(before, values, after))


def write(path: Path, interchange: str, parts: Iterable[str | Column]) -> None:
    """One interchange of Data Standard 5.2; a part is an element or a column of them."""
    with path.open("wb") as file:
        put(
            file,
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Interchange{interchange} xmlns="http://ed-fi.org/5.2.0">',
        )
        for part in parts:
            put(file, part)
        put(file, f"</Interchange{interchange}>")
