"""A document's values with changes made in them."""

import copy
from collections.abc import Iterable
from typing import Any

from throughway.agreements.diff.compare import ADDED, REMOVED, Difference
from throughway.agreements.document_paths import (
    ListEntry,
    NoSuchPath,
    Path,
    Values,
    at,
    entries_at,
    identified,
    is_list,
)


def apply_differences(values: Values, differences: Iterable[Difference]) -> Values:
    """A copy in which the differences hold; Nowhere when one is about a place that the values lack.

    All places are those of the values as given, so that a change of what identifies an entry misleads no other.
    """
    changed = copy.deepcopy(values)
    fields, entries = _sorted(differences)
    targets = [(_section(changed, found.path), found) for found in fields]
    lists = {path: _rearranged(changed, path, found) for path, found in entries.items()}
    for section, found in targets:
        if found.kind == REMOVED:
            section.pop(_name(found.path), None)
        else:
            section[_name(found.path)] = copy.deepcopy(found.after)
    for path, arranged in lists.items():
        _section(changed, path)[_name(path)] = arranged
    return changed


def _sorted(differences: Iterable[Difference]) -> tuple[list[Difference], dict[Path, list[Difference]]]:
    """Those of fields, and by list those of whole entries and of their order."""
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


def _section(values: Values, path: Path) -> Values:
    """The section in which the path's last field stands, made where it is absent and may be."""
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


def _name(path: Path) -> str:
    return str(path[-1])
