"""Two records side by side, line by line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# What a line is called, and the columns that make it; those of one line are read together.
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
    "Number": ("person_identifier", "student_identification_code"),
}
YEARLY = frozenset({"School", "Grade"})  # lines that say something of a school year, by its ending
AGREES, DIFFERS, ONE_SAYS, OTHER_YEARS = "the same", "differs", "one alone says", "other years"


@dataclass(frozen=True)
class ComparisonLine:
    """One line of the two records: `mark` says whether they agree."""

    name: str
    one: str
    other: str
    mark: str


def lines(one: Sequence[Mapping[str, object]], other: Sequence[Mapping[str, object]]) -> list[ComparisonLine]:
    """The lines that either record fills; each record is some rows of column and value."""
    found = []
    for name, columns in LINES.items():
        left, right = _said(one, columns), _said(other, columns)
        if left or right:
            mark = _mark(left, right)
            if name in YEARLY and mark == DIFFERS and not _years(left) & _years(right):
                mark = OTHER_YEARS
            found.append(ComparisonLine(name, "; ".join(left), "; ".join(right), mark))
    return found


def _said(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> list[str]:
    if "school_year" in columns:  # a year alone says nothing
        rows = sorted(
            (row for row in rows if row.get(columns[0])), key=lambda row: str(row.get("school_year") or "")
        )
    texts = (" ".join(_plain(row, c) for c in columns if row.get(c)) for row in rows)
    return list(dict.fromkeys(text for text in texts if text))


def _plain(row: Mapping[str, object], column: str) -> str:
    """The value; of a school's id what comes after its partner's own part, of a school year 2021 the words in 2020–21."""
    said = str(row[column]).strip()
    if column == "school_year" and said.isdigit():
        return f"in {int(said) - 1}–{said[-2:]}"
    return said.removeprefix(f"{row.get('partner')}/") if column == "organization_id" else said


def _years(said: Sequence[str]) -> set[str]:
    return {text.rpartition(" ")[2] for text in said}


def _mark(left: Sequence[str], right: Sequence[str]) -> str:
    if not left or not right:
        return ONE_SAYS
    shared = {text.casefold() for text in left} & {text.casefold() for text in right}
    return AGREES if shared else DIFFERS
