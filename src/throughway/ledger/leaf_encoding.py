"""The lines that stand for one entry in the tree: the same bytes when it is written and whenever it is verified.

One line for each column, in this order. No value holds a control character (`one_line`), so that no two entries have the
same lines. The database makes the lines again by itself when the ledger is verified: that is several times faster than
reading the values into Python and writing them out again.
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
# A column that came later has a line, with its name, only where it says something: older leaves stay what they were.
LATER = ("threat", "way", "question")
MOMENTS, DAYS, LISTS = (
    {"at"},
    {"on_day"},
    {"agreements", "disclosers", "recipients", "onward", "elements", "reasons"},
)
# Whether the database joins many texts at once, which is twice as fast as one after the other. (Not by concat_ws, which in
# SQLite 3.46 leaves empty texts out together with their separator.)
JOINS_AT_ONCE = {"postgresql": True, "sqlite": sqlite3.sqlite_version_info >= (3, 44)}
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def one_line(text: str) -> str:
    """The text without control characters: each becomes its \\u escape, so that a line stays a line."""
    if text.isprintable():  # nearly always, and ten times as fast to tell
        return text
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_json(value: Any) -> str:
    """JSON as both databases keep it: names by length and then alphabet, a blank after each comma and colon."""
    return _JSON.encode(_in_order(value))


_JSON = json.JSONEncoder(ensure_ascii=False)


def _in_order(value: Any) -> Any:
    if isinstance(value, Mapping):
        # PostgreSQL orders the names of an object by the bytes that they take.
        named = {one_line(name): _in_order(item) for name, item in value.items()}
        return dict(sorted(named.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode())))
    if isinstance(value, list | tuple):
        return [_in_order(item) for item in value]
    return one_line(value) if isinstance(value, str) else value


def content(values: Mapping[str, str]) -> bytes:
    """The lines of an entry, from the text of each column; empty text for a column that says nothing."""
    lines = [values[name] for name in COLUMNS]
    lines += [f"{name}={values[name]}" for name in LATER if values[name]]
    return "\n".join(lines).encode()


def content_sql(vendor: str, table: str) -> str:
    """The same lines as bytes, as an expression over a row of the entries."""
    texts = [_text(vendor, table, name) for name in COLUMNS]
    if JOINS_AT_ONCE[vendor]:
        # NULL, which stands for no name, is left out like every NULL.
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
    """One text of many, halves first: the database then copies each of them a few times and not once for each after it."""
    if len(texts) == 1:
        return texts[0]
    half = len(texts) // 2
    return f"({_joined(texts[:half], between)} || {between} || {_joined(texts[half:], between)})"


def columns_sql(vendor: str, table: str) -> str:
    """What makes a leaf (`digests`): an entry's lines, its set of students and the digest of that set, each as bytes; and of how
    many lines the first must consist."""
    if vendor == "postgresql":
        as_bytes = "convert_to({}, 'UTF8')".format
        students = f"{table}.students"
    else:
        # Cast, so that a value that was forged into another type is read all the same, and found out.
        as_bytes = "CAST({} AS BLOB)".format
        students = as_bytes(f"coalesce({table}.students, '')")
    sha256 = as_bytes(f"coalesce({table}.students_sha256, '')")
    one = "CAST({} AS integer)".format if vendor == "postgresql" else "({})".format
    later = " + ".join(one(f"{table}.{name} <> ''") for name in LATER)
    return f"{content_sql(vendor, table)}, {students}, {sha256}, coalesce({len(COLUMNS)} + {later}, 0)"


def _text(vendor: str, table: str, name: str) -> str:
    """A column as text; NULL where it is not there, which `concat` leaves out."""
    column = f"{table}.{name}"
    if vendor == "postgresql":
        shown = {
            **dict.fromkeys(MOMENTS, f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"),
            **dict.fromkeys(DAYS, f"to_char({column}, 'YYYY-MM-DD')"),
        }
        return shown.get(name, f"{column}::text")
    return column


def id_in(content: bytes) -> str:
    """The id of the entry that has these lines: the first of them."""
    return content[: content.find(b"\n")].decode(errors="replace")


def digests(rows: Iterable[tuple[bytes, bytes, bytes, int]]) -> dict[str, str]:
    """The leaf's hash (RFC 6962, 2.1) in hexadecimal of each entry of `columns_sql`, by its id.

    Empty where the set of students is not the one that was written, and where the text of one column was forged into several
    lines, so that it says the line of another.
    """
    found = {}
    for content, students, said, lines in rows:
        whole = sha256(students).hexdigest().encode() == said and content.count(b"\n") == lines - 1
        found[id_in(content)] = sha256(b"\x00" + content).hexdigest() if whole else ""
    return found
