"""The lines of a drafted crosswalk: an element and its column, what is in doubt about it, and texts as YAML."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from throughway.intake.inspection.column_profile import DateForms
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.vocabulary import code_set, element

PLAIN = re.compile(r"[A-Za-z][\w ./()-]*[\w)]|[A-Za-z]")
NOT_IN_YAML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
RESERVED = frozenset(["yes", "no", "true", "false", "null", "on", "off", "y", "n"])


@dataclass(frozen=True)
class Line:
    """A line of the draft, or several of one question; `doubt`: the question that stands above it, where it is commented out."""

    text: str
    doubt: str = ""

    def written(self, indent: int) -> str:
        space = " " * indent
        if not self.doubt:
            return f"{space}{self.text}"
        return "\n".join(
            [f"{space}# DOUBT: {self.doubt}", *(f"{space}# {line}" for line in self.text.split("\n"))]
        )


def lines_of(column: ElementGuess) -> Iterator[Line]:
    """The element of a column; each code that is not known is a doubt of its own."""
    found = element(column.element or "")
    parts = [f"from: {scalar(column.name)}"]
    doubt = "" if not column.is_doubt else f"{column.reason} (confidence {column.confidence:.0%})"
    questions: list[str] = []
    if found.type == "date" and (dates := column.dates):
        parts.append(f"date: [{', '.join(json.dumps(f) for f in dates.formats)}]")
        if dates.order in ("cannot tell", "mixed"):
            doubt = doubt or _order_question(dates)
    elif (
        code_set(found) and column.codes and any(source != code.code for source, code in column.codes.items())
    ):
        known = {source: code.code for source, code in column.codes.items() if code.code is not None}
        parts.append("map: {" + ", ".join(f"{scalar(k)}: {code_text(v)}" for k, v in known.items()) + "}")
        questions = [code_question(source, guess.nearest) for source, guess in column.codes.items() if guess.code is None]  # fmt: skip
    if column.hidden_codes and code_set(found):
        questions.append(
            f"{column.hidden_codes} further codes of {one_line(column.name)} stand in one row each; crosswalk check counts them"
        )
    yield Line(f"{found.name}: {{{', '.join(parts)}}}", doubt)
    if not doubt:
        for question in questions:
            yield Line("(add it to the map above)", question)


def code_text(code: str | None) -> str:
    """A code of a map; an empty one is a code that means nothing."""
    return scalar(code) if code else "null"


def day_order(columns: Sequence[ElementGuess]) -> str:
    """The order in which a file's days are written in figures, where some of its columns tell one; empty otherwise. A day with the name of
    its month, `05-Mar-15`, tells nothing of the others."""
    told = {
        c.dates.order
        for c in columns
        if c.dates is not None and any("%m" in form for form in c.dates.formats)
    } & {"month first", "day first", "mixed"}
    return told.pop() if len(told) == 1 and "mixed" not in told else ""


def _order_question(dates: DateForms) -> str:
    if dates.order == "mixed":
        return "the column mixes month first and day first, so no format reads every day; ask the partner for one"
    other = json.dumps(dates.ordered("day first").formats)
    return f"no day in the file tells whether the month or the day comes first; for the day first write date: {other}"


def code_question(source: str, near: Sequence[tuple[str, str]]) -> str:
    shown = " or ".join(f"{code} ({label})" for code, label in near)
    return f"what is the code {scalar(source)}?" + (f" The nearest: {shown}" if shown else "")


def scalar(text: str) -> str:
    """A text as a YAML scalar, in quotes where a plain one could be read otherwise."""
    if PLAIN.fullmatch(text) and text.lower() not in RESERVED and text.isascii():
        return text
    return in_yaml(json.dumps(text, ensure_ascii=False))


def in_yaml(text: str) -> str:
    """The text with escapes for what YAML does not allow, or takes for the end of a line."""
    return NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def quoted(text: str) -> str:
    """In single quotes, where no escape is needed."""
    return "'" + text.replace("'", "''") + "'" if text.isprintable() else scalar(text)


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
