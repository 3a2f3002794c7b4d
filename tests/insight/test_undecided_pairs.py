"""Before and after a figure is published, its page and its command say how many pairs of records nobody has decided."""

import html
import json
import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from tests.gate import making
from tests.insight.test_services import MONDAY, ON, town  # noqa: F401
from tests.site.people import client_of
from throughway.cli import main
from throughway.identity.models import IdentityRun, ReviewPair
from throughway.insight.questions.actions import preview_question

CLUB = "SELECT program_identifier AS program, count(DISTINCT person_id) AS members FROM program_participation GROUP BY 1"
READER = "evaluator@hub.example"


def pair(one: int, other: int, *whose: str, **more: object) -> None:
    run = IdentityRun.objects.last() or IdentityRun.objects.create(
        at=datetime(2026, 1, 1, tzinfo=UTC), by="operator", records=2, persons=2, new_persons=2, merged=0, split=0, for_review=0, seconds=1.0,
        full=True,
    )  # fmt: skip
    given = {"joined": False, "queued": True} | more
    ReviewPair.objects.create(
        one=one, other=other, one_partner=whose[0], other_partner=whose[1], weight=1.0, posterior=0.6, rungs=[], pattern="", hanging=2,
        teaches=1.0, run=run, **given,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_preview_page_and_command_say_how_many_pairs_wait(town, community, tmp_path):  # noqa: F811
    stays = [{"person_record": n, "program_identifier": f"harbor/club-{2 if n < 230 else 3}", "program_participation_start_date": MONDAY}
             for n in range(200, 258)]  # fmt: skip
    making.land("program_participation", "harbor", stays)
    asked = {"actor": making.reader(READER), "purpose": "counting", "sql": CLUB, "on": ON}
    assert preview_question(**asked)["pairs"] == ""
    pair(200, 201, "harbor", "harbor")
    pair(202, 203, "harbor", "harbor")
    pair(204, 9001, "harbor", "elsewhere")  # no record of elsewhere is counted
    pair(205, 206, "harbor", "harbor", queued=False)
    says = "2 pairs of records wait for a person to decide; until then each counts as two students. A published figure cannot be corrected for a few students"
    assert preview_question(**asked)["pairs"].startswith(says)
    page = client_of(READER).post("/figures/", {"purpose": "counting", "sql": CLUB}).content.decode()
    assert says in page
    assert "/persons/review/" not in page  # an evaluator cannot open it
    (tmp_path / "club.sql").write_text(CLUB)
    words = [
        "report",
        str(tmp_path / "club.sql"),
        "--as",
        READER,
        "--purpose",
        "counting",
        "--community",
        str(community.root),
    ]
    assert json.loads(CliRunner().invoke(main, [*words, "--preview", "--json"]).stdout)["pairs"].startswith(
        says
    )
    for more in (["--preview"], []):
        told = CliRunner().invoke(main, [*words, *more])
        assert says in told.output, told.output
        assert "throughway link review decide" in told.output
        assert "The programs counted are those of Harbor." in told.output


@pytest.mark.django_db(transaction=True)
def test_the_first_figure_says_whose_program_it_counts(town):  # noqa: F811
    """On the form, in the title that is registered, and on the page of the release."""
    client = client_of(READER)
    chosen = {"purpose": "counting", "table": "program_participation", "measure": "students"}
    preview = client.post("/figures/", chosen).content.decode()
    assert "Students in a program of Harbor" in preview
    assert "The programs counted are those of Harbor." in preview
    sql = html.unescape(re.search(r'<input type="hidden" name="sql" value="([^"]*)"', preview)[1])
    made = client.post("/figures/", {"purpose": "counting", "sql": sql, "publish": "yes"})
    page = client.get(made["Location"]).content.decode()
    assert "Students in a program of Harbor</h1>" in page
    assert "The programs counted are those of Harbor." in page
    home = client.get("/").content.decode()
    assert f'href="{made["Location"]}">“Students in a program of Harbor” was published</a>' in home
