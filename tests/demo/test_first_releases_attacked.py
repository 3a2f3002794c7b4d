"""A reader of a first release of needs, overlaps or reach places no withheld figure closer than the minimum cell."""

from typing import Any

import pytest

from tests.demo.conftest import Riverbend
from tests.demo.truth import DISTRICTS, Truth
from tests.insight.release_reader import At, ReaderOfTables, Tables, figures, placed_too_close


@pytest.fixture(scope="module")
def shown(
    riverbend: Riverbend, help_counted: dict[str, Any], reach_counted: dict[str, Any]
) -> dict[str, Tables]:
    """What the demo published of needs, and what first releases of overlaps and reach show."""
    titles = {each["title"]: each["id"] for each in riverbend.town.ask("publish", "list")["releases"]}
    needs = riverbend.town.ask("publish", "show", titles["Needs against help"])["tables"]
    return {
        "needs": needs,
        "overlaps": help_counted["overlaps_protected"],
        "reach": reach_counted["protected"],
    }


@pytest.fixture(scope="module")
def schools(truth: Truth) -> dict[str, list[str]]:
    """Of each district."""
    return {
        name: sorted({stay["school"] for stay in truth.stays if stay["district"] == id})
        for id, name in DISTRICTS.items()
    }


@pytest.mark.parametrize("report", ["needs", "overlaps", "reach"])
def test_no_withheld_figure_is_placed_closer_than_the_minimum(
    shown: dict[str, Tables], schools: dict[str, list[str]], report: str
) -> None:
    assert placed_too_close(shown[report], schools) == []
    withheld = [cell for cell in figures(shown[report]) if not isinstance(cell["shown"], int)]
    assert len(withheld) > 3


@pytest.mark.parametrize("report", ["needs", "overlaps", "reach"])
def test_what_the_reader_takes_to_be_so_is_so(
    help_counted: dict[str, Any], reach_counted: dict[str, Any], schools: dict[str, list[str]], report: str
) -> None:
    """Or else the attack would say nothing."""
    tables = reach_counted["reach"] if report == "reach" else help_counted[report]
    true = {frozenset(cell["at"].items()): cell["count"] for cell in figures(tables)}

    def together(places: list[At]) -> int:
        return sum(true[frozenset(at.items())] for at in places)

    reader = ReaderOfTables(tables, schools)
    assert all(together([whole]) == together(parts) for whole, parts in reader.equal)
    assert all(together(fewer) <= together(more) for fewer, more in reader.at_most)
    assert report == "overlaps" or reader.at_most
