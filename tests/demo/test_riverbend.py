"""Riverbend: the same seed makes the same community."""

from datetime import date
from pathlib import Path

import pytest

from throughway.core.refusals import Refused
from throughway.demo.simulate import simulate

TODAY = date(2026, 11, 25)


def files(folder: Path) -> dict[str, bytes]:
    """Every file but workbooks, which hold the time of writing."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".xlsx")
    return {str(p.relative_to(folder)): p.read_bytes() for p in found}


def test_files_depend_on_the_seed(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        simulate(tmp_path / name, students=60, seed=seed, today=TODAY)
    one, again, other = (files(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert one.keys() == other.keys()
    assert one["truth/persons.csv"] != other["truth/persons.csv"]


def test_too_few_students_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        simulate(tmp_path / "few", students=49, seed=3, today=TODAY)
    assert refused.value.code == "too_few"
    assert not (tmp_path / "few").exists()


def test_folder_with_feeds_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "feeds" / "riverbend-schools" / "nsc.csv"
    kept.parent.mkdir(parents=True)
    kept.write_text("ours")
    with pytest.raises(Refused) as refused:
        simulate(tmp_path, students=60, seed=3, today=TODAY)
    assert refused.value.code == "folder_taken"
    assert kept.read_text() == "ours"
    assert not (tmp_path / "truth").exists()
