"""Staff with an end date: on the day after it the account is closed at every door, and what ended does not come back by itself."""

from datetime import date, timedelta

import pytest
from django.test import Client

from tests.site.people import PASSPHRASE, program, settle, signed_in
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_user, ask_for_link, invite, reopen_user
from throughway.partners.leaving.actions import close_user, set_last_day
from throughway.partners.models import User
from throughway.partners.selectors import actor, changes, members, open_account, second_people, users
from throughway.store import Community

pytestmark = pytest.mark.django_db
TODAY = date.today()
YESTERDAY = TODAY - timedelta(1)


@pytest.fixture
def people(community: Community) -> dict[Role, Actor]:
    return settle()


def lapse(who: Actor) -> None:
    """The last day passes, and nobody does anything."""
    User.objects.filter(email=who.email).update(last_day=YESTERDAY)


def page_of(who: Actor) -> str:
    return f"/partners/people/{User.objects.get(email=who.email).pk}/"


def signs_in(who: Actor) -> bool:
    client = Client()
    client.post("/sign-in/", {"login": who.email, "password": PASSPHRASE})
    return client.get("/account/").status_code == 200


@pytest.mark.parametrize("last", [None, TODAY, TODAY + timedelta(30)])
def test_an_account_is_open_through_its_last_day(people: dict[Role, Actor], last: date | None) -> None:
    worker = people[Role.CASE_WORKER]
    set_last_day(email=worker.email, last_day=last, by=OPERATOR)
    assert signs_in(worker)
    assert actor(worker.email) == worker


def test_after_the_last_day_every_door_is_closed(people: dict[Role, Actor]) -> None:
    worker, session = people[Role.CASE_WORKER], signed_in(people[Role.CASE_WORKER])
    token = program(worker)
    assert token.get("/api/").status_code == session.get("/account/").status_code == 200
    lapse(worker)
    assert session.get("/account/").status_code == 302
    assert token.get("/api/").status_code == 401
    assert not signs_in(worker)
    with pytest.raises(Refused) as refused:
        actor(worker.email)  # by `--as`, and for work in the background
    assert refused.value.code == "unknown_user"
    assert worker not in users()
    assert open_account("oak", worker.email) is None  # by single sign-on
    for ask in (invite, ask_for_link):
        with pytest.raises(Refused) as refused:
            ask(email=worker.email, by=OPERATOR)
        assert refused.value.code == "closed"


def test_who_has_left_agrees_to_nothing(people: dict[Role, Actor]) -> None:
    officer, leader = people[Role.PRIVACY_OFFICER], people[Role.LEADER]
    number = User.objects.get(email=officer.email).pk
    assert leader.email in second_people(number, "steward@spine.example")
    lapse(leader)
    assert leader.email not in second_people(number, "steward@spine.example")


def test_the_last_day_is_set_on_the_page_of_the_account(people: dict[Role, Actor]) -> None:
    steward, worker = signed_in(people[Role.DATA_STEWARD]), people[Role.CASE_WORKER]
    page, later = page_of(worker), TODAY + timedelta(60)
    assert steward.post(f"{page}last-day/", {"last_day": "soon"}).status_code == 422
    assert steward.post(f"{page}last-day/", {"last_day": str(later)}).headers["Location"] == page
    shown = steward.get(page).content.decode()
    assert f'value="{later}"' in shown
    assert "Last day set to" in shown
    theirs = program(worker)
    steward.post(f"{page}last-day/", {"last_day": str(YESTERDAY)})
    assert theirs.get("/api/").status_code == 401
    assert "ended on" in steward.get(page).content.decode()
    steward.post(f"{page}last-day/", {"last_day": ""})
    assert signs_in(worker)
    assert theirs.get("/api/").status_code == 401  # what ended does not come back
    assert "Last day taken away" in steward.get(page).content.decode()
    own = page_of(people[Role.DATA_STEWARD])
    assert "your own account" in steward.post(f"{own}last-day/", {"last_day": str(later)}).content.decode()
    other = signed_in(actor("officer@bank.example"))
    assert other.post(f"{page}last-day/", {"last_day": ""}).status_code == 404


def test_who_comes_back_is_opened_again(people: dict[Role, Actor]) -> None:
    worker = people[Role.CASE_WORKER]
    token = program(worker)
    lapse(worker)
    reopen_user(email=worker.email, by=OPERATOR)
    assert signs_in(worker)
    assert token.get("/api/").status_code == 401
    close_user(email=worker.email, by=OPERATOR)
    with pytest.raises(Refused, match="closed; open it again first"):
        set_last_day(email=worker.email, last_day=None, by=OPERATOR)
    assert [c.what for c in changes(User.objects.get(email=worker.email).pk)][:2] == ["closed", "reopened"]


def test_an_account_for_a_season(people: dict[Role, Actor]) -> None:
    steward = signed_in(people[Role.DATA_STEWARD])
    last = TODAY + timedelta(90)
    form = {"email": "summer@oak.example", "partner": "oak", "role": "case_worker", "last_day": str(last)}
    assert steward.post("/partners/people/new/", form).status_code == 302
    assert members().get(email="summer@oak.example").last_day == last
    with pytest.raises(Refused, match="The last day has passed"):
        add_user(email="x@oak.example", partner="oak", role="leader", last_day=YESTERDAY, by=OPERATOR)
