"""Riverbend's feeds are what real systems export: checked against the standards, not only against our own readers."""

from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from throughway.demo.simulate import simulate
from throughway.intake.oneroster.bundle import validate

INTERCHANGES = (
    "EducationOrganization",
    "EducationOrgCalendar",
    "AssessmentMetadata",
    "Student",
    "StudentEnrollment",
    "StudentProgram",
    "StudentAssessment",
    "StudentAttendance",
    "StudentTranscript",
)


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("riverbend")
    simulate(folder, students=60, seed=3, today=date(2026, 11, 25))
    return folder / "feeds"


@pytest.mark.parametrize("interchange", INTERCHANGES)
def test_riverbend_files_are_valid_ed_fi(feeds: Path, samples: Path, interchange: str) -> None:
    schema = etree.XMLSchema(etree.parse(samples / "edfi" / "xsd" / f"Interchange-{interchange}.xsd"))
    file = etree.parse(feeds / "riverbend-schools" / "edfi" / f"{interchange}.xml")
    assert schema.validate(file), schema.error_log


def test_lakeside_bundle_is_valid_oneroster(feeds: Path) -> None:
    assert validate(feeds / "lakeside-schools" / "oneroster.zip") == []
