"""Who takes a load back: its own partner's data steward or privacy officer and the operator at once; others ask, and one of them agrees."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.destruction.papers import PARTNERS, PEOPLE, end, load, paper, people, person, rows, sign
from tests.destruction.test_agreement import ALL, held
from tests.destruction.test_screens import client
from tests.destruction.test_screens import page as any_page
from tests.site.people import signed_in
from throughway.cli.root import main
from throughway.core.refusals import Refused
from throughway.destruction.actions import orders
from throughway.destruction.models import DONE, Destruction, UndoRequestEvent
from throughway.destruction.triggers import UNDO_REQUESTS
from throughway.destruction.undo_requests.actions import (
    agree_to_undo,
    ask_for_undo,
    decline_undo,
    order_or_ask,
    take_back,
)
from throughway.destruction.undo_requests.request import UndoAsked
from throughway.destruction.undo_requests.selectors import open_steps, undo_asked_of, undos_asked
from throughway.intake.models import IntakeBatch
from throughway.intake.selectors import batch_of
from throughway.partners import OPERATOR, Actor
from throughway.partners.actions import add_user
from throughway.partners.models import User
from throughway.site.open_steps.selectors import open_to
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 25  # queries of a page: who may agree is looked up as well
STUDENTS = {"SENTINEL-001": "06", "SENTINEL-002": "07"}
TODAY = date.today()


@pytest.fixture
def batch(community: Community, tmp_path: Path) -> str:
    people()
    sign(paper("one", ALL), "one")
    return load(tmp_path, rows(STUDENTS)).batch


def page(of: Client, address: str, status: int = 200) -> str:
    return any_page(of, address, status, MOST)


def opened(*emails: str) -> None:
    """These alone have ever opened their account."""
    for user in User.objects.all():
        user.last_login = None
        if user.email in emails:
            user.set_password("river stones and long grass")
        else:
            user.set_unusable_password()
        user.save()


def ask(batch: str, by: tuple[str, str] = ("steward", "backbone")) -> UndoAsked:
    found = take_back(load=batch, reason="It is another partner's file", by=person(*by))
    assert isinstance(found, UndoAsked)
    return found


def refused(code: str, act: object, **given: object) -> None:
    with pytest.raises(Refused) as found:
        act(**given)  # type: ignore[operator]
    assert found.value.code == code


# ---- the rule ----

STATES = {
    "nobody": (), "worker": ("worker",), "leader": ("leader",), "officer": ("officer",), "steward": ("steward",),
    "all": tuple(PEOPLE),
}  # fmt: skip


def expected(role: str, partner: str, agreement: bool, exist: Iterable[str]) -> str:
    """The rule again, case by case. `exist`: who of the school ever opened an account."""
    if partner == "school" and role in ("officer", "steward"):
        return "at once"
    if partner != "school" and not (partner == "backbone" and role == "steward" and agreement):
        return "no"
    officers = {"officer", "steward"} & set(exist)
    leaders = {"leader"} & set(exist) - ({role} if partner == "school" else set())
    return "asks " + " ".join(sorted(officers or leaders)) if officers or leaders else "operator"


def observed(batch: str, by: Actor) -> str:
    try:
        orders.check_may_order("load", batch, by)
    except Refused as found:
        if found.code != "asks":
            return "no"
    else:
        return "at once"
    try:
        asked = take_back(load=batch, reason="Wrong", by=by)
    except Refused as found:
        return {"nobody_second": "operator"}[found.code]
    assert isinstance(asked, UndoAsked)
    decline_undo(number=asked.number, by=person(min(asked.people).split("@")[0], "school"))
    return "asks " + " ".join(sorted(email.split("@")[0] for email in asked.people))


def test_truth_table(batch: str) -> None:
    seen = set()
    for agreement in (True, False):
        if not agreement:
            end("one")
        for state, exist in STATES.items():
            opened(*(f"{name}@school.example" for name in exist), *(f"{n}@backbone.example" for n in PEOPLE))
            for role, partner in product(PEOPLE, PARTNERS):
                found = observed(batch, person(role, partner))
                assert found == expected(role, partner, agreement, exist), (role, partner, agreement, state)
                seen.add(found)
        assert observed(batch, OPERATOR) == "at once"
    assert {"at once", "no", "operator", "asks leader", "asks officer", "asks steward", "asks officer steward"} == seen  # fmt: skip
    assert len(held("person")) == 2
    assert not Destruction.objects.exists()


def test_a_leader_whom_the_one_who_asks_opened_alone_does_not_agree(batch: str) -> None:
    opened("leader@school.example", "steward@backbone.example")
    User.objects.filter(email="leader@school.example").update(added_by="steward@backbone.example")
    refused("nobody_second", take_back, load=batch, reason="Wrong", by=person("steward", "backbone"))
    opened("officer@school.example")
    assert ask(batch).people == {"officer@school.example"}


@pytest.mark.parametrize("by", [("steward", "backbone"), ("worker", "school"), ("leader", "school")])
def test_neither_door_destroys_for_who_must_ask(batch: str, by: tuple[str, str]) -> None:
    opened("officer@school.example")
    refused("asks", orders.order, kind="load", id=batch, why="Wrong", by=person(*by))
    refused("asks", orders.destroy, load=batch, why="Wrong", by=person(*by))
    refused("asks", orders.undo, load=batch, reason="Wrong", by=person(*by))
    assert not Destruction.objects.exists()
    assert len(held("person")) == 2


# ---- a request ----


def test_agreed_it_is_done_and_both_are_named(batch: str, tmp_path: Path) -> None:
    later = load(tmp_path, rows({"SENTINEL-001": "06"}), name="later").batch
    opened("officer@school.example")
    asked = ask(batch)
    assert asked.loads == (later, batch)
    assert ask(batch, ("worker", "school")) == asked  # what was asked already is not asked twice
    refused("not_allowed", agree_to_undo, number=asked.number, by=person("officer", "club"))
    refused("not_allowed", agree_to_undo, number=asked.number, by=person("leader", "school"))
    id = agree_to_undo(number=asked.number, by=person("officer", "school"))
    assert undos_asked(TODAY) == []
    refused("not_asked", agree_to_undo, number=asked.number, by=person("officer", "school"))
    orders.resume_order(id=id)
    order = Destruction.objects.get()
    assert (order.step, order.by, order.asked_by) == (DONE, "officer@school.example", "steward@backbone.example")  # fmt: skip
    facts = batch_of(batch).taken_back  # type: ignore[union-attr]
    assert (facts["by"], facts["asked_by"]) == (order.by, order.asked_by)
    assert held("person") == []
    assert "as steward@backbone.example asked" in page(client("officer", "school"), f"/loads/{batch}/")


def test_what_was_asked_is_settled_by_who_decides_alone(batch: str) -> None:
    opened("officer@school.example")
    ask(batch)
    take_back(load=batch, reason="Wrong indeed", by=person("officer", "school"))
    assert undos_asked(TODAY) == []
    assert Destruction.objects.get().asked_by == "steward@backbone.example"


def test_declined_nothing_changes_and_it_can_be_asked_again(batch: str) -> None:
    opened("officer@school.example")
    asked = ask(batch)
    decline_undo(number=asked.number, by=person("officer", "school"))
    assert undos_asked(TODAY) == []
    refused("not_asked", decline_undo, number=asked.number, by=person("officer", "school"))
    assert "officer@school.example declined" in page(
        client("steward", "backbone"), f"/destruction/load/{batch}/"
    )
    assert ask(batch).number != asked.number
    assert not Destruction.objects.exists()


def test_it_lapses_after_two_weeks(batch: str) -> None:
    opened("officer@school.example")
    asked = ask(batch)
    assert undos_asked(TODAY + timedelta(days=14)) == [asked]
    assert undos_asked(TODAY + timedelta(days=15)) == []


def test_refused_once_something_else_would_go(batch: str, tmp_path: Path) -> None:
    opened("officer@school.example")
    asked = ask(batch)
    load(tmp_path, rows({"SENTINEL-001": "06"}), name="later")
    refused("changed_since", agree_to_undo, number=asked.number, by=person("officer", "school"))
    again = ask(batch)
    assert again.number != asked.number
    assert len(again.loads) == 2
    assert undos_asked(TODAY) == [again]  # the newer one is in the place of the older
    [number, *_] = {row["person_record"] for row in held("person")}
    orders.destroy(person=int(str(number)), by=person("officer", "school"))
    refused("changed_since", agree_to_undo, number=again.number, by=person("officer", "school"))


def test_what_was_agreed_takes_no_later_load_with_it(batch: str, tmp_path: Path) -> None:
    """Another load that rests on it comes between the yes and the worker."""
    opened("officer@school.example")
    id = agree_to_undo(number=ask(batch).number, by=person("officer", "school"))
    later = load(tmp_path, rows({"SENTINEL-001": "06"}), name="later").batch
    refused("later_loads", orders.resume_order, id=id)
    assert not batch_of(later).taken_back  # type: ignore[union-attr]
    assert len(held("person")) == 2
    again = ask(batch)  # what was decided is not this
    assert again.loads == (later, batch)
    assert agree_to_undo(number=again.number, by=person("officer", "school")) == id
    assert undos_asked(TODAY) == []
    orders.resume_order(id=id)
    assert held("person") == []


def test_an_order_of_an_earlier_version_by_who_must_ask_is_not_carried_out(batch: str) -> None:
    opened("officer@school.example")
    id = orders.order(kind="load", id=batch, why="Wrong", by=person("officer", "school"))
    Destruction.objects.update(
        work={"named": [batch]}, by="steward@backbone.example", partner="backbone", role="data_steward"
    )
    refused("asks", orders.resume_order, id=id)
    assert len(held("person")) == 2


def test_who_asked_goes_on_with_what_was_agreed(batch: str) -> None:
    opened("leader@school.example")
    asked = ask(batch)
    agree_to_undo(number=asked.number, by=person("leader", "school"))
    made = take_back(load=batch, reason="Again", by=person("steward", "backbone"))
    order = Destruction.objects.get()
    assert (made.id, order.step) == (order.id, DONE)  # type: ignore[union-attr]
    assert (order.by, order.asked_by, order.why) == (
        "leader@school.example", "steward@backbone.example", "It is another partner's file",
    )  # fmt: skip


def test_not_asked_without_a_reason_or_while_it_must_wait(batch: str) -> None:
    from throughway.destruction.actions import holds

    opened("officer@school.example")
    by = person("steward", "backbone")
    refused("reason", take_back, load=batch, reason=" ", by=by)
    refused("later_loads", order_or_ask, load=batch, reason="Wrong", by=by, named=[])
    holds.hold(
        kind="partner", subject="school", notice="24-17", why="A complaint", by=person("officer", "school")
    )
    refused("waits", ask_for_undo, load=batch, reason="Wrong", by=by)
    assert not UndoRequestEvent.objects.exists()


def test_requests_are_never_changed(batch: str) -> None:
    opened("officer@school.example")
    ask(batch)
    assert UNDO_REQUESTS.missing(connection) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        UndoRequestEvent.objects.update(reason="Another")
    with pytest.raises(DatabaseError), transaction.atomic():
        UndoRequestEvent.objects.all().delete()


# ---- by command ----


def command(*words: str) -> tuple[int, dict[str, object]]:
    done = CliRunner().invoke(main, ["--json", *words])
    return done.exit_code, json.loads(done.stdout)


def test_by_command_it_is_asked_and_agreed(batch: str, community: Community) -> None:
    opened("leader@school.example")
    words = ("--community", str(community.root), "load", "--undo", batch, "--reason", "Wrong", "--as")
    code, told = command(*words, "worker@school.example")
    assert (code, told["batches"], told["rows"]) == (1, [batch], {"attendance_day": 4, "person": 2, "school_enrollment": 2})  # fmt: skip
    asks: dict[str, object] = told["asks"]  # type: ignore[assignment]
    assert asks["people"] == ["leader@school.example"]
    assert asks["until"] == (TODAY + timedelta(days=14)).isoformat()
    assert "leader@school.example" in str(asks["message"])
    assert len(held("person")) == 2
    assert not Destruction.objects.exists()
    assert command(*words, "worker@school.example")[1] == told
    code, told = command(*words, "leader@school.example")
    assert (code, told["batches"]) == (0, [batch])
    assert held("person") == []


def test_by_command_nobody_there_can_agree(batch: str, community: Community) -> None:
    opened("worker@school.example")
    words = ("--community", str(community.root), "load", "--undo", batch, "--reason", "Wrong")
    code, told = command(*words, "--as", "steward@backbone.example")
    assert (code, told["error"]["code"]) == (1, "nobody_second")  # type: ignore[index]
    assert command(*words)[0] == 0
    assert Destruction.objects.get().by == "operator"
    assert IntakeBatch.objects.get().taken_back["by"] == "operator"


# ---- on the site ----


def test_journey_of_a_request(batch: str, tmp_path: Path) -> None:
    later = load(tmp_path, rows({"SENTINEL-001": "06"}), name="later").batch
    opened("officer@school.example")
    steward, here = signed_in(person("steward", "backbone")), reverse("destruction:undo", args=[batch])
    told = page(steward, here)
    assert "Taking it back would destroy" in told
    assert "These people of the partner decide: officer@school.example" in told
    answer = steward.post(here, {"reason": "It is another file.", "named": f"{later} {batch}"}, follow=True)
    assert "Asked. One of those who decide" in answer.content.decode()
    assert "Ask for it" not in answer.content.decode()
    [asked] = undos_asked(TODAY)
    there = reverse("destruction:agree_to_undo", args=[asked.number])
    [step] = open_steps(TODAY)
    assert step.is_for(person("officer", "school"))
    assert not step.is_for(person("leader", "school"))
    assert "agree_to_undo" in [each.step.kind for each in open_to(person("officer", "school"), TODAY)]
    for who in (("steward", "backbone"), ("leader", "school"), ("officer", "club"), ("worker", "school")):
        page(client(*who), there, 404)
        assert client(*who).post(there, {"agree": "1"}).status_code == 404
    officer = signed_in(person("officer", "school"))
    assert there in officer.get("/").content.decode()
    assert there in page(officer, here)
    told = page(officer, there)
    assert "steward@backbone.example asks for it" in told
    assert "It is another file." in told
    assert reverse("intake:batch", args=[later]) in told
    assert "SENTINEL" not in told
    assert officer.post(there, {"agree": "1"})["Location"] == here
    orders.resume_order(id=Destruction.objects.get().id)
    assert "as steward@backbone.example asked" in page(steward, f"/loads/{batch}/")
    page(officer, there, 404)


def test_to_agree_asks_for_the_passphrase_again(batch: str) -> None:
    opened("officer@school.example")
    there = reverse("destruction:agree_to_undo", args=[ask(batch).number])
    assert (
        client("officer", "school")
        .post(there, {"agree": "1"})["Location"]
        .startswith(reverse("account_reauthenticate"))
    )
    assert not Destruction.objects.exists()


def test_the_page_of_a_request_that_nobody_can_agree_to_any_more(batch: str, tmp_path: Path) -> None:
    opened("officer@school.example")
    asked = ask(batch)
    load(tmp_path, rows({"SENTINEL-001": "06"}), name="later")
    officer, there = signed_in(person("officer", "school")), reverse("destruction:agree_to_undo", args=[asked.number])  # fmt: skip
    told = page(officer, there)
    assert "What would be taken back has changed since it was asked" in told
    assert 'name="agree"' not in told
    assert "Ask for it" in page(client("steward", "backbone"), f"/destruction/load/{batch}/")
    assert officer.post(there, {"agree": "1"}).status_code == 403
    officer.post(there, {"decline": "1"})
    assert undo_asked_of(batch) is None
    assert len(held("person")) == 2


def test_an_officer_added_later_decides_in_the_leaders_place(batch: str) -> None:
    opened("leader@school.example")
    assert ask(batch).people == {"leader@school.example"}
    add_user(
        email="new@school.example", partner="school", role="privacy_officer", password="river stones and long", by=OPERATOR,
    )  # fmt: skip
    assert undo_asked_of(batch).people == {"new@school.example"}  # type: ignore[union-attr]
