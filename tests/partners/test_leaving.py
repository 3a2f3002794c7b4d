"""Who stops holding an office of a partner: one person alone never leaves one empty, by whatever act."""

import json
from datetime import date, timedelta
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from tests.kept import kept
from tests.site.people import PASSPHRASE, add, settle, signed_in
from throughway.cli import command
from throughway.cli.root import main
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_user, reopen_user
from throughway.partners.leaving.actions import (
    agree_to_leaving,
    close_user,
    decline_leaving,
    end_signatory,
    set_last_day,
)
from throughway.partners.leaving.office import LeavingAsked, Office
from throughway.partners.leaving.selectors import holders, leaving_asked_of, open_steps, unable_to_sign
from throughway.partners.models import User, UserEvent
from throughway.partners.selectors import actor, number_of
from throughway.partners.signatories.actions import register_signatory
from throughway.partners.signatories.selectors import signing_register
from throughway.store import Community

TODAY = date.today()
YESTERDAY, TOMORROW = TODAY - timedelta(1), TODAY + timedelta(1)
LEADER, STEWARD, OFFICER = "leader@oak.example", "data_steward@oak.example", "privacy_officer@oak.example"
PRESIDENT = "president@oak.example"
BACKBONE = "steward@spine.example"

# ---- in the register ----

pytestmark = pytest.mark.django_db
AS_SUPERINTENDENT = {"name": "Dana Diaz", "office": "Superintendent", "authority": "Policy", "kind": "office"}


@pytest.fixture(autouse=True)
@kept
def people(community: Community) -> None:
    settle()


def code(act: object, **words: object) -> str:
    with pytest.raises(Refused) as refused:
        act(**words)  # type: ignore[operator]
    return refused.value.code


def registered(*emails: str) -> None:
    for email in emails:
        register_signatory(email=email, by=OPERATOR, **AS_SUPERINTENDENT)


def close(email: str, by: Actor) -> object:
    return close_user(email=email, by=by)


def lapse(email: str, by: Actor) -> object:
    return set_last_day(email=email, last_day=YESTERDAY, by=by)


def season(email: str, by: Actor) -> object:
    return set_last_day(email=email, last_day=TODAY + timedelta(30), by=by)


def take_off(email: str, by: Actor) -> object:
    return end_signatory(email=email, by=by)


HOLDS = ("another", "another who leaves sooner", "another who never came", "nobody else")


@pytest.mark.parametrize(("act", "other"), list(product((close, lapse, season), HOLDS)))
@pytest.mark.parametrize("role", [Role.LEADER, Role.PRIVACY_OFFICER, Role.DATA_STEWARD])
def test_the_last_one_of_a_role_goes_by_two_people(act: Any, other: str, role: Role) -> None:
    email = f"{role}@oak.example"
    if other != "nobody else":
        came = {} if other == "another who never came" else {"password": PASSPHRASE}
        last = TODAY + timedelta(9) if other == "another who leaves sooner" else None
        add_user(email="other@oak.example", partner="oak", role=role, last_day=last, by=OPERATOR, **came)
    asking = actor(OFFICER if role is not Role.PRIVACY_OFFICER else STEWARD)
    made = act(email, asking)
    assert isinstance(made, LeavingAsked) == (other != "another")
    assert User.objects.get(email=email).is_open == (other != "another" or act is season)


@pytest.mark.parametrize("act", [close, lapse, season, take_off])
@pytest.mark.parametrize("registers", [(LEADER,), (LEADER, OFFICER)])
def test_one_person_does_not_empty_the_register_of_who_signs(act: Any, registers: tuple[str, ...]) -> None:
    add("president", "oak", Role.LEADER)  # not registered, so no cure
    registered(*registers)
    made = act(LEADER, actor(STEWARD))
    assert isinstance(made, LeavingAsked) == (len(registers) == 1)
    in_force = {one.email for one in signing_register("oak").in_force(TODAY)}
    assert in_force == set(registers) - (set() if len(registers) == 1 or act is season else {LEADER})
    # One after the other is the same: the second one waits.
    if len(registers) == 2:
        assert isinstance(act(OFFICER, actor(STEWARD)), LeavingAsked)


def test_two_people_of_the_partner_or_the_operator() -> None:
    registered(LEADER)
    asked = end_signatory(email=LEADER, by=actor(OFFICER))
    assert isinstance(asked, LeavingAsked)
    assert asked.people == {LEADER, STEWARD}
    for alone in (actor(OFFICER), actor(BACKBONE), actor("officer@bank.example"), OPERATOR):
        assert code(agree_to_leaving, number=asked.number, by=alone) == "not_allowed"
    decline_leaving(number=asked.number, by=actor(STEWARD))
    assert code(agree_to_leaving, number=asked.number, by=actor(STEWARD)) == "not_asked"
    end_signatory(email=LEADER, by=actor(OFFICER))
    agree_to_leaving(number=asked.number, by=actor(STEWARD))
    assert signing_register("oak").in_force(TODAY) == ()
    event = UserEvent.objects.latest("id")
    assert (event.by, event.asked_by) == (STEWARD, OFFICER)
    registered(LEADER)
    assert end_signatory(email=LEADER, by=OPERATOR) is None


def test_on_the_word_of_the_operator_the_operator_stands_with_it() -> None:
    number = number_of(LEADER)
    close_user(email=LEADER, by=actor(OFFICER))
    agree_to_leaving(number=number, by=Actor(STEWARD, "oak", Role.DATA_STEWARD, on_operators_word=True))
    assert UserEvent.objects.latest("id").by == OPERATOR.email
    assert not User.objects.get(email=LEADER).is_open


def test_a_partner_of_one_person_asks_the_operator() -> None:
    assert code(end_signatory, email="officer@bank.example", by=OPERATOR) == "not_registered"
    registered("officer@bank.example")
    assert (
        code(end_signatory, email="officer@bank.example", by=actor("officer@bank.example")) == "nobody_second"
    )
    # The backbone's steward asks the one person there is.
    asked = close_user(email="officer@bank.example", by=actor(BACKBONE))
    assert isinstance(asked, LeavingAsked)
    assert asked.people == {"officer@bank.example"}
    assert close_user(email="officer@bank.example", by=OPERATOR) is None


def test_whose_account_the_asking_one_opened_alone_is_no_second_person() -> None:
    add_user(
        email="puppet@oak.example",
        partner="oak",
        role=Role.DATA_STEWARD,
        password=PASSPHRASE,
        by=actor(OFFICER),
    )
    asked = close_user(email=LEADER, by=actor(OFFICER))
    assert isinstance(asked, LeavingAsked)
    assert asked.people == {LEADER, STEWARD}


def test_workers_go_by_one_person_as_before() -> None:
    for role in (Role.CASE_WORKER, Role.PROGRAM_MANAGER, Role.EVALUATOR):
        assert close_user(email=f"{role}@oak.example", by=actor(STEWARD)) is None
    reopen_user(email="evaluator@oak.example", by=actor(STEWARD))
    assert {h.office for h in holders("oak")} == {Office.DATA_STEWARD, Office.PRIVACY_OFFICER, Office.LEADER}


def test_a_request_lapses() -> None:
    close_user(email=LEADER, by=actor(OFFICER))
    days = [n for n in range(20) if leaving_asked_of(TODAY + timedelta(n))]
    assert days == list(range(15))


# ---- nobody can sign ----


@pytest.mark.parametrize("registers", [False, True])
def test_nobody_can_sign_is_an_open_step(registers: bool) -> None:
    assert unable_to_sign(TODAY) == {}
    if registers:
        registered(OFFICER)
        end_signatory(email=OFFICER, by=OPERATOR)  # the leader is not registered, so signs no more
    else:
        set_last_day(email=LEADER, last_day=YESTERDAY, by=OPERATOR)
    assert unable_to_sign(TODAY) == {"oak": TODAY}
    (step,) = [each for each in open_steps(TODAY) if each.kind == "register_signatory"]
    assert step.is_for(actor(STEWARD))
    assert not step.is_for(actor("officer@bank.example"))
    page = signed_in(actor(STEWARD)).get("/open-steps/").content.decode()
    assert "Register who signs: nobody can sign for your partner now" in page
    registered(OFFICER)
    assert unable_to_sign(TODAY) == {}


def test_whose_last_day_comes_leaves_the_step_behind() -> None:
    registered(LEADER)
    set_last_day(email=LEADER, last_day=TODAY, by=OPERATOR)
    assert unable_to_sign(TODAY) == {}
    assert unable_to_sign(TOMORROW) == {"oak": TOMORROW}


# ---- pages ----


def test_on_the_pages() -> None:
    registered(LEADER)
    number, steward, second = number_of(LEADER), signed_in(actor(STEWARD)), signed_in(actor(OFFICER))
    page = steward.get(f"/partners/people/{number}/").content.decode()
    assert "This is the last leader and the last person registered to sign of Oak Schools" in page
    waits = "A second person has until"
    assert waits in steward.post(f"/partners/people/{number}/signs/end/", follow=True).content.decode()
    assert f"take {LEADER} off the register" in steward.get("/partners/oak/signatories/").content.decode()
    assert waits in steward.post(f"/partners/people/{number}/close/", follow=True).content.decode()
    form = {"last_day": str(YESTERDAY)}
    assert waits in steward.post(f"/partners/people/{number}/last-day/", form, follow=True).content.decode()
    assert signing_register("oak").of(LEADER, TODAY)
    address = f"/partners/people/{number}/leaves/"
    assert steward.get(address).status_code == steward.post(address, {"agree": "1"}).status_code == 404
    assert signed_in(actor(BACKBONE)).get(address).status_code == 404
    assert address in second.get("/open-steps/").content.decode()
    assert "asks to set the last day of the account" in second.get(address).content.decode()
    second.post(address, {"decline": "1"})
    assert User.objects.get(email=LEADER).is_open
    steward.post(f"/partners/people/{number}/close/")
    second.post(address, {"agree": "1"})
    assert not User.objects.get(email=LEADER).is_open
    assert f"by {OFFICER}, as {STEWARD} asked" in steward.get(f"/partners/people/{number}/").content.decode()


# ---- commands ----


def run(*words: str, by: str = "") -> tuple[int, dict[str, Any]]:
    ended = CliRunner().invoke(main, [*words, *(("--as", by) if by else ()), "--json"])
    return ended.exit_code, json.loads(ended.output)


def test_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "open_community", lambda settings: SimpleNamespace(root="."))
    registered(LEADER)
    status, asked = run("signatory", "end", LEADER, by=STEWARD)
    assert (status, asked["state"], asked["people"]) == (0, "asked", [LEADER, OFFICER])
    assert run("user", "agree", LEADER, by=STEWARD)[0] == 1
    assert run("user", "decline", LEADER, by=OFFICER) == (0, {"email": LEADER, "state": "declined"})
    assert run("user", "agree", LEADER, by=OFFICER)[1]["error"]["code"] == "not_asked"
    status, asked = run("user", "until", LEADER, "--day", str(YESTERDAY), by=STEWARD)
    assert (status, asked["state"], asked["until"]) == (0, "asked", str(YESTERDAY))
    assert run("user", "agree", LEADER, by=OFFICER)[1]["state"] == "done"
    assert not User.objects.get(email=LEADER).is_open
    assert run("user", "agree", "nobody@oak.example", by=OFFICER)[1]["error"]["code"] == "unknown_user"
