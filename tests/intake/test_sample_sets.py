"""Exports of real systems, with invented people, from the file to a governed answer by the site alone: each is looked at, its questions are
answered, it is loaded, and a reader of another partner asks for its rows."""

import html
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.gate import making
from tests.kept import kept
from tests.site.people import signed_in
from throughway.intake.models import Upload
from throughway.intake.uploads import actions as uploads
from throughway.partners import OPERATOR

pytestmark = pytest.mark.django_db
TABLES = ("person", "attendance_day", "assessment_result", "behavior_incident", "service_received", "survey_response",
          "school_enrollment", "postsecondary_enrollment", "organization")  # fmt: skip
OWN_NUMBER, ANSWER = "person_identifier.person_identifier", "survey_response.response_value"
LEAVE = "-"
# File: what somebody who knows the system answers of a column, the table that is asked, and its rows, counted in the file by hand.
SETS: Mapping[str, tuple[Mapping[str, str], str, int]] = {
    "sis/studentinsights/fake_students_export.csv": ({}, "person", 5),
    "sis/studentinsights/fake_behavior_export.csv": ({}, "behavior_incident", 3),
    "sis/studentinsights/star_math_v2.csv": ({}, "assessment_result", 2),
    "sis/studentinsights/fake_x2_assessments.csv": (
        {"school_local_id": LEAVE, "assessment_growth": LEAVE, "assessment_test": LEAVE}, "assessment_result", 8,
    ),
    "sis/studentinsights/student_meeting_fixture.csv": (
        {f"c{n}": ANSWER for n in range(5, 13)}, "survey_response", 14,
    ),
    "sis/studentinsights/student_voice_survey.csv": ({f"c{n}": ANSWER for n in range(3, 8)}, "survey_response", 5),
    "sis/dialect/attendance_backslash_quotes_SYNTHETIC.csv": (
        {"ATT_STD_OID": OWN_NUMBER, "ATT_SKL_OID": LEAVE, "ATT_CODE_VIEW": "attendance_day.attendance_status", "ATT_TIME_VIEW": LEAVE},
        "attendance_day", 4,
    ),
    "afterschool/fake_student_services_file.csv": ({}, "service_received", 2),
    "afterschool/homework_help_fixture.csv": ({}, "person", 3),
    **{
        f"edfi/bundles/{file}": ({}, "assessment_result", rows)
        for file, rows in {
            "MAP_Growth/data/sample_anonymized_file.csv": 7,
            "i-Ready/data/sample_anonymized_file_math.csv": 5,
            "i-Ready/data/sample_anonymized_file_ela.csv": 5,
            "PSAT_SAT/data/sample_anonymized_file_psat_10.csv": 15,
            "PSAT_SAT/data/sample_anonymized_file_psat_89.csv": 15,
            "PSAT_SAT/data/sample_anonymized_file_psat_nmsqt.csv": 15,
            "PSAT_SAT/data/sample_anonymized_file_sat.csv": 15,
        }.items()
    },
    "nsc/SYNTHETIC_DETLRPT_SE.csv": ({}, "postsecondary_enrollment", 2),
    "edfi/ds-xml": ({}, "person", 960),
    "edfi/generator": ({}, "person", 1400),
    "oneroster/conformance/valid/full-bulk-package.zip": ({}, "organization", 2),
}  # fmt: skip


@pytest.fixture
@kept
def town(db: None, community: object) -> None:
    making.register()
    making.partners.add_user(email="desk@north.example", partner="north", role="data_steward", by=OPERATOR)
    shown = [making.line(f"{table}.*", "planning", **{"from": ["north"]}) for table in TABLES]
    making.in_effect(making.sharing(schedule=[*shown, making.line("person.*", "matching")]))


def content(path: Path) -> tuple[str, bytes]:
    """A file as it is sent; of a folder, its files in a zip."""
    if path.is_file():
        return path.name, path.read_bytes()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for file in sorted(path.iterdir()):
            archive.writestr(file.name, file.read_bytes())
    return f"{path.name}.zip", whole.getvalue()


def answers(page: str, given: Mapping[str, str]) -> dict[str, str]:
    """An answer to each question: what is given of its column, else to leave it, or the first that is offered."""
    found = {}
    for column, field, options in re.findall(
        r'<p class="tw-strong">([^<]*)</p>.*?<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        values = [html.unescape(value) for value in re.findall(r'<option value="([^"]+)"', options)]
        name = html.unescape(column)
        wanted = given.get(
            name, given.get(field, LEAVE if LEAVE in values and field[0] == "c" else values[0])
        )
        assert wanted in values, (name, wanted)
        found[field] = wanted
    return found


@pytest.mark.parametrize("sample", SETS)
@pytest.mark.usefixtures("town")
def test_a_sample_goes_from_the_file_to_an_answer_on_the_site(sample: str, samples: Path) -> None:
    given, table, rows = SETS[sample]
    name, whole = content(samples / sample)
    desk, evaluator = (signed_in(making.reader(f"{who}.example")) for who in ("desk@north", "evaluator@hub"))

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile(name, whole)

    page = desk.post("/loads/look/", {"partner": "north", "file": file()}).content.decode()
    if state := re.search(r'name="state" value="([^"]+)"', page):
        included = re.findall(r'name="included" value="([^"]+)"', page)
        assert len(included) == ("bundles" in sample)
        told = {"included": included[0]} if included else answers(page, given)
        sent: Any = desk.post(
            "/loads/look/crosswalk/",
            {"state": html.unescape(state[1]), "name": "sample", "file": file(), **told},
        )
    else:
        (format,) = re.findall(r"&amp;format=([\w-]+)", page)
        sent = desk.post("/loads/new/", {"partner": "north", "format": format, "file": file()})
    assert sent.status_code == 302, re.findall(
        r'usa-error-message"[^>]*>.*', html.unescape(sent.content.decode())
    )
    uploads.load(id=Upload.objects.get().id)
    loaded = desk.get(sent["Location"]).content.decode()
    assert "The file is loaded" in loaded, re.findall('tw-lead">.*', loaded)
    asked = evaluator.post("/desk/", {"purpose": "planning", "sql": f"SELECT count(*) AS n FROM {table}"})
    assert re.findall(r"<td[^>]*>([\d,]+)</td>", asked.content.decode()) == [str(rows)]
