"""What participants said in the check-in of the after-school programs stands on their pages and in the report, as the truth has it."""

from datetime import date
from typing import Any

from tests.demo.conftest import Riverbend
from tests.demo.test_help_counted import cells
from tests.demo.truth import Truth, read
from throughway.demo.partners import BRIGHT
from throughway.vocabulary.school_calendar import school_year_of

DIRECTOR = "director@bright-futures.example"


def want_help(truth: Truth, year: int) -> set[str]:
    """Those who said in the fall of a school year that they would like help with homework."""
    return {
        row["person"]
        for row in read(truth.folder / "truth" / "check_ins.csv")
        if (row["school_year"], row["wants_homework_help"]) == (str(year), "yes")
    }


def test_the_needs_on_the_pages_are_what_the_students_said(riverbend: Riverbend, truth: Truth) -> None:
    told = riverbend.town.module("tests.demo.check_ins_shown", riverbend.who("case_worker"), DIRECTOR)
    listed = {key: str(person) for key, person in told["persons"].items() if str(person) in told["needs"]}
    assert len(listed) == len(told["needs"])
    shown = {
        key
        for key, person in listed.items()
        if any("Said in Fall check-in" in n for n in told["needs"][person])
    }
    wanted = want_help(truth, school_year_of(date.today()))
    assert shown == {key for key in listed if truth.records[BRIGHT, key] in wanted}
    assert shown or date.today().month in (7, 8, 9, 10)  # the fall's answers come in at the end of October


def test_the_report_on_needs_counts_them(help_counted: dict[str, Any], truth: Truth) -> None:
    of = cells(help_counted["needs"][:1])
    for year in (school_year_of(date.today()), school_year_of(date.today()) - 1):
        assert of.get((str(year), "Help with homework"), 0) == len(want_help(truth, year)), year
