"""Two records side by side, line by line, and what speaks for and against their being one person, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from throughway.identity.linkage.alike import AGAINST, WORDS

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
    "Number": ("person_identifier", "student_identification_code"),
}
AGREES, DIFFERS, ONE_SAYS = "the same", "differs", "one alone says"


@dataclass(frozen=True)
class Line:
    """One line of the two records: `mark` says whether they agree."""

    name: str
    one: str
    other: str
    mark: str


@dataclass(frozen=True)
class Evidence:
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


def lines(one: Sequence[Mapping[str, object]], other: Sequence[Mapping[str, object]]) -> list[Line]:
    """The lines that either record fills; each record is some rows of column and value."""
    found = []
    for name, columns in LINES.items():
        left, right = _said(one, columns), _said(other, columns)
        if left or right:
            found.append(Line(name, "; ".join(left), "; ".join(right), _mark(left, right)))
    return found


def _said(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> list[str]:
    texts = (" ".join(str(row[c]).strip() for c in columns if row.get(c)) for row in rows)
    return list(dict.fromkeys(text for text in texts if text))


def _mark(left: Sequence[str], right: Sequence[str]) -> str:
    if not left or not right:
        return ONE_SAYS
    shared = {text.casefold() for text in left} & {text.casefold() for text in right}
    return AGREES if shared else DIFFERS


def evidence(rungs: Mapping[str, str]) -> Evidence:
    """What linkage made of the two, comparison by comparison (`rungs`: comparison to level); a level without words says
    nothing."""
    said = [words for name, level in rungs.items() if (words := WORDS.get(name, {}).get(level, ""))]
    against = tuple(words for words in said if words.startswith(AGAINST))
    return Evidence(tuple(words for words in said if words not in against), against)
