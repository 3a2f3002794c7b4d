"""Whole columns as text, and delimited files out of them, without a loop over rows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.demo.chances import Days, Ints

Column = Any  # an array of numpy or of pyarrow; missing values are null, NaT or an empty text
NEEDS_QUOTES = '[",;|\r\n]'

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def slashed(day: date) -> str:
    """`9/4/2024`"""
    return f"{day.month}/{day.day}/{day.year}"


def short(day: date) -> str:
    """`9/4/24`"""
    return f"{day.month}/{day.day}/{day.year % 100:02}"


def named(day: date) -> str:
    """`04-Sep-2024`"""
    return f"{day.day:02}-{MONTHS[day.month - 1]}-{day.year}"


def iso(day: date) -> str:
    """`2024-09-04`"""
    return day.isoformat()


def packed(day: date) -> str:
    """`20240904`"""
    return f"{day.year}{day.month:02}{day.day:02}"


def month_first(day: date) -> str:
    """`09042024`"""
    return f"{day.month:02}{day.day:02}{day.year}"


def days(values: Days, form: Callable[[date], str] = slashed) -> pa.Array:
    """Days as a system writes them; NaT is null."""
    missing = np.isnat(values)
    number = np.where(missing, 0, values.astype("datetime64[D]").astype(np.int64))
    known = np.unique(number)
    table = pa.array([form(day) for day in known.astype("datetime64[D]").tolist()], pa.string())
    return table.take(pa.array(np.searchsorted(known, number), mask=missing))


def of_iso(texts: Column, form: Callable[[date], str] = slashed) -> pa.Array:
    """Days that rosters hold as ISO text, written in another form; empty is null."""
    found = np.asarray(texts)
    return days(np.where(found == "", "NaT", found).astype("datetime64[D]"), form)


def column(values: Column) -> pa.Array:
    """Anything as text; empty is null."""
    return pc.cast(values if isinstance(values, pa.Array) else pa.array(values), pa.string())


def blank(values: Column, where: np.ndarray) -> pa.Array:
    """The same texts, some of them missing."""
    return pc.if_else(pa.array(where), pa.scalar(None, pa.string()), column(values))


def chosen(words: Sequence[str | None], which: np.ndarray) -> pa.Array:
    """`words[which]`, as text; None is null, and so is what stands below 0."""
    return pa.array(words, pa.string()).take(pa.array(which, mask=which < 0))


def write(
    path: Path,
    columns: Mapping[str, Column],
    *,
    delimiter: str = ",",
    above: Sequence[str] = (),
    below: Sequence[str] = (),
    end: str = "\n",
    encoding: str = "utf-8",
) -> None:
    """One file with a heading for each column. Lines of `above` stand before the headings, those of `below` after the rows."""
    texts = [_quoted(column(values)) for values in columns.values()]
    headings = [name if not set(name) & set(NEEDS_QUOTES) else f'"{name}"' for name in columns]
    lines = pc.binary_join_element_wise(
        *texts, pa.scalar(delimiter), null_handling="replace", null_replacement=""
    )
    ended = pc.binary_join_element_wise(lines, pa.scalar(end), pa.scalar(""))
    with path.open("wb") as file:
        file.write("".join(f"{line}{end}" for line in (*above, delimiter.join(headings))).encode(encoding))
        rows = joined(ended)
        file.write(
            rows if encoding == "utf-8" else bytes(rows).decode().encode(encoding.removesuffix("-sig"))
        )
        for line in below:
            file.write(f"{line}{end}".encode())


def joined(texts: pa.Array) -> memoryview | bytes:
    """The bytes of all texts, one after the other; none may be null."""
    if not len(texts):
        return b""
    offsets = np.frombuffer(texts.buffers()[1], np.int32, len(texts) + 1, texts.offset * 4)
    return memoryview(texts.buffers()[2])[offsets[0] : offsets[-1]]


def _quoted(texts: pa.Array) -> pa.Array:
    """With quotes round those that need them."""
    asks = pc.match_substring_regex(texts, NEEDS_QUOTES)
    if not pc.any(asks).as_py():
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    quoted = pc.binary_join_element_wise(pa.scalar('"'), doubled, pa.scalar('"'), pa.scalar(""))
    return pc.if_else(asks, quoted, texts)


def numbered(prefix: str, count: int, first: int = 1) -> pa.Array:
    """`P00001`, `P00002`, ..."""
    width = max(5, len(str(first + count)))
    return column(np.char.add(prefix, np.char.zfill(np.arange(first, first + count).astype(str), width)))


def which(values: np.ndarray, known: Sequence[object]) -> Ints:
    """The place of each value among the known ones."""
    order = np.argsort(np.array(known))
    return np.asarray(order[np.searchsorted(np.array(known)[order], values)])


def put(values: pa.Array, row: int, said: str | None) -> pa.Array:
    """The same texts with another one in one row."""
    return pc.replace_with_mask(values, pa.array(np.arange(len(values)) == row), pa.scalar(said, pa.string()))
