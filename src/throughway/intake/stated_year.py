"""The school year that a load states, where the table has one and the file says none."""

from dataclasses import replace

from throughway.intake.checked import Checked
from throughway.intake.work import Work
from throughway.vocabulary import TABLES

YEAR = "school_year"


def of_stated_year(work: Work, found: Checked) -> Checked:
    """The same rows, of the stated year, when an agreement needs the year and no row of the file says or tries to say it."""
    stated = work.school_year
    if (
        stated is None
        or YEAR not in TABLES[found.table].elements
        or YEAR not in work.needs[found.table].columns
    ):
        return found
    rows = f"SELECT *, '{stated}' AS {YEAR} FROM {found.relation}"
    if YEAR in found.filled:
        tried = sum(1 << bit for bit, fault in enumerate(found.faults) if fault.element == YEAR)
        said = f"{YEAR} IS NOT NULL OR (_faults & {tried}) <> 0"
        if work.number(f"SELECT count(*) FROM {found.relation} WHERE {said}"):
            return found
        return replace(found, relation=f"({rows.replace('*', f'* EXCLUDE ({YEAR})', 1)})")
    return replace(found, relation=f"({rows})", filled=(*found.filled, YEAR))
