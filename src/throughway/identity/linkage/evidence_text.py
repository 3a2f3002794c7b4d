"""Two records compared for a reader: line by line, and in words the evidence for and against one person."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from throughway.core.prose import school_year
from throughway.identity.linkage.candidate_pairs import record_numbers
from throughway.identity.linkage.comparison_levels import levels_of_pairs
from throughway.identity.linkage.comparisons import level_names
from throughway.identity.linkage.standardization import connection, prepare

# comparison → level → its words; a level that is not here has none.
WORDS: Mapping[str, Mapping[str, str]] = {
    "first": {
        "same": "the same first name",
        "swapped": "first name and surname swapped",
        "formal": "a short form, or a part, of one first name",
        "misspelled": "a first name spelled almost alike",
        "close": "first names almost alike",
        "middle": "one's first name is the other's middle name",
        "alike": "first names somewhat alike",
        "another of one home": "another first name, and a birth date that two of one address have",
        "another name": "another first name",
        "different": "different first names",
    },
    "family": {
        "same, one home": "the same surname, with one address, telephone or guardian",
        "partly, one home": "surnames that share a part, with one address, telephone or guardian",
        "other, one home": "one address, telephone or guardian, other surnames",
        "same": "the same surname",
        "partly": "surnames that share a part",
        "close": "surnames almost alike",
        "other": "different surnames",
        "same, moved": "the same surname, another address",
        "partly, moved": "surnames that share a part, another address",
        "close, moved": "surnames almost alike, another address",
        "other, moved": "different surnames, another address",
    },
    "birth": {
        "same": "the same birth date",
        "day and month swapped": "the same birth date with day and month swapped",
        "one digit": "birth dates one digit apart",
        "one part": "birth dates that share two parts of three",
        "two digits": "different birth dates, two digits apart",
        "of a housemate": "different birth dates, of which one is a housemate's too",
        "different": "different birth dates",
    },
    "sex": {"different": "another sex"},
    "middle": {
        "same": "the same middle name",
        "rare initial": "a middle name, or its initial, that few have",
        "initial": "a middle name and its initial",
        "different": "different middle names",
    },
    "email": {"same": "the same e-mail address"},
    "identifier": {
        "same, statewide": "the same statewide number",
        "same, local": "the same local number",
        "different, statewide": "different statewide numbers",
    },
    "school": {"same": "the same school in the same year", "another": "another school in the same year"},
    "class": {
        "same": "a grade that fits",
        "next": "another grade, a year apart",
        "another": "another grade, two years apart or more",
    },
}
AGAINST = ("different", "other", "another")


@dataclass(frozen=True)
class Evidence:
    """The evidence for and against two records being one person, in words."""

    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


@dataclass(frozen=True)
class Similarities(Evidence):
    """The evidence on the records of these numbers."""

    one: int
    other: int


def evidence(levels: Mapping[str, str], lines: Sequence["ComparisonLine"] = ()) -> Evidence:
    """The evidence of one pair, from its level (by name) on each comparison, and a program that both `lines` name; where nothing in the
    levels speaks against, the lines that differ do."""
    phrases = [words for name, level in levels.items() if (words := WORDS.get(name, {}).get(level, ""))]
    phrases += ["the same program" for line in lines if (line.name, line.mark) == (PROGRAM, AGREES)]
    against = tuple(words for words in phrases if words.startswith(AGAINST))
    unlike = tuple(f"{line.name.lower()} differs" for line in lines if line.mark == DIFFERS)
    return Evidence(tuple(words for words in phrases if words not in against), against or unlike)


def compare_records(tables: Mapping[str, pa.Table]) -> list[Similarities]:
    """Compares every two of a person's records, in the tables that linkage reads (see `standardization.prepare`).

    Raises RuntimeError without the engine's message, which may hold a name.
    """
    try:
        with connection() as engine:
            count = prepare(engine, tables)
            sql = "select person_record from comparable order by unique_id"
            numbers = record_numbers(engine.execute(sql).to_arrow_table()).tolist()
            left, right = np.triu_indices(count, k=1)
            rungs = levels_of_pairs(engine, "comparable", left, right)
    except Exception as error:
        raise RuntimeError(f"the records could not be compared ({type(error).__name__})") from None
    pairs = zip(left.tolist(), right.tolist(), map(level_names, rungs.tolist()), strict=True)
    return [
        Similarities(**vars(evidence(levels)), one=numbers[one], other=numbers[other])
        for one, other, levels in pairs
    ]


PROGRAM = "Program"
# The name of each line, and its columns, which are read together.
LINES: Mapping[str, tuple[str, ...]] = {
    "First name": ("first_name",),
    "Called": ("preferred_first_name", "preferred_last_or_surname"),
    "Other names": ("other_first_name", "other_last_name"),
    "Middle name": ("middle_name",),
    "Surname": ("last_or_surname",),
    "Birth date": ("birthdate",),
    "Sex": ("sex",),
    "Address": ("address_street_number_and_name", "address_apartment_room_or_suite_number"),
    "Telephone": ("telephone_number",),
    "E-mail": ("electronic_mail_address",),
    "School": ("organization_id", "school_year"),
    "Grade": ("entry_grade_level", "school_year"),
    PROGRAM: ("program_identifier",),
    "Number": ("person_identifier", "student_identification_code"),
}
PREFIXED = frozenset({"organization_id", "program_identifier"})  # by the partner's own id
YEARLY = frozenset({"School", "Grade"})  # lines about a school year, at their end
AGREES, DIFFERS, ONE_SAYS, OTHER_YEARS = "the same", "differs", "only in one", "other years"
OTHER_PROGRAMS = "other programs"  # a student may be in several, so that this is no evidence


@dataclass(frozen=True)
class ComparisonLine:
    """One line of the two records; `mark` says whether they agree."""

    name: str
    one: str
    other: str
    mark: str


def comparison_lines(
    one: Sequence[Mapping[str, object]], other: Sequence[Mapping[str, object]]
) -> list[ComparisonLine]:
    """The lines that either record fills; each record is some rows of column and value."""
    found = []
    for name, columns in LINES.items():
        left, right = _texts(one, columns), _texts(other, columns)
        if left or right:
            mark = _mark(left, right) if name != PROGRAM else _mark_of_programs(left, right)
            if name in YEARLY and mark == DIFFERS and not _years(left) & _years(right):
                mark = OTHER_YEARS
            found.append(ComparisonLine(name, "; ".join(left), "; ".join(right), mark))
    return found


def _texts(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> list[str]:
    if "school_year" in columns:  # a year alone is not shown
        rows = sorted(
            (row for row in rows if row.get(columns[0])), key=lambda row: str(row.get("school_year") or "")
        )
    texts = (" ".join(_text(row, c) for c in columns if row.get(c)) for row in rows)
    return list(dict.fromkeys(text for text in texts if text))


def _text(row: Mapping[str, object], column: str) -> str:
    """The value; a school's or program's id without its partner's part, and the school year 2021 as "in 2020–21"."""
    text = str(row[column]).strip()
    if column == "school_year" and text.isdigit():
        return f"in {school_year(int(text))}"
    return text.removeprefix(f"{row.get('partner')}/") if column in PREFIXED else text


def _years(texts: Sequence[str]) -> set[str]:
    return {text.rpartition(" ")[2] for text in texts}


def _mark(left: Sequence[str], right: Sequence[str]) -> str:
    if not left or not right:
        return ONE_SAYS
    shared = {text.casefold() for text in left} & {text.casefold() for text in right}
    return AGREES if shared else DIFFERS


def _mark_of_programs(left: Sequence[str], right: Sequence[str]) -> str:
    """By name, as the rule of names alone compares them: a short code is each partner's own."""
    if not left or not right:
        return ONE_SAYS
    return AGREES if _program_names(left) & _program_names(right) else OTHER_PROGRAMS


def _program_names(texts: Iterable[str]) -> set[str]:
    named = {_program_name(text) for text in texts}
    return {name for name in named if len(name) > 5 and any(letter.isalpha() for letter in name)}


def _program_name(text: str) -> str:
    """A program's words in lower case, without accents and signs: "Kids' Club (PM)" is "kids club pm"."""
    letters = (c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())
