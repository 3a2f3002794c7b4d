"""The differences between two texts of an agreement, field by field, and a document's values with changes applied.

Entries are matched by identity, not by position.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from throughway.agreements.document_paths import (
    EMPTY_BY_DEFAULT,
    IDENTITIES,
    ListEntry,
    NoSuchPath,
    Path,
    Values,
    at,
    entries_at,
    identified,
    identity,
    is_list,
    path_text,
    pattern,
)

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True)
class Difference:
    """One place at which two texts differ. `before` and `after`: plain values, None where absent. `at`: the position of an added entry
    in the new list. Where only the order of entries differs, the values are their names in order."""

    path: Path
    kind: str
    before: Any
    after: Any
    at: int | None = None


def differences(before: Values, after: Values) -> Iterator[Difference]:
    """All differences between the values of two documents, in the order of the document."""
    yield from _section((), before, after)


def _section(path: Path, before: Values, after: Values) -> Iterator[Difference]:
    for name in [*before, *(name for name in after if name not in before)]:
        yield from _field((*path, name), before, after, name)


def _field(path: Path, before: Values, after: Values, name: str) -> Iterator[Difference]:
    if is_list(path):
        yield from _entries(path, before.get(name, []), after.get(name, []))
        return
    empty: Values | None = {} if pattern(path) in EMPTY_BY_DEFAULT else None
    was, now = before.get(name, empty), after.get(name, empty)
    if isinstance(was, dict) and isinstance(now, dict):
        yield from _section(path, was, now)
    elif name not in before or name not in after:
        yield Difference(path, REMOVED if name in before else ADDED, before.get(name), after.get(name))
    elif was != now or type(was) is not type(now):
        yield Difference(path, CHANGED, was, now)


def _entries(path: Path, before: Sequence[Values], after: Sequence[Values]) -> Iterator[Difference]:
    called, newly = list(identified(path, before)), list(identified(path, after))
    pairs = _matched(IDENTITIES[path_text(path)], before, after)
    for was, entry in enumerate(before):
        if was in pairs:
            yield from _section((*path, called[was]), entry, after[pairs[was]])
        else:
            yield Difference((*path, called[was]), REMOVED, entry, None)
    kept = set(pairs.values())
    for now, entry in enumerate(after):
        if now not in kept:
            yield Difference((*path, newly[now]), ADDED, None, entry, at=now)
    stay = sorted(pairs)
    moved = sorted(pairs, key=lambda was: pairs[was])
    if stay != moved:
        yield Difference(path, CHANGED, _names(called, stay), _names(called, moved))


def _names(called: Sequence[ListEntry], places: Sequence[int]) -> list[str]:
    return [str(called[place]) for place in places]


def _matched(
    identities: Sequence[Sequence[str]], before: Sequence[Values], after: Sequence[Values]
) -> Mapping[int, int]:
    """Old position to new position. Entries with equal strongest identity are matched in order; a weaker identity matches only where
    no other remaining entry has it."""
    pairs: dict[int, int] = {}
    for strength, fields in enumerate(identities):
        old = _grouped(before, fields, frozenset(pairs))
        new = _grouped(after, fields, frozenset(pairs.values()))
        for named, places in old.items():
            others = new.get(named, [])
            if strength == 0 or len(places) == len(others) == 1:
                pairs.update(zip(places, others, strict=False))
    return pairs


def _grouped(
    entries: Sequence[Values], fields: Sequence[str], apart_from: frozenset[int]
) -> dict[tuple[str, ...], list[int]]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, entry in enumerate(entries):
        if place not in apart_from:
            groups.setdefault(identity(entry, fields), []).append(place)
    return groups


def apply_differences(values: Values, differences: Iterable[Difference]) -> Values:
    """A copy with the differences applied; NoSuchPath when the values lack the place of one.

    All places refer to the original values, so that a change of an entry's identity does not affect other differences.
    """
    changed = copy.deepcopy(values)
    fields, entries = _sorted(differences)
    targets = [(_section_of(changed, found.path), found) for found in fields]
    lists = {path: _rearranged(changed, path, found) for path, found in entries.items()}
    for section, found in targets:
        if found.kind == REMOVED:
            section.pop(_last_name(found.path), None)
        else:
            section[_last_name(found.path)] = copy.deepcopy(found.after)
    for path, arranged in lists.items():
        _section_of(changed, path)[_last_name(path)] = arranged
    return changed


def _sorted(differences: Iterable[Difference]) -> tuple[list[Difference], dict[Path, list[Difference]]]:
    """Changes of fields, and by list those of whole entries and of their order."""
    fields: list[Difference] = []
    entries: dict[Path, list[Difference]] = {}
    for found in differences:
        if isinstance(found.path[-1], ListEntry):
            entries.setdefault(found.path[:-1], []).append(found)
        elif is_list(found.path):
            entries.setdefault(found.path, []).append(found)
        else:
            fields.append(found)
    return fields, entries


def _rearranged(values: Values, path: Path, differences: Iterable[Difference]) -> list[Any]:
    entries = entries_at(values, path)
    by_name = dict(zip(map(str, identified(path, entries)), entries, strict=True))
    order = list(by_name)
    added: list[Difference] = []
    for found in differences:
        if found.kind == ADDED:
            added.append(found)
        elif found.kind == REMOVED:
            _check_there(by_name, str(found.path[-1]))
            order.remove(str(found.path[-1]))
    for found in differences:
        if is_list(found.path):
            order = [name for name in found.after if name in order]
    arranged = [by_name[name] for name in order]
    for found in sorted(added, key=lambda one: len(entries) if one.at is None else one.at):
        arranged.insert(len(arranged) if found.at is None else found.at, copy.deepcopy(found.after))
    return arranged


def _check_there(by_name: dict[str, Any], name: str) -> None:
    if name not in by_name:
        raise NoSuchPath(name)


def _section_of(values: Values, path: Path) -> Values:
    """The section that contains the path's last field, created where it is absent and allowed."""
    section: Any = values
    for place, step in enumerate(path[:-1]):
        if isinstance(step, ListEntry):
            section = at(values, path[: place + 1])
        elif isinstance(path[place + 1], str):
            section = section.setdefault(step, {})
        if not isinstance(section, dict):
            raise NoSuchPath(str(step))
    made: Values = section
    return made


def _last_name(path: Path) -> str:
    return str(path[-1])
