"""The names that an element is known by.

They are data: `headings.csv` (common headings of student systems and programs, in English and Spanish), and the names that CEDS, Ed-Fi,
OneRoster, HMIS and the Clearinghouse give the elements (`vocabulary/elements.csv`).
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from throughway.intake.inspection.heading_words import rows_of, words_of
from throughway.vocabulary import TABLES

WHOLE_NAME = "whole_name"  # a first and a last name in one cell, for which the vocabulary has no element
NOTHING = ""  # headings that are known to name no element

PERSON_KEY = "person_identifier.person_identifier"
SCHOOL = frozenset(["school", "escuela"])
# Tables whose organization is who gives a service: the school of its student is none.
OF_PROVIDERS = frozenset(["service_received", "referral"])
# Tables of one program, which a column of programs does not name.
OF_ONE_PROGRAM = frozenset(
    ["special_education_participation", "homeless_program_participation", "meal_program_participation"]
)


@dataclass(frozen=True)
class KnownName:
    words: frozenset[str]
    element: str
    written: str
    standard: str


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
    """The common headings. What a table has a name for itself, no element that many tables have is called in it: the `Location` of an
    incident is where it happened."""
    rows = rows_of("headings.csv")
    own = {
        (row["element"].partition(".")[0], frozenset(words_of(written)))
        for row in rows
        for written in row["headings"].split(";")
    }
    for row in rows:
        table, _, column = row["element"].partition(".")
        paths = (
            [
                f"{t.name}.{column}"
                for t in TABLES.values()
                if column in t.elements
                and not t.typed
                and t.name != "program"
                and not (column == "program_identifier" and t.name in OF_ONE_PROGRAM)
            ]
            if table == "*"
            else [row["element"]]
        )
        for written in row["headings"].split(";"):
            words = frozenset(words_of(written))
            for path in paths:
                of = path.partition(".")[0]
                if not (words & SCHOOL and of in OF_PROVIDERS) and not (table == "*" and (of, words) in own):
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
