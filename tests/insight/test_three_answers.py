"""A survey with three answers: a sentence and never a zero, by command and on the page."""

import html
import json
import re
from datetime import date, timedelta

import pytest
from click.testing import CliRunner, Result

from tests.gate import making
from tests.site.people import client_of
from throughway.cli import main
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date.today()
SAID = TODAY - timedelta(30)
READER = "evaluator@hub.example"
ASKED = range(100, 140)
LINE = 'throughway: trends/1\nsurveys:\n  - {survey: Climate, favorable: 4, partner: north, grades: ["07"], protected_topics: none}\n'
SENTENCE = "Nothing of this survey can be shown. That does not mean that nobody answered."


@pytest.fixture
def town(community: Community) -> Community:
    making.register()
    document = making.sharing()
    of_north = {"from": ["north"]}
    document["schedule"] += [
        making.line(f"{table}.*", "counting", **of_north)
        for table in ("survey_response", "school_enrollment")
    ]
    making.in_effect(document)
    making.people()
    making.land("school_enrollment", "north", [
        {"person_record": r, "record": r, "enrollment_entry_date": TODAY - timedelta(90), "entry_grade_level": "07", "organization_id": "north/1"}
        for r in ASKED
    ])  # fmt: skip
    making.land("survey_response", "north", [
        {"person_record": r, "record": 10_000 + r, "survey_identifier": "Climate, fall", "survey_question_code": "C1", "survey_construct": "safety",
         "response_number": float(number), "response_date": SAID, "respondent_type": "student"}
        for r, number in ((100, 5), (101, 1), (102, 4))
    ])  # fmt: skip
    community.trends.write_text(LINE, encoding="utf-8")
    return community


def command(town: Community, *more: str) -> Result:
    words = ["report", "experiences", "--as", READER, "--purpose", "counting", *more, "--json"]
    return CliRunner().invoke(main, ["--community", str(town.root), *words])


def test_by_command(town: Community) -> None:
    told = json.loads(command(town, "--preview").stdout)
    cells = [cell for table in told["tables"] for cell in table["cells"]]
    of_answers = [cell for cell in cells if cell["at"].get("answer") or cell["at"].get("share")]
    assert of_answers
    assert not any(isinstance(cell.get("shown"), int) for cell in of_answers), of_answers


def test_on_the_page(town: Community) -> None:
    done = command(town)
    if done.exit_code:
        told = json.loads(done.stdout)["error"]
        assert (done.exit_code, told["code"]) == (1, "no_figures")
        return
    release = json.loads(done.stdout)["release"]
    text = html.unescape(client_of(READER).get(f"/experiences/{release}/").content.decode())
    main_part = re.sub(r"<[^>]+>", " ", text[text.index("<main") : text.index("</main>")])
    assert SENTENCE in main_part
    assert not re.search(r"\b0\b(?!–)", main_part), main_part
