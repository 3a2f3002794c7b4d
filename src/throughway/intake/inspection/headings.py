"""Which elements a column's heading may name.

The names are data: `headings.csv` (common headings of student systems and programs, in English and Spanish), the names that CEDS, Ed-Fi,
OneRoster, HMIS and the Clearinghouse give the elements (`vocabulary/elements.csv`), and `heading_words.csv` (abbreviations).
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from throughway.vocabulary import TABLES

WHOLE_NAME = "whole_name"  # a first and a last name in one cell, for which the vocabulary has no element
NOTHING = ""  # headings that are known to name no element

LINKING = frozenset(
    [
        "the",
        "of",
        "and",
        "or",
        "a",
        "an",
        "in",
        "for",
        "at",
        "is",
        "de",
        "del",
        "la",
        "las",
        "los",
        "y",
        "en",
        "con",
    ]
)
QUALIFIERS = frozenset(
    ["current", "official", "legal", "import", "sis", "primary", "assigned"]
)  # which one, where there are several
# Words that say whose record it is, which a heading may have or lack.
PERSONS = frozenset(
    [
        "student",
        "pupil",
        "learner",
        "participant",
        "child",
        "youth",
        "client",
        "member",
        "person",
        "mentee",
        "reader",
        "individual",
    ]
)
NEUTRAL = PERSONS | QUALIFIERS
# Words that say little alone: `number` is not `student number`.
VAGUE = frozenset(
    [
        "id",
        "name",
        "number",
        "code",
        "type",
        "status",
        "date",
        "value",
        "level",
        "text",
        "description",
        "first",
        "last",
    ]
)
STAFF = frozenset(
    [
        "teacher",
        "staff",
        "educator",
        "counselor",
        "principal",
        "instructor",
        "advisor",
        "coach",
        "proctor",
        "mentor",
        "tutor",
        "manager",
        "worker",
        "caseworker",
        "specialist",
        "supervisor",
        "coordinator",
        "liaison",
        "author",
        "created",
        "entered",
        "updated",
        "modified",
        "maestro",
        "maestra",
        "docente",
    ]
)
ADULT = frozenset(["parent", "guardian", "mother", "father", "emergency", "padre", "madre"])
PERSON_KEY = "person_identifier.person_identifier"
# What has keys of its own, beside persons.
OTHERS = frozenset(
    [
        "district",
        "account",
        "school",
        "organization",
        "site",
        "campus",
        "building",
        "course",
        "section",
        "class",
        "program",
        "incident",
        "contact",
        "term",
    ]
)
SCHOOL = frozenset(["school", "escuela"])
# Tables whose organization is who gives a service: the school of its student is none.
OF_PROVIDERS = frozenset(["service_received", "referral"])
EXACT, NEUTRALLY, ALMOST = 1.0, 0.93, 0.75
# Words that say what a column is whatever stands before them: `phonics_percentile`.
METRICS = frozenset(["percentile", "raw", "lexile", "quantile"])
PARTLY = 0.72  # at most, for a heading that has words beyond the known name


@dataclass(frozen=True)
class HeadingMatch:
    """An element that a heading may name. `score`: 0 to 1. `known_as`: the known name that fits, as it is written."""

    element: str
    score: float
    known_as: str
    standard: str = ""  # whose name it is; empty for a common heading


@dataclass(frozen=True)
class KnownName:
    words: frozenset[str]
    element: str
    written: str
    standard: str


def words_of(heading: str) -> tuple[str, ...]:
    """The words of a heading: `StuDOB`, `stu_dob` and `Stu. D.O.B` become student, birth, date."""
    plain = unicodedata.normalize("NFKD", heading)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"#(?=\d)", " ", plain)  # the first of several: `Phone #1`
    plain = (
        plain.replace("D.O.B.", "DOB")
        .replace("D.O.B", "DOB")
        .replace("#", " number ")
        .replace("%", " percent ")
    )
    plain = re.sub(r"(?<=[A-Za-z])['’][sS]\b", "", plain)  # `Child's First Name`
    plain = re.sub(r"[A-Za-z]+", _unless_known, plain)
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    found: list[str] = []
    for written in re.findall(r"[a-z]+|\d+", plain.lower()):
        for word in _parts(written):
            found += _abbreviations().get(word, word).split()
    return tuple("id" if word == "number" else word for word in found if word not in LINKING)


def _unless_known(written: re.Match[str]) -> str:
    """In small letters what is an abbreviation as it stands, so that `SpEd` is not read as two words."""
    word = written[0].lower()
    return word if word in _abbreviations() else written[0]


@cache
def _parts(word: str) -> tuple[str, ...]:
    """The known words of which a heading without blanks is made: `studentid` is student and id; else the word itself."""
    known = _dictionary()
    if len(word) < 6 or word in known:
        return (word,)
    for cut in range(len(word) - 2, 1, -1):
        first, rest = word[:cut], word[cut:]
        if first in known and len(first) > 2:
            if rest == "of":  # `NameofInstitution`
                return (first, rest)
            parts = (rest,) if rest in known else _parts(rest)
            if all(part in known for part in parts):
                return (first, *parts)
    return (word,)


@cache
def _dictionary() -> frozenset[str]:
    """Every word of the common headings, and every abbreviation."""
    words = {word for row in _rows("headings.csv") for word in re.findall(r"[a-z]+", row["headings"])}
    return frozenset(
        word for word in words | _abbreviations().keys() if len(word) > 1 and word not in LINKING
    )


@cache
def _abbreviations() -> Mapping[str, str]:
    return {row["word"]: row["means"] for row in _rows("heading_words.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = files("throughway.intake.inspection").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def known_names() -> Mapping[frozenset[str], tuple[KnownName, ...]]:
    """Every known name by its words. A name of a standard is left out where the common headings give it to another table."""
    found: dict[frozenset[str], list[KnownName]] = {}
    for name in _common():
        found.setdefault(name.words, []).append(name)
    common = {words: frozenset(n.element for n in names) for words, names in found.items()}
    for name in _of_standards():
        if name.words and (name.words not in common or name.element in common[name.words]):
            found.setdefault(name.words, []).append(name)
    return MappingProxyType({words: tuple(names) for words, names in found.items()})


def _common() -> Iterator[KnownName]:
    for row in _rows("headings.csv"):
        table, _, column = row["element"].partition(".")
        paths = (
            [
                f"{t.name}.{column}"
                for t in TABLES.values()
                if column in t.elements and not t.typed and t.name != "program"
            ]
            if table == "*"
            else [row["element"]]
        )
        for written in row["headings"].split(";"):
            words = frozenset(words_of(written))
            for path in paths:
                if not (words & SCHOOL and path.partition(".")[0] in OF_PROVIDERS):
                    yield KnownName(words, path, written, "")


def _of_standards() -> Iterator[KnownName]:
    """The names that the standards give an element; of keys only CEDS's, which say of what they are."""
    text = files("throughway.vocabulary").joinpath("elements.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["table"] == "*" or TABLES[row["table"]].typed or row["column"] == "person_id":
            continue
        path = f"{row['table']}.{row['column']}"
        yield KnownName(frozenset(words_of(row["column"])), path, row["column"], "CEDS")
        if row["type"] == "id":
            continue
        for standard, name in _names_in(row):
            yield KnownName(frozenset(words_of(name)), path, name, standard)


def _names_in(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if "(presence)" not in row["edfi_path"] and row["edfi_path"]:
        yield "Ed-Fi", re.sub(r"Descriptor$|\[\]", "", row["edfi_path"].split(".")[-1])
    for part in re.split(r"[;,] ?", row["oneroster_path"]):
        name = part.rpartition(":")[2].split(" ")[0]
        if name.isidentifier():
            yield "OneRoster", name
    for part in row["other_path"].split("; "):
        for begins, standard in (("HMIS ", "HMIS"), ("NSC:", "the Clearinghouse")):
            if part.startswith(begins) and ":" in part:
                yield standard, part.rpartition(":")[2].split(" (")[0]


@cache
def _without_neutral() -> Mapping[frozenset[str], tuple[KnownName, ...]]:
    found: dict[frozenset[str], list[KnownName]] = {}
    for words, names in known_names().items():
        rest = words - NEUTRAL
        if rest and not (len(rest) == 1 and rest <= VAGUE):
            found.setdefault(rest, []).extend(names)
    return {words: tuple(names) for words, names in found.items()}


@cache
def matches(heading: str) -> tuple[HeadingMatch, ...]:
    """The elements that a heading may name, each once, the best first; with the element NOTHING where it is known to name none."""
    in_order = words_of(heading)
    words = frozenset(in_order)
    if not words:
        return ()
    found = [HeadingMatch(n.element, EXACT, n.written, n.standard) for n in known_names().get(words, ())]
    if not found and words & STAFF:
        return (HeadingMatch(NOTHING, EXACT, "a column about staff"),)
    plain = frozenset(w for w in words if not w.isdigit())
    if not found and plain != words:  # columns that are counted: `01 Student ID`, `Phone 2`
        found = [HeadingMatch(n.element, 0.9, n.written, n.standard) for n in known_names().get(plain, ())]
        words = plain or words
    if not found and words & QUALIFIERS:
        found = [
            HeadingMatch(n.element, NEUTRALLY, n.written, n.standard)
            for n in known_names().get(words - QUALIFIERS, ())
        ]
    named = len(in_order) > 1 and in_order[-1] == "id" and in_order[-2] in PERSONS
    if not found and named and not words <= NEUTRAL | {"id"}:
        # `LEA Student ID`: a number of the student, not of the agency
        return (HeadingMatch(PERSON_KEY, ALMOST, "student id"),)
    if not found:
        rest = words - NEUTRAL
        names = known_names() if rest in ({"first"}, {"last"}) else _without_neutral()  # `Member First`
        found = [
            HeadingMatch(n.element, NEUTRALLY, n.written, n.standard) for n in names.get(frozenset(rest), ())
        ]
    if not found:
        found = _partly(words)
    if not found and "id" in words and words & PERSONS and not words & OTHERS and len(words) <= 4:
        # `Student Person ID`, or the number that a vendor gives: `StudentRenaissanceID`
        score = NEUTRALLY if words <= NEUTRAL | {"id"} else PARTLY * 0.85
        found = [HeadingMatch(PERSON_KEY, score, "student id")]
    if words & ADULT:
        own = [m for m in found if m.element.startswith("guardian.")] or list(_of_the_adult(words - ADULT))
        found = own or [m for m in found if m.element in (WHOLE_NAME, NOTHING)]
    return _best(found)


def _of_the_adult(words: frozenset[str]) -> Iterator[HeadingMatch]:
    """What the rest of a heading such as `Mother Cell` means, as the adult's own: the telephone of a guardian."""
    for name in known_names().get(words, ()):
        column = name.element.partition(".")[2]
        if name.element.startswith(("person.", "person_contact.")) and column in TABLES["guardian"].elements:
            yield HeadingMatch(f"guardian.{column}", NEUTRALLY, name.written, name.standard)


def _partly(words: frozenset[str]) -> list[HeadingMatch]:
    """Known names that are a part of the heading: the more of it they explain, the better. A key of something else is none of a person."""
    found = []
    for known, names in known_names().items():
        telling = known - NEUTRAL
        if telling and known < words and not telling <= VAGUE:
            share = len(known) / len(words)
            alone = 0.5 if len(words) < 4 and known <= _distinctive() else PARTLY * 0.85 * share + 0.05
            if known <= METRICS:
                alone = max(alone, 0.55)
            score = PARTLY * (0.35 + 0.65 * share) if len(known) > 1 else alone
            found += [
                HeadingMatch(n.element, score, n.written, n.standard)
                for n in names
                if n.element and not (n.element == PERSON_KEY and words & OTHERS)
            ]
    return found


@cache
def _distinctive() -> frozenset[str]:
    """Words that stand in the common names of one or two elements only, such as `gpa`."""
    elements: dict[str, set[str]] = {}
    for names in known_names().values():
        for name in names:
            for word in name.words if not name.standard else ():
                elements.setdefault(word, set()).add(name.element)
    return frozenset(word for word, of in elements.items() if len(of) <= 2 and len(word) > 2)


def _best(found: list[HeadingMatch]) -> tuple[HeadingMatch, ...]:
    best: dict[str, HeadingMatch] = {}
    for match in sorted(found, key=lambda m: (-m.score, m.standard)):
        best.setdefault(match.element, match)
    return tuple(best.values())
