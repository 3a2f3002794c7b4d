"""Who becomes whom by a link: an account's own partner hands it over; anybody else asks, and a second person of that partner agrees."""

import re

import pytest
from django.test import Client

from tests.site.people import PASSPHRASE, add, settle, signed_in
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import (
    add_partner,
    add_user,
    add_users,
    agree_to_link,
    ask_for_link,
    invite,
)
from throughway.partners.models import User
from throughway.partners.selectors import actor, link_asked, links_given, second_people
from throughway.store import Community

pytestmark = pytest.mark.django_db
BACKBONE, STEWARD, OFFICER = (
    "steward@spine.example",
    "data_steward@oak.example",
    "privacy_officer@oak.example",
)
LINK = re.compile(r"http://testserver(/sign-in/new/[^\s<]+)")
NOT_SIGNING = [Role.CASE_WORKER, Role.PROGRAM_MANAGER, Role.EVALUATOR, Role.DATA_STEWARD]


@pytest.fixture
def people(community: Community) -> dict[Role, Actor]:
    return settle()


def number(email: str) -> int:
    return User.objects.get(email=email).pk


def page(email: str, do: str = "") -> str:
    return f"/partners/people/{number(email)}/{do}"


def opens(email: str) -> bool:
    client = Client()
    client.post("/sign-in/", {"login": email, "password": PASSPHRASE})
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("role", NOT_SIGNING)
def test_the_backbones_steward_does_not_see_the_link_of_anothers_worker(
    people: dict[Role, Actor], role: Role
) -> None:
    email = people[role].email
    steward = signed_in(actor(BACKBONE))
    assert "Ask for a link" in steward.get(page(email)).content.decode()
    answer = steward.post(page(email, "link/"), follow=True).content.decode()
    assert not LINK.search(answer)
    assert "A second person has until" in answer
    assert opens(email)  # nothing of it has ended
    assert steward.post(page(email, "agree/"), {"agree": "1"}).status_code == 404
    with pytest.raises(Refused) as refused:
        invite(email=email, by=actor(BACKBONE))
    assert refused.value.code == "second_person"


def test_a_second_person_of_the_workers_partner_sees_it_and_everybody_reads_so(
    people: dict[Role, Actor],
) -> None:
    email = people[Role.CASE_WORKER].email
    signed_in(actor(BACKBONE)).post(page(email, "link/"))
    own = signed_in(actor(STEWARD))
    assert page(email, "agree/") in own.get("/open-steps/").content.decode()
    assert "acts as this person" in own.get(page(email, "agree/")).content.decode()
    [link] = LINK.findall(own.post(page(email, "agree/"), {"agree": "1"}).content.decode())
    said = f"was given on .* by {STEWARD}, as {BACKBONE} asked"
    holder = Client()
    where = holder.get(link, follow=True)
    assert re.search(said, where.content.decode())
    spanish = holder.get(where.redirect_chain[-1][0], headers={"Accept-Language": "es"}).content.decode()
    assert f"por {STEWARD}, como pidió {BACKBONE}" in spanish
    given = f"by {STEWARD}, as {BACKBONE} asked"
    assert given in signed_in(actor(BACKBONE)).get(page(email)).content.decode()
    for told in (email, OFFICER, people[Role.LEADER].email):
        assert given in signed_in(actor(told)).get("/").content.decode()
    assert given not in signed_in(actor("officer@bank.example")).get("/").content.decode()


@pytest.mark.parametrize("by", [STEWARD, OFFICER])
def test_ones_own_partner_hands_it_over(people: dict[Role, Actor], by: str) -> None:
    assert LINK.search(signed_in(actor(by)).post(page("case_worker@oak.example", "link/")).content.decode())


def test_where_a_partner_has_one_person_the_operator_gives_it_and_it_says_so(
    people: dict[Role, Actor],
) -> None:
    add_partner(id="elm", name="Elm Club", kind="cbo", by=OPERATOR)
    add("worker", "elm", Role.CASE_WORKER)
    steward = signed_in(actor(BACKBONE))
    shown = steward.get(page("worker@elm.example")).content.decode()
    assert "Elm Club has no second person" in shown
    with pytest.raises(Refused) as refused:
        ask_for_link(email="worker@elm.example", by=actor(BACKBONE))
    assert refused.value.code == "nobody_second"
    made = invite(email="worker@elm.example", by=OPERATOR)
    choose = Client().get(f"/sign-in/new/{made.user}/{made.token}/", follow=True).content.decode()
    assert "by the operator of the site" in choose
    assert "by the operator of the folder" in steward.get(page("worker@elm.example")).content.decode()
    [given] = links_given(User.objects.get(email="worker@elm.example").added_at.date())
    assert given.recipients == {"worker@elm.example"}


def test_whom_the_steward_opened_alone_does_not_agree_for_the_steward(people: dict[Role, Actor]) -> None:
    """Otherwise the first leader of a partner, whose link the steward saw, would open every account of it to the steward."""
    add_partner(id="elm", name="Elm Club", kind="cbo", signer="lead@elm.example", by=OPERATOR)
    invite(email="lead@elm.example", by=actor(BACKBONE))
    add_user(email="worker@elm.example", partner="elm", role=Role.CASE_WORKER, by=actor(BACKBONE))
    assert second_people(number("worker@elm.example"), BACKBONE) == set()
    invite(email="lead@elm.example", by=OPERATOR)  # the cure
    assert second_people(number("worker@elm.example"), BACKBONE) == {"lead@elm.example"}


def test_no_passphrase_is_set_for_anothers_worker(people: dict[Role, Actor]) -> None:
    for partner, role, code in (
        ("oak", "case_worker", "second_person"), ("spine", "evaluator", ""), ("spine", "leader", "second_person"),
    ):  # fmt: skip
        try:
            add_user(
                email=f"x-{role}@{partner}.example",
                partner=partner,
                role=role,
                password="a heron of its own",
                by=actor(BACKBONE),
            )
            found = ""
        except Refused as refused:
            found = refused.code
        assert found == code, (partner, role)


def test_several_of_another_partner_are_asked_for(people: dict[Role, Actor]) -> None:
    steward = signed_in(actor(BACKBONE))
    form = {"emails": "one@oak.example\ntwo@oak.example", "partner": "oak", "role": "case_worker"}
    answer = steward.post("/partners/people/several/", form, follow=True).content.decode()
    assert not LINK.search(answer)
    assert "must agree to each link" in answer
    for email in form["emails"].split():
        assert link_asked(number(email)) is not None
    agree_to_link(number=number("one@oak.example"), by=actor(OFFICER))
    add_partner(id="elm", name="Elm Club", kind="cbo", by=OPERATOR)
    with pytest.raises(Refused):
        add_users(emails=["three@elm.example"], partner="elm", role="case_worker", by=actor(BACKBONE))
    assert not User.objects.filter(email="three@elm.example").exists()
