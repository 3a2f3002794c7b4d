"""The report from the gate to the page: what is published is protected, and the page says nothing else."""

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from tests.insight.community import CommunityAccess, settle
from tests.insight.schooling import assessed, spell
from tests.publication.attacker import printed, ranges
from throughway.core.prose import data_through
from throughway.core.refusals import Refused
from throughway.insight.actions import data_days
from throughway.insight.figures import heading, pipeline
from throughway.insight.pipeline.actions import REPORT, pipeline_draft
from throughway.insight.pipeline_page import AgreementReference, Provenance, pipeline_page
from throughway.insight.pipeline_tables import pipeline_tables
from throughway.insight.pipeline_text import Method
from throughway.insight.report_files import html, picture
from throughway.insight.reports.actions import make_report, publish_report
from throughway.insight.selectors import report
from throughway.measures.attendance import ATTENDANCE
from throughway.measures.graduation import GRADUATION
from throughway.measures.measure import MeasuredClass, MilestoneOutcome, MilestoneStep, OutcomeCount
from throughway.measures.policy import POLICY, problems
from throughway.partners import Actor
from throughway.publication import RawTable
from throughway.publication.protection import protect
from throughway.publication.selectors import release, releases, verification
from throughway.publication.verify_release import verify

pytestmark = pytest.mark.django_db
LEADER = Actor("leader@example.org", "north", "leader")
PROVENANCE = Provenance(
    "Testville",
    "7F3KQ2MD",
    "report",
    (AgreementReference("a", "A study", ""),),
    10,
    date(2026, 11, 25),
    ("North",),
)


@pytest.fixture(scope="module")
def settled():
    return settle(CommunityAccess())


@pytest.fixture
def made(settled, community, tmp_path):
    return publish_report(REPORT, settled, by=LEADER, out=tmp_path / "out" / "report.html")


@pytest.fixture
def written(made):
    with open(made["report"], encoding="utf-8") as file:
        return file.read()


def test_what_the_report_answers(made):
    assert json.loads(json.dumps(made)) == made
    assert {"release", "title", "purpose", "as_of", "minimum_cell", "agreements", "disclosure", "milestones",
            "report"} <= set(made)  # fmt: skip
    assert [m["id"] for m in made["milestones"]] == [
        "attendance",
        "on-track",
        "graduation",
        "enrollment",
        "completion",
    ]
    attendance = made["milestones"][0]
    assert attendance["class"] == 2026
    assert attendance["lost"]["shown"] > 10
    assert set(attendance["groups"]) == {"sex", "race", "english learner", "partner", "school"}


GOES_TO = {
    "north": "2026-09-01",
    "south": "2026-09-01",
}  # where the next school year began, the last that came in


def test_the_report_says_to_which_day_each_partner_s_data_go(made, written):
    """Not the day it was asked. A calendar, which has the days to come, is nobody's record."""
    assert (made["as_of"], made["data_through"]) == ("2026-11-25", GOES_TO)
    sentence = "The data go to 1 September 2026 (north and south)."
    assert written.count(sentence) >= 2  # below the chart, and where the report says why one may see it
    assert release(made["release"], LEADER)["data_through"] == GOES_TO
    page = report(made["release"], LEADER).page
    assert "data to 1 September 2026" in picture(page)


def test_the_preview_says_so_too(settled, community):
    assert pipeline_draft(settled).preview()["data_through"] == GOES_TO


def test_a_partner_without_a_dated_record_is_left_out(settled):
    class OfOne(CommunityAccess):
        def last_days(self, table):
            return {"north": date(2026, 6, 5), "south": None}

    access = OfOne()
    assert data_days(access, {"north": "North Schools"}, {grant.table for grant in access.grants}) == {
        "North Schools": "2026-06-05"
    }


def test_a_release_from_before_it_was_kept_says_nothing():
    assert (data_through({}), data_through({"A": "2026-06-05", "B": "2026-11-20", "C": "2026-06-05"})) == (
        "", "The data go to 20 November 2026 (B) and 5 June 2026 (A and C)."
    )  # fmt: skip


def test_the_release_holds_what_the_command_answers(made, settled):
    registered = release(made["release"], LEADER)
    assert registered["disclosures"] == made["disclosures"]
    assert registered["agreements"] == list(settled.agreements)
    shown = {
        frozenset(c["at"].items()): c["shown"]
        for t in registered["tables"] for c in t["cells"] if c["statistic"] == "students"
    }  # fmt: skip
    for milestone in made["milestones"]:
        if "lost" in milestone:
            where = frozenset({("milestone", milestone["name"]), ("outcome", "lost")})
            assert shown[where] == milestone["lost"]["shown"]


def test_the_release_reveals_no_withheld_figure(made):
    tables = release(made["release"], LEADER)["tables"]
    found = ranges(tables)
    assert found
    for low, high in found.values():
        assert high - low >= 10 - 1e-6


def test_no_small_count_is_shown_anywhere(made):
    for table in release(made["release"], LEADER)["tables"]:
        for cell in table["cells"]:
            if cell["statistic"] == "students":
                assert cell["withheld"] == (cell["shown"] is None)
                low, high = printed(cell["shown"])
                assert cell["withheld"] or (low >= 10 if low == high else high - low >= 10)


def test_the_release_has_a_certificate_that_a_stranger_verifies(made):
    found = release(made["release"], LEADER)
    assert verify([found])["problems"] == []
    assert found["relations"]
    assert found["rates"]
    assert found["certificate"]["figures"]
    assert found["determination"]["rule"] == "34 CFR 99.31(b)(1)"
    assert verification(made["release"], LEADER)["ok"]


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_the_page_stands_alone(written):
    tags = _Tags()
    tags.feed(written)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & {tag for tag, _ in tags.found}
    for _, attributes in tags.found:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "#").startswith("#")
    assert "http" not in written
    assert "url(" not in written.replace("url(#", "")


def test_screen_readers_read_numbers_not_bars(written):
    bars = re.findall(r'<svg class="tw-bars"[^>]*>', written)
    assert bars
    assert all('aria-hidden="true"' in each for each in bars)
    assert written.count("<details") >= 3
    assert written.count("<h1>") == 1
    ids = re.findall(r'id="([^"]+)"', written)
    assert len(ids) == len(set(ids))


def test_the_page_opens_with_the_finding(written):
    heading = re.search("<h1>(.*?)</h1>", written)[1]
    assert re.fullmatch(r"Testville loses .*\d+.*", heading)


def test_withheld_is_a_word_and_never_a_zero(written, made):
    assert "withheld" in written
    assert ">0<" not in written


def told(lost, seen=60):
    """The page of one class of graduates."""
    counts = (
        OutcomeCount(MilestoneOutcome.LOST, None, {"sex": "Female"}, lost), OutcomeCount(MilestoneOutcome.REACHED, None, {"sex": "Female"}, seen - lost),
        OutcomeCount(MilestoneOutcome.REACHED, None, {"sex": "Male"}, 40),
    )  # fmt: skip
    measured = MeasuredClass(GRADUATION, 2026, date(2026, 11, 25), counts)
    raw = pipeline_tables([measured])
    tables = protect(raw.tables, minimum_cell=10, relations=raw.relations)
    named = heading(measured, MilestoneStep(measured), POLICY)
    return html(pipeline_page(pipeline([named], tables, raw.kinds), PROVENANCE, Method()))


def test_foster_care_and_changes_of_school_are_counted_where_many_are_enrolled(monkeypatch):
    kinds = {
        "sex": ("Female", "Male"),
        "foster care": ("In foster care", "Not"),
        "school mover": ("Changed", "Did not"),
    }
    counts = tuple(
        OutcomeCount(MilestoneOutcome.LOST, None, {kind: groups[n] for kind, groups in kinds.items()}, 60)
        for n in (0, 1)
    )
    on = date(2026, 11, 25)
    enrolled, due = MeasuredClass(ATTENDANCE, 2026, on, counts), MeasuredClass(GRADUATION, 2026, on, counts)
    assert pipeline_tables([enrolled, due]).kinds == ("sex",)
    monkeypatch.setattr("throughway.insight.pipeline_tables.MANY", 120)
    assert set(pipeline_tables([enrolled, due]).kinds) == set(kinds)


def test_the_page_depends_on_published_figures_alone():
    """The page is drawn from protected figures alone: nothing else of the truth can be in it."""
    assert told(3) == told(7)
    assert told(20) != told(21)


def test_nothing_but_protected_tables_can_be_reported():
    with pytest.raises(TypeError, match="protected"):
        pipeline([], [RawTable("t", (), ())], ())


def test_text_is_escaped():
    nobody = heading(MeasuredClass(GRADUATION, None, date(2026, 11, 25)), None, POLICY)
    here = replace(PROVENANCE, community="<b>Testville</b>")
    shown = html(pipeline_page(pipeline([nobody], (), ()), here, Method()))
    assert "<b>Testville" not in shown
    assert "&lt;b&gt;Testville" in shown


def test_a_purpose_of_another_form_is_refused(monkeypatch, community):
    access = CommunityAccess()
    access.form = "identified"
    monkeypatch.setattr("throughway.insight.actions.enter", lambda **_: access)
    with pytest.raises(Refused, match="form aggregate"):
        make_report(REPORT, actor=LEADER, purpose="casework")
    assert not access.asked


def test_the_report_is_html_and_says_so(tmp_path):
    with pytest.raises(Refused, match="HTML"):
        make_report(REPORT, actor=LEADER, purpose="report", out=tmp_path / "report.pdf")


def test_without_enrollment_there_is_no_report(community):
    with pytest.raises(Refused, match="school_enrollment"):
        publish_report(REPORT, CommunityAccess(without=("school_enrollment",)), by=LEADER, out=None)


def test_a_milestone_without_an_agreement_cannot_be_observed(community, tmp_path):
    access = settle(CommunityAccess(without=("course_grade", "postsecondary_enrollment")))
    made = publish_report(REPORT, access, by=LEADER, out=tmp_path / "r.html")
    unseen = {m["id"]: m["cannot_be_observed"] for m in made["milestones"] if m["cannot_be_observed"]}
    assert unseen == {"on-track": "no agreement", "enrollment": "no agreement", "completion": "no agreement"}


def test_a_report_without_a_figure_is_not_published_but_explained(community, tmp_path):
    with pytest.raises(
        Refused, match="No records of school_enrollment that this purpose shows have come in"
    ) as refused:
        publish_report(REPORT, CommunityAccess(), by=LEADER, out=tmp_path / "r.html")
    assert refused.value.code == "no_figures"
    assert releases(LEADER) == []
    assert not (tmp_path / "r.html").exists()


def test_an_undecided_milestone_is_shown_with_the_cure(community, tmp_path):
    """The others stay; a table in the community's folder decides."""
    access = settle(CommunityAccess())
    for person in range(1001, 1061):
        access.put("school_enrollment", spell(person, grade="03"))
        label = "Pass" if person % 3 else "Needs Improvement"
        access.put("assessment_result", assessed(person, 3, 2026, True) | {
            "assessment_title": "Own Test", "assessment_performance_level_label": label,
        })  # fmt: skip

    refused = publish_report(REPORT, access, by=LEADER, out=tmp_path / "refused.html")
    reading, *others = refused["milestones"]
    assert (reading["id"], reading["cannot_be_observed"]) == ("reading", "not decided")
    assert reading["cure"].startswith(
        "No line of the proficiency table covers “Needs Improvement” and “Pass” of “Own Test” (2025-26): add one for each"
    )
    assert "“Needs Improvement” and “Pass” of “Own Test”" in (tmp_path / "refused.html").read_text("utf-8")
    assert [m["id"] for m in others] == ["attendance", "on-track", "graduation", "enrollment", "completion"]
    assert "not decided" not in {m["cannot_be_observed"] for m in others}

    community.proficiency.write_text(
        "test,subject,grade,label,cut_score,metric,reached,source\n"
        "Own Test,,,Pass,,,yes,The district\nOwn Test,,,Needs Improvement,,,no,The district\n"
    )
    decided = pipeline_draft(access).protected()[0].tables[0]
    name = reading["name"]
    assert decided.shown({"milestone": name}) == 60
    assert decided.shown({"milestone": name, "outcome": "lost"}) == 20

    community.proficiency.write_text("test,label\nOwn Test,Pass\n")
    with pytest.raises(Refused, match=r"proficiency\.csv, line 1: the column subject is missing"):
        pipeline_draft(access)
    assert problems(community)[0].startswith("proficiency.csv, line 1: ")
