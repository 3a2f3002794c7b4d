"""My students and one student: who is shown to whom, what closes a page, and what it never says."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from tests.casework.town import (
    MOST,
    PERSON,
    TODAY,
    WORKER,
    allow,
    asked_again,
    page,
    settle,
    signed_in,
    trained,
    works_with,
)  # fmt: skip
from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.consent import actions as consents
from throughway.consent.selectors.decisions import consents as told
from throughway.families.actions.limits import lift, limit
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.store.record_numbers import unpack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
NAMES = {11: "Ada One", 12: "Ben Two", 13: "Cyd Six"}


def names_on(text: str) -> set[str]:
    return {name for name in NAMES.values() if name in text}


def entries() -> int:
    return LedgerEntry.objects.count()


def test_a_list_shows_those_of_the_caseload_whose_families_agree(tmp_path: Path) -> None:
    settle()
    works_with(11, 12)
    allow(tmp_path, ("n-11", "yes"), ("n-13", "yes"))
    before = entries()
    status, text = page(signed_in(), "/students/")
    assert (status, names_on(text)) == (200, {"Ada One"})
    assert "Grade 7, Hill School" in text
    assert "Missed 5 days in the four weeks to" in text
    assert "One more student is on your caseload but not on this list" in text
    assert entries() == before + 1
    assert unpack(bytes(LedgerEntry.objects.order_by("at").last().students)).tolist() == [11]


def test_a_page_closes_with_the_first_condition_that_fails(tmp_path: Path) -> None:
    settle(course="ferpa-basics")
    works_with(11)
    allow(tmp_path, ("n-11", "yes"), until=TODAY + timedelta(days=200))
    trained("ferpa-basics")
    client = signed_in()
    status, text = page(client, f"/students/{PERSON}/")
    assert (status, names_on(text)) == (200, {"Ada One"})
    for words in ("Family allows: attendance, school and grade.", "Signed by the mother", "in Spanish", "FERPA basics",
                  "on your caseload since", "Hill School", "Attendance and services", "Talk with Ada"):  # fmt: skip
        assert words in text, words
    assert "no-store" in client.get(f"/students/{PERSON}/")["Cache-Control"]
    title = text.split("<title>")[1].split("</title>")[0]
    assert not names_on(title)
    consents.withdraw(id=told()[0].id, by=OPERATOR)
    assert "Ada" not in page(client, f"/students/{PERSON}/")[1]
    assert "Family allows" not in page(client, f"/students/{PERSON}/")[1]


def test_unknown_and_forbidden_students_look_the_same(tmp_path: Path) -> None:
    settle()
    works_with(11)
    allow(tmp_path, ("n-11", "yes"), ("n-12", "yes"))
    client = signed_in()
    found = [client.get(f"/students/{person}/") for person in (12, 999_999, 22, 2**50)]
    assert [response.status_code for response in found] == [404] * 4
    # A page repeats its own address and bears a token of its own; in all else they are equal.
    alike = {re.sub(r"/students/\d+/|value=\"\w{64}\"", "", response.content.decode()) for response in found}
    assert len(alike) == 1
    assert client.get(f"/students/{PERSON}/").status_code == 200


def test_only_those_who_work_with_students_open_their_pages(tmp_path: Path) -> None:
    settle()
    works_with(11)
    allow(tmp_path, ("n-11", "yes"))
    others = (
        "officer@north.example",
        "officer@harbor.example",
        "evaluator@harbor.example",
        "officer@hub.example",
    )
    found = {
        email: {signed_in(email).get(a).status_code for a in ("/students/", f"/students/{PERSON}/")}
        for email in others
    }
    assert found == {email: {404} for email in others}
    assert Client().get("/students/").status_code == 302


CLOSED = {
    "none": "No agreement gives you students&#x27; records yet.",
    "ended": "is not in effect today",
    "suspended": "Suspended by North on",
    "training": "You must complete training first: FERPA basics.",
    "caseload": "No student is assigned to you yet.",
    "consent": "the family of your student has not",
}


@pytest.mark.parametrize("why", CLOSED)
def test_an_empty_list_gives_the_reason_and_a_link(why: str, tmp_path: Path) -> None:
    if why == "none":
        making.register()
    else:
        settle(course="ferpa-basics" if why == "training" else "")
    if why in ("training", "consent"):
        works_with(12)
    if why in ("ended", "suspended"):
        act = agreements.terminate if why == "ended" else agreements.suspend
        act(id="sharing-2026", by=making.reader("officer@north.example"), reason="A breach")
    before = entries()
    status, text = page(signed_in(), "/students/")
    assert status == 200
    assert CLOSED[why] in text
    assert 'class="tw-empty"' in text
    assert ("Take the training" if why == "training" else "agreement") in text.split('class="tw-empty"')[1]
    assert not names_on(text)
    if why != "consent":
        assert entries() == before  # no query went through the gate
        home = page(signed_in(), "/")[1]
        assert CLOSED[why] in home or why == "none"


def test_a_search_stays_out_of_the_address(tmp_path: Path) -> None:
    settle()
    works_with(11, 12)
    allow(tmp_path, ("n-11", "yes"), ("n-12", "yes"))
    client = signed_in()
    assert names_on(client.get("/students/").content.decode()) == {"Ada One", "Ben Two"}
    assert names_on(client.get("/students/?show=talk").content.decode()) == {"Ada One"}
    found = client.post("/students/", {"words": "BEN"}, headers={"HX-Request": "true"})
    assert names_on(found.content.decode()) == {"Ben Two"}
    assert "<html" not in found.content.decode()
    assert names_on(client.get("/students/?words=BEN").content.decode()) == {"Ada One", "Ben Two"}
    assert "No student matches." in client.post("/students/", {"words": "Zoe"}).content.decode()


def test_the_home_names_absences_and_ending_consents(tmp_path: Path) -> None:
    settle(course="ferpa-basics")
    works_with(11, 12)
    trained("ferpa-basics", ago=350)
    allow(tmp_path, ("n-11", "yes"))
    allow(tmp_path, ("n-12", "yes"), until=TODAY + timedelta(days=20))
    text = page(signed_in(WORKER), "/")[1]
    assert "Three things are waiting for you" in text
    for words in (
        "Ben Two: Ask the family again before",
        "Ada One: Talk with Ada",
        "Missed 5 days in the four weeks to",
        "Your training ends on",
    ):
        assert words in text
    assert text.count('class="tw-waits"') == 1


def test_a_page_asks_the_database_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "throughway.ledger.sealing.SEAL_EVERY", timedelta(hours=1)
    )  # sealing is nobody's page
    settle(course="ferpa-basics")
    works_with(11, 12, 13)
    trained("ferpa-basics")
    allow(tmp_path, ("n-11", "yes"), ("n-12", "yes"))
    client = signed_in()
    for address in ("/students/", f"/students/{PERSON}/", "/"):
        asked = asked_again(client, address)
        assert len(asked) <= MOST, "\n".join(sql[:90] for sql in asked)


def test_an_order_is_shown_without_the_adults_name(tmp_path: Path) -> None:
    settle()
    works_with(11)
    allow(tmp_path, ("n-11", "yes"))
    client = signed_in()
    assert "An order limits an adult" not in page(client, f"/students/{PERSON}/")[1]
    officer = making.reader("officer@north.example")
    since = TODAY - timedelta(days=3)
    order = limit(
        student="n-11", who="Alex One", kind="contact", reference="2026-DR-7", since=since, by=officer
    )
    text = page(client, f"/students/{PERSON}/")[1]
    assert "An order limits an adult" in text
    assert "ask the privacy officer of North" in text
    assert "Alex" not in text
    assert "2026-DR-7" not in text
    assert len(asked_again(client, f"/students/{PERSON}/")) <= MOST
    lift(code=order.code, why="Vacated", on=TODAY, by=officer)
    assert "An order limits an adult" not in page(client, f"/students/{PERSON}/")[1]


def _own_services() -> None:
    """Harbor's own services, under an agreement of their own that shows no names."""
    own = {**making.OWN_PROMISE, "reach": "caseload", "roles": ["case_worker"]}
    making.in_effect(making.sharing(
        id="own-2026", title="Harbor's own services",
        purposes=[making.purpose("own-casework", "casework", "identified", **{"from": ["harbor"]}, recipients=["harbor"], **own)],
        schedule=[making.line("service_received.*", "own-casework", **{"from": ["harbor"]})],
    ))  # fmt: skip


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside another agreement in effect"])
def test_a_suspension_names_the_partner_the_day_and_the_cure(tmp_path: Path, beside: bool) -> None:
    settle()
    if beside:
        _own_services()
    works_with(11, 12)
    allow(tmp_path, ("n-11", "yes"))
    agreements.suspend(
        id="sharing-2026", reason="The laptop is lost.", by=making.reader("officer@north.example")
    )
    client = signed_in()
    for address in ("/", "/students/"):
        status, text = page(client, address)
        assert (status, names_on(text)) == (200, set())
        assert f"Suspended by North on {TODAY.day} {TODAY:%B %Y}." in text
        assert "“The laptop is lost.”" in text
        assert "until North lifts the suspension" in text
    for person in (PERSON, 999_999):  # one's own student and nobody alike
        response = client.get(f"/students/{person}/")
        assert (response.status_code, response["Location"]) == (302, "/students/")
    agreements.resume(id="sharing-2026", by=making.reader("officer@north.example"))
    assert names_on(page(client, "/students/")[1]) == {"Ada One"}


def test_a_suspension_without_a_reason_says_so(tmp_path: Path) -> None:
    settle()
    works_with(11)
    agreements.suspend(id="sharing-2026", by=making.reader("officer@north.example"))
    assert "No reason was given. Nobody can read under this agreement" in page(signed_in(), "/students/")[1]


def test_a_suspended_agreement_is_named_with_the_list(
    tmp_path: Path,
) -> None:
    settle()
    own = {**making.OWN_PROMISE, "reach": "caseload", "roles": ["case_worker"]}
    making.in_effect(making.sharing(
        id="own-2026", title="Harbor's own services",
        purposes=[making.purpose("own-casework", "casework", "identified", **{"from": ["harbor"]}, recipients=["harbor"], **own)],
        schedule=[making.line("person.first_name", "own-casework", **{"from": ["harbor"]})],
    ))  # fmt: skip
    works_with(21, partner="harbor")
    agreements.suspend(
        id="sharing-2026", reason="The laptop is lost.", by=making.reader("officer@north.example")
    )
    status, text = page(signed_in(), "/students/")
    assert status == 200
    assert "Suspended by North on" in text
    assert "Ada" in text
