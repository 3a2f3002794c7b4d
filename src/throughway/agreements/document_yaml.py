"""A document's values as readable YAML: fields in the order of the format, short sections on one line.

The output reads back to the same version, since only order and line breaks differ.
"""

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from throughway.agreements.document import AgreementDocument
from throughway.core.model_faults import model_in
from throughway.core.yaml_text import Loader

WIDTH = 110  # characters of a line
ON_ONE_LINE = 96  # maximum characters of a section or list on one line


def as_yaml(values: Mapping[str, Any]) -> str:
    """The document's text. A blank (None) is a field with nothing after its colon."""
    text = yaml.dump(
        _laid_out(in_order(values), 0),
        Dumper=_QuotingDumper,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
    )
    assert isinstance(text, str)
    return text


def in_order(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values, each section's fields in the order of the format; unknown fields last."""
    found: dict[str, Any] = _ordered(values, AgreementDocument)
    return found


def _ordered(value: Any, model: type[BaseModel] | None) -> Any:
    if isinstance(value, list | tuple):
        return [_ordered(item, model) for item in value]
    if not isinstance(value, Mapping):
        return value
    fields = (
        {f.alias or name: model_in(f.annotation) for name, f in model.model_fields.items()} if model else {}
    )
    names = [*(name for name in fields if name in value), *(name for name in value if name not in fields)]
    return {name: _ordered(value[name], fields.get(name)) for name in names}


class _OneLine(dict[str, Any]):
    """A section that is written between braces."""


class _Row(list[Any]):
    """A list that is written between brackets."""


class _QuotingDumper(yaml.SafeDumper):
    """Quotes only what the reader of documents would not read as text; uses no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


_QuotingDumper.yaml_implicit_resolvers = Loader.yaml_implicit_resolvers
_QuotingDumper.add_representer(
    _OneLine,
    lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True),
)
_QuotingDumper.add_representer(
    _Row, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)
_QuotingDumper.add_representer(
    type(None), lambda dumper, data: dumper.represent_scalar("tag:yaml.org,2002:null", "")
)
_QuotingDumper.add_representer(
    float,
    lambda dumper, data: dumper.represent_scalar(
        f"tag:yaml.org,2002:{'int' if data.is_integer() else 'str'}", f"{data:g}"
    ),
)
_QuotingDumper.add_representer(
    str,
    lambda dumper, data: dumper.represent_scalar(
        "tag:yaml.org,2002:str", data, style=">" if _is_long(data) else None
    ),
)


def _is_long(text: str) -> bool:
    """Whether it is written on lines of its own below its field."""
    return len(text) > ON_ONE_LINE or "\n" in text


def _laid_out(value: Any, depth: int) -> Any:
    """Writes short sections below the top level, and short lists of words, on one line."""
    if isinstance(value, list):
        items = [_laid_out(item, depth + 1) for item in value]
        plain = all(item is not None and not isinstance(item, dict | list) for item in items)
        return _Row(items) if plain and len(str(items)) <= ON_ONE_LINE else items
    if isinstance(value, dict):
        section = {key: _laid_out(item, depth + 1) for key, item in value.items()}
        return _OneLine(section) if depth >= 2 and _short(section) else section
    return value


def _short(section: Mapping[str, Any]) -> bool:
    return len(str(section)) <= ON_ONE_LINE and not any(
        item is None  # a blank is easier to fill in on a separate line
        or (isinstance(item, dict) and not isinstance(item, _OneLine))
        or (isinstance(item, list) and not isinstance(item, _Row))
        or (isinstance(item, str) and _is_long(item))
        for item in section.values()
    )
