"""A draft in plain words, whole or not: what nobody has answered yet stands as a blank."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

from throughway.agreements.clause_rendering import RenderedClause, RenderedParagraph, passages
from throughway.agreements.labels import day
from throughway.agreements.lenient_parse import readable_part

BLANK = "______"
# What stands in for a missing day in a text that is read as far as it goes, in words.
NO_DAYS = (day(date(1, 1, 1)), day(date(9999, 12, 31)))
TEXTS = frozenset(
    {"title", "authority", "interest", "program", "method", "party", "function", "annual_notice_criteria"}
)


def in_words(values: Mapping[str, Any], names: Mapping[str, str]) -> Sequence[RenderedClause]:
    """Its clauses in order; none for values of which nothing can be read."""
    document = readable_part(_with_blanks(values))
    if document is None:
        return ()
    found = passages(document, names, [], {})
    return [replace(passage, words=tuple(_blanked(words) for words in passage.words)) for passage in found]


def _with_blanks(values: Mapping[str, Any]) -> Any:
    """A line to write on in place of a text that is missing."""

    def filled(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: BLANK if v is None and key in TEXTS else filled(v) for key, v in value.items()}
        return [filled(item) for item in value] if isinstance(value, list) else value

    return filled(deepcopy(dict(values)))


def _blanked(words: RenderedParagraph) -> RenderedParagraph:
    return replace(
        words,
        text=_text(words.text),
        items=tuple(map(_text, words.items)),
        facts=tuple((name, _text(value)) for name, value in words.facts),
    )


def _text(text: str) -> str:
    for stand_in in (*NO_DAYS, "unnamed"):
        text = text.replace(stand_in, BLANK)
    return text
