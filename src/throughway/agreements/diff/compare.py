"""What changed between two texts of an agreement, field by field; entries are matched by what they are, not where they stand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from throughway.agreements.document_paths import (
    EMPTY_BY_DEFAULT,
    IDENTITIES,
    ListEntry,
    Path,
    Values,
    identified,
    identity,
    is_list,
    path_text,
    pattern,
)

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True)
class Difference:
    """One place at which two texts differ. `before` and `after`: plain values, None where absent. `at`: the position that an
    added entry has in the new list. Where entries only stand in another order, the values are their names in that order."""

    path: Path
    kind: str
    before: Any
    after: Any
    at: int | None = None


def differences(before: Values, after: Values) -> Iterator[Difference]:
    """All of them between the values of two documents, in the order of the document."""
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
    """Position before to position after. Of one strongest identity the first meets the first; by a weaker identity two
    meet only when no other entry that is left has it."""
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
