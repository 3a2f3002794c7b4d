"""Files in the standards' formats land whole, are accounted for row by row, and change nothing when they come again."""

from pathlib import Path

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import in_effect
from tests.intake.test_oneroster import roster, write
from throughway.vocabulary import TABLES

EVERYTHING = [f"element: {table}.*" for table in TABLES]

FORMATS = {
    "edfi-xml": "edfi/ds-xml",
    "generator": "edfi/generator",
    "nsc": "nsc/SYNTHETIC_DETLRPT_SE.csv",
    "oneroster": "",
}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_standard_format_lands_and_lands_again_unchanged(
    town: Town, samples: Path, tmp_path: Path, kind: str
) -> None:
    town.agree(in_effect(EVERYTHING))
    tables = roster()
    tables["results"][0]["score"] = "101"
    path = write(tmp_path / "bundle", tables) if kind == "oneroster" else samples / FORMATS[kind]
    format = "edfi-xml" if kind == "generator" else kind
    loaded = town.load(path, None, format=format)
    counts = loaded.to_json()["tables"]
    assert counts
    for table, count in counts.items():
        assert count["landed"] == (len(town.rows(table)) if table in TABLES else 0), table
        assert count["read"] == sum(count.values()) - count["read"] - count["changed"]
    again = town.load(path, None, format=format).to_json()["tables"]
    for table, count in again.items():
        assert count["landed"] == 0, table
        assert count["unchanged"] == counts[table]["landed"] + counts[table]["unchanged"], table
        assert count["quarantined"] == counts[table]["quarantined"], table
    if kind == "oneroster":
        assert ("results.csv", "2", "score") in {
            (r["file"], r["row"], r["column"]) for r in quarantine(loaded)
        }


def test_ed_fi_district_is_stored(town: Town, samples: Path) -> None:
    town.agree(in_effect(EVERYTHING))
    loaded = town.load(samples / "edfi/ds-xml", None, format="edfi-xml").to_json()["tables"]
    assert loaded["person"]["landed"] == 960
    assert loaded["attendance_day"]["landed"] == 1983
    assert loaded["guardian"]["landed"] == 1872
    keys = town.keys()
    days = town.rows("attendance_day")
    assert {row["person_record"] for row in days} <= set(keys.values())
    assert {str(row["organization_id"]).partition("/")[0] for row in days} == {"school"}
    partial = [row for row in days if "attendance_status" not in row]
    assert [str(row["attendance_status_source"]).endswith("#Partial") for row in partial] == [True]


def test_wrong_ed_fi_cell_is_located(town: Town, samples: Path) -> None:
    town.agree(in_effect(["element: attendance_day.*"]))
    loaded = town.load(samples / "edfi/ds-xml", None, format="edfi-xml")
    listed = [row for row in quarantine(loaded) if row["column"] == "attendanceEventCategory"]
    assert len(listed) == loaded.cells_emptied == 1
    assert listed[0]["file"] == "file 2.xml"
