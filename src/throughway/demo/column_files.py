"""Whole columns as text, and CSV and XML files made of them."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.demo.arrays import Days, Ints

Column = Any  # an array of NumPy or PyArrow, which has no types of its own; missing values are null, NaT or an empty text
Part = Any  # a text, a column of texts, or a tuple of parts
AT_ONCE = 200_000  # rows; Arrow's texts hold at most 2 GB each

# How systems write a day, as format strings.
ISO, SLASHED, SHORT = "{:%Y-%m-%d}", "{0.month}/{0.day}/{0.year}", "{0.month}/{0.day}/{0:%y}"
NAMED, PACKED, MONTH_FIRST = "{:%d-%b-%Y}", "{:%Y%m%d}", "{:%m%d%Y}"


def texts(values: Column) -> pa.Array:
    """A column of text; None is null."""
    return pc.cast(values if isinstance(values, pa.Array) else pa.array(values), pa.string())


def days(values: Days, form: str = SLASHED) -> pa.Array:
    """Days as a system writes them; NaT is null."""
    missing = np.isnat(values)
    number = np.where(missing, 0, values.astype("datetime64[D]").astype(np.int64))
    known = np.unique(number)
    table = [form.format(day) for day in known.astype("datetime64[D]").tolist()]
    return pa.array(table, pa.string()).take(pa.array(np.searchsorted(known, number), mask=missing))


def of_iso(texts: Column, form: str = SLASHED) -> pa.Array:
    """Days that rosters hold as ISO text, written in another form; empty is null."""
    found = np.asarray(texts)
    return days(np.where(found == "", "NaT", found).astype("datetime64[D]"), form)


def named(words: Iterable[str | None], which: np.ndarray) -> pa.Array:
    """`words[which]`, for a few repeated words; None is null, and so is a place below 0."""
    return pa.array(list(words), pa.string()).take(pa.array(which, mask=which < 0))


def place(values: np.ndarray, known: Iterable[object]) -> Ints:
    """The position of each value among the known ones."""
    among = np.array(list(known))
    order = np.argsort(among)
    return np.asarray(order[np.minimum(np.searchsorted(among[order], values), len(among) - 1)])


def blank(values: Column, where: np.ndarray) -> pa.Array:
    """The same texts, some of them missing."""
    return pc.if_else(pa.array(where), pa.scalar(None, pa.string()), texts(values))


def replaced(values: pa.Array, row: int, by: str | None) -> pa.Array:
    """The same texts with another one in one row."""
    return pc.replace_with_mask(values, pa.array(np.arange(len(values)) == row), pa.scalar(by, pa.string()))


def numbered(prefix: str, count: int) -> pa.Array:
    """`P00001`, `P00002`, ..."""
    width = max(5, len(str(count + 1)))
    return texts(np.char.add(prefix, np.char.zfill(np.arange(1, count + 1).astype(str), width)))


def rows(*parts: Part) -> Any:
    """One text for each row: the parts joined without a separator; null counts as empty. A plain text where no part is a column."""
    found = list(_flat(parts))
    if all(isinstance(part, str) for part in found):
        return "".join(found)
    return pc.binary_join_element_wise(*found, "", null_handling="replace", null_replacement="")


def _flat(parts: tuple[Part, ...]) -> Iterator[str | pa.Array]:
    for part in parts:
        if isinstance(part, tuple):
            yield from _flat(part)
        else:
            yield part


def where(condition: np.ndarray, *parts: Part) -> pa.Array:
    """The parts joined where the condition is true, otherwise an empty text."""
    return pc.if_else(pa.array(condition), rows(*parts), "")


@dataclass(frozen=True)
class Only:
    """The content of an element that only some rows have."""

    where: np.ndarray
    content: Any


def xml(elements: Mapping[str, Any], descriptors: str = "") -> Part:
    """XML elements by name. A value is a text, a column, a mapping of further elements, a list of these (one element each), or
    `Only`. `a/b` is an element within another; `Sex#` holds a descriptor of its name: `descriptors` says how one begins."""
    return tuple(
        _element(path, value, descriptors)
        for path, values in elements.items()
        for value in (values if isinstance(values, list) else [values])
    )


def _element(path: str, value: Any, descriptors: str) -> Part:
    if isinstance(value, Only):
        return where(value.where, _element(path, value.content, descriptors))
    names = path.removesuffix("#").split("/")
    content = xml(value, descriptors) if isinstance(value, Mapping) else value
    begin = descriptors.format(names[-1]) if path.endswith("#") else ""
    return ("".join(f"<{n}>" for n in names), begin, content, "".join(f"</{n}>" for n in reversed(names)))


def escaped(values: Column) -> pa.Array:
    """Texts as XML writes them."""
    column = texts(values)
    for plain, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        column = pc.replace_substring(column, plain, safe)
    return column


def put(file: BinaryIO, *parts: Part) -> None:
    """Writes the parts as one line, or as a column of lines."""
    lines = rows(*parts, "\n")
    file.write(lines.encode() if isinstance(lines, str) else _joined(lines))


def _joined(column: pa.Array) -> memoryview | bytes:
    """The bytes of all texts, one after the other; none may be null."""
    if not len(column):
        return b""
    offsets = np.frombuffer(column.buffers()[1], np.int32, len(column) + 1, column.offset * 4)
    return memoryview(column.buffers()[2])[offsets[0] : offsets[-1]]


def slices(size: int) -> Iterator[slice]:
    return (slice(first, first + AT_ONCE) for first in range(0, size, AT_ONCE))


def csv_text(
    columns: Mapping[str, Column], *, delimiter: str = ",", above: Sequence[str] = (), below: Sequence[str] = (), end: str = "\n"
) -> str:  # fmt: skip
    """CSV with a heading for each column. `above`: lines before the headings; `below`: lines after the rows."""
    out = StringIO()
    out.writelines(f"{line}{end}" for line in above)
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(columns)
    writer.writerows(zip(*(texts(values).to_pylist() for values in columns.values()), strict=True))
    out.writelines(f"{line}{end}" for line in below)
    return out.getvalue()


def write_csv(path: Path, columns: Mapping[str, Column], *, encoding: str = "utf-8", **form: Any) -> None:
    """Writes a file; `form` as for `csv_text`."""
    path.write_bytes(csv_text(columns, **form).encode(encoding))
