"""A program nobody attends, a need nobody maps, a group of four, a class before the data begins, a survey with three answers: of each the
page and the command say why there is no figure, in a sentence, and neither says that it is zero."""

import json
from datetime import date
from html import unescape

import pytest
from click.testing import CliRunner

from tests.gate import making
from tests.insight import test_needs, test_overlaps
from tests.insight.asking import counted
from tests.insight.schooling import LAST_FALL, begun, diploma, school_year, spell
from tests.kept import kept
from tests.site.people import signed_in
from throughway.cli import main

pytestmark = pytest.mark.django_db(transaction=True)
READER = "evaluator@hub.example"
SPRING = date(2026, 3, 10)
TRENDS = """throughway: trends/1
surveys:
  - {survey: Climate, favorable: 4, protected_topics: none, partner: north, grades: ["04"]}
  - {survey: Safe ways, favorable: 4, protected_topics: none, partner: north, grades: ["04"]}
"""
TARGET = """targets:
  - {outcome: graduation, baseline: 2010, target: 85, by: 2030, source: "Plan, page 8"}
"""
helped, together = test_needs.town, test_overlaps.town  # fixtures


@pytest.fixture
@kept
def schools(community):
    """The class of 2026 of north, 60 of 80 with a diploma; and 80 fourth graders, of whom all but 20 answered one survey and three another."""
    making.register()
    lines = [
        making.line(f"{table}.*", "counting", **{"from": ["north"]})
        for table in ("school_enrollment", "credential", "survey_response")
    ]
    making.in_effect(making.sharing(
        schedule=[*lines, making.line("person.*", "matching")], terms=making.sharing()["terms"] | {"effective": "2025-07-01"}
    ))  # fmt: skip
    older = [spell(n, grade="12") for n in range(100, 180)]
    younger = [spell(n, grade="04", school="elm") for n in range(200, 280)]
    answers = [
        {"person_id": n, "survey_identifier": survey, "survey_construct": "safety", "response_number": 5.0 if n % 2 else 1.0,
         "response_date": SPRING, "respondent_type": "student"}
        for survey, persons in (("Climate", range(200, 260)), ("Safe ways", range(200, 203))) for n in persons
    ]  # fmt: skip
    for table, rows in (
        ("school_enrollment", [*older, *younger, *begun(2027)]),
        ("credential", [diploma(n, date(2026, 6, 10)) for n in range(100, 160)]),
        ("survey_response", answers),
    ):
        making.land(table, "north", [{"person_record": row.pop("person_id"), **row} for row in rows])


def said(report, community):
    """What the command answers in all, and the page to which the form leads: that of the release, or of the refusal."""
    words = [
        "report",
        report,
        "--as",
        READER,
        "--purpose",
        "counting",
        "--community",
        str(community.root),
        "--json",
    ]
    done = CliRunner().invoke(main, words)
    told = json.loads(done.stdout)
    client = signed_in(making.reader(READER))
    page = counted(client, f"/{report}/count/", {"purpose": "counting", "publish": "yes"})
    if "release" in told:
        page = client.get(f"/{report}/{told['release']}/").content.decode()
    return done.exit_code, told, " ".join(unescape(page).split())


def rows_of(told):
    return {row["name"]: row for section in told["sections"] for row in section["rows"]}


def test_a_program_nobody_attends_and_a_year_before_its_records(together, community):
    why = {
        "Camp (Oak House)": "No record says that anybody takes part in it. That does not mean zero: its partner may send no enrollments.",
        "Club (Elm Friends)": f"Its records begin after {school_year(LAST_FALL.year)}, so overlaps of that time are not known.",
    }
    code, told, page = said("overlaps", community)
    assert code == 0
    assert why.items() <= {each["what"]: each["why"] for each in told["absent"]}.items()
    assert all(sentence in page for sentence in why.values())


def test_a_need_nobody_maps_and_a_group_of_four(helped, community):
    """Four asked for shoes, of which needs.yaml says nothing. A figure is withheld also where it is zero, so no page denies that."""
    unmapped = "Some referrals give a reason that needs.yaml does not name, so nobody knows which support answers it."
    few = "Nobody, too few students to show any figure, or figures that would reveal a few; which of these is not said."
    code, told, page = said("needs", community)
    name = "A reason that the rules do not name"
    assert code == 0
    assert {each["what"]: each["why"] for each in told["absent"]}[name].startswith(unmapped)
    assert rows_of(told)[name].get("why") == few
    assert unmapped in page
    assert few in page
    assert "It does not mean zero." in page
    assert not [phrase for phrase in ("is not zero", "not a zero") if phrase in page + json.dumps(told)]


def test_a_class_before_the_data_begins(schools, community):
    community.trends.write_text(TRENDS + TARGET, encoding="utf-8")
    sentence = (
        "trends.yaml in the community's folder compares graduation with the class of 2010, and the report counts 2026; name a class "
        "that it counts."
    )
    code, told, page = said("trends", community)
    assert (code, told["error"]["message"]) == (1, sentence)
    assert sentence in page


def test_a_survey_with_three_answers(schools, community):
    community.trends.write_text(TRENDS, encoding="utf-8")
    sentence = "Nothing of this survey can be shown. That does not mean that nobody answered."
    code, told, page = said("experiences", community)
    assert code == 0
    words = {section["title"]: section["words"] for section in told["sections"]}
    assert words["Safe ways"] == [sentence]
    assert words["Climate"] == []
    assert sentence in page
