"""The lines that represent one entry in the tree: the same bytes when it is written and whenever it is verified.

One line for each column, in this order. No value contains a control character (`one_line`), so no two entries have the same lines. For
verification the database builds the lines itself: that is several times faster than reading the values into Python.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

COLUMNS = (
    "id", "at", "outcome", "actor_email", "actor_partner", "actor_role", "purpose", "interest", "basis", "on_day",
    "agreements", "disclosers", "recipients", "onward", "elements", "sql_sha256", "rows", "students_sha256",
    "students_count", "students_low", "students_high", "exempt", "reasons",
)  # fmt: skip
# A column that was added later has a line, with its name, only where it has a value: older leaves stay unchanged.
LATER = ("threat", "way", "question")
MOMENTS, DAYS, LISTS = (
    {"at"},
    {"on_day"},
    {"agreements", "disclosers", "recipients", "onward", "elements", "reasons"},
)
# Whether the database can join many texts at once, which is twice as fast as pairwise joining. (Not by concat_ws, which in SQLite 3.46
# drops empty texts together with their separator.)
JOINS_AT_ONCE = {"postgresql": True, "sqlite": sqlite3.sqlite_version_info >= (3, 44)}
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def one_line(text: str) -> str:
    """The text with each control character replaced by its \\u escape, so that it stays one line."""
    if text.isprintable():  # nearly always true, and ten times as fast as the replacement
        return text
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_json(value: Any) -> str:
    """JSON as both databases store it: names by length and then alphabet, a space after each comma and colon."""
    return _JSON.encode(_in_order(value))


_JSON = json.JSONEncoder(ensure_ascii=False)


def _in_order(value: Any) -> Any:
    if isinstance(value, Mapping):
        # PostgreSQL orders the names of an object by their length in bytes.
        named = {one_line(name): _in_order(item) for name, item in value.items()}
        return dict(sorted(named.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode())))
    if isinstance(value, list | tuple):
        return [_in_order(item) for item in value]
    return one_line(value) if isinstance(value, str) else value


def content(values: Mapping[str, str]) -> bytes:
    """The lines of an entry, from the text of each column; empty text for a column without a value."""
    lines = [values[name] for name in COLUMNS]
    lines += [f"{name}={values[name]}" for name in LATER if values[name]]
    return "\n".join(lines).encode()


def content_sql(vendor: str, table: str) -> str:
    """The same lines as bytes, as an SQL expression over a row of the entries."""
    texts = [_text(vendor, table, name) for name in COLUMNS]
    if JOINS_AT_ONCE[vendor]:
        # NULL, which means no name, is left out like every NULL.
        named = [f"CASE WHEN {table}.{name} <> '' THEN '\n{name}=' END, {table}.{name}" for name in LATER]
        between = ", '\n', "
        text = f"concat({between.join(texts)}, {', '.join(named)})"
    else:
        named = [
            f"CASE WHEN {table}.{name} <> '' THEN '\n{name}=' || {table}.{name} ELSE '' END" for name in LATER
        ]
        text = " || ".join([_joined([f"coalesce({each}, '')" for each in texts], "'\n'"), *named])
    return f"convert_to({text}, 'UTF8')" if vendor == "postgresql" else f"CAST({text} AS BLOB)"


def _joined(texts: Sequence[str], between: str) -> str:
    """Joins many texts pairwise, halves first: the database then copies each text a few times, not once for each later text."""
    if len(texts) == 1:
        return texts[0]
    half = len(texts) // 2
    return f"({_joined(texts[:half], between)} || {between} || {_joined(texts[half:], between)})"


def columns_sql(vendor: str, table: str) -> str:
    """The columns that make a leaf (`digests`): an entry's lines, its set of students and the digest of that set, each as bytes; and
    the required number of lines."""
    if vendor == "postgresql":
        as_bytes = "convert_to({}, 'UTF8')".format
        students = f"{table}.students"
    else:
        # Cast, so that a value that was forged into another type can still be read, and is detected.
        as_bytes = "CAST({} AS BLOB)".format
        students = as_bytes(f"coalesce({table}.students, '')")
    sha256 = as_bytes(f"coalesce({table}.students_sha256, '')")
    one = "CAST({} AS integer)".format if vendor == "postgresql" else "({})".format
    later = " + ".join(one(f"{table}.{name} <> ''") for name in LATER)
    return f"{content_sql(vendor, table)}, {students}, {sha256}, coalesce({len(COLUMNS)} + {later}, 0)"


def _text(vendor: str, table: str, name: str) -> str:
    """A column as text; NULL where it has no value, which `concat` leaves out."""
    column = f"{table}.{name}"
    if vendor == "postgresql":
        shown = {
            **dict.fromkeys(MOMENTS, f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"),
            **dict.fromkeys(DAYS, f"to_char({column}, 'YYYY-MM-DD')"),
        }
        return shown.get(name, f"{column}::text")
    return column


def id_in(content: bytes) -> str:
    """The id of the entry with these lines: the first line."""
    return content[: content.find(b"\n")].decode(errors="replace")


def digests(rows: Iterable[tuple[bytes, bytes, bytes, int]]) -> dict[str, str]:
    """The hash of each entry's leaf (RFC 6962, 2.1) in hexadecimal, by entry id, from `columns_sql`.

    Empty where the set of students is not the one that was written, and where one column was forged into several lines to imitate
    another column.
    """
    found = {}
    for content, students, said, lines in rows:
        whole = sha256(students).hexdigest().encode() == said and content.count(b"\n") == lines - 1
        found[id_in(content)] = sha256(b"\x00" + content).hexdigest() if whole else ""
    return found
