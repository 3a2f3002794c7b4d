"""The school year that a load states (`--school-year`): for rows that have neither a day nor a year of their own."""

from dataclasses import replace

from throughway.core.refusals import Refused
from throughway.intake.cell_checks import Checked
from throughway.intake.landing_work import LandingWork
from throughway.vocabulary import TABLES

YEAR = "school_year"


def check_stated_year(work: LandingWork) -> None:
    """Refuses a year that the files contradict in so many words. Rows with days of another year do not: they keep them."""
    stated, said = work.school_year, work.staged.school_year
    if stated is not None and said not in (None, stated):
        raise Refused(
            f"The file says that it is of the school year {_in_words(said)}, not of {_in_words(stated)}; state the year that"
            " it is of.",
            code="school_year",
        )


def of_stated_year(work: LandingWork, found: Checked) -> Checked:
    """The same rows, with `school_year` filled in when an agreement needs it and the row does not say or try to say it.

    A row whose own days lie outside the stated year, such as an earlier result, is given the year of its days.
    """
    stated = work.school_year
    table = TABLES[found.table]
    if stated is None or YEAR not in table.elements or YEAR not in work.needs[found.table].columns:
        return found
    year = f"'{stated}'"
    starts = [name for name in table.starts if name in found.filled]
    ends = [name for name in table.ends if name in found.filled]
    for days, outside in ((ends, f"< DATE '{stated - 1}-07-01'"), (starts, f"> DATE '{stated}-06-30'")):
        if days:
            day = f"coalesce({', '.join(days)})"
            year = f"CASE WHEN {day} {outside} THEN CAST({ending_year_of(day)} AS VARCHAR) ELSE {year} END"
    rows = f"SELECT *, {year} AS {YEAR} FROM {found.relation}"
    if YEAR in found.filled:
        tried = sum(1 << bit for bit, fault in enumerate(found.faults) if fault.element == YEAR)
        own = f"{YEAR} IS NOT NULL OR (_faults & {tried}) <> 0"
        rows = (
            f"SELECT * REPLACE (CASE WHEN {own} THEN {YEAR} ELSE {year} END AS {YEAR}) FROM {found.relation}"
        )
        return replace(found, relation=f"({rows})")
    return replace(found, relation=f"({rows})", filled=(*found.filled, YEAR))


def ending_year_of(day: str) -> str:
    """The ending year of the school year (July to June) that a DATE expression falls in, as an INTEGER expression."""
    return f"(year({day}) + CASE WHEN month({day}) >= 7 THEN 1 ELSE 0 END)"


def _in_words(year: int | None) -> str:
    return f"{(year or 0) - 1}-{(year or 0) % 100:02}"
