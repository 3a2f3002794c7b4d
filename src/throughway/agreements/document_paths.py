"""Places in a document that keep their meaning when other lines are added or removed: `schedule[person.birthdate; *;
casework].transform`.

An entry of a list is named by its identity (a party by its partner, a line by element, discloser and purposes), not by its position. A
finding's position, `schedule[3].transform`, is accepted too. `*` means an absent field; `#2` the second of two entries with the same
identity. Within a name `%5B` and the like encode the characters that paths use.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

Values = dict[str, Any]

# What identifies an entry, strongest first; a weaker identity finds an entry again after one of these fields changed.
IDENTITIES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "parties": (("partner",),),
    "purposes": (("id", "from"), ("id",)),
    "custody": (("from",), ()),
    "schedule": (("element", "from", "purposes"), ("element", "purposes"), ("element", "from"), ("element",)),
    "writes": (("table", "by", "purposes"), ("table", "purposes"), ("table",)),
    "population": (("from", "on"), ("from",), ("on",)),
    "onward": (("party",),),
    "services": (("partner", "program"), ("partner",)),
    "terms.subprocessors": (("name",),),
    "terms.delivery": (("from", "what"), ("from",)),
}
# Sections for which absent and empty mean the same.
EMPTY_BY_DEFAULT = ("records", "joinder", "purposes[].basis_details", "custody[].basis_details")
TOKEN = re.compile(r"([^.\[\]]+)(?:\[([^\[\]]*)\])?(?:\.|$)")


class NoSuchPath(LookupError):
    """The document has no such place."""


@dataclass(frozen=True)
class ListEntry:
    """One entry of a list, by the parts of its identity; `nth` counts entries with the same identity from 1."""

    parts: tuple[str, ...]
    nth: int = 1

    def __str__(self) -> str:
        text = "; ".join(_quoted(part) for part in self.parts)
        text = f"%{ord(text[0]):X}{text[1:]}" if text.isdecimal() and text.isascii() else text
        return f"[{text}#{self.nth}]" if self.nth > 1 else f"[{text}]"


Step = str | ListEntry
Path = tuple[Step, ...]


def path_text(path: Path) -> str:
    """The path as one text."""
    text = ""
    for step in path:
        text += str(step) if isinstance(step, ListEntry) else f"{'.' if text else ''}{_quoted(step) or '%'}"
    return text


def pattern(path: Path) -> str:
    """The path without the identities of entries: `schedule[].transform`."""
    return path_text(tuple(ListEntry(()) if isinstance(step, ListEntry) else step for step in path))


def read_path(text: str, values: Values) -> Path:
    """A path from the text that people and findings write; Nowhere when it is invalid. An entry given by position must exist, one
    given by identity may be new."""
    path: list[Step] = []
    at = 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None or token.end() == at:
            raise NoSuchPath(text)
        path.append("" if token[1] == "%" else unquote(token[1]))
        if token[2] is not None:
            path.append(_entry(token[2], tuple(path), values))
        at = token.end()
    if not path or text.endswith("."):
        raise NoSuchPath(text)
    return tuple(path)


def _entry(text: str, of: Path, values: Values) -> ListEntry:
    if text.isdecimal() and text.isascii():
        entries = entries_at(values, of)
        if int(text) >= len(entries):
            raise NoSuchPath(text)
        return list(identified(of, entries))[int(text)]
    name, mark, nth = text.rpartition("#")
    if not mark:
        return ListEntry(_parts(text))
    if not re.fullmatch(r"[1-9][0-9]{0,5}", nth):
        raise NoSuchPath(text)
    return ListEntry(_parts(name), int(nth))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(unquote(part.strip()) for part in text.split(";")) if text else ()


def _quoted(text: str) -> str:
    return re.sub(r"[%.\[\];#\x00-\x1f]", lambda sign: f"%{ord(sign[0]):02X}", text) if text else ""


def is_list(path: Path) -> bool:
    """Whether the path leads to a list of entries with identities."""
    return path_text(path) in IDENTITIES


def identity(entry: Values, fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(_said(entry.get(field)) for field in fields)


def _said(value: object) -> str:
    if value is None:
        return "*"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def identified(path: Path, entries: Sequence[Values]) -> Iterator[ListEntry]:
    """The identities of the entries of the list at the path, in order."""
    seen: dict[tuple[str, ...], int] = {}
    for entry in entries:
        parts = identity(entry, IDENTITIES[path_text(path)][0])
        seen[parts] = seen.get(parts, 0) + 1
        yield ListEntry(parts, seen[parts])


def entries_at(values: Values, path: Path) -> list[Values]:
    """The entries of a list; empty where the document lacks the section. Nowhere when no list of entries can be at the path."""
    if not is_list(path):
        raise NoSuchPath(path_text(path))
    section: Any = values
    for step in path:
        section = section.get(step, {})
    return section or []


def at(values: Values, path: Path) -> Any:
    """The value at the path; None for an absent field of an existing section, otherwise Nowhere."""
    found: Any = values
    for place, step in enumerate(path):
        if isinstance(step, ListEntry):
            called = list(identified(path[:place], found or []))
            if step not in called:
                raise NoSuchPath(path_text(path))
            found = found[called.index(step)]
        elif isinstance(found, dict):
            found = found.get(step, {} if pattern(path[: place + 1]) in EMPTY_BY_DEFAULT else None)
        else:
            raise NoSuchPath(path_text(path))
    return found


def positions(values: Values, path: Path) -> tuple[str | int, ...]:
    """The path with each entry replaced by its position; Nowhere when an entry does not exist."""
    found: list[str | int] = []
    for place, step in enumerate(path):
        if isinstance(step, ListEntry):
            called = list(identified(path[:place], entries_at(values, path[:place])))
            if step not in called:
                raise NoSuchPath(path_text(path))
            found.append(called.index(step))
        else:
            found.append(step)
    return tuple(found)
