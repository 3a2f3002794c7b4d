"""The screens: what waits, each request with its next step, forms that say what is wrong, and pages that name nobody."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.families.conftest import AGO, ASK, ELEMENT, TODAY, consents
from tests.families.test_registers import chosen, line
from tests.gate import making
from tests.site.people import client_of
from throughway.consent.selectors.decisions import consents as decided
from throughway.consent.selectors.rights import incidents_of, inspections_of, windows_of
from throughway.families import selectors
from throughway.families.actions import inspections, limits
from throughway.gate.actions import enter
from throughway.partners import Actor

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
MOST = 15  # queries of a page, those of the session and the user included


@pytest.fixture
def of() -> Client:
    return client_of("officer@north.example")


def page(of: Client, address: str, status: int = 200) -> str:
    with CaptureQueriesContext(connection) as asked:
        answer = of.get(address)
    assert answer.status_code == status, address
    if status == 200:
        assert len(asked) <= MOST, [q["sql"][:90] for q in asked]
        assert answer.headers["Cache-Control"] == "no-store"
    return answer.content.decode()


def test_a_request_to_inspect_is_taken_gathered_and_ended(of: Client) -> None:
    assert "No request is waiting for you" in page(of, "/requests/")
    wrong = of.post("/requests/inspect/new/", ASK | {"relation": "student"})
    assert wrong.status_code == 400
    assert "holds the right" in wrong.content.decode()
    taken = of.post("/requests/inspect/new/", ASK)
    (found,) = inspections_of("north")
    assert taken["Location"] == f"/requests/inspect/{found.code}/"
    assert found.code in page(of, "/requests/")
    assert "Gather the record" in page(of, taken["Location"])
    gathered = of.post(taken["Location"], {"act": "gather"}).content.decode()
    assert "Ada" in gathered  # to the officer who answers, once
    assert "Ada" not in page(of, taken["Location"])
    early = of.post(taken["Location"], {"act": "answer", "how": "copy", "on": "2001-01-01"})
    assert early.status_code == 400
    ended = of.post(taken["Location"], {"act": "answer", "how": "inspection", "on": TODAY})
    assert ended.status_code == 302
    assert "They inspected the record" in page(of, taken["Location"])


def test_request_to_amend_through_all_steps(of: Client, officer: Actor) -> None:
    enter(actor=making.reader("evaluator@hub.example"), purpose="planning").query(
        "SELECT attendance_status FROM attendance_day"
    )
    asked = {"element": ELEMENT, "which": "1 September", "why": "She was at school"}
    here = of.post("/requests/amend/new/", ASK | asked)["Location"]
    assert "Decide to amend it" in page(of, here)
    assert of.post(here, {"act": "refuse", "on": AGO}).status_code == 400
    for act, said, then in (
        ("refuse", {"on": AGO, "reason": "So says the list"}, "asks for a hearing"),
        ("ask_hearing", {"on": AGO}, "Set the hearing"),
        ("set_hearing", {"date_": TODAY, "time": "16:30", "place": "Room 4", "officer": "Deputy", "notice": AGO}, "Hold the hearing"),
        ("hold_hearing", {"on": TODAY}, "Written decision"),
        ("grant", {"on": TODAY, "summary": "Two lists", "reasons": "The second is right"}, "Correct the record"),
        ("correct", {"on": TODAY}, "Other partners that received it"),
    ):  # fmt: skip
        assert of.post(here, {"act": act, **said}).status_code == 302, act
        assert then in page(of, here), act
    hub = client_of("officer@hub.example")
    (code,) = [a.code for a in selectors.corrections("hub")]
    assert code in page(hub, "/requests/")
    assert "Correct your copy" in page(hub, f"/requests/correct/{code}/")
    assert hub.post(f"/requests/correct/{code}/", {"on": TODAY}).status_code == 302
    assert "You corrected your copy" in page(hub, f"/requests/correct/{code}/")
    page(hub, f"/requests/amend/{code}/", 404)
    page(client_of("officer@harbor.example"), f"/requests/correct/{code}/", 404)


def test_an_incident(of: Client) -> None:
    enter(actor=making.reader("evaluator@hub.example"), purpose="planning").query(
        "SELECT person_id FROM attendance_day"
    )
    page(of, "/requests/incident/new/")
    said = {
        "what": "A laptop was lost", "known": f"{datetime.now(UTC):%Y-%m-%dT%H:%M}", "reported_by": "The hub", "recipients": ["hub"],
        "since": AGO,
    }  # fmt: skip
    for lacks in said:
        assert of.post("/requests/incident/new/", said | {lacks: ""}).status_code == 400, lacks
    looked = of.post("/requests/incident/new/", said | {"act": "look"}).content.decode()
    assert "to notify its parties, the first within 72 hours" in looked
    assert "attendance by day" in looked
    assert incidents_of("north") == []  # looking records nothing
    here = of.post("/requests/incident/new/", said | {"act": "record"})["Location"]
    (found,) = incidents_of("north")
    assert here == f"/requests/incident/{found.code}/"
    (hub,) = found.leaked
    assert (hub.partner, hub.entries, hub.students, hub.elements) == (
        "hub",
        1,
        3,
        ("attendance_day.person_id",),
    )
    assert "Which records each partner had received" in page(of, here)
    assert "Notify the parties to sharing-2026" in page(of, here)
    assert of.post(here, {"act": "told", "agreement": "sharing-2026"}).status_code == 302
    assert "Close the incident" in page(of, here)
    assert of.post(here, {"act": "close"}).status_code == 400
    assert of.post(here, {"act": "close", "outcome": "Wiped"}).status_code == 302
    assert "The incident is closed" in page(of, here)


def test_a_limit_is_recorded_shown_and_lifted(of: Client) -> None:
    assert "No limit is in force" in page(of, "/requests/limits/")
    page(of, "/requests/limit/new/")
    said = {"student": "n-11", "who": "Sam One", "kind": "contact", "reference": "2026-DR-7", "since": AGO}
    for lacks in said:
        assert of.post("/requests/limit/new/", said | {lacks: ""}).status_code == 400, lacks
    nobody = of.post("/requests/limit/new/", said | {"student": "n-99"})
    assert (nobody.status_code, "n-99 " in nobody.content.decode()) == (400, False)
    here = of.post("/requests/limit/new/", said)["Location"]
    shown = page(of, here)
    assert "2026-DR-7" in shown
    assert "Sam" not in shown
    assert here in page(of, "/requests/limits/")
    assert "Limits on an adult (1 in force)" in page(of, "/requests/")
    early = of.post(here, {"why": "2026-DR-9", "on": "2001-01-01"})
    assert (early.status_code, "before the previous step" in early.content.decode()) == (400, True)
    assert of.post(here, {"why": "2026-DR-9", "on": TODAY}).status_code == 302
    assert "no longer applies" in page(of, here)
    register = page(of, "/requests/limits/")
    assert "No limit is in force" in register
    assert "lifted by 2026-DR-9" in register


def test_the_register_finds_the_limits_of_one_student(of: Client, officer: Actor) -> None:
    order = {"kind": "rights", "since": AGO, "by": officer}
    mine = limits.limit(student="n-11", who="Sam One", reference="2026-DR-7", **order)
    other = limits.limit(student="n-12", who="Pat Two", reference="2026-DR-8", **order)
    found = of.post("/requests/limits/", {"student": "n-11"}).content.decode().partition('id="found"')[2]
    assert mine.code in found
    assert other.code not in found
    assert "None is recorded" in of.post("/requests/limits/", {"student": "n-13"}).content.decode()
    assert of.post("/requests/limits/", {"student": "n-99"}).status_code == 400
    assert mine.code not in page(client_of("officer@harbor.example"), "/requests/limits/")


def test_a_limit_says_which_decisions_no_longer_count(of: Client, officer: Actor, tmp_path: Path) -> None:
    chosen()
    consents(tmp_path, line(signer="Sam One"), line(signer="Pat One"))
    sams, pats = (each.id for each in decided(partner="north"))
    made = limits.limit(
        student="n-11", who="sam ONE", kind="rights", reference="2026-DR-7", since=AGO, by=officer
    )
    shown = page(of, f"/requests/limit/{made.code}/")
    assert sams in shown
    assert pats not in shown


def test_opt_out_windows_are_opened_listed_and_closed(of: Client) -> None:
    assert "No opt-out window is open" in page(of, "/requests/windows/")
    year = TODAY.year + (TODAY.month >= 7)
    said = {"year": year, "notice": "2026-1", "opens": AGO, "closes": TODAY + timedelta(days=20)}
    for lacks in said:
        assert of.post("/requests/windows/", said | {lacks: ""}).status_code == 400, lacks
    assert of.post("/requests/windows/", said | {"closes": "2001-01-01"}).status_code == 400
    assert of.post("/requests/windows/", said).status_code == 302
    assert "Families can opt out of the directory now" in page(of, "/requests/windows/")
    assert of.post("/requests/windows/", {"act": "close", "year": 1999}).status_code == 400
    assert of.post("/requests/windows/", {"act": "close", "year": year}).status_code == 302
    (found,) = windows_of("north")
    assert found.closes == TODAY
    page(client_of("worker@harbor.example"), "/requests/windows/", 404)


def test_forbidden_pages_look_unknown(of: Client, officer: Actor) -> None:
    code = inspections.ask_to_inspect(**ASK, by=officer).code  # type: ignore[arg-type]
    stranger = client_of("officer@harbor.example")
    for kind in ("inspect", "amend", "correct", "incident", "limit"):
        forbidden = page(stranger, f"/requests/{kind}/{code}/", 404)
        unknown = page(stranger, f"/requests/{kind}/ZZZZZZZZ/", 404)
        assert TOKEN.sub("", forbidden.replace(code, "ZZZZZZZZ")) == TOKEN.sub("", unknown)
    for address in ("/requests/", "/requests/inspect/new/", f"/requests/inspect/{code}/"):
        page(client_of("worker@harbor.example"), address, 404)
