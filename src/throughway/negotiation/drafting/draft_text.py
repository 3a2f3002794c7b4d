"""A draft in plain words, whole or not: what nobody has answered yet stands as a blank."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

from throughway.agreements.in_words import AgreementParagraph, AgreementSection, sections
from throughway.agreements.labels import day
from throughway.agreements.lenient_parse import readable_part

BLANK = "______"
# What stands in for a missing day in a text that is read as far as it goes, in words.
NO_DAYS = (day(date(1, 1, 1)), day(date(9999, 12, 31)))
TEXTS = frozenset(
    {"title", "authority", "interest", "program", "method", "party", "function", "annual_notice_criteria"}
)


def in_words(values: Mapping[str, Any], names: Mapping[str, str]) -> Sequence[AgreementSection]:
    """Its sections in order; none for values of which nothing can be read."""
    document = readable_part(_with_blanks(dict(values)))
    if document is None:
        return ()
    return [
        replace(section, paragraphs=tuple(map(_blanked, section.paragraphs)))
        for section in sections(document, names)
    ]


def _with_blanks(value: Any) -> Any:
    """A line to write on in place of a text that is missing."""
    if isinstance(value, Mapping):
        return {key: BLANK if v is None and key in TEXTS else _with_blanks(v) for key, v in value.items()}
    return [_with_blanks(item) for item in value] if isinstance(value, list) else deepcopy(value)


def _blanked(paragraph: AgreementParagraph) -> AgreementParagraph:
    return replace(
        paragraph,
        text=_text(paragraph.text),
        items=tuple(map(_text, paragraph.items)),
        facts=tuple((name, _text(value)) for name, value in paragraph.facts),
    )


def _text(text: str) -> str:
    for stand_in in (*NO_DAYS, "unnamed"):
        text = text.replace(stand_in, BLANK)
    return text
