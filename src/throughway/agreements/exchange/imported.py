"""A document imported from another format: what was read, its findings, and what was left out."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.document_sections import ScheduleLine
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.core.refusals import Refused

LARGEST = 2_000_000  # characters of a file


@dataclass(frozen=True)
class ImportedDraft:
    """`values`: fields of a document, possibly incomplete. `left`: sentences about content of the file that is not in the draft, or
    that contradicts itself."""

    values: Mapping[str, Any]
    left: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The draft as YAML, for its author to continue."""
        return as_portable_yaml(self.values)

    @property
    def document(self) -> AgreementDocument | None:
        """The document, when it is complete and valid."""
        return read_document(self.text)[0]

    @property
    def findings(self) -> Sequence[ReviewFinding]:
        """Missing or invalid fields of the draft; the legal review follows when it is complete."""
        return read_document(self.text)[1]


class _NoAliasDumper(yaml.SafeDumper):
    """No anchors: repeated values are written again, for readers."""

    def ignore_aliases(self, data: object) -> bool:
        return True


LIKE_A_NUMBER = re.compile(r"[-+]?[\d._:eE]+")


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quoted where some YAML reader would parse the text as a number: a grade 06, a CEDS id 001649."""
    style = "'" if LIKE_A_NUMBER.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_NoAliasDumper.add_representer(str, _text)


def as_portable_yaml(values: object) -> str:
    """YAML that every reader parses to the same values; Refused when the values are nested too deeply."""
    try:
        text: str = yaml.dump(
            values,
            Dumper=_NoAliasDumper,
            sort_keys=False,
            allow_unicode=True,
            width=100,
            default_flow_style=False,
        )
    except RecursionError:
        raise refused("agreement", "it is nested too deeply.") from None
    return text


def as_yaml_stream(documents: Sequence[object]) -> str:
    """Several documents in one file, as `---` separates them."""
    return "---\n".join(as_portable_yaml(document) for document in documents)


def refused(form: str, message: str) -> Refused:
    return Refused(f"This {form} cannot be read: {message}", code="unreadable")


def within_size(text: str, form: str) -> str:
    if len(text) > LARGEST:
        raise refused(form, f"it is longer than {LARGEST:,} characters.")
    return text.lstrip("\ufeff")


def many(value: object) -> list[Any]:
    """A value or a list of values, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def dicts(value: object) -> list[Mapping[str, Any]]:
    """The sections among them."""
    return [each for each in many(value) if isinstance(each, Mapping)]


def in_place(placed: Iterable[tuple[object, Any]]) -> list[Any]:
    """Values in order of position, each once; those without a number last."""
    once = {json.dumps(one, sort_keys=True, default=str): one for one in placed}
    ordered = sorted(once.values(), key=lambda one: one[0] if isinstance(one[0], int) else 10**9)
    return [each for _, each in ordered]


def line_values(place: int, line: ScheduleLine) -> dict[str, Any]:
    """A line of the schedule without its element, and its number there, from 1."""
    values = line.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"element"})
    return {"place": place, **values}


def slug(text: str) -> str:
    """A valid short name for an agreement."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")[:100] or "imported"
