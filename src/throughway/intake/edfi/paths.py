"""Expressions of the Ed-Fi map: where in a record a value is found."""

from collections.abc import Callable
from typing import Any, NamedTuple

from throughway.intake.edfi.records import Record, Value, after_hash


class Scene(NamedTuple):
    """A record, and the items of its lists that a row is made of, each with the name of its list."""

    record: Record
    item: Value = None
    item_name: str = ""
    outer: Value = None
    outer_name: str = ""


Found = tuple[str, bool]  # a value, and whether the map itself says it rather than the record
Expression = Callable[[Scene], Found | None]


def first(value: Value, steps: tuple[str, ...], name: str) -> str | None:
    """The first text at the end of the path; `name` is the key that led to the value.

    A list is tried item by item. XML and JSON differ in how deep a lone value lies (`<Race>x</Race>`,
    `{"race": "x"}`), so a step of the value's own name may be left out or be said twice.
    """
    if value is None:
        return None
    if type(value) is list:
        for item in value:
            found = first(item, steps, name)
            if found is not None:
                return found
        return None
    if type(value) is str:
        return value if not steps or steps == (name,) else None
    if not steps:
        inner = value.get(name)
        return inner if type(inner) is str else None
    return first(value.get(steps[0]), steps[1:], steps[0])


def path(text: str) -> Callable[[Scene], str | None]:
    """A path of a record, of its `item` or of the `outer` item."""
    steps = tuple(text.lower().split("."))
    if steps[0] == "item":
        return lambda scene: first(scene.item, steps[1:], scene.item_name)
    if steps[0] == "outer":
        return lambda scene: first(scene.outer, steps[1:], scene.outer_name)
    if len(steps) == 1:
        (name,) = steps

        def plain(scene: Scene) -> str | None:
            value = scene.record.get(name)
            return value if value is None or type(value) is str else first(value, (), name)

        return plain
    if len(steps) == 2:
        return _pair(*steps)
    return lambda scene: first(scene.record, steps, "")


def _pair(outer: str, inner: str) -> Callable[[Scene], str | None]:
    """The path of a value in a reference, the commonest of all: read without recursion."""

    def paired(scene: Scene) -> str | None:
        value = scene.record.get(outer)
        if type(value) is dict:
            found = value.get(inner)
            if type(found) is str:
                return found
        return first(value, (inner,), outer)

    return paired


def expression(text: str) -> Expression:
    """What finds the value of a row's column or key: the first alternative that is filled."""
    terms = [_term(part.strip()) for part in text.split("|")]
    if len(terms) == 1:
        return terms[0]

    def either(scene: Scene) -> Found | None:
        for term in terms:
            found = term(scene)
            if found is not None:
                return found
        return None

    return either


def _term(text: str) -> Expression:
    if text.startswith("="):
        constant = (text[1:], True)
        return lambda scene: constant
    where, mark, given = text.partition("~=")
    if mark:
        filled, said = path(where), (given, True)
        return lambda scene: said if filled(scene) is not None else None
    kind, colon, rest = text.partition(":")
    find = path(rest if colon else text)
    if not colon:
        return lambda scene: (value, False) if (value := find(scene)) is not None else None
    if kind != "label":
        raise ValueError(f"{kind}: is no expression of the map")
    return lambda scene: (after_hash(value) or "", False) if (value := find(scene)) is not None else None


def items(scene: Scene, lists: tuple[tuple[str, ...], ...], optional: tuple[bool, ...]) -> list[Scene]:
    """A scene for each item of the list, or of the second list within each item of the first."""
    scenes = _items(scene, scene.record, lists[0], optional[0]) if lists else [scene]
    if len(lists) < 2:
        return scenes
    return [
        inner._replace(outer=one.item, outer_name=one.item_name)
        for one in scenes
        for inner in _items(one, one.item, lists[1], optional[1])
    ]


def _items(scene: Scene, holder: Any, names: tuple[str, ...], optional: bool) -> list[Scene]:
    for name in names:
        value = holder.get(name) if type(holder) is dict else None
        if value is None:
            continue
        values = value if type(value) is list else [value]
        return [scene._replace(item=one, item_name=name) for one in values]
    return [scene._replace(item=None, item_name=names[0])] if optional else []
