"""The included crosswalks load the published samples of vendors' files, and are offered for no other."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.intake.conftest import Town
from tests.intake.papers import in_effect
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.vendor_layouts import vendor_crosswalks, vendors_of

BUNDLES = Path("edfi/bundles")
# Of each sample: its crosswalks, the column of the student, and the columns of scores.
SAMPLES = {
    "MAP_Growth/data/sample_anonymized_file.csv": (("nwea-map-growth",), "StudentID", ["TestRITScore"]),
    "i-Ready/data/sample_anonymized_file_ela.csv": (("i-ready-reading",), "Student ID", ["Overall Scale Score"]),
    "i-Ready/data/sample_anonymized_file_math.csv": (("i-ready-math",), "Student ID", ["Overall Scale Score"]),
    "PSAT_SAT/data/sample_anonymized_file_sat.csv": (
        ("college-board-sat",), "DISTRICT_STUDENT_ID", ["LATEST_SAT_TOTAL", "LATEST_SAT_EBRW", "LATEST_SAT_MATH_SECTION"]
    ),
    **{
        f"PSAT_SAT/data/sample_anonymized_file_psat_{name}.csv": (
            ("college-board-psat",), "DISTRICT_STUDENT_ID",
            ["LATEST_PSAT_TOTAL", "LATEST_PSAT_EBRW", "LATEST_PSAT_MATH_SECTION"],
        )
        for name in ("10", "89", "nmsqt")
    },
}  # fmt: skip


def test_every_included_crosswalk_can_be_read() -> None:
    of_tests = {name for name in vendor_crosswalks() if not name.startswith("ceds-")}
    assert of_tests == {name for names, _, _ in SAMPLES.values() for name in names}
    for name, text in vendor_crosswalks().items():
        Crosswalk.read(text, name)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_published_sample_loads_with_its_scores(town: Town, samples: Path, sample: str) -> None:
    names, student, scores = SAMPLES[sample]
    path = samples / BUNDLES / sample
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert vendors_of(rows[0]) == names
    town.agree(in_effect(["element: assessment_result.*"]))
    loaded = town.load(path, vendor_crosswalks()[names[0]])
    expected = {(row[student], row[score]) for row in rows for score in scores if row[score]}
    records = {record: key for key, record in town.keys().items()}
    landed = town.rows("assessment_result")
    assert {
        (records[row["person_record"]], row["assessment_result_score_value"]) for row in landed
    } == expected
    assert loaded.tables["assessment_result"].quarantined == 0
    assert all(row["assessment_administration_start_date"] for row in landed)
    assert loaded.cells_emptied == 0


def test_no_other_file_is_taken_for_a_vendors() -> None:
    assert vendors_of(["Student ID", "Start Date", "Score"]) == ()


def _run(*words: str, exit: int = 0) -> dict[str, Any]:
    from throughway.cli.root import main

    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == exit
    return dict(json.loads(done.stdout))


def test_the_command_lists_and_prints_them() -> None:
    assert _run("crosswalk", "vendor")["crosswalks"] == list(vendor_crosswalks())
    assert _run("crosswalk", "vendor", "i-ready-math")["crosswalk"] == vendor_crosswalks()["i-ready-math"]
    assert "nwea-map-growth" in _run("crosswalk", "vendor", "map", exit=1)["error"]["message"]
