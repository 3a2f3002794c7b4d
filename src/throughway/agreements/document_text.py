"""The text of a document, YAML or JSON, as plain values: texts, whole numbers, true and false, lists and sections.

YAML is read as its version 1.2 reads it (`on` and `no` are words, a day is its text), a field that stands twice is
refused, and a text that is enormous, deep, or unfolds into an enormous document is refused before it is built.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from throughway.core.yaml_errors import fault_of

LARGEST = 1_000_000  # characters of a document's text
MOST_BYTES = 4 * LARGEST + 3  # of its file
MOST_NODES = 50_000  # values that a document may unfold into
DEEPEST = 40  # sections within sections
MOST_DIGITS = 18
# Controls but for tab and line ends, and those that turn the direction of writing whatever the letters are.
UNSEEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

TOO_MANY = "The document unfolds into more values than any agreement has."
TOO_DEEP = "The text is nested too deeply to be an agreement."

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]


class UnreadableDocument(Exception):
    """The text is no document; the message is one sentence."""


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Words, whole numbers, true, false and null: everything else stays the text that people see."""


Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", rf"^[-+]?(?:0|[1-9][0-9]{{0,{MOST_DIGITS - 1}}})$", "-+0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def text_in(path: Path) -> str:
    """The text of a file, of which no more is read than a document may have; Unreadable when it is longer or no UTF-8.

    OSError, as of any file that is not there or may not be read."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UnreadableDocument(f"The text is longer than {LARGEST:,} characters, which no agreement is.")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UnreadableDocument(
            "The file is not a readable UTF-8 text; save the document as UTF-8."
        ) from None


def values_of(text: str) -> Value:
    """The plain values of a YAML or JSON text; Unreadable when it is neither."""
    if len(text) > LARGEST:
        raise UnreadableDocument(f"The text is longer than {LARGEST:,} characters, which no agreement is.")
    try:
        values = _from_json(text) if text.lstrip("\ufeff \t\r\n")[:1] == "{" else _from_yaml(text)
    except RecursionError:
        raise UnreadableDocument(TOO_DEEP) from None
    return values


def cut_texts(text: str) -> Iterator[tuple[str, int]]:
    """The path and line of each text of several words that is not in quotes and ends at a `#` after a single blank: YAML takes
    the rest of the line for a comment, and a comment that is meant stands further apart. `text` is one that can be read."""
    lines = text.splitlines()
    inner: list[tuple[str, yaml.Node | None]] = [("", yaml.compose(text, Loader=Loader))]
    for path, node in inner:
        if isinstance(node, yaml.SequenceNode):
            inner += [(f"{path}[{n}]", item) for n, item in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            inner += [(f"{path}.{key.value}".lstrip("."), value) for key, value in node.value]
        elif isinstance(node, yaml.ScalarNode) and not node.style and " " in node.value:
            end = node.end_mark
            if end.line < len(lines) and re.match(r" #", lines[end.line][end.column :]):
                yield path, end.line + 1


def _from_json(text: str) -> Value:
    try:
        loaded: Value = json.loads(
            text.lstrip("\ufeff"),
            object_pairs_hook=_once,
            parse_int=lambda digits: int(digits) if len(digits) <= MOST_DIGITS else digits,
            parse_float=str,
            parse_constant=str,
        )
    except json.JSONDecodeError:
        return _from_yaml(text)  # a YAML document may open with a brace too
    _check_size(loaded)
    return _printable(loaded)


def _check_size(value: Value) -> None:
    """Refuses what is too deep or has too many values."""
    layer, depth, size = [value], 0, 1
    while layer:
        depth += 1
        layer = [
            inner
            for each in layer
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        size += len(layer)
        if size > MOST_NODES:
            raise UnreadableDocument(TOO_MANY)
        if depth > DEEPEST:
            raise UnreadableDocument(TOO_DEEP)


def _once(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    section: dict[str, Value] = {}
    for key, value in pairs:
        if key in section:
            raise UnreadableDocument(
                f"The field {_shown(key)} stands twice in one section; keep one of them."
            )
        section[key] = value
    return section


def _from_yaml(text: str) -> Value:
    try:
        _check_events(text)
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        if "nesting" in str(error.problem):
            raise UnreadableDocument(TOO_DEEP) from None
        raise UnreadableDocument(
            f"The text is not readable as YAML or JSON{fault_of(error, text)}."
        ) from None
    except yaml.YAMLError:
        raise UnreadableDocument(
            "The text holds characters that YAML does not allow; save it as plain UTF-8."
        ) from None
    except (ValueError, OverflowError):
        raise UnreadableDocument(
            "The text holds an escape that is no character; save it as plain UTF-8."
        ) from None
    if node is None:
        raise UnreadableDocument("The document is empty.")
    if _size(node, {}) > MOST_NODES:
        raise UnreadableDocument(TOO_MANY)
    return _printable(_value(node))


def _check_events(text: str) -> None:
    """Reads the text once as a stream, keeping nothing of it, and stops where it is too deep or has too many values."""
    depth = size = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.NodeEvent):
            size += 1
            depth += isinstance(event, yaml.CollectionStartEvent)
        if size > MOST_NODES:
            raise UnreadableDocument(TOO_MANY)
        if depth > DEEPEST:
            raise UnreadableDocument(TOO_DEEP)


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values the node unfolds into, its aliases written out; a node within itself is refused."""
    if id(node) in known:
        if known[id(node)] == 0:
            raise UnreadableDocument("A part of the document contains itself.")
        return known[id(node)]
    known[id(node)] = 0
    size = 1
    if isinstance(node, yaml.SequenceNode):
        size += sum(_size(item, known) for item in node.value)
    elif isinstance(node, yaml.MappingNode):
        size += sum(_size(key, known) + _size(value, known) for key, value in node.value)
    known[id(node)] = size
    return size


def _value(node: yaml.Node) -> Value:
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return _section(node)
    text = str(node.value)
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int" and re.fullmatch(rf"[-+]?[0-9]{{1,{MOST_DIGITS}}}", text):
        return int(text)
    return text


def _section(node: yaml.MappingNode) -> dict[str, Value]:
    section: dict[str, Value] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise UnreadableDocument(
                f"Line {line} has a list or a section where the name of a field should stand."
            )
        name = str(key.value)
        if name in section:
            raise UnreadableDocument(
                f"The field {_shown(name)} stands twice in one section (line {line}); keep one of them."
            )
        section[name] = _value(value)
    return section


def _shown(name: str) -> str:
    return ascii(name)[1:-1][:60]


def _printable(value: Value) -> Value:
    """Refuses half characters and NUL, which no database keeps, and what people do not see and would sign: characters that
    steer a terminal or turn the direction of what is read."""
    if isinstance(value, str) and (unseen := UNSEEN.search(value)):
        if re.match("[\0\ud800-\udfff]", unseen[0]):
            raise UnreadableDocument("The text holds half a character or a NUL; save it as plain UTF-8.")
        raise UnreadableDocument(
            f"The text holds a character that nobody sees (U+{ord(unseen[0]):04X}) and that changes how it is read; take it out."
        )
    if isinstance(value, list):
        for item in value:
            _printable(item)
    if isinstance(value, dict):
        for key, item in value.items():
            _printable(key)
            _printable(item)
    return value
