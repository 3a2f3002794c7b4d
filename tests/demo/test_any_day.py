"""What the demo shows on any day of the year, looked at without making the whole town: few students are in programs in the first
weeks of a school year."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from throughway.demo.caseloads import assign
from throughway.demo.consents import write_consents
from throughway.demo.partners import RIVERBEND
from throughway.demo.scenes.families import consenting_families
from throughway.demo.simulate import write_papers
from throughway.demo.town import live

DAYS = (date(2026, 12, 7), date(2027, 6, 30), date(2027, 7, 1), date(2028, 7, 15), date(2031, 9, 1))


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_a_yes_ends_soon_and_another_has_ended(today: date, tmp_path: Path) -> None:
    """So that two families of Riverbend sign again, and one form waits; and two others at least consented."""
    town = live(300, 5, today)
    write_consents(tmp_path / "consents", town, assign(town))
    with (tmp_path / "consents" / "casework.csv").open(encoding="utf-8", newline="") as file:
        ours = [row for row in csv.DictReader(file) if row["partner"] == RIVERBEND]
    ends = [
        date.fromisoformat(row["expires"])
        for row in ours
        if row["expires"] and row["relation"] in ("parent", "guardian")
    ]
    assert any(end < today for end in ends)
    assert any(today <= end <= today + timedelta(days=60) for end in ends)
    assert len({family.key for family in consenting_families(tmp_path, RIVERBEND)}) >= 4


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_the_destruction_of_bus_routes_is_late(today: date, tmp_path: Path) -> None:
    write_papers(tmp_path, today)
    [paper] = (tmp_path / "agreements").glob("*-bus-routes.yaml")
    terms = yaml.safe_load(paper.read_text(encoding="utf-8"))["terms"]
    assert terms["expires"] + timedelta(days=terms["destruction"]["within_days"]) < today
