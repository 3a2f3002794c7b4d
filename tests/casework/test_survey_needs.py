"""A need that a student told in a survey: only of a survey whose notice said so, and by the family's consent where the survey asks for it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.casework.test_supports import CHESS, directory
from tests.casework.town import PERSON, TODAY, allow, page, settle, signed_in, works_with
from tests.gate import making
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.supports import actions
from throughway.vocabulary.school_calendar import school_year_of, year_start

pytestmark = pytest.mark.django_db(transaction=True)
SAID = max(year_start(school_year_of(TODAY)), TODAY - timedelta(30))
RULES = f"""
throughway: needs/1
needs:
  - {{id: late, words: missed school often, when: [days_missed at least 50], answered_by: [tutoring]}}
asked:
  - {{id: mentor, words: a mentor, answered_by: [mentoring], survey: {{survey: check-in, question: F1, answers: [Yes]}}}}
surveys:
  - id: check-in
    name: fall check-in
    partner: north
    notice: Notice 4
    since: {SAID}
    consent: true
    questions: [{{code: F1, words: I would like to meet with a mentor, topic: none}}]
"""
SHOWN = ("survey_identifier", "survey_question_code", "response_value", "response_date", "respondent_type")


def shows_answers(document: dict[str, Any]) -> None:
    document["schedule"] += [
        making.line(f"survey_response.{name}", "casework", **{"from": ["north"]}) for name in SHOWN
    ]


def answered(*rows: dict[str, Any]) -> None:
    first = {
        "person_record": 11, "survey_identifier": "Fall check-in", "survey_question_code": "F1", "response_value": "Yes",
        "response_date": SAID, "respondent_type": "student",
    }  # fmt: skip
    making.land("survey_response", "north", [{**first, "record": n, **row} for n, row in enumerate(rows, 1)])


@pytest.fixture
def town(community: Community, tmp_path: Path) -> Community:
    settle(change=shows_answers)
    works_with(11)
    allow(tmp_path, ("n-11", "yes"))
    actions.add_support(partner="harbor", said=CHESS, by=OPERATOR)
    community.needs.write_text(RULES, encoding="utf-8")
    return community


def needs_on_the_page() -> str:
    text = page(signed_in(), f"/students/{PERSON}/")[1]
    return " ".join(text.partition('id="needs"')[2].partition("</section>")[0].split())


def test_the_page_says_where_the_need_came_from_and_matches_it(town: Community) -> None:
    answered({})
    shown = needs_on_the_page()
    assert "A mentor" in shown
    assert "“I would like to meet with a mentor”: Yes" in shown
    assert "Said in Fall check-in" in shown
    fits = " ".join(page(signed_in(), f"/students/{PERSON}/supports/")[1].split())
    assert "A mentor (said in Fall check-in," in fits


@pytest.mark.parametrize(
    "row",
    [
        {"response_value": "No"},
        {"survey_identifier": "Spring climate"},
        {"survey_question_code": "F2"},
        {"response_date": SAID - timedelta(1)},
        {"respondent_type": "guardian"},
    ],
)
def test_no_other_answer_is_a_need(town: Community, row: dict[str, Any]) -> None:
    answered(row)
    assert "A mentor" not in needs_on_the_page()


def test_the_latest_answer_counts(town: Community) -> None:
    answered({}, {"response_value": "No", "response_date": SAID + timedelta(1)})
    assert "A mentor" not in needs_on_the_page()


@pytest.mark.parametrize(
    ("change", "rests"), [(("partner: north", "partner: harbor"), False), (("consent: true", "consent: false"), True)]
)  # fmt: skip
def test_only_of_the_partner_that_asked(town: Community, change: tuple[str, str], rests: bool) -> None:
    answered({})
    town.needs.write_text(RULES.replace(*change), encoding="utf-8")
    assert ("A mentor" in needs_on_the_page()) is rests


def test_where_the_survey_asks_for_consent_an_agreement_without_it_tells_no_need(
    community: Community, tmp_path: Path
) -> None:
    def without_consent(document: dict[str, Any]) -> None:
        shows_answers(document)
        (entry,) = (p for p in document["purposes"] if p["id"] == "casework" and p["from"] == ["north"])
        entry |= {
            "basis": "school_official",
            "basis_details": {
                "function": "help",
                "direct_control": True,
                "annual_notice_criteria": "Notice 4",
            },
        }

    settle(change=without_consent)
    works_with(11)
    directory()
    answered({})
    community.needs.write_text(RULES, encoding="utf-8")
    assert "A mentor" not in needs_on_the_page()
    community.needs.write_text(RULES.replace("consent: true", "consent: false"), encoding="utf-8")
    assert "A mentor" in needs_on_the_page()


def test_everybody_reads_which_surveys_may_tell_a_need(town: Community) -> None:
    shown = " ".join(signed_in().get("/supports/needs/").content.decode().split())
    assert "“I would like to meet with a mentor”: Yes" in shown
    assert "Notice 4, since" in shown
    assert "only if the family agreed" in shown
