"""Exports of real student information systems and after-school programs, with invented pupils."""

from pathlib import Path

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import in_effect
from throughway.core.refusals import Refused


@pytest.fixture(autouse=True)
def agreed(town: Town) -> None:
    tables = ("person", "attendance_day", "service_received", "assessment_result", "behavior_incident")
    named = [
        "element: behavior_incident.incident_description",
        "element: attendance_day.attendance_event_reason",
    ]
    town.agree(in_effect([*(f"element: {t}.*" for t in tables), *named]))


def test_quotes_after_backslashes_and_headings_in_single_quotes(town: Town, samples: Path) -> None:
    crosswalk = """
throughway: crosswalk/1
tables:
  attendance_day:
    key: [ATT_OID]
    person: ATT_STD_OID
    columns:
      attendance_event_date: {from: ATT_DATE}
      attendance_status: {from: ATT_CODE_VIEW, map: {T-E: Tardy, A-E: ExcusedAbsence, A: UnexcusedAbsence, D: EarlyDeparture}}
      attendance_event_reason: {from: ATT_COMMENT}
      attendance_event_duration_day: {from: ATT_PORTION_ABSENT}
ignore: [ATT_SKL_OID, ATT_TARDY_IND, ATT_DISMISSED_IND, ATT_EXCUSED_IND, ATT_ABSENT_IND, ATT_TIME_VIEW]
"""
    path = samples / "sis" / "dialect" / "attendance_backslash_quotes_SYNTHETIC.csv"
    loaded = town.load(path, crosswalk)
    assert (loaded.tables["attendance_day"].landed, loaded.refused_columns) == (4, [])
    assert {row.get("attendance_event_reason") for row in town.rows("attendance_day")} == {
        'parent phoned "a few minutes late"', "travelling with family\\", None, 'left early, see "note"'
    }  # fmt: skip


def test_students_of_a_vendor(town: Town, samples: Path) -> None:
    crosswalk = """
throughway: crosswalk/1
tables:
  person:
    key: [local_id]
    columns:
      first_name: {from: full_name}
      birthdate: {from: date_of_birth}
      sex: {from: gender, map: {F: Female, M: Male}}
"""
    path = samples / "sis" / "studentinsights" / "fake_students_export.csv"
    loaded = town.load(path, crosswalk)
    counts = loaded.tables["person"]
    assert counts.read == counts.landed + counts.quarantined
    assert counts.landed > 3
    assert "student_address" in loaded.refused_columns


def test_missing_required_values_lose_only_the_row(town: Town, samples: Path) -> None:
    crosswalk = """
throughway: crosswalk/1
tables:
  assessment_result:
    key: [StudentIdentifier, CompletedDate]
    person: StudentIdentifier
    columns:
      assessment_administration_start_date: {from: CompletedDate, date: ["%Y-%m-%d %H:%M:%S.%f"], required: true}
      assessment_result_score_value: {from: PercentileRank, required: true}
"""
    folder = samples / "sis" / "studentinsights"
    assert town.load(folder / "star_math_v2.csv", crosswalk).tables["assessment_result"].landed == 1
    loaded = town.load(folder / "star_math_v2_invalid.csv", crosswalk)
    assert loaded.tables["assessment_result"].quarantined == 1
    assert [(row["row"], row["column"]) for row in quarantine(loaded)] == [("2", "PercentileRank")]


def test_incidents_with_nothing_written_as_text(town: Town, samples: Path) -> None:
    crosswalk = """
throughway: crosswalk/1
tables:
  behavior_incident:
    key: [local_id, incident_code, event_date]
    person: local_id
    columns:
      incident_date: {from: event_date}
      incident_time: {from: incident_time}
      incident_description: {from: incident_description}
ignore: [incident_code, incident_location, school_local_id]
"""
    loaded = town.load(samples / "sis" / "studentinsights" / "fake_behavior_export.csv", crosswalk)
    counts = loaded.tables["behavior_incident"]
    assert (counts.landed, counts.quarantined) == (3, 1)
    assert [(row["row"], row["column"]) for row in quarantine(loaded)] == [("5", "event_date")]
    assert any('"NO"' in str(row["incident_description"]) for row in town.rows("behavior_incident"))


def test_a_file_without_headings(town: Town, samples: Path) -> None:
    crosswalk = """
throughway: crosswalk/1
source: {header_row: 0}
tables:
  person:
    key: ["2"]
    columns:
      first_name: {from: "3"}
ignore: ["1", "4", "5", "6"]
"""
    loaded = town.load(samples / "sis" / "studentinsights" / "fake_no_headers.csv", crosswalk)
    assert loaded.tables["person"].landed == 6
    assert town.keys().keys() == {str(n) for n in range(101, 107)}


def test_services_without_an_end_are_open(town: Town, samples: Path) -> None:
    crosswalk = """
throughway: crosswalk/1
tables:
  service_received:
    key: [LASID, Start Date]
    person: LASID
    columns:
      service_entry_date: {from: Start Date, date: ["%m/%d/%y"]}
      service_exit_date: {from: End Date, date: ["%m/%d/%y"]}
"""
    loaded = town.load(samples / "afterschool" / "fake_student_services_file.csv", crosswalk)
    assert loaded.tables["service_received"].landed == 2
    assert sorted(str(row.get("service_exit_date")) for row in town.rows("service_received")) == [
        "2016-07-29",
        "None",
    ]


def test_every_sample_is_read_or_refused_in_a_sentence(town: Town, samples: Path) -> None:
    """Whatever a vendor sends under a crosswalk that was written for another: never a crash."""
    crosswalk = """
throughway: crosswalk/1
tables: {person: {key: [LASID], columns: {first_name: {from: LASID}}}}
"""
    for path in [*samples.glob("sis/**/*.csv"), *samples.glob("afterschool/*.csv")]:
        try:
            town.load(path, crosswalk)
        except Refused as refusal:
            assert refusal.message.endswith((".", "?"))  # noqa: PT017
