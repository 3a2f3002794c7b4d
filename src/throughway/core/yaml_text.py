"""YAML and JSON that people write, as plain values: texts, whole numbers, true and false, lists and sections.

Agreements, packs of rules, lists of systems and crosswalks are read here, and the tables that come with the program. YAML is read
as its version 1.2 reads it (`on` and `no` are words, a day is its text), a repeated field is refused, and a text that is
enormous, deep, or unfolds into an enormous document is refused before it is built. Of a text that cannot be read, the message
names the line and the likely cause: an unquoted # or colon, a tab, an open quote.
"""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

LARGEST = 1_000_000  # characters of a document's text
MOST_BYTES = 4 * LARGEST + 3  # of its file
MOST_NODES = 50_000  # values that a document may unfold into
DEEPEST = 40  # sections within sections
MOST_DIGITS = 18
TAG = "tag:yaml.org,2002:"
# Controls but for tab and line ends, and those that turn the direction of writing whatever the letters are.
UNSEEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

TOO_MANY = f"The document unfolds into more than {MOST_NODES:,} values."
TOO_DEEP = f"The text is nested too deeply: more than {DEEPEST} levels."
TOO_LONG = f"The text is longer than {LARGEST:,} characters."

QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# Each is matched from the line's beginning, so that a line of a million characters, as JSON is, is read once.
COMMENT = re.compile(r"\s*\S.*?\s#")  # a comment behind something on the same line
# The same with no blank behind the sign: more likely a part of the text, as in `Student #` or `#1 choice`.
CUT = re.compile(r"\s*\S.*?\s#(?!\s+\w)")
COLON_WITHIN = re.compile(r"(?>.*?:\s).*[^\s\"'{,\[]:(\s|$)")
QUOTES = "put the text in quotes"
HASH = f"the # is not in quotes, so that YAML reads nothing after it; {QUOTES}"

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]


class UnreadableText(Exception):
    """The text is neither YAML nor JSON, or not one that is read; the message is one sentence."""


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Words, whole numbers, true, false and null: everything else stays the text that people see."""


Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", rf"^[-+]?(?:0|[1-9][0-9]{{0,{MOST_DIGITS - 1}}})$", "-+0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^<<$", "<"),
):
    Loader.add_implicit_resolver(f"{TAG}{_tag}", re.compile(_pattern), list(_first))


def text_in(path: Path) -> str:
    """The text of a file, of which no more is read than a document may have. UnreadableText when it is longer or no UTF-8;
    OSError when the file is not there or may not be read."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UnreadableText(TOO_LONG)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UnreadableText("The file is not a readable UTF-8 text; save the document as UTF-8.") from None


def values_of(text: str, *, scalars_as_text: bool = False, merge_keys: bool = True) -> Value:
    """The plain values of a YAML or JSON text; UnreadableText when it is neither.

    `scalars_as_text`: every scalar but null is the text that was written, so that no code is read as a number (`07`, `1.0`) or a
    truth, and it may hold control characters, such as a delimiter. `merge_keys`: whether a section may take in the fields of another
    (`<<: *other`).
    """
    if len(text) > LARGEST:
        raise UnreadableText(TOO_LONG)
    is_json = text.lstrip("\ufeff \t\r\n")[:1] == "{" and not scalars_as_text
    try:
        values = _from_json(text, merge_keys) if is_json else _from_yaml(text, scalars_as_text, merge_keys)
    except RecursionError:
        raise UnreadableText(TOO_DEEP) from None
    return values if scalars_as_text else _printable(values)


def packaged(package: str, name: str) -> Any:
    """The values of a YAML file that comes with the program."""
    return values_of(files(package).joinpath(name).read_text(encoding="utf-8"))


def cut_texts(text: str) -> Iterator[tuple[str, int]]:
    """The path and line of each text of several words that is not in quotes and ends at a `#` after a single blank: YAML takes
    the rest of the line for a comment, and an intended comment is set further apart. `text` is one that can be read."""
    lines = text.splitlines()
    try:
        inner: list[tuple[str, yaml.Node | None]] = [("", yaml.compose(text, Loader=Loader))]
    except (
        yaml.YAMLError
    ):  # JSON with half characters in escapes, which YAML does not read; it has no comments
        return
    for path, node in inner:
        if isinstance(node, yaml.SequenceNode):
            inner += [(f"{path}[{n}]", item) for n, item in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            inner += [(f"{path}.{key.value}".lstrip("."), value) for key, value in node.value]
        elif isinstance(node, yaml.ScalarNode) and not node.style and " " in node.value:
            end = node.end_mark
            if end.line < len(lines) and re.match(r" #", lines[end.line][end.column :]):
                yield path, end.line + 1


def unquoted_hash(text: str) -> str:
    """A sentence on the first line whose # cuts off what may be meant as text; empty where there is none."""
    for number, line in enumerate(text.splitlines(), 1):
        if CUT.match(_bare(line)):
            return f"Line {number} has an unquoted #, and YAML reads nothing after it; {QUOTES} if the # belongs to it."
    return ""


def _from_json(text: str, merge_keys: bool) -> Value:
    try:
        loaded: Value = json.loads(
            text.lstrip("\ufeff"),
            object_pairs_hook=_once,
            parse_int=lambda digits: int(digits) if len(digits) <= MOST_DIGITS else digits,
            parse_float=str,
            parse_constant=str,
        )
    except json.JSONDecodeError:
        return _from_yaml(text, False, merge_keys)  # a YAML document may open with a brace too
    _check_size(loaded)
    return loaded


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
            raise UnreadableText(TOO_MANY)
        if depth > DEEPEST:
            raise UnreadableText(TOO_DEEP)


def _once(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    section: dict[str, Value] = {}
    for key, value in pairs:
        if key in section:
            raise UnreadableText(f"The field {_shown(key)} is in one section twice; keep one of them.")
        section[key] = value
    return section


def _from_yaml(text: str, scalars_as_text: bool, merge_keys: bool) -> Value:
    try:
        _check_events(text)
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        if "nesting" in str(error.problem):
            raise UnreadableText(TOO_DEEP) from None
        raise UnreadableText(f"The text is not readable as YAML or JSON{_where(error, text)}.") from None
    except yaml.YAMLError:
        raise UnreadableText(
            "The text holds characters that YAML does not allow; save it as plain UTF-8."
        ) from None
    except (ValueError, OverflowError):
        raise UnreadableText(
            "The text contains an escape that is not a character; save it as plain UTF-8."
        ) from None
    if node is None:
        raise UnreadableText("The document is empty.")
    if _size(node, {}) > MOST_NODES:
        raise UnreadableText(TOO_MANY)
    return _value(node, scalars_as_text, merge_keys)


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
            raise UnreadableText(TOO_MANY)
        if depth > DEEPEST:
            raise UnreadableText(TOO_DEEP)


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values the node unfolds into, its aliases written out; a node within itself is refused."""
    if id(node) in known:
        if known[id(node)] == 0:
            raise UnreadableText("A part of the document contains itself.")
        return known[id(node)]
    known[id(node)] = 0
    size = 1
    if isinstance(node, yaml.SequenceNode):
        size += sum(_size(item, known) for item in node.value)
    elif isinstance(node, yaml.MappingNode):
        size += sum(_size(key, known) + _size(value, known) for key, value in node.value)
    known[id(node)] = size
    return size


def _value(node: yaml.Node, scalars_as_text: bool, merge_keys: bool) -> Value:
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, scalars_as_text, merge_keys) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return _section(node, scalars_as_text, merge_keys)
    text = str(node.value)
    kind = node.tag.removeprefix(TAG)
    if kind == "null":
        return None
    if scalars_as_text:
        return text
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int" and re.fullmatch(rf"[-+]?[0-9]{{1,{MOST_DIGITS}}}", text):
        return int(text)
    return text


def _section(node: yaml.MappingNode, scalars_as_text: bool, merge_keys: bool) -> dict[str, Value]:
    section: dict[str, Value] = {}
    merged: dict[str, Value] = {}  # the fields of `<<: *another`, which those of the section itself replace
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise UnreadableText(f"Line {line} has a list or a section where the name of a field should be.")
        name = str(key.value)
        if key.tag == f"{TAG}merge" and not merge_keys:
            raise UnreadableText(
                f"Line {line} takes in the fields of another section (`<<`); write them out."
            )
        if key.tag == f"{TAG}merge" and isinstance(value, yaml.MappingNode):
            merged |= _section(value, scalars_as_text, merge_keys)
            continue
        if name in section:
            raise UnreadableText(
                f"The field {_shown(name)} is in one section twice (line {line}); keep one of them."
            )
        section[name] = _value(value, scalars_as_text, merge_keys)
    return {**merged, **section}


def _shown(name: str) -> str:
    return ascii(name)[1:-1][:60]


def _printable(value: Value) -> Value:
    """Refuses half characters and NUL, which no database keeps, and what people do not see and would sign: characters that
    steer a terminal or turn the direction of what is read."""
    if isinstance(value, str) and (unseen := UNSEEN.search(value)):
        if re.match("[\0\ud800-\udfff]", unseen[0]):
            raise UnreadableText("The text holds half a character or a NUL; save it as plain UTF-8.")
        raise UnreadableText(
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


def _where(error: yaml.MarkedYAMLError, text: str) -> str:
    """` at line 3, column 9: a colon and a blank …`: the end of a sentence that names the document, without its full stop."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return "; mend the indentation, a quote or a colon"
    begun = error.context_mark.line if error.context_mark else mark.line
    line, cause = _cause(f"{error.context} {error.problem}", text.splitlines(), begun, mark.line, mark.column)
    column = f", column {mark.column + 1}" if line == mark.line else ""
    return f" at line {line + 1}{column}: {cause}"


def _cause(problem: str, lines: list[str], begun: int, at: int, column: int) -> tuple[int, str]:
    """The line (from 0) to be mended, and what is likely wrong there. `problem` is YAML's own sentence, begun at `begun`."""

    def bare(line: int) -> str:
        return _bare(lines[line]) if line < len(lines) else ""

    here = bare(at)
    if "\t" in here[: column + 1]:
        return at, "a tab is where YAML allows only blanks; use blanks"
    if "flow" in problem:  # a bracket that is opened at `begun`
        cut = [line for line in range(begun, at + 1) if CUT.match(bare(line))]
        if cut or COMMENT.match(bare(begun)):
            return (cut or [begun])[0], HASH
        if COLON_WITHIN.match(here[: column + 2]):
            return at, f"the text contains a colon and a blank; {QUOTES}"
        return begun, "a bracket is opened there and not closed, or a comma is missing; mend it"
    if "end of stream" in problem or "document indicator" in problem:
        return begun, "a quote is opened there and never closed; close it"
    if "escape" in problem or "hex" in problem:
        return at, "the text in double quotes contains a backslash; use single quotes"
    if any(sign in problem for sign in ("cannot start any token", "alias", "anchor", "tag")):
        return at, f"the text begins with a sign that YAML keeps for itself; {QUOTES}"
    if "mapping values are not allowed" in problem:
        return (
            at,
            f"the text contains a colon and a blank, where YAML reads the name of a field; {QUOTES}",
        )
    if "could not find expected ':'" in problem:
        return begun, "the name of a field has no colon after it; write it as `name: value`"
    return at, "mend the indentation, a quote or a colon there"


def _bare(line: str) -> str:
    """The line with everything in quotes blanked out, at the same length."""
    return QUOTED.sub(lambda quoted: "x" * len(quoted[0]), line)
