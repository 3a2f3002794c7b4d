"""The names by which elements are known: common headings, and what the standards call them.

They are data: `headings.csv` (common headings of student systems and programs, in English and Spanish), and the names that CEDS, Ed-Fi,
OneRoster, HMIS and the Clearinghouse give the elements (`vocabulary/elements.csv`).
"""

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

from throughway.intake.inspection.heading_words import rows_of, words_of
from throughway.vocabulary import TABLES

SCHOOL = frozenset(["school", "escuela"])
# Tables whose organization is who gives a service: the school of its student is none.
OF_PROVIDERS = frozenset(["service_received", "referral"])
# Tables of one program, which a column of programs does not name.
OF_ONE_PROGRAM = frozenset(
    ["special_education_participation", "homeless_program_participation", "meal_program_participation"]
)

Key = TypeVar("Key")


@dataclass(frozen=True)
class KnownName:
    words: frozenset[str]
    element: str
    written: str
    standard: str = ""  # whose name it is; empty for a common heading


@cache
def known_names() -> Mapping[frozenset[str], tuple[KnownName, ...]]:
    """Every known name by its words. A name of a standard is left out where the common headings give it to another table."""
    common = grouped((name.words, name) for name in _common())
    elements = {words: {name.element for name in names} for words, names in common.items()}
    kept = [n for n in _of_standards() if n.words and n.element in elements.get(n.words, {n.element})]
    return grouped((name.words, name) for name in [*itertools.chain(*common.values()), *kept])


def grouped(pairs: Iterable[tuple[Key, KnownName]]) -> Mapping[Key, tuple[KnownName, ...]]:
    found: dict[Key, list[KnownName]] = {}
    for key, name in pairs:
        found.setdefault(key, []).append(name)
    return {key: tuple(names) for key, names in found.items()}


def all_names() -> Iterator[KnownName]:
    return itertools.chain.from_iterable(known_names().values())


def _common() -> Iterator[KnownName]:
    """The common headings. What a table has a name for itself, no element that many tables have is called in it: the `Location` of an
    incident is where it happened."""
    rows = [
        (*row["element"].partition(".")[::2], written, frozenset(words_of(written)))
        for row in rows_of("headings.csv")
        for written in row["headings"].split(";")
    ]
    own = {(table, words) for table, _, _, words in rows}
    for table, column, written, words in rows:
        for of in _having(column) if table == "*" else [table]:
            if not (words & SCHOOL and of in OF_PROVIDERS) and not (table == "*" and (of, words) in own):
                yield KnownName(words, f"{of}.{column}" if column else of, written)


def _having(column: str) -> list[str]:
    """The tables of a partner's data that have a column, whose common headings they share."""
    return [
        table.name
        for table in TABLES.values()
        if column in table.elements
        and not table.typed
        and table.name != "program"
        and not (column == "program_identifier" and table.name in OF_ONE_PROGRAM)
    ]


def _of_standards() -> Iterator[KnownName]:
    """The names that the standards give an element; of keys only CEDS's, which say of what they are."""
    text = files("throughway.vocabulary").joinpath("elements.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["table"] == "*" or TABLES[row["table"]].typed or row["column"] == "person_id":
            continue
        for standard, name in [("CEDS", row["column"]), *(_names_in(row) if row["type"] != "id" else ())]:
            yield KnownName(frozenset(words_of(name)), f"{row['table']}.{row['column']}", name, standard)


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
