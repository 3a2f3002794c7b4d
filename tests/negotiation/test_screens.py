"""The screens of a negotiation: who sees what, who may do what, and what a page says."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.agreements.documents import CASEWORK
from tests.negotiation.parties import (
    BACKBONE,
    BIRTHDATE,
    LAB,
    PROGRAM,
    SCHOOLS,
    Clock,
    memorandum,
    offered,
    register,
    who,
)
from throughway.agreements import actions as agreements
from throughway.agreements import selectors as texts
from throughway.agreements.actions import common
from throughway.negotiation import actions, selectors, views
from throughway.negotiation.proposals import Status
from throughway.partners import OPERATOR
from throughway.partners.actions import add_user
from throughway.partners.models import User
from throughway.store import Community

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15
SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def house(community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (common, texts, actions, views):
        monkeypatch.setattr(module, "date", Clock)
    register()


@pytest.fixture
def casework() -> str:
    memorandum()
    return offered(CASEWORK, who(SCHOOLS))


@pytest.fixture
def sign_in() -> SignIn:
    def signed_in(partner: str, role: str = "privacy_officer") -> Client:
        client, email = Client(), f"{role}@{partner}.example"
        if not User.objects.filter(email=email).exists():
            add_user(email=email, partner=partner, role=role, by=OPERATOR)
        client.force_login(User.objects.get(email=email))
        return client

    return signed_in


def propose(id: str, path: str, value: Any, partner: str, why: str = "Because") -> int:
    version = texts.prepared_status(id).version
    return actions.propose(id=id, version=version, path=path, value=value, why=why, by=who(partner)).number


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return " ".join(response.content.decode().split())


def at(id: str, path: str) -> str:
    return f"/negotiation/{id}/propose/?at={quote(path)}"


def addresses(id: str, number: int) -> list[str]:
    return [
        f"/negotiation/{id}/",
        at(id, f"{BIRTHDATE}.transform"),
        at(id, BIRTHDATE),
        at(id, "schedule"),
        f"/negotiation/{id}/proposals/{number}/",
        f"/negotiation/{id}/versions/",
    ]


def test_outsiders_get_not_found(casework: str, sign_in: SignIn) -> None:
    number = propose(casework, f"{BIRTHDATE}.transform", "suppress", SCHOOLS)
    outsider = sign_in(LAB)
    for address in [*addresses(casework, number), "/negotiation/nowhere/", "/negotiation/nowhere/versions/"]:
        page(outsider, address, 404)
    insider = sign_in(PROGRAM, "case_worker")
    for address in addresses(casework, number):
        page(insider, address)
    page(insider, f"/negotiation/{casework}/proposals/{number + 9}/", 404)


def test_readers_get_no_forms(casework: str, sign_in: SignIn) -> None:
    number = propose(casework, f"{BIRTHDATE}.transform", "suppress", SCHOOLS)
    reader = sign_in(PROGRAM, "case_worker")
    for address in addresses(casework, number):
        assert "<textarea" not in page(reader, address)
    for address, data in (
        (at(casework, "title"), {"value": "T", "why": "So", "confirm": "1"}),
        (f"/negotiation/{casework}/proposals/{number}/", {"do": "accept"}),
        (f"/negotiation/{casework}/comment/", {"comment": "So"}),
    ):
        assert reader.post(address, data).status_code == 404
    assert selectors.proposal(number).answers == ()


def test_pages_need_few_queries(casework: str, sign_in: SignIn) -> None:
    number = propose(casework, f"{BIRTHDATE}.transform", "suppress", SCHOOLS)
    for value in (11, 12, 13, 14, 15):
        propose(casework, "terms.minimum_cell", value, BACKBONE)
    client = sign_in(PROGRAM)
    for address in addresses(casework, number):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(client, address)
        assert len(asked) <= MOST_QUERIES, address


def test_proposals_are_shown_at_their_place(casework: str, sign_in: SignIn) -> None:
    number = propose(casework, f"{BIRTHDATE}.transform", "suppress", SCHOOLS, "Age is not needed")
    actions.comment(id=casework, text="Why the year?", by=who(BACKBONE), path=BIRTHDATE)
    shown = page(sign_in(PROGRAM), f"/negotiation/{casework}/")
    words = "Birth date is now withheld, for casework; before shown as the year only."
    assert "<h1>One proposal waits for your answer</h1>" in shown
    assert shown.count(words) == 3  # what waits, the list, its place
    assert f"/negotiation/{casework}/proposals/{number}/" in shown
    assert "Why the year?" in shown
    assert "Riverbend Backbone, privacy officer" in shown
    assert "example" not in shown.split("<main")[1].split("</main")[0]  # nobody's address
    own = page(sign_in(SCHOOLS), f"/negotiation/{casework}/")
    assert "1 open proposal waits for Bright Futures and Riverbend Backbone." in own


def test_a_change_is_proposed_in_a_form(casework: str, sign_in: SignIn) -> None:
    client = sign_in(PROGRAM)
    place = page(client, at(casework, BIRTHDATE))
    assert "How it is shown" in place
    address = at(casework, f"{BIRTHDATE}.transform")
    form = page(client, address)
    assert 'type="radio"' in form
    assert "In bands" not in form  # a day has no bands
    version = texts.prepared_status(casework).version
    filled = {"value": "none", "why": "Tutors plan by birthday", "version": version}
    looked = " ".join(client.post(address, filled).content.decode().split())
    assert (
        "Case workers and program managers of Bright Futures see otherwise birth date of Riverbend Schools"
        in looked
    )
    assert "<del>" in looked
    assert "<ins>" in looked
    done = client.post(address, filled | {"confirm": "1"})
    (made,) = selectors.open_proposals(casework)
    assert done["Location"] == f"/negotiation/{casework}/proposals/{made.number}/"
    assert (made.path, made.before, made.after) == (f"{BIRTHDATE}.transform", "year", None)


FILLED: list[tuple[str, dict[str, Any], Any]] = [
    ("terms.expires", {"value": "2029-06-30"}, "2029-06-30"),
    ("terms.minimum_cell", {"value": "12"}, 12),
    ("terms.exit_notice_days", {"value": ""}, None),
    ("clauses.termination", {"value": "On 90 days' notice."}, "On 90 days' notice."),
    ("terms.prohibited", {"value": ["sale"], "value-more": "gossip\n"}, ["sale", "gossip"]),
    ("purposes[0].roles", {"value": ["case_worker"]}, ["case_worker"]),
    ("purposes[0].recipients", {"value": []}, None),
    ("purposes[2].basis_details.direct_control", {"value": "no"}, False),
    ("schedule[0].purposes", {"value": ["casework", "match-records"]}, ["casework", "match-records"]),
    ("services[0].hours_per_week", {"value": "9.5"}, 9.5),
    ("joinder.open_to", {"value": ["lea"]}, ["lea"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "filled", "value"), FILLED, ids=[path for path, _, _ in FILLED])
def test_each_kind_of_field_has_its_form(
    casework: str, sign_in: SignIn, path: str, filled: dict[str, Any], value: Any
) -> None:
    client = sign_in(PROGRAM)
    version = texts.prepared_status(casework).version
    address = at(casework, path)
    assert page(client, address)
    response = client.post(address, filled | {"why": "So", "version": version, "confirm": "1"})
    assert response.status_code == 302, response.content.decode()
    (made,) = selectors.open_proposals(casework)
    assert made.after == value


def test_adding_an_element_and_removing_a_line(casework: str, sign_in: SignIn) -> None:
    client = sign_in(PROGRAM)
    version = texts.prepared_status(casework).version
    filled = {
        "value-element": "attendance_summary.student_attendance_rate", "value-from": ["riverbend-schools"], "value-purposes": ["casework"],
        "value-transform": "band", "value-necessity": "A rate tells early", "why": "So", "version": version, "confirm": "1",
    }  # fmt: skip
    lacking = client.post(at(casework, "schedule"), filled).content.decode()
    assert "Write how wide the bands are" in lacking
    client.post(at(casework, "schedule"), filled | {"value-transform-width": "5"})
    gone = client.post(
        at(casework, BIRTHDATE) + "&remove=1", {"why": "Not needed", "version": version, "confirm": "1"}
    )
    assert gone.status_code == 302
    more, less = selectors.open_proposals(casework)
    assert (more.kind, more.after["transform"], more.after["purposes"]) == ("added", "band:5", ["casework"])
    assert (less.kind, less.path) == ("removed", BIRTHDATE)


@pytest.mark.parametrize(
    "root", ["parties", "purposes", "population", "custody", "services", "onward", "terms.subprocessors"]
)
def test_each_list_has_a_form_for_a_new_entry(casework: str, sign_in: SignIn, root: str) -> None:
    assert "<form" in page(sign_in(PROGRAM), at(casework, root))


def test_new_blocking_findings_are_shown_first(casework: str, sign_in: SignIn) -> None:
    client = sign_in(PROGRAM)
    version = texts.prepared_status(casework).version
    filled = {"value": "", "why": "Too long", "version": version}
    looked = client.post(at(casework, "schedule[0].necessity"), filled).content.decode()
    assert "must be cured, newly" in looked
    client.post(at(casework, "schedule[0].necessity"), filled | {"confirm": "1"})
    (made,) = selectors.open_proposals(casework)
    beside = page(sign_in(SCHOOLS), f"/negotiation/{casework}/proposals/{made.number}/")
    assert "must be cured, newly" in beside


def test_refusals_are_shown_at_the_form(casework: str, sign_in: SignIn) -> None:
    client = sign_in(PROGRAM)
    version = texts.prepared_status(casework).version
    same = client.post(at(casework, "terms.minimum_cell"), {"value": "10", "why": "So", "version": version})
    assert "The text says exactly this already" in same.content.decode()
    old = client.post(at(casework, "title"), {"value": "T", "why": "So", "version": "0" * 64, "confirm": "1"})
    assert "changed while you were writing" in old.content.decode()
    without = client.post(
        at(casework, "title"), {"value": "T", "why": "", "version": version, "confirm": "1"}
    )
    assert "Say why; the other parties decide based on that." in without.content.decode()
    assert selectors.proposals(casework) == []


@pytest.mark.parametrize(
    "path", ["", "id", "terms", "nowhere", "title.of", "schedule[99]", "clauses.shoes", "schedule[0].colour"]
)
def test_unknown_places_are_not_found(casework: str, sign_in: SignIn, path: str) -> None:
    page(sign_in(PROGRAM), at(casework, path), 404)


def test_accepting_and_refusing(casework: str, sign_in: SignIn) -> None:
    number = propose(casework, f"{BIRTHDATE}.transform", "suppress", SCHOOLS)
    other = propose(casework, "terms.minimum_cell", 5, SCHOOLS)
    address = f"/negotiation/{casework}/proposals/{number}/"
    first = sign_in(PROGRAM)
    assert "It goes into the text once the others have accepted too." in page(first, address)
    first.post(address, {"do": "accept"})
    last = sign_in(BACKBONE, "leader")
    assert "Yours is the last answer" in page(last, address)
    last.post(address, {"do": "accept"})
    assert selectors.proposal(number).status is Status.TAKEN
    assert "in the text" in page(first, address)
    refusing = f"/negotiation/{casework}/proposals/{other}/"
    lacking = first.post(refusing, {"do": "refuse", "why": " "}).content.decode()
    assert "the partner that proposed it needs to know" in lacking
    first.post(refusing, {"do": "refuse", "why": "A child could be picked out"})
    assert "Refused by Bright Futures on 2 March 2026: “A child could be picked out”" in page(
        sign_in(SCHOOLS), refusing
    )
    assert first.post(refusing, {"do": "burn"}).status_code == 404


def test_withdrawing_and_commenting(casework: str, sign_in: SignIn) -> None:
    number = propose(casework, "terms.minimum_cell", 5, SCHOOLS)
    address = f"/negotiation/{casework}/proposals/{number}/"
    own = sign_in(SCHOOLS)
    said = f"/negotiation/{casework}/comment/"
    assert own.post(said, {"comment": "It was 5 before", "proposal": number})["Location"] == address
    assert own.post(said, {"comment": "Well", "at": BIRTHDATE})["Location"] == at(
        casework, BIRTHDATE
    ).replace("%20", "+")
    assert own.post(said, {"comment": "On all"})["Location"] == f"/negotiation/{casework}/"
    own.post(said, {"comment": " "})
    assert len(selectors.comments(casework)) == 3
    assert "It was 5 before" in page(own, address)
    own.post(address, {"do": "withdraw"})
    assert "Withdrawn by Riverbend Schools" in page(own, address)


def test_all_texts_and_their_changes(casework: str, sign_in: SignIn) -> None:
    client = sign_in(PROGRAM)
    assert "There is one text so far" in page(client, f"/negotiation/{casework}/versions/")
    number = propose(casework, "purposes[0].reach", "all", SCHOOLS, "Tutors meet all")
    for partner in (PROGRAM, BACKBONE):
        actions.accept(proposal=number, by=who(partner))
    shown = page(client, f"/negotiation/{casework}/versions/")
    assert "What changed from text 1 to text 2" in shown
    assert "shown otherwise" in shown
    assert "about which students: now about any student in scope" in shown
    assert "“Tutors meet all”" in shown
    assert "<ins>+ " in shown
    assert "2 March 2026, Riverbend Schools, privacy officer" in shown
    same = page(client, f"/negotiation/{casework}/versions/?from=1&to=1")
    assert "Choose two different texts" in same
    page(client, f"/negotiation/{casework}/versions/?from=7", 404)


def test_settled_text_shows_no_forms(casework: str, sign_in: SignIn) -> None:
    propose(casework, "terms.minimum_cell", 5, SCHOOLS)
    agreements.terminate(id=casework, by=who(SCHOOLS))
    client = sign_in(PROGRAM)
    shown = page(client, f"/negotiation/{casework}/")
    assert "This text is not in negotiation" in shown
    assert "Propose or comment" not in shown
    assert client.post(f"/negotiation/{casework}/comment/", {"comment": "So"}).status_code == 404


def test_the_agreement_links_to_its_negotiation(casework: str, sign_in: SignIn) -> None:
    shown = page(sign_in(PROGRAM), f"/agreements/{casework}/")
    assert f'href="/negotiation/{casework}/"' in shown
    assert f'href="/negotiation/{casework}/versions/"' in shown


def test_user_text_is_escaped(casework: str, sign_in: SignIn) -> None:
    written = "\"><script>alert('1')</script> & {{ id }}"
    entry = {"partner": PROGRAM, "program": written}
    number = propose(casework, "services", entry, SCHOOLS, why=written)
    actions.comment(id=casework, text=written, by=who(BACKBONE), proposal=number)
    for address in (f"/negotiation/{casework}/", f"/negotiation/{casework}/proposals/{number}/"):
        shown = page(sign_in(PROGRAM), address)
        assert "<script>alert" not in shown
        assert "&amp;quot;" not in shown
        assert "&quot;&gt;&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt; &amp; {{ id }}" in shown
