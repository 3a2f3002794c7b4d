"""School years, written as their ending year: 2022 for 2021-22, 2021-2022, SY22 and 2022 alike; nothing is guessed."""

import re

from throughway.core.refusals import Refused
from throughway.intake.raw_cells import sql_text
from throughway.vocabulary import Element

YEAR = "school_year"
PROBLEM = ("no school year", "write it as 2021-22, or as its ending year")

# The ending year alone; two digits only after SY, since 22 by itself may be anything.
ALONE = "(?:[Ss][Yy] *)?((?:19|20|21)[0-9][0-9])(?:[.]0*)?"
SHORT = "[Ss][Yy] *([0-9][0-9])"
# Two years, the second following the first.
PAIR = "(?:[Ss][Yy] *)?((?:19|20|21)?[0-9][0-9]) *[-/–—] *((?:19|20|21)?[0-9][0-9])"


def is_school_year(element: Element) -> bool:
    """Whether the element is written as an ending year."""
    return element.name == YEAR


def ending_year(text: str) -> str | None:
    """The ending year that a text says, in four digits; None where it says none."""
    if found := re.fullmatch(ALONE, text):
        return found[1]
    if found := re.fullmatch(SHORT, text):
        return f"20{found[1]}"
    found = re.fullmatch(PAIR, text)
    if not found:
        return None
    first = int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])
    last = str(first + 1)
    return last if last.endswith(found[2]) else None


def ending_year_sql(text: str) -> str:
    """The same in SQL, of an expression."""

    def part(pattern: str, group: int) -> str:
        return f"regexp_extract({text}, {sql_text(f'^{pattern}$')}, {group})"

    def fits(pattern: str) -> str:
        return f"regexp_full_match({text}, {sql_text(pattern)})"

    first, last = part(PAIR, 1), part(PAIR, 2)
    following = f"CAST(TRY_CAST(CASE WHEN length({first}) = 2 THEN '20' || {first} ELSE {first} END AS INTEGER) + 1 AS VARCHAR)"
    return (
        f"CASE WHEN {fits(ALONE)} THEN {part(ALONE, 1)} WHEN {fits(SHORT)} THEN '20' || {part(SHORT, 1)}"
        f" WHEN {fits(PAIR)} AND suffix({following}, {last}) THEN {following} END"
    )


def ending_year_of(day: str) -> str:
    """The ending year of the school year (July to June) that a DATE expression falls in, as an INTEGER expression."""
    return f"(year({day}) + CASE WHEN month({day}) >= 7 THEN 1 ELSE 0 END)"


def check_stated_year(stated: int | None, said: int | None) -> None:
    """Refuses a year that was stated for a load and that its files contradict in so many words. Rows with days of another year do
    not contradict it: they keep those."""
    if stated is not None and said not in (None, stated):
        raise Refused(
            f"The file says that it is of the school year {_in_words(said)}, not of {_in_words(stated)}; state the year that"
            " it is of.",
            code="school_year",
        )


def _in_words(year: int | None) -> str:
    return f"{(year or 0) - 1}-{(year or 0) % 100:02}"
