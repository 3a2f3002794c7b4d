"""The screens: what waits, each request with its next step, forms that say what is wrong, and pages that name nobody."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.gate import making
from tests.rights.conftest import AGO, ASK, ELEMENT, TODAY, client
from throughway.gate.actions import enter
from throughway.partners import Actor
from throughway.rights import actions, reading

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
MOST = 15  # queries of a page, those of the session and the user included


@pytest.fixture
def of() -> Client:
    return client("officer@north.example")


def page(of: Client, address: str, status: int = 200) -> str:
    with CaptureQueriesContext(connection) as asked:
        answer = of.get(address)
    assert answer.status_code == status, address
    if status == 200:
        assert len(asked) <= MOST, [q["sql"][:90] for q in asked]
        assert answer.headers["Cache-Control"] == "no-store"
    return answer.content.decode()


def test_a_request_to_inspect_is_taken_gathered_and_ended(of: Client) -> None:
    assert "No family waits for you" in page(of, "/requests/")
    wrong = of.post("/requests/inspect/new/", ASK | {"relation": "student"})
    assert wrong.status_code == 400
    assert "holds the right" in wrong.content.decode()
    taken = of.post("/requests/inspect/new/", ASK)
    (found,) = reading.inspections("north")
    assert taken["Location"] == f"/requests/inspect/{found.code}/"
    assert found.code in page(of, "/requests/")
    assert "Gather it" in page(of, taken["Location"])
    gathered = of.post(taken["Location"], {"act": "gather"}).content.decode()
    assert "Ada" in gathered  # to the officer who answers, once
    assert "Ada" not in page(of, taken["Location"])
    early = of.post(taken["Location"], {"act": "answer", "how": "copy", "on": "2001-01-01"})
    assert early.status_code == 400
    ended = of.post(taken["Location"], {"act": "answer", "how": "inspection", "on": TODAY})
    assert ended.status_code == 302
    assert "They looked at it" in page(of, taken["Location"])


def test_a_request_to_amend_goes_its_way(of: Client, officer: Actor) -> None:
    enter(actor=making.reader("evaluator@hub.example"), purpose="planning").query(
        "SELECT attendance_status FROM attendance_day"
    )
    asked = {"element": ELEMENT, "which": "1 September", "why": "She was at school"}
    here = of.post("/requests/amend/new/", ASK | asked)["Location"]
    assert "Decide: amend it" in page(of, here)
    assert of.post(here, {"act": "refuse", "on": AGO}).status_code == 400
    for act, said, then in (
        ("refuse", {"on": AGO, "reason": "So says the list"}, "asks for a hearing"),
        ("ask_hearing", {"on": AGO}, "Set the hearing"),
        ("set_hearing", {"date_": TODAY, "time": "16:30", "place": "Room 4", "officer": "Deputy", "notice": AGO}, "Hold the hearing"),
        ("hold_hearing", {"on": TODAY}, "Written decision"),
        ("grant", {"on": TODAY, "summary": "Two lists", "reasons": "The second is right"}, "Correct the record"),
        ("correct", {"on": TODAY}, "Who holds it too"),
    ):  # fmt: skip
        assert of.post(here, {"act": act, **said}).status_code == 302, act
        assert then in page(of, here), act
    hub = client("officer@hub.example")
    (code,) = [a.code for a in reading.corrections("hub")]
    assert code in page(hub, "/requests/")
    assert "Correct what you hold" in page(hub, f"/requests/correct/{code}/")
    assert hub.post(f"/requests/correct/{code}/", {"on": TODAY}).status_code == 302
    assert "You corrected what you hold" in page(hub, f"/requests/correct/{code}/")
    page(hub, f"/requests/amend/{code}/", 404)
    page(client("officer@harbor.example"), f"/requests/correct/{code}/", 404)


def test_an_incident(of: Client, officer: Actor) -> None:
    enter(actor=making.reader("evaluator@hub.example"), purpose="planning").query(
        "SELECT person_id FROM attendance_day"
    )
    found = actions.record_incident(what="A laptop was lost", known=datetime.now(UTC), reported_by="The hub", recipients=["hub"], since=AGO, by=officer)  # fmt: skip
    here = f"/requests/incident/{found.code}/"
    assert "Tell the parties to sharing-2026" in page(of, here)
    assert of.post(here, {"act": "told", "agreement": "sharing-2026"}).status_code == 302
    assert "Close the incident" in page(of, here)
    assert of.post(here, {"act": "close"}).status_code == 400
    assert of.post(here, {"act": "close", "outcome": "Wiped"}).status_code == 302
    assert "The incident is closed" in page(of, here)


def test_the_forbidden_looks_like_the_unknown(of: Client, officer: Actor) -> None:
    code = actions.ask_to_inspect(**ASK, by=officer).code  # type: ignore[arg-type]
    stranger = client("officer@harbor.example")
    for kind in ("inspect", "amend", "correct", "incident"):
        forbidden = page(stranger, f"/requests/{kind}/{code}/", 404)
        unknown = page(stranger, f"/requests/{kind}/ZZZZZZZZ/", 404)
        assert TOKEN.sub("", forbidden.replace(code, "ZZZZZZZZ")) == TOKEN.sub("", unknown)
    for address in ("/requests/", "/requests/inspect/new/", f"/requests/inspect/{code}/"):
        page(client("worker@harbor.example"), address, 404)
