"""A count that is asked for on the site: what its page tells, what is kept of it, and what a killed background process leaves."""

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.gate import making
from tests.insight.asking import counted, preview
from tests.insight.test_overlaps import settle
from tests.kept import kept
from tests.site.people import signed_in
from tests.town import Fresh, Town
from throughway.insight.counts import actions
from throughway.insight.counts.actions import COUNT, ask_for_count
from throughway.insight.reports.actions import ReportKind, make_report
from throughway.partners import OPERATOR
from throughway.partners.asked_work.actions import carry_out
from throughway.partners.models import AskedWork
from throughway.publication.selectors import releases

ASKED = {"purpose": "counting"}
PUBLISHED = {"purpose": "counting", "publish": "yes"}


@pytest.fixture
@kept
def town(community: object) -> None:
    settle()


@pytest.fixture
def client(town: None) -> Any:
    return signed_in(making.reader("evaluator@hub.example"))


@pytest.mark.django_db(transaction=True)
class TestAsked:
    def test_the_page_says_at_once_that_it_is_being_counted(self, client: Any) -> None:
        page = client.post("/overlaps/count/", ASKED, follow=True).content.decode()
        assert "It is being counted; this page shows it when it is done." in page
        assert 'hx-get="/overlaps/"' in page
        assert "Check again" in page  # without script too
        assert "It is being counted" not in client.get("/needs/").content.decode()

    def test_pressed_twice_it_is_counted_once(self, client: Any) -> None:
        for given in (ASKED, ASKED, PUBLISHED):
            page = client.post("/overlaps/count/", given, follow=True).content.decode()
        assert "It is being counted under this purpose already" in page
        assert [(each.kind, each.given) for each in AskedWork.objects.all()] == [
            ("overlaps", {"publish": False})
        ]
        ask_for_count(
            kind="needs", purpose="counting", publish=False, by=making.reader("evaluator@hub.example")
        )
        assert AskedWork.objects.count() == 2

    def test_nothing_is_kept_of_a_preview_but_what_its_page_says(self, client: Any) -> None:
        page = preview(client, "/overlaps/count/", ASKED)
        row = AskedWork.objects.get()
        assert "Nothing has been published yet" in page
        assert releases(OPERATOR) == []
        assert row.found["preview"]["shown"] > 0
        for table in row.found["preview"]["tables"]:
            assert table.keys() == {"title", "by", "shown", "ranges", "withheld"}
            assert f'<td class="is-number">{table["withheld"]}</td>' in page
        assert "25 students" not in json.dumps(row.found)

    def test_a_preview_is_of_one_reader_and_one_day(self, client: Any) -> None:
        preview(client, "/overlaps/count/", ASKED)
        row = AskedWork.objects.get()
        address = f"/overlaps/preview/{row.pk}/"
        making.partners.add_user(email="second@hub.example", partner="hub", role="evaluator", by=OPERATOR)
        other = signed_in(making.reader("second@hub.example"))
        assert other.get(address).status_code == 404
        assert "The preview is ready" not in other.get("/overlaps/").content.decode()
        assert client.get(f"/needs/preview/{row.pk}/").status_code == 404
        assert client.get(address).status_code == 200
        assert row.ended_at
        AskedWork.objects.update(ended_at=row.ended_at - timedelta(1))
        assert client.get(address).status_code == 404
        assert "The preview is ready" not in client.get("/overlaps/").content.decode()

    def test_a_refusal_reaches_who_asked(self, client: Any) -> None:
        page = counted(client, "/needs/count/", PUBLISHED)
        row = AskedWork.objects.get()
        assert row.state == "refused"
        assert "It was not published." in page
        assert "No need can be counted" in page or "shows neither" in page or "would show no figure" in page
        assert releases(OPERATOR) == []

    def test_who_lost_the_right_meanwhile_is_refused(self, client: Any) -> None:
        client.post("/overlaps/count/", PUBLISHED)
        AskedWork.objects.update(about="planning")
        carry_out(COUNT, AskedWork.objects.get().pk)
        assert AskedWork.objects.get().state == "refused"
        assert releases(OPERATOR) == []

    def test_what_was_registered_before_a_kill_is_not_registered_again(
        self, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.post("/overlaps/count/", PUBLISHED)
        with monkeypatch.context() as patch:
            patch.setattr("throughway.partners.asked_work.actions._end", lambda *given, **found: None)
            carry_out(COUNT, AskedWork.objects.get().pk)
        carry_out(COUNT, AskedWork.objects.get().pk)
        row, (made,) = AskedWork.objects.get(), releases(OPERATOR)
        assert (row.state, row.found, row.starts) == ("done", {"release": made["id"]}, 2)

    def test_what_is_registered_is_told_where_the_rest_failed(
        self, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def half(*kind: ReportKind, **given: Any) -> None:
            make_report(*kind, **given)
            raise OSError("no space")

        monkeypatch.setattr(actions, "make_report", half)
        page = counted(client, "/overlaps/count/", PUBLISHED)
        (made,) = releases(OPERATOR)
        assert f'href="/overlaps/{made["id"]}/"' in page
        assert "error in the program" not in page


SITE = """
import json, sys
from django.test import Client
from tests.gate import making
from tests.site.people import signed_in
client = signed_in(making.reader("evaluator@hub.example"), Client(headers={"host": "127.0.0.1"}))
for line in sys.stdin:
    method, *given = json.loads(line)
    print(json.dumps(getattr(client, method)(*given, follow=True).content.decode()), flush=True)
"""
KILLED = """
import os, signal
from throughway.MODULE import actions
from throughway.site import background

def die(*given, **found):
    os.kill(os.getpid(), signal.SIGKILL)

actions.NAME = die
background.main()
"""
BACKGROUND = "from throughway.site import background; background.main()"
WITHIN = 120  # seconds


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[Town]:
    with fresh_database() as database:
        place = Town(tmp_path_factory.mktemp("counts") / "town", database)
        place.found()
        place.said("from tests.insight.test_overlaps import settle\nsettle()")
        yield place


def test_a_killed_background_process_takes_the_count_up_again(place: Town) -> None:
    with place.python(SITE) as site:

        def ask(*given: object) -> str:
            assert site.stdin
            assert site.stdout
            site.stdin.write(json.dumps(given) + "\n")
            site.stdin.flush()
            return str(json.loads(site.stdout.readline()))

        def becomes(wanted: str) -> str:
            until = time.monotonic() + WITHIN
            while wanted not in (page := ask("get", "/overlaps/")):
                assert time.monotonic() < until, re.findall("usa-alert__text.*", page)
                time.sleep(0.3)
            return page

        def killed(module: str, name: str) -> None:
            with place.python(KILLED.replace("MODULE", module).replace("NAME", name)) as process:
                assert process.wait(WITHIN) == -9

        ask("post", "/overlaps/count/", ASKED)
        killed("insight.counts", "report_kind")  # before it counts
        assert "It is being counted" in ask("get", "/overlaps/")
        background = place.python(BACKGROUND)
        becomes("The preview is ready")
        background.kill()
        background.communicate()
        ask("post", "/overlaps/count/", PUBLISHED)
        killed("partners.asked_work", "_end")  # after it registered the release
        assert "It is being counted and published" in ask("get", "/overlaps/")
        background = place.python(BACKGROUND)
        page = becomes("The figures are counted and registered")
        background.kill()
        background.communicate()
        assert site.stdin
        site.stdin.close()
    (made,) = place.ask("publish", "list")["releases"]
    assert f'href="/overlaps/{made["id"]}/"' in page
