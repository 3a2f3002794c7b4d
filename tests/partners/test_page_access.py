"""The register in the browser: who keeps whose accounts, and what nobody can reach from another partner."""

import re

import pytest
from django.test import Client
from django.utils.http import urlsafe_base64_encode

from tests.site.people import PASSPHRASE, add, settle, signed_in
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_user, add_users, invite, reopen_user
from throughway.partners.leaving.actions import close_user
from throughway.partners.members import AccountEventKind
from throughway.partners.selectors import actor, changes, members, partners
from throughway.store import Community

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(community: Community) -> dict[Role, Actor]:
    return settle()


def number(email: str) -> int:
    return next(member.pk for member in members() if member.email == email)


def officer() -> Actor:
    """Who keeps the accounts of Bank Tutors, and of nobody else."""
    return actor("officer@bank.example")


def test_partner_page_shows_legal_statuses(people: dict[Role, Actor]) -> None:
    page = signed_in(people[Role.CASE_WORKER]).get("/partners/oak/").content.decode()
    assert "School district" in page
    assert "so FERPA binds it" in page
    assert "leader@oak.example" in page  # its own people


def test_people_of_another_partner_are_counted_and_not_named(people: dict[Role, Actor]) -> None:
    page = signed_in(people[Role.CASE_WORKER]).get("/partners/bank/").content.decode()
    assert "One person has an account for it" in page
    assert "officer@bank.example" not in page


def test_an_unknown_partner_is_unknown(people: dict[Role, Actor]) -> None:
    assert signed_in(people[Role.LEADER]).get("/partners/nowhere/").status_code == 404


def test_a_keeper_adds_a_partner(people: dict[Role, Actor]) -> None:
    client = signed_in(people[Role.PRIVACY_OFFICER])
    form = {"name": "Elm College", "id": "elm", "kind": "college", "legal": ["tribal"]}
    assert client.post("/partners/new/", form).headers["Location"] == "/partners/elm/"
    page = client.get("/partners/elm/").content.decode()
    assert "Tribal organization" in page
    again = client.post("/partners/new/", form).content.decode()
    assert "already there" in again
    assert 'value="Elm College"' in again  # what was typed stays


def test_a_partner_is_added_with_who_signs_for_it_or_not_at_all(people: dict[Role, Actor]) -> None:
    client = signed_in(actor("steward@spine.example"))
    form = {"id": "elm", "name": "Elm College", "kind": "college", "signer": people[Role.LEADER].email}
    page = client.post("/partners/new/", form)
    assert "The partner was not added" in page.content.decode()
    assert "elm" not in partners()
    client.post("/partners/new/", form | {"signer": "dean@elm.example"})
    assert [(m.email, m.role) for m in members("elm")] == [("dean@elm.example", "leader")]


def test_who_keeps_no_accounts_of_others_names_nobody_who_signs(people: dict[Role, Actor]) -> None:
    client = signed_in(officer())
    form = {"id": "elm", "name": "Elm College", "kind": "college", "signer": "dean@elm.example"}
    assert "signer" not in client.get("/partners/new/").content.decode()
    client.post("/partners/new/", form)
    assert not members("elm")


def test_keeper_adds_a_user_and_gives_a_link(people: dict[Role, Actor]) -> None:
    client = signed_in(people[Role.DATA_STEWARD])
    form = {"email": "new@oak.example", "partner": "oak", "role": "case_worker"}
    where = client.post("/partners/people/new/", form).headers["Location"]
    assert "has not chosen a passphrase" in client.get(where).content.decode()
    response = client.post(where + "link/")
    assert response.headers["Cache-Control"] == "no-store"
    [link] = re.findall(r"http://testserver(/sign-in/new/[^\s<]+)", response.content.decode())
    assert "Choose a passphrase" in Client().get(link, follow=True).content.decode()


def several(emails: str, **more: str) -> dict[str, str]:
    return {"emails": emails, "partner": "bank", "role": "case_worker", "last_day": ""} | more


def test_several_are_added_at_once_each_with_a_link_of_their_own(people: dict[Role, Actor]) -> None:
    page = signed_in(officer()).post(
        "/partners/people/several/",
        several("One@bank.example,\n two@bank.example; one@bank.example\n", last_day="2099-08-31"),
    )
    assert page.headers["Cache-Control"] == "no-store"
    shown = page.content.decode().partition("<main")[2]
    links = re.findall(r"(\w+@bank\.example).*?http://testserver(/sign-in/new/[^\s<]+)", shown, re.DOTALL)
    assert [email for email, _ in links] == ["one@bank.example", "two@bank.example"]
    for email, link in links:
        assert "Choose a passphrase" in Client().get(link, follow=True).content.decode()
        assert link.startswith(f"/sign-in/new/{urlsafe_base64_encode(str(number(email)).encode())}/")
    assert {(m.role, str(m.last_day)) for m in members("bank") if m.email.startswith(("one@", "two@"))} == {
        ("case_worker", "2099-08-31")
    }


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (several("new@bank.example officer@bank.example"), "Address 2:"),
        (several("new@bank.example not-an-address"), "Address 2:"),
        (several("new@bank.example", role="leader"), "Select a valid choice"),
        (several("new@bank.example", partner="oak"), "Select a valid choice"),
        (several("new@bank.example", last_day="2001-01-01"), "The last day has passed"),
        (several(" "), "at least one e-mail address"),
        (several(" ".join(f"new{i}@bank.example" for i in range(51))), "at most 50"),
    ],
)  # fmt: skip
def test_where_one_of_several_is_wrong_nobody_is_added(
    people: dict[Role, Actor], form: dict[str, str], said: str
) -> None:
    page = signed_in(officer()).post("/partners/people/several/", form)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert form["emails"].strip() in page.content.decode()  # what was typed stays
    assert not [m for m in members() if m.email.startswith("new")]


def test_several_who_may_sign_are_refused_beneath_the_screen(people: dict[Role, Actor]) -> None:
    with pytest.raises(Refused) as refused:
        add_users(emails=["new@bank.example"], partner="bank", role="leader", by=officer())
    assert refused.value.code == "second_person"


def test_giving_a_link_asks_for_the_passphrase_once_more(people: dict[Role, Actor]) -> None:
    client = Client()
    steward = people[Role.DATA_STEWARD]
    client.post("/sign-in/", {"login": steward.email, "password": PASSPHRASE})
    path = f"/partners/people/{number('evaluator@oak.example')}/link/"
    asked = client.post(path)
    assert asked.headers["Location"].startswith("/account/confirm/")
    answered = client.post(asked.headers["Location"], {"password": "not it at all"})
    assert "That is not your passphrase" in answered.content.decode()
    answered = client.post(asked.headers["Location"], {"password": PASSPHRASE})
    assert "/sign-in/new/" in answered.content.decode()


def test_closing_an_account_is_one_click_and_can_be_undone(people: dict[Role, Actor]) -> None:
    add("president", "oak", Role.LEADER)  # so that it is not the last one
    steward, leader = signed_in(people[Role.DATA_STEWARD]), signed_in(people[Role.LEADER])
    path = f"/partners/people/{number('leader@oak.example')}/"
    steward.post(path + "close/")
    assert leader.get("/account/").status_code == 302
    assert "closed" in steward.get(path).content.decode()
    steward.post(path + "open/")
    assert [change.what for change in changes(number("leader@oak.example"))] == [
        AccountEventKind.REOPENED,
        AccountEventKind.CLOSED,
        AccountEventKind.ADDED,
    ]
    assert "by data_steward@oak.example" in steward.get(path).content.decode()


@pytest.mark.parametrize("do", ["", "link/", "close/", "open/"])
def test_no_partner_holds_the_keys_of_another(people: dict[Role, Actor], do: str) -> None:
    client, mine = signed_in(officer()), number("officer@bank.example")
    theirs = number("leader@oak.example")
    assert client.get(f"/partners/people/{theirs}/{do}").status_code == (405 if do else 404)
    assert client.post(f"/partners/people/{theirs}/{do}").status_code == (404 if do else 405)
    assert client.get(f"/partners/people/{mine}/").status_code == 200
    page = client.get("/partners/people/").content.decode()
    assert "oak.example" not in page
    assert "oak" not in re.findall(
        r'<option value="(\w+)"', client.get("/partners/people/new/").content.decode()
    )
    assert len(changes(theirs)) == 1


def test_the_backbone_keeps_all(people: dict[Role, Actor]) -> None:
    page = signed_in(actor("steward@spine.example")).get("/partners/people/").content.decode()
    assert "leader@oak.example" in page
    assert "officer@bank.example" in page


@pytest.mark.parametrize("change", [invite, close_user, reopen_user])
def test_the_rule_holds_beneath_the_screens(people: dict[Role, Actor], change: object) -> None:
    with pytest.raises(Refused) as refused:
        change(email="leader@oak.example", by=officer())  # type: ignore[operator]
    assert refused.value.code == "not_allowed"
    with pytest.raises(Refused):
        add_user(email="x@oak.example", partner="oak", role="leader", by=officer())
    with pytest.raises(Refused):
        change(email="leader@oak.example", by=people[Role.LEADER])  # type: ignore[operator]


def test_nobody_closes_themselves_out(people: dict[Role, Actor]) -> None:
    with pytest.raises(Refused) as refused:
        close_user(email=officer().email, by=officer())
    assert refused.value.code == "own"


def test_a_closed_account_gets_no_link(people: dict[Role, Actor]) -> None:
    gone = add("gone", "oak", Role.LEADER)
    close_user(email=gone.email, by=OPERATOR)
    with pytest.raises(Refused) as refused:
        invite(email=gone.email, by=OPERATOR)
    assert refused.value.code == "closed"


def test_only_the_backbone_is_offered_to_add_a_backbone(people: dict[Role, Actor]) -> None:
    form = {"name": "Ours", "id": "ours", "kind": "backbone"}
    officer, steward = signed_in(people[Role.PRIVACY_OFFICER]), signed_in(actor("steward@spine.example"))
    assert 'value="backbone"' not in officer.get("/partners/new/").content.decode()
    assert officer.post("/partners/new/", form).status_code == 422
    assert "ours" not in partners()
    assert 'value="backbone"' in steward.get("/partners/new/").content.decode()
    assert steward.post("/partners/new/", form).headers["Location"] == "/partners/ours/"
