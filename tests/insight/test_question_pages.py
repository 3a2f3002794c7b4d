"""The page that builds a question: who may open it, its three steps, and the release."""

import html
import re

import pytest

from tests.insight.community import CommunityAccess, settle
from tests.insight.test_question_builder import EVERYTHING
from tests.site.people import settle as people_of
from tests.site.people import signed_in
from throughway.insight.questions import actions, views
from throughway.insight.questions.actions import question_draft
from throughway.insight.questions.question import question
from throughway.insight.selectors import Askable
from throughway.partners import Role
from throughway.publication.selectors import published, releases

pytestmark = pytest.mark.django_db
CHOSEN = {
    "purpose": "report", "table": "school_enrollment", "measure": "missed", "days": 5, "year": 2026, "group_1": "person.sex",
    "filter_1_column": "school_enrollment.school_year", "filter_1_operator": "is", "filter_1_value": "2026",
}  # fmt: skip


@pytest.fixture
def people(community):
    return people_of()


@pytest.fixture
def may_ask(monkeypatch):
    """The evaluator may publish figures about a community in memory."""
    access = settle(CommunityAccess())
    monkeypatch.setattr(
        views,
        "askable",
        lambda actor, on: [Askable("report", "Tell the community")] if actor.role == "evaluator" else [],
    )
    monkeypatch.setattr(views, "shown_columns", lambda actor, purpose: (EVERYTHING, "Harbor"))
    monkeypatch.setattr(actions, "_check_students", lambda answer, disclosure: None)
    monkeypatch.setattr(
        views,
        "preview_question",
        lambda *, actor, purpose, sql: question_draft(access, question(sql)).preview(),
    )

    def report(*, actor, purpose, sql):
        return {"release": question_draft(access, question(sql)).report.publish(actor).id}

    monkeypatch.setattr(views, "report_question", report)


def test_a_figure_is_built_previewed_and_published(people, may_ask):
    client = signed_in(people[Role.EVALUATOR])
    assert "Time in programs" in client.get("/figures/").content.decode()
    step = client.get("/figures/", {"purpose": "report", "table": "school_enrollment"}).content.decode()
    assert "How many of them missed many school days" in step
    preview = client.post("/figures/", CHOSEN).content.decode()
    assert "Nothing has been published yet" in preview
    assert "It counts students" in preview.partition(">What it counts<")[2].partition("</section>")[0]
    assert not re.search(r"<td[^>]*>\s*\d+%?\s*</td>", preview)  # shown or withheld, never a figure
    assert not releases(people[Role.EVALUATOR])
    sql = html.unescape(re.search(r'<input type="hidden" name="sql" value="([^"]*)"', preview)[1])
    assert html.escape(sql.split("\n")[2], quote=True) in preview
    answer = client.post("/figures/", {"purpose": "report", "sql": sql, "publish": "yes"})
    assert answer.status_code == 302
    (made,) = releases(people[Role.EVALUATOR])
    assert (
        made["title"]
        == "Students enrolled in a school who missed 5 school days or more in 2025-26, only school year is 2026, by sex"
    )
    page = client.get(answer["Location"]).content.decode()
    found = published(made["id"], people[Role.EVALUATOR])
    assert found.about["question"]["sql"] == sql.strip()
    assert found.about["question"]["sha256"] in page
    assert not re.search(r"\sstyle=|<style|<script(?![^>]* src)", preview + step + page)


def test_small_groups_are_shown_together_and_no_preview_says_which_are_small(people, may_ask):
    client = signed_in(people[Role.EVALUATOR])
    line = "-- pool sex: Female; Male"
    sql = f"-- By sex\n{line}\nSELECT sex, count(DISTINCT person_id) AS n FROM person GROUP BY sex"
    preview = client.post("/figures/", {"purpose": "report", "sql": sql}).content.decode()
    assert "Of sex, Female and Male are shown together as one group." in preview
    assert "withheld</td>" not in preview
    answer = client.post("/figures/", {"purpose": "report", "sql": sql, "publish": "yes"})
    page = client.get(answer["Location"]).content.decode()
    assert "Of sex, Female and Male are shown together as one group." in page
    (made,) = releases(people[Role.EVALUATOR])
    assert line in published(made["id"], people[Role.EVALUATOR]).about["question"]["sql"]


def test_a_question_in_sql_can_be_changed_until_it_can_be_published(people, may_ask):
    client = signed_in(people[Role.EVALUATOR])
    refused = client.post("/figures/", {"purpose": "report", "sql": "SELECT person_id FROM person"})
    assert refused.status_code == 409
    assert "SELECT person_id FROM person" in refused.content.decode()
    preview = client.post(
        "/figures/", {"purpose": "report", "sql": "SELECT count(DISTINCT person_id) AS n FROM person"}
    )
    assert preview.status_code == 200
    assert not releases(people[Role.EVALUATOR])


def test_a_preview_and_its_release_say_whom_a_join_leaves_out(people, may_ask):
    """Before anything is published, where it can still be changed, and on the page of the release."""
    client = signed_in(people[Role.EVALUATOR])
    note = "Only students with a record of names, birth date and sex and enrollment are counted: a JOIN leaves out whoever lacks one"
    sql = (
        "SELECT p.sex, count(DISTINCT p.person_id) AS n FROM person AS p {} school_enrollment AS e "
        "ON e.person_id = p.person_id GROUP BY p.sex"
    )
    kept = client.post("/figures/", {"purpose": "report", "sql": sql.format("LEFT JOIN")}).content.decode()
    assert note not in kept
    preview = client.post("/figures/", {"purpose": "report", "sql": sql.format("JOIN")}).content.decode()
    assert note in preview.partition(">What a reader must know<")[2].partition("</section>")[0]
    answer = client.post("/figures/", {"purpose": "report", "sql": sql.format("JOIN"), "publish": "yes"})
    assert note in client.get(answer["Location"]).content.decode()
    (made,) = releases(people[Role.EVALUATOR])
    assert any(
        each.startswith(note)
        for each in published(made["id"], people[Role.EVALUATOR]).about["question"]["notes"]
    )


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"measure": "share"}, 409, "what the share is of"),
        ({"measure": ""}, 400, "Choose what you want to know."),
        ({"filter_1_value": ""}, 409, "Give a value"),
        ({"group_1": "person.birthdate"}, 400, "not one of the available choices"),
    ],
)
def test_a_choice_that_does_not_fit_says_so(people, may_ask, change, status, words):
    answer = signed_in(people[Role.EVALUATOR]).post("/figures/", CHOSEN | change)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not releases(people[Role.EVALUATOR])


def test_others_cannot_open_the_page(people, may_ask):
    for role in set(Role) - {Role.EVALUATOR}:
        client = signed_in(people[role])
        assert client.get("/figures/").status_code == 404
        assert client.post("/figures/", CHOSEN).status_code == 404
