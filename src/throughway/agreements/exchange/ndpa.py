"""Schedule B of the National Data Privacy Agreement, written and read: its categories and elements in the words that people sign,
mapped to our elements.

The table is data: `schedule_b.csv`. Its rows are coarser than our elements, so a row maps to all of its elements, and some rows have
none: the reader must then name them. A Schedule B (CSV, YAML or a markdown checklist) becomes a draft of an agreement: each ticked row
gives its elements; rows without elements are reported.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from io import StringIO
from typing import Any

from throughway.agreements.document import AgreementDocument
from throughway.agreements.exchange.imported import ImportedDraft, refused, within_size
from throughway.core.yaml_text import UnreadableText, values_of
from throughway.vocabulary import covered

HEAD = ("Category of Data", "Elements", "Check if used by your system", "Elements of the vocabulary")
TICK = "X"


@dataclass(frozen=True)
class ScheduleBRow:
    """One line of Schedule B. `also`: other wordings. `elements`: ours, empty where the vocabulary has no such data. `exact`: no other
    row has any of them."""

    category: str
    element: str
    also: tuple[str, ...]
    elements: tuple[str, ...]
    exact: bool
    note: str

    @property
    def open(self) -> bool:
        """Whether the row asks to specify further data."""
        return self.element.startswith(("Other ", "Please list"))


@dataclass(frozen=True)
class Ticked:
    """A row with those of its elements that a schedule shows; none: the row is not ticked."""

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
    """Every element that the schedule shows, wildcards expanded; unknown ones by name."""
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
    """Every row of Schedule B, in order, with the matching elements."""
    shown = tuple(dict.fromkeys(elements))
    found = [Ticked(row, tuple(e for e in row.elements if e in shown)) for row in rows()]
    if not any(each.elements for each in found):
        return tuple(Ticked(t.row, ("",) if t.row.category == "None" else ()) for t in found)
    return tuple(found)


def not_student_data(elements: Iterable[str]) -> tuple[str, ...]:
    """Elements that match no row of Schedule B: of schools, calendars and programs, or unknown."""
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


def folded(words: str) -> str:
    """The text without case, punctuation and spelling variants."""
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


FORM = "Schedule B (CSV, YAML or a markdown checklist)"
YES = frozenset({"x", "yes", "y", "true", "1", "used", "checked", "☒", "☑", "✓", "✔", "✗", "✘"})
# Of a line without blanks around it. What ends in blanks or signs is cut off later: a pattern would try each run of blanks again and again.
BOX = re.compile(r"[-*+]\s*\[(?P<tick>[ xX✓✔]?)\]\s*(?P<words>\S.*)")
HEADING = re.compile(r"#{1,6}\s*(?P<words>\S.*)|\*\*(?P<bold>.+?)\*\*:?$")
OURS = re.compile(r"\b[a-z_]+\.[a-z0-9_]+\b")
PURPOSE = "services"


@dataclass(frozen=True)
class NdpaImportRow:
    """One line of the file. `ours`: elements of the vocabulary that it names."""

    category: str
    words: str
    ours: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.category}: {self.words}" if self.category else self.words


def read_ndpa(text: str) -> ImportedDraft:
    """A draft with the schedule of the ticked rows; Refused when no row of Schedule B is in the text."""
    found = list(_lines(within_size(text, FORM)))
    matched = [(line, _row(line)) for line in found]
    if not any(row for _, row in matched):
        raise refused(
            FORM, "it ticks no row by the words of Schedule B, such as Demographics, Date of Birth."
        )
    left = list(_left(matched))
    schedule: dict[str, str] = {}
    for line, row in matched:
        for element in line.ours or (row.elements if row else ()):
            schedule.setdefault(element, f"{row.category}, {row.element}" if row else line.name)
    values = {
        "throughway": "agreement/1",
        "tier": "dsa",
        "purposes": [{"id": PURPOSE, "kind": "operations", "basis": "school_official", "form": "identified"}],
        "schedule": [
            {"element": element, "purposes": [PURPOSE]} for element in schedule if _is_ours(element)
        ],
    }
    return ImportedDraft(values, tuple(left))


def _left(matched: Iterable[tuple[NdpaImportRow, ScheduleBRow | None]]) -> Iterator[str]:
    ticked = list(matched)
    for line, row in ticked:
        yield from (f"{line.name}: the vocabulary has no {one}." for one in line.ours if not _is_ours(one))
        if row is None:
            yield f"{line.name}: no row of Schedule B has these words; name its elements in the schedule."
        elif row.category == "None":
            if len(ticked) > 1:
                yield "None is ticked, and other rows are too: one of them is wrong."
        elif row.open and not line.ours:
            more = _specified(line)
            what = f"“{more}” is asked for by name" if more else "it does not say what else"
            yield f"{row.category}, {row.element}: {what}; keep of its elements what is meant."
        elif not row.elements and not line.ours:
            yield f"{row.category}, {row.element}: the vocabulary has no element for it, so it cannot be shared here."
        elif not row.exact and not line.ours:
            yield f"{row.category}, {row.element}: {row.note}"


def _is_ours(element: str) -> bool:
    try:
        return bool(covered(element))
    except KeyError:
        return False


# Which row is meant -------------------------------------------------------------------------------------------------


def _row(line: NdpaImportRow) -> ScheduleBRow | None:
    category, words = _category(line.category), folded(line.words)
    within = [row for row in rows() if not category or folded(row.category) == category]
    for exactly in (True, False):
        found = [
            row
            for row in within
            if any(_same(wording, words, exactly) for wording in (row.element, *row.also))
        ]
        if len(found) == 1:
            return found[0]
    alone = [row for row in within if category]
    return alone[0] if len(alone) == 1 and words in ("", category, *map(folded, YES)) else None


def _same(wording: str, words: str, exactly: bool) -> bool:
    """Equal, or equal apart from text in brackets or after “please specify”."""
    if exactly:
        return folded(wording) == words
    return _opening(wording) == _opening(words) and bool(_opening(words))


@lru_cache(maxsize=1024)  # compared with every row of Schedule B
def _opening(words: str) -> str:
    text = re.split(r"\(|please specify|please list", words, maxsplit=1, flags=re.IGNORECASE)[0] or words
    return folded(text)


def _category(words: str) -> str:
    return folded(re.sub(r"^category( of data)?:?\s*", "", words, flags=re.IGNORECASE))


def _specified(line: NdpaImportRow) -> str:
    """The text after “please specify”."""
    parts = re.split(r"please specify:?|application:|collected:", line.words, maxsplit=1, flags=re.IGNORECASE)
    return parts[1].strip(" :_.") if len(parts) > 1 else ""


# The three ways in which a Schedule B is written ----------------------------------------------------------------------


def _lines(text: str) -> Iterator[NdpaImportRow]:
    """The ticked lines."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    opening = lines[0] if lines else ""
    if opening.startswith("|") or any(map(BOX.match, lines)):
        yield from _from_markdown(lines)
    elif folded(opening).startswith("category"):
        yield from _from_csv(text)
    else:
        yield from _from_yaml(text)


def _from_csv(text: str) -> Iterator[NdpaImportRow]:
    try:
        table = list(csv.reader(StringIO(text.lstrip(), newline=""), strict=True))
    except csv.Error:
        raise refused(FORM, "a quote in it does not end.") from None
    category = ""
    for line in table[1:]:
        cells = [cell.strip() for cell in (*line, "", "", "", "")][:4]
        # As in the printed form, where a category is given once for several rows.
        category = cells[0] or category
        if _is_yes(cells[2]):
            yield NdpaImportRow(category, cells[1], tuple(cells[3].split()))


def _from_markdown(lines: Iterable[str]) -> Iterator[NdpaImportRow]:
    category = ""
    for line in lines:
        box, heading = BOX.match(line), HEADING.match(line)
        if box:
            if box["tick"].strip():
                ours = tuple(OURS.findall(box["words"]))
                words = re.sub(r"\([a-z_]+\.[^()]*\)$", "", box["words"]) if ours else box["words"]
                yield NdpaImportRow(category, words.rstrip(), ours)
        elif heading:
            category = heading["bold"] or heading["words"].rstrip("#").rstrip()
        elif line.startswith("|"):
            cells = [cell.strip() for cell in (*line.strip("|").split("|"), "", "", "")][:4]
            category = category if folded(cells[0]) in ("", "category of data") else cells[0]
            if _is_yes(cells[2]):
                yield NdpaImportRow(category, cells[1], tuple(cells[3].split()))


def _from_yaml(text: str) -> Iterator[NdpaImportRow]:
    """Categories with a list of the elements used, or with each element and whether it is used."""
    try:
        values: Any = values_of(text)
    except UnreadableText as error:
        raise refused(FORM, str(error)) from None
    if not isinstance(values, Mapping):
        raise refused(FORM, "it has no categories.")
    held = values.get("Schedule B", values.get("schedule_b", values))
    for category, elements in held.items() if isinstance(held, Mapping) else ():
        if isinstance(elements, list):
            yield from (NdpaImportRow(str(category), str(each)) for each in elements)
        elif isinstance(elements, Mapping):
            yield from (
                NdpaImportRow(str(category), str(each))
                for each, used in elements.items()
                if _is_yes(str(used))
            )
        elif _is_yes(str(elements)):
            yield NdpaImportRow(str(category), "")
        elif elements not in (None, False) and not _is_no(str(elements)):
            yield NdpaImportRow(str(category), str(elements))


def _is_yes(cell: str) -> bool:
    return cell.strip().strip("[]").lower() in YES


def _is_no(cell: str) -> bool:
    return cell.strip().strip("[]").lower() in ("", "no", "n", "false", "0", "☐", "unused")
