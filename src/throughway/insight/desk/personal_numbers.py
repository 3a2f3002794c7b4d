"""Numbers that could be somebody's by their form alone: a day on which a student could be born, and a telephone number.

The records are never asked: a refusal that depends on them would say whose day it is. So a full day counts that lies 3 to 30 years before
today, as people write it; a day of the last three years stands, since the questions of a school are about these, and nobody who was born
then is a student yet. A month, a year and an age are no full day.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import permutations

YOUNGEST, OLDEST = 3, 30  # years

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene", "february feb febrero", "march mar marzo", "april apr abril abr", "may mayo", "june jun junio",
            "july jul julio", "august aug agosto ago", "september sept sep septiembre", "october oct octubre", "november nov noviembre",
            "december dec diciembre dic",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY, _YEAR, _SHORT_OR_FULL = r"\d{1,2}", r"\d{4}", r"\d{4}|\d{2}"
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<!\d)", r"(?!\d)"
_BETWEEN_WORDS, _BETWEEN_NUMBERS = r"[\s,._/'-]*", r"[\s,._/'-]+"

# Three numbers: year first, or last. Between them one of the marks of a day; a comma or spaces only with a year of four digits, because
# lists are written so.
_MARK = r"[-/._\\]"
_LOOSE = r"\s*,\s*|\s+"
NUMBERS = re.compile(
    rf"{_NO_DIGIT_BEFORE}(?:"
    rf"(?P<y>{_YEAR})(?P<m1>{_MARK}|{_LOOSE})(?P<a>{_DAY})(?P=m1)(?P<b>{_DAY})"
    rf"|(?P<c>{_DAY})(?P<m2>{_MARK}|{_LOOSE})(?P<d>{_DAY})(?P=m2)(?P<z>{_YEAR})"
    rf"|(?P<e>{_DAY})(?P<m3>{_MARK})(?P<f>{_DAY})(?P=m3)(?P<g>\d{{2}})"
    rf"){_NO_DIGIT_AFTER}"
)
JOINED = re.compile(rf"{_NO_DIGIT_BEFORE}\d{{8}}{_NO_DIGIT_AFTER}")
# A month by its name: April 3, 2012; 3 April 2012; 3 de abril de 2012; 2012 April 3.
NAMED = re.compile(
    rf"{_NO_DIGIT_BEFORE}(?:"
    rf"(?<![^\W\d_])(?P<n1>{_MONTH}){_BETWEEN_WORDS}(?:the\s+)?(?P<d1>{_DAY})(?:st|nd|rd|th)?{_BETWEEN_NUMBERS}(?P<y1>{_SHORT_OR_FULL})"
    rf"|(?P<d2>{_DAY})(?:st|nd|rd|th)?{_BETWEEN_WORDS}(?:de\s+|of\s+)?(?P<n2>{_MONTH})(?![^\W\d_]){_BETWEEN_WORDS}(?:del?\s+|of\s+)?(?P<y2>{_SHORT_OR_FULL})"
    rf"|(?P<y3>{_YEAR}){_BETWEEN_WORDS}(?P<n3>{_MONTH})(?![^\W\d_]){_BETWEEN_WORDS}(?P<d3>{_DAY})"
    rf"){_NO_DIGIT_AFTER}",
    re.IGNORECASE,
)
# Ten digits, or eleven that begin with the country's 1: together, or as an area, an exchange and a line.
_GAP = r"[\s._/-]{0,3}"
TELEPHONE = re.compile(
    rf"(?<![\d.])(?:\+?1{_GAP})?(?:\(\d{{3}}\)|\d{{3}}){_GAP}\d{{3}}{_GAP}\d{{4}}(?!\d)|(?<![\d.])\d{{11}}(?!\d)"
)


def personal_numbers(text: str, today: date) -> Iterator[tuple[int, int]]:
    """Where such a day or a telephone number stands: its first character and the one after it, in order."""
    found = [each.span() for each in TELEPHONE.finditer(text)]
    for pattern, days in ((NUMBERS, _of_numbers), (JOINED, _of_joined), (NAMED, _of_named)):
        found += [each.span() for each in pattern.finditer(text) if any(_birth(*day, today) for day in days(each))]  # fmt: skip
    yield from _apart(sorted(found))


def without_personal_numbers(text: str, today: date) -> str:
    """The text with 0 in place of each."""
    for start, end in reversed([*personal_numbers(text, today)]):
        text = f"{text[:start]}0{text[end:]}"
    return text


def _apart(found: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those that overlap as one."""
    while found:
        start, end = found.pop(0)
        while found and found[0][0] < end:
            end = max(end, found.pop(0)[1])
        yield start, end


Day = tuple[str, str, str]  # year, month, day


def _of_numbers(match: re.Match[str]) -> Iterator[Day]:
    """As Americans write it and as others do; with a year of two digits, in any order."""
    if match["y"]:
        yield match["y"], match["a"], match["b"]
    elif match["z"]:
        yield match["z"], match["c"], match["d"]
        yield match["z"], match["d"], match["c"]
    else:
        yield from (
            (y, m, d) for y, m, d in permutations((match["e"], match["f"], match["g"])) if len(y) == 2
        )


def _of_joined(match: re.Match[str]) -> Iterator[Day]:
    digits = match[0]
    yield digits[:4], digits[4:6], digits[6:]
    yield digits[4:], digits[:2], digits[2:4]
    yield digits[4:], digits[2:4], digits[:2]


def _of_named(match: re.Match[str]) -> Iterator[Day]:
    place = next(place for place in "123" if match[f"n{place}"])
    yield match[f"y{place}"], str(MONTHS[match[f"n{place}"].lower()]), match[f"d{place}"]


def _birth(year: str, month: str, day: str, today: date) -> bool:
    """Whether it is a day that lies so many years before today; a year of two digits is the last one that ends so."""
    number = int(year)
    if len(year) == 2:
        number += today.year // 100 * 100
        number -= 100 if number > today.year else 0
    try:
        date(number, int(month), int(day))
    except ValueError:
        return False
    born, now = (number, int(month), int(day)), (today.month, today.day)
    return (today.year - OLDEST, *now) <= born <= (today.year - YOUNGEST, *now)
