"""A run of linkage that is asked for on the site: who may, what the page tells, and what a killed background process leaves."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.gate import making
from tests.kept import kept
from tests.site.people import signed_in
from tests.town import ROOT, Fresh, Town
from throughway.core.refusals import Refused
from throughway.gate.actions import person_links
from throughway.identity.actions.asked_linkage import MOST_STARTS, carry_out
from throughway.identity.actions.linking import link
from throughway.identity.models import AskedLinkage, IdentityRun
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR

GOES_ON = "Records are being compared; this page says when that is done."


def settle() -> None:
    making.register()
    for email, partner in (("desk@hub.example", "hub"), ("desk@north.example", "north")):
        making.partners.add_user(email=email, partner=partner, role="data_steward", by=OPERATOR)
    document = making.sharing()
    for purpose in document["purposes"]:
        if purpose["kind"] == "linkage":
            purpose["roles"] = ["data_steward"]
    making.in_effect(document)
    making.people()


@pytest.fixture
@kept
def town(transactional_db: None, community: object) -> None:
    settle()


@pytest.fixture
def client(town: None) -> Any:
    return signed_in(making.reader("desk@hub.example"))


def page(client: Any) -> str:
    return str(client.get("/persons/").content.decode())


def carried_out() -> AskedLinkage:
    carry_out(asked=AskedLinkage.objects.get().pk)
    return AskedLinkage.objects.get()


class TestAsked:
    def test_from_button_to_persons(self, client: Any) -> None:
        assert "5 records are 5 persons" in page(client)
        shown = client.post("/persons/link/", follow=True).content.decode()
        assert GOES_ON in shown
        assert "Recognize the persons</button>" not in shown
        assert 'hx-get="/persons/"' in shown
        before = LedgerEntry.objects.count()
        row = carried_out()
        shown = page(client)
        links = person_links()
        assert f"5 records are {len(set(links['person'].to_pylist()))} persons" in shown
        assert f"Records were compared: {row.message}" in shown.replace("&#x27;", "'")
        assert "5 records, 4 persons (4 new" in row.message
        entry = LedgerEntry.objects.order_by("id")[before]
        assert (entry.actor_email, entry.purpose) == ("desk@hub.example", "matching")

    def test_pressed_twice_it_runs_once(self, client: Any) -> None:
        client.post("/persons/link/")
        shown = client.post("/persons/link/", {"full": "yes"}, follow=True).content.decode()
        assert "Records are being linked already" in shown
        assert AskedLinkage.objects.count() == 1
        carried_out()
        client.post("/persons/link/", {"full": "yes"})
        assert "it was requested" in carried_out().message
        assert IdentityRun.objects.count() == 2

    def test_only_whom_the_agreements_name(self, town: None) -> None:
        for email in ("desk@north.example", "officer@hub.example"):
            other = signed_in(making.reader(email))
            assert other.post("/persons/link/").status_code == 404
            assert "Recognize the persons</button>" not in page(other)
        assert signed_in(making.reader("evaluator@hub.example")).post("/persons/link/").status_code == 404
        assert AskedLinkage.objects.count() == 0

    def test_who_is_named_for_some_records_alone_would_split_the_persons_of_others(self, client: Any) -> None:
        """Two agreements have a purpose of one name; in the second a district's own steward is named too, to look students up."""
        document = making.sharing(id="look-up-2026")
        for purpose in document["purposes"]:
            if purpose["kind"] == "linkage":
                purpose["roles"] = ["data_steward"]
                purpose["recipients"] += ["north"] if purpose["from"] == ["north"] else []
        making.in_effect(document)
        client.post("/persons/link/")
        assert carried_out().state == "done"
        links = person_links().to_pylist()
        north = signed_in(making.reader("desk@north.example"))
        assert "Recognize the persons</button>" not in page(north)
        assert north.post("/persons/link/").status_code == 404
        for full in (False, True):
            with pytest.raises(Refused) as refused:
                link(full=full, by=making.reader("desk@north.example"))
            assert refused.value.code == "not_allowed"
            assert "sharing-2026" in refused.value.message
        assert person_links().to_pylist() == links

    def test_the_right_is_asked_again_when_it_runs(self, client: Any) -> None:
        client.post("/persons/link/")
        AskedLinkage.objects.update(by="desk@north.example")
        assert carried_out().state == "refused"
        assert "Records were not compared." in page(client)
        assert person_links().num_rows == 0

    def test_an_error_is_told_without_its_words(self, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(**given: object) -> None:
            raise ValueError("Ada One, born 2012")

        client.post("/persons/link/")
        monkeypatch.setattr("throughway.identity.actions.linking.link", broken)
        carried_out()
        assert "because of an error in the program" in page(client)
        assert "Ada" not in page(client)

    def test_killed_again_and_again_it_has_stopped(self, client: Any) -> None:
        client.post("/persons/link/")
        AskedLinkage.objects.update(starts=MOST_STARTS)
        assert "the run began again" in page(client)
        carried_out()
        assert "The run was stopped before it was done" in page(client)

    def test_a_lost_task_does_not_hold_the_next(self, client: Any) -> None:
        from django_tasks_db.models import DBTaskResult

        client.post("/persons/link/")
        DBTaskResult.objects.all().delete()
        assert "The run was stopped" in page(client)
        client.post("/persons/link/")
        assert carried_out().state == "done"

    def test_what_came_of_it_is_told_for_a_week(self, client: Any) -> None:
        client.post("/persons/link/")
        row = carried_out()
        assert row.ended_at
        AskedLinkage.objects.update(ended_at=row.ended_at - timedelta(days=8))
        assert "Records were compared" not in page(client)


SITE = """
import json, sys
from django.test import Client
from tests.gate import making
from tests.site.people import signed_in
client = signed_in(making.reader("desk@hub.example"), Client(headers={"host": "127.0.0.1"}))
for line in sys.stdin:
    method, *given = json.loads(line)
    print(json.dumps(getattr(client, method)(*given, follow=True).content.decode()), flush=True)
"""
KILLED = """
import os, signal
from throughway.identity.actions import MODULE
from throughway.site import background

def die(*given, **found):
    os.kill(os.getpid(), signal.SIGKILL)

MODULE.NAME = die
background.main()
"""
WITHIN = 120  # seconds


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[Town]:
    with fresh_database() as database:
        place = Town(tmp_path_factory.mktemp("linkage") / "town", database)
        place.found()
        with place.python("from tests.identity.test_asked_linkage import settle\nsettle()") as process:
            process.communicate()
        assert process.returncode == 0
        yield place


def test_a_killed_background_process_takes_the_run_up_again(place: Town) -> None:
    with place.python(SITE) as site:
        assert site.stdin
        assert site.stdout
        given, told = site.stdin, site.stdout

        def ask(*words: object) -> str:
            given.write(json.dumps(words) + "\n")
            given.flush()
            return str(json.loads(told.readline()))

        ask("post", "/persons/link/")
        for module, name in (
            ("linking", "land_run"),
            ("asked_linkage", "_end"),
        ):  # before and after links landed
            with place.python(KILLED.replace("MODULE", module).replace("NAME", name)) as process:
                assert process.wait(WITHIN) == -9
            assert "the run began again" in ask("get", "/persons/") or name == "land_run"
        environment = place.environment(
            DJANGO_SETTINGS_MODULE="throughway.site.settings", PYTHONPATH=f"{ROOT / 'src'}:{ROOT}"
        )
        background = subprocess.Popen([sys.executable, "-m", "throughway.site.background"], env=environment)
        until = time.monotonic() + WITHIN
        while "Records were compared: " not in (shown := ask("get", "/persons/")):
            assert time.monotonic() < until
            time.sleep(0.3)
        background.kill()
        background.wait()
        assert "5 records are 4 persons" in shown
        given.close()
