"""Schedule B of the National Data Privacy Agreement: its categories and elements in the words that people sign, and ours.

The table is data: `schedule_b.csv`. One of its rows is coarser than our elements, so words give all of a row's elements, and
some rows have none: whoever reads the words must name them.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

from throughway.agreements.document import AgreementDocument
from throughway.vocabulary import covered

HEAD = ("Category of Data", "Elements", "Check if used by your system", "Elements of the vocabulary")
TICK = "X"


@dataclass(frozen=True)
class ScheduleBRow:
    """One line of Schedule B. `also`: other wordings. `elements`: ours, none where the vocabulary has no such data. `exact`:
    no other row has any of them."""

    category: str
    element: str
    also: tuple[str, ...]
    elements: tuple[str, ...]
    exact: bool
    note: str

    @property
    def open(self) -> bool:
        """Asks to specify what else there is."""
        return self.element.startswith(("Other ", "Please list"))


@dataclass(frozen=True)
class Ticked:
    """A row with those of its elements that a schedule shows; none: the row stays unticked."""

    row: ScheduleBRow
    elements: tuple[str, ...]


@cache
def rows() -> tuple[ScheduleBRow, ...]:
    text = files("throughway.agreements.exchange").joinpath("schedule_b.csv").read_text(encoding="utf-8")
    return tuple(
        ScheduleBRow(
            line["category"],
            line["element"],
            tuple(filter(None, line["also"].split("|"))),
            tuple(line["elements"].split()),
            line["exact"] == "yes",
            line["note"],
        )
        for line in csv.DictReader(StringIO(text, newline=""))
    )


def elements_of(document: AgreementDocument) -> tuple[str, ...]:
    """Every element that the schedule shows to anybody, wildcards written out; one that the vocabulary lacks by its name."""
    found: dict[str, None] = {}
    for line in document.schedule:
        if line.transform == "suppress":
            continue
        try:
            found |= dict.fromkeys(element.path for element in covered(line.element))
        except KeyError:
            found[line.element] = None
    return tuple(found)


def ticked(elements: Iterable[str]) -> tuple[Ticked, ...]:
    """Every row of Schedule B, in its order, with what of these elements belongs there."""
    shown = tuple(dict.fromkeys(elements))
    found = [Ticked(row, tuple(e for e in row.elements if e in shown)) for row in rows()]
    if not any(each.elements for each in found):
        return tuple(Ticked(t.row, ("",) if t.row.category == "None" else ()) for t in found)
    return tuple(found)


def not_student_data(elements: Iterable[str]) -> tuple[str, ...]:
    """Elements that no row of Schedule B has: of schools, calendars and programs, or not of the vocabulary."""
    placed = {e for row in rows() for e in row.elements}
    return tuple(dict.fromkeys(e for e in elements if e not in placed))


def as_csv(found: Sequence[Ticked]) -> str:
    out = StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(HEAD)
    for each in found:
        tick = TICK if each.elements else ""
        table.writerow((each.row.category, each.row.element, tick, " ".join(filter(None, each.elements))))
    return out.getvalue()


def as_markdown(found: Sequence[Ticked]) -> str:
    """The checklist, with our elements beside each tick."""
    lines: list[str] = []
    category = ""
    for each in found:
        if each.row.category != category:
            category = each.row.category
            lines += ["", f"## {category}", ""]
        beside = f" ({', '.join(filter(None, each.elements))})" if any(each.elements) else ""
        lines.append(f"- [{'x' if each.elements else ' '}] {each.row.element}{beside}")
    return "\n".join(lines).strip() + "\n"


def folded(words: str) -> str:
    """Words without case, punctuation and the spellings that schedules differ in."""
    text = re.sub(r"[^a-z0-9]+", " ", words.lower().replace("&", " and ")).strip()
    for one, other in SPELLINGS.items():
        text = re.sub(rf"\b{one}\b", other, text)
    return text


SPELLINGS: Mapping[str, str] = {
    "standardised": "standardized",
    "specialised": "specialized",
    "behaviour": "behavior",
    "behavioural": "behavioral",
    "enrolment": "enrollment",
    "e mail": "email",
    "metadata": "meta data",
    "in app": "inapp",
    "counsellor": "counselor",
    "telephone": "phone",
}
