"""The students of a table from outside are counted by our own measures and questions before a release is checked with it."""

import json
from datetime import date

import pytest

from tests.gate import making
from tests.insight.community import CommunityAccess, settle
from tests.insight.test_report import LEADER
from tests.insight.test_services import MONDAY, ON, town  # noqa: F401
from tests.publication.test_review_days import said
from throughway.core.refusals import Refused
from throughway.insight.actions import report_access
from throughway.insight.commitments.actions import REPORT
from throughway.insight.pipeline.actions import pipeline_draft
from throughway.insight.questions.actions import preview_question, question_draft, report_question
from throughway.insight.questions.question import question
from throughway.insight.reports.actions import make_report
from throughway.partners import OPERATOR
from throughway.publication.actions import add_outside_table
from throughway.publication.selectors import joint_notes, outside_tables, published

CLUB = "SELECT program_identifier AS program, count(DISTINCT person_id) AS members FROM program_participation GROUP BY 1"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "club.sql").write_text(CLUB)
    (tmp_path / "club.csv").write_text("program,students\nharbor/club-1,26\n")
    return tmp_path


@pytest.mark.django_db(transaction=True)
class TestThroughTheGate:
    def add(self, files, community, *more: str) -> tuple[int, dict]:
        return said(
            "publish", "outside", "add", str(files / "club.csv"), "--title", "Club", "--publisher", "The city", "--source",
            "Annual report, page 4", "--on", "2026-05-01", *more, community=community,
        )  # fmt: skip

    def test_a_number_near_theirs_is_not_published(self, town, community, files):  # noqa: F811
        stays = [{"person_record": n, "program_identifier": f"harbor/club-{2 if n < 230 else 3}", "program_participation_start_date": MONDAY}
                 for n in range(200, 258)]  # fmt: skip
        making.land("program_participation", "harbor", stays)
        code, made = self.add(files, community, "--question", str(files / "club.sql"))
        assert code == 0
        assert {k: made[k] for k in ("title", "publisher", "day", "counts", "figures", "withheld", "removed")} == {
            "title": "Club", "publisher": "The city", "day": "2026-05-01", "counts": CLUB, "figures": 1, "withheld": 0, "removed": "",
        }  # fmt: skip
        reader = making.reader("evaluator@hub.example")
        given = {"actor": reader, "purpose": "counting", "sql": CLUB, "on": ON}
        assert preview_question(**given)["shown"] == 0  # a step
        with report_access(actor=reader, purpose="counting", on=ON) as access:
            told = question_draft(access, question(CLUB)).report.preview()
        assert (told["shown"], told["withheld"]) == (1, 3)  # the others would tell 25 together
        because = "together with the table “Club” (The city, 1 May 2026) from outside"
        assert any(because in note for note in told["notes"])
        (table,) = outside_tables()
        assert table.counted_for == {"counting"}
        code, told = said("publish", "outside", "list", community=community)
        assert (code, [t["id"] for t in told["tables"]]) == (0, [made["id"]])
        code, told = said(
            "publish", "outside", "remove", made["id"], "--reason", "Another club", community=community
        )
        assert (code, told["reason"]) == (0, "Another club")
        cells = report_question(**given)["tables"][0]["cells"]
        assert [c["shown"] for c in cells] == [83, 25, 30, 28]
        assert said("publish", "outside", "list", community=community)[1] == {"tables": []}
        assert len(said("publish", "outside", "list", "--removed", community=community)[1]["tables"]) == 1

    def test_a_purpose_that_cannot_count_it_publishes_nothing(self, town, community, files):  # noqa: F811
        (files / "club.csv").write_text("milestone,students\nGraduate,40\n")
        assert self.add(files, community)[0] == 0
        reader = making.reader("evaluator@hub.example")
        with pytest.raises(Refused, match=r"under purpose counting: .*does not show enrollment") as refused:
            make_report(REPORT, actor=reader, purpose="counting", on=ON)
        assert refused.value.code == "covered"

    @pytest.mark.parametrize(
        ("csv", "sql", "sentence"),
        [
            ("program,number\nx,4\n", CLUB, "needs a column students or percent"),
            ("program,students\nx,4\n", "SELECT 1", "."),
            (None, CLUB, "cannot be read; give a file of CSV as UTF-8 text"),
        ],
    )  # fmt: skip
    def test_wrong_files_record_nothing(self, community, files, csv, sql, sentence):
        (files / "club.sql").write_text(sql)
        (files / "club.csv").unlink() if csv is None else (files / "club.csv").write_text(csv)
        code, told = self.add(files, community, "--question", str(files / "club.sql"))
        assert code == 1
        assert sentence in json.dumps(told)
        assert outside_tables(removed=True) == []


@pytest.mark.django_db
def test_the_pipeline_counts_it_as_of_its_day(community):
    """The State counts one more graduate than we do, of the class that graduated by its day."""
    access = settle(CommunityAccess(), students=120)
    access.actor = LEADER
    at, count = next(
        (dict(c.at), c.count)
        for table in pipeline_draft(access).counted.tables
        for c in table.cells
        if "graduat" in c.at.get("milestone", "").lower() and c.at.get("outcome") == "reached"
    )
    names = list(at)
    csv = f"{','.join(names)},students\n" + ",".join(at.values()) + f",{count + 1}\n"
    add_outside_table(
        title="Graduates", publisher="The State", source="Report card", on=date(2026, 11, 25), figures=csv, by=OPERATOR
    )  # fmt: skip
    release = pipeline_draft(access).publish(LEADER)
    found = published(release.id, OPERATOR)
    assert any("Graduates" in note for note in joint_notes(found.about))
    shown = {
        frozenset(c.at.items()): c.shown for t in found.tables for c in t.cells if c.statistic == "students"
    }
    assert shown[frozenset(at.items())] is None
