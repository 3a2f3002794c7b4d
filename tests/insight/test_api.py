"""The published pipeline through the API: the figures that were published, to every role, and no path of this machine."""

import pytest

from tests.insight.community import Remembering, grow
from tests.site.people import program, settle
from throughway.insight.pipeline.actions import REPORT
from throughway.insight.reports.actions import publish_report
from throughway.partners import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def access():
    return grow(Remembering(), each=60)


@pytest.fixture
def people(community, protected_once, monkeypatch):
    monkeypatch.setattr("throughway.publication.joint_release.protect", protected_once)
    return settle()


def test_the_figures_are_those_that_the_command_gave(access, people, tmp_path):
    worker = program(people[Role.CASE_WORKER])
    unknown = worker.get("/api/nowhere").content
    assert worker.get("/api/reports/pipeline").content == unknown  # before the first
    made = publish_report(REPORT, access, by=people[Role.EVALUATOR], out=tmp_path / "r.html")
    told = worker.get("/api/reports/pipeline").json()
    assert told == {
        k: v for k, v in made.items() if k not in ("disclosure", "disclosures", "disclosers", "report")
    }
    assert program(people[Role.LEADER]).get(f"/api/reports/pipeline/{made['release']}").json() == told
    assert worker.get("/api/reports/pipeline/AB12CD34").content == unknown
    assert str(tmp_path) not in str(told)
