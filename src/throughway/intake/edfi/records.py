"""An Ed-Fi record, from XML or JSON, in one form: names in lower case without `descriptor`, lists singular, references flat.

XML repeats `<Telephone>`, and nests `<Name><FirstName>` and `<SchoolReference><SchoolIdentity><SchoolId>`; JSON writes `telephones:
[...]`, `firstName` and `schoolReference: {schoolId}`. Both become `{"telephone": [{...}, ...], "firstname": "...", "schoolreference":
{"schoolid": "..."}}`.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Value = Any  # str | dict[str, Value] | list[Value]
Record = dict[str, Value]

# XML elements that JSON does not have: their children belong to the record itself.
HOISTED = frozenset({"name", "birthdata", "attendanceevent"})

# Fields of a fetched row that are not part of the resource.
DROPPED = frozenset({"id", "link", "_etag", "_lastmodifieddate", "_ext"})

Resolve = Callable[[str], Mapping[str, str]]

_NAMES: dict[str, tuple[str, int]] = {}  # an element's tag -> its name, and how it is read
_LEAF, _HOIST, _REFERENCE = range(3)


def of_element(element: Any, resolve: Resolve | None) -> Record:
    """The record in an XML element; `resolve` returns the identity that a `ref` attribute points to."""
    record: Record = {}
    _read_children(element, record, resolve)
    return record


def local_name(tag: str) -> str:
    """`{namespace}SchoolReference` -> `schoolreference`."""
    name = tag.rpartition("}")[2].lower()
    return name[: -len("descriptor")] if name.endswith("descriptor") else name


def _name(tag: str) -> tuple[str, int]:
    name = local_name(tag)
    kind = _HOIST if name in HOISTED else _REFERENCE if name.endswith("reference") else _LEAF
    _NAMES[tag] = name, kind
    return name, kind


def _read_children(element: Any, record: Record, resolve: Resolve | None) -> None:
    for child in element:
        tag = child.tag
        name, kind = _NAMES.get(tag) or _name(tag)
        value: Value
        if kind == _REFERENCE:
            value = {}
            _flatten(child, value, resolve)
        elif not len(child):
            value = (child.text or "").strip()
            if not value:
                continue
        elif kind == _HOIST:
            _read_children(child, record, resolve)
            continue
        else:
            value = {}
            _read_children(child, value, resolve)
            if len(value) == 1 and "codevalue" in value:  # Data Standard 2 nests the text of a code
                value = value["codevalue"]
        known = record.get(name)
        if known is None:
            record[name] = value
        elif type(known) is list:
            known.append(value)
        else:
            record[name] = [known, value]


def _flatten(element: Any, into: dict[str, str], resolve: Resolve | None) -> None:
    """All leaves below a reference; the first of each name is used, since inner references repeat it."""
    for leaf in element.iter():
        text = leaf.text
        if text and (text := text.strip()):
            tag = leaf.tag
            name = (_NAMES.get(tag) or _name(tag))[0]
            if name not in into:
                into[name] = text
        if resolve is not None and (pointer := leaf.get("ref")) is not None:
            for name, value in resolve(pointer).items():
                into.setdefault(name, value)


def identity(record: Record, names: frozenset[str]) -> dict[str, str]:
    """The values by which other records may refer to this one."""
    found: dict[str, str] = {}
    for name, value in record.items():
        if type(value) is dict and name.endswith("reference"):
            for inner, text in value.items():
                found.setdefault(inner, text)
        elif type(value) is str and name in names:
            found[name] = value
    return found


def of_json(value: Mapping[str, object], empty: Callable[[str], None]) -> Record:
    """The record in a JSON object; `empty` is called with the key of each empty string, which Ed-Fi does not allow."""
    record: Record = {}
    for key, inner in value.items():
        name = _json_name(key)
        if name is None or inner is None:
            continue
        read = _json_value(key, inner, empty)
        if isinstance(inner, list):
            if items := [item for item in read if item not in (None, "", {}, [])]:
                record[singular(name)] = items
        elif read is not None and read != {}:
            if name.endswith("schoolyeartypereference") and isinstance(read, dict):
                name, read = name.removesuffix("typereference"), read.get("schoolyear")
            if read is not None:
                record[name] = read
    return record


@lru_cache(maxsize=4096)  # a file has a few hundred
def _json_name(key: str) -> str | None:
    """None for a field that is not part of the resource."""
    name = key.lower()
    return None if name in DROPPED else name.removesuffix("descriptor")


def _json_value(key: str, value: object, empty: Callable[[str], None]) -> Value:
    if isinstance(value, dict):
        return of_json(value, empty)
    if isinstance(value, list):
        return [_json_value(key, item, empty) for item in value]
    if value is None:
        return None
    text = (
        value.strip() if isinstance(value, str) else str(value).lower()
    )  # true or false; a number is text by now
    if not text:
        empty(key)
        return None
    return text


def singular(name: str) -> str:
    """`addresses` -> `address`, `statuses` -> `status`, `categories` -> `category`; `uses` is Ed-Fi's list of language uses."""
    if name == "uses":
        return "languageuse"
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith(("sses", "tuses")):
        return name[:-2]
    return name.removesuffix("s")


def after_hash(text: str) -> str:
    """The code word of a descriptor: `uri://ed-fi.org/SexDescriptor#Female` -> `Female`."""
    return text.rpartition("#")[2] if text.startswith("uri:") else text


def folded(word: str) -> str:
    """The letters and digits of a word in lower case, ignoring spaces, dashes and capitals."""
    return re.sub(r"[\W_]", "", word.casefold())
