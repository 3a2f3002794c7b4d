"""The pages of the pipeline on the site: who sees what, how a report is made, and its picture as a file."""

import re
from contextlib import nullcontext
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from tests.insight.asking import counted, preview
from tests.insight.community import Remembering, grow
from tests.site.people import settle, signed_in
from throughway.insight.counts import views as asking_views
from throughway.insight.pipeline import views
from throughway.insight.pipeline.actions import REPORT
from throughway.insight.reports.actions import publish_report
from throughway.insight.selectors import Askable
from throughway.partners import Role
from throughway.publication.selectors import releases

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def access():
    return grow(Remembering(), each=60)


@pytest.fixture
def people(community, protected_once, monkeypatch):
    monkeypatch.setattr("throughway.publication.joint_release.protect", protected_once)
    return settle()


@pytest.fixture
def release(access, people, tmp_path):
    made = publish_report(REPORT, access, by=people[Role.EVALUATOR], out=tmp_path / "r.html")
    return made["release"]


@pytest.fixture
def may_make(monkeypatch, access):
    """The evaluator may make reports."""
    for module in (views, asking_views):
        monkeypatch.setattr(
            module,
            "askable",
            lambda actor, on: [Askable("report", "Tell the community")] if actor.role == "evaluator" else [],
        )
    monkeypatch.setattr("throughway.insight.reports.actions.report_access", lambda **_: nullcontext(access))


def test_the_empty_page_says_who_makes_reports(people):
    page = signed_in(people[Role.LEADER]).get("/pipeline/").content.decode()
    assert "No report is public" in page
    assert reverse("agreements:list") in page
    assert reverse("insight:count") not in page


def test_reporters_see_the_link_to_a_new_report(people, may_make):
    page = signed_in(people[Role.EVALUATOR]).get("/pipeline/").content.decode()
    assert reverse("insight:count") in page


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_the_newest_report(people, release, role, django_assert_max_num_queries):
    client = signed_in(people[role])
    with django_assert_max_num_queries(15):
        response = client.get("/pipeline/")
    page = response.content.decode()
    assert response.status_code == 200
    assert f"Release {release}" in page
    assert page.count("<h1>") == 1
    assert not re.search(r"\sstyle=|<style", page)
    assert reverse("insight:picture", args=[release]) in page


def test_visitors_are_sent_to_sign_in(client, community):
    assert client.get("/pipeline/").status_code == 302


def test_page_and_file_have_the_same_charts(people, release, tmp_path):
    page = signed_in(people[Role.LEADER]).get(f"/pipeline/{release}/").content.decode()
    alone = (tmp_path / "r.html").read_text()
    for chart in ('<ol class="tw-chart">.*?</ol>', '<ul class="tw-panels">.*?</ul>'):
        assert re.search(chart, alone, re.S)[0] in page


def test_a_report_is_made_by_those_whom_a_purpose_names(people, may_make):
    client = signed_in(people[Role.EVALUATOR])
    assert "Tell the community" in client.get("/pipeline/new/").content.decode()
    seen = preview(client, "/pipeline/new/", {"purpose": "report"})
    assert "Nothing has been published yet" in seen
    assert "Students at each milestone" in seen
    assert "It becomes public at once" in seen
    assert client.get("/pipeline/").content.decode().count("No report is public") == 1
    told = counted(client, "/pipeline/new/", {"purpose": "report", "publish": "yes"})
    (release,) = releases(people[Role.EVALUATOR])
    assert f'href="/pipeline/{release["id"]}/"' in told
    assert client.get(f"/pipeline/{release['id']}/").status_code == 200
    again = counted(client, "/pipeline/new/", {"purpose": "report"})
    assert "There is no preview." in again
    assert f"release {release['id']}" in again


def test_a_purpose_must_be_chosen(people, may_make):
    client = signed_in(people[Role.EVALUATOR])
    for chosen in ({}, {"purpose": "another"}):
        response = client.post("/pipeline/new/", chosen)
        assert response.status_code == 400
        assert "Choose a purpose." in response.content.decode()


def test_others_cannot_open_the_page_for_new_reports(people, may_make):
    client = signed_in(people[Role.LEADER])
    assert client.get("/pipeline/new/").status_code == 404
    assert client.post("/pipeline/new/", {"purpose": "report"}).status_code == 404


def test_an_unknown_release_is_not_found(people):
    client = signed_in(people[Role.LEADER])
    for path in ("/pipeline/ABCDEFGH/", "/pipeline/ABCDEFGH/slide/", "/pipeline/ABCDEFGH/river.svg"):
        assert client.get(path).status_code == 404


def test_the_picture_is_a_file_that_stands_alone(people, release):
    response = signed_in(people[Role.LEADER]).get(f"/pipeline/{release}/river.svg")
    assert response["Content-Type"].startswith("image/svg+xml")
    assert "attachment" in response["Content-Disposition"]
    svg = response.content.decode()
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in svg
    assert not re.search(r"<script|href=|url\((?!#)", svg)


def test_the_sheet_has_the_finding_and_the_chart(people, release):
    page = signed_in(people[Role.LEADER]).get(f"/pipeline/{release}/slide/").content.decode()
    assert page.count('<ol class="tw-chart">') == 1
    assert "loses" in re.search(r"<h1>(.*?)</h1>", page, re.S)[1]
