"""Riverbend: the same seed makes the same community, and the whole main job runs on it through the real rooms."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.town import Town, fresh_database
from throughway.demo.simulate import simulate
from throughway.insight.measures import MILESTONES
from throughway.refusals import Refused

TODAY = date(2026, 11, 25)


def files(folder: Path) -> dict[str, bytes]:
    """Every file but workbooks, which hold the time of writing."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".xlsx")
    return {str(p.relative_to(folder)): p.read_bytes() for p in found}


def test_the_same_seed_makes_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        simulate(tmp_path / name, students=60, seed=seed, today=TODAY)
    one, again, other = (files(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert one.keys() == other.keys()
    assert one["truth/persons.csv"] != other["truth/persons.csv"]


def test_a_handful_of_students_is_no_community(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        simulate(tmp_path / "few", students=49, seed=3, today=TODAY)
    assert refused.value.code == "too_few"
    assert not (tmp_path / "few").exists()


@pytest.fixture(scope="module")
def riverbend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, dict[str, Any]]]:
    """The community that `demo` makes, and the document that it answers with."""
    with fresh_database() as database:
        town = Town(tmp_path_factory.mktemp("demo") / "riverbend", database)
        yield town, town.ask("demo", town.root, "--students", 150, "--seed", 5, "--no-serve")


def test_the_report_counts_every_milestone_of_which_riverbend_has_records(
    riverbend: tuple[Town, dict[str, Any]],
) -> None:
    town, document = riverbend
    assert Path(document["report"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    [release] = town.ask("publish", "list")["releases"]
    tables = town.ask("publish", "show", release["id"])["tables"]
    counted = {cell["at"]["milestone"] for table in tables for cell in table["cells"]}
    assert counted == {measure.name for measure in MILESTONES if not measure.optional}


def test_its_students_are_recognised(riverbend: tuple[Town, dict[str, Any]]) -> None:
    town, _ = riverbend
    found = town.ask("link", "evaluate", "--truth", town.root / "truth" / "persons.csv")
    assert found["not_loaded"] == 0
    assert found["pairwise"]["precision"] >= 0.9  # of few students one wrong pair weighs much
    assert found["pairwise"]["recall"] >= 0.9


def test_it_is_whole_and_each_who_signs_in_may_act(riverbend: tuple[Town, dict[str, Any]]) -> None:
    town, document = riverbend
    assert town.ask("check") == {"ok": True, "problems": [], "due": []}
    assert town.ask("ledger", "verify")["ok"]
    users = {(user["email"], user["role"]) for user in town.ask("user", "list")["users"]}
    assert {(sign_in["email"], sign_in["role"]) for sign_in in document["sign_ins"]} == users
