"""Whole columns as text, rows joined out of them, and files, without a loop over rows."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.demo.chances import Days

Column = Any  # an array of texts of pyarrow, which has no types of its own
AT_ONCE = 200_000  # rows; Arrow's texts hold at most 2 GB each


def texts(values: Any) -> Column:
    """A column of text; None is null."""
    return pc.cast(values if isinstance(values, pa.Array) else pa.array(values), pa.string())


def indices(values: np.ndarray) -> Column:
    return pa.array(values)


def named(words: Iterable[str], which: np.ndarray) -> Column:
    """`words[which]`, for a few words that come again and again."""
    return pa.array(list(words), pa.string()).take(indices(which))


def place(values: np.ndarray, known: Iterable[str]) -> np.ndarray:
    """Where each value stands among the known ones."""
    among = np.array(list(known))
    order = np.argsort(among)
    return np.asarray(order[np.minimum(np.searchsorted(among[order], values), len(among) - 1)])


def days(values: Days) -> Column:
    """ISO days; NaT is null."""
    return pc.cast(pa.array(values.astype("datetime64[D]")), pa.string())


def slashed(values: Days) -> Column:
    """`9/4/2024`; NaT is null."""
    missing = np.isnat(values)
    number = np.where(missing, 0, values.astype("datetime64[D]").astype(np.int64))
    known = np.unique(number)
    words = [f"{d.month}/{d.day}/{d.year}" for d in known.astype("datetime64[D]").tolist()]
    return pa.array(words, pa.string()).take(pa.array(np.searchsorted(known, number), mask=missing))


def rows(*parts: str | Column) -> Column:
    """One text for each row: parts joined, nothing between; null counts as empty."""
    return pc.binary_join_element_wise(
        *(pa.scalar(p) if isinstance(p, str) else p for p in parts),
        pa.scalar(""),
        null_handling="replace",
        null_replacement="",
    )


def where(condition: np.ndarray | Column, then: Column) -> Column:
    """The text where the condition holds, else nothing."""
    chosen = condition if isinstance(condition, pa.Array) else pa.array(condition)
    return pc.if_else(chosen, then, pa.scalar("", pa.string()))


def joined(column: Column) -> memoryview | bytes:
    """The bytes of all texts, one after the other; none may be null."""
    if not len(column):
        return b""
    offsets = np.frombuffer(column.buffers()[1], np.int32, len(column) + 1, column.offset * 4)
    return memoryview(column.buffers()[2])[offsets[0] : offsets[-1]]


def put(file: BinaryIO, part: str | Column) -> None:
    """The bytes of one line, or of a column of lines."""
    if isinstance(part, str):
        file.write(f"{part}\n".encode())
    else:
        file.write(joined(rows(part, "\n")))


def slices(size: int) -> Iterable[slice]:
    return (slice(first, first + AT_ONCE) for first in range(0, size, AT_ONCE))


def delimited(columns: Mapping[str, Any], end: str = "\n") -> bytes:
    """A CSV of these columns. No text here holds a comma, a quote or the end of a line."""
    parts: list[str | Column] = []
    for values in columns.values():
        parts += [texts(values), ","]
    return f"{','.join(columns)}{end}".encode() + bytes(joined(rows(*parts[:-1], end)))


def write_csv(path: Path, columns: Mapping[str, Any]) -> None:
    path.write_bytes(delimited(columns))
