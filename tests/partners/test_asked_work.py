"""Work that is asked for on the site: one of a kind about one thing at a time, taken up again after a kill, and told for a week."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from tests.gate import making
from throughway.core.refusals import Refused
from throughway.partners import Actor
from throughway.partners.asked_work.actions import MOST_STARTS, ask, carry_out
from throughway.partners.asked_work.selectors import asked_now
from throughway.partners.asked_work.work import AskedNow, Work
from throughway.partners.models import AskedWork, User

pytestmark = pytest.mark.django_db(transaction=True)
DONE: list[str] = []  # what was done, by whom


def add(asked: AskedNow, by: Actor) -> Mapping[str, Any]:
    DONE.append(f"{asked.about} {by.email}")
    if asked.given.get("fails") == "refused":
        raise Refused("It may not be added.", code="no")
    if asked.given.get("fails"):
        raise ValueError("Ada One, born 2012")
    return {"message": "Added.", "found": {"added": asked.about}}


def added(asked: AskedNow, by: Actor) -> Mapping[str, Any]:
    return {"found": {"added": asked.about}} if asked.given.get("landed") and DONE else {}


ADDING = Work(does=add, done_before=added, running="Already.", stopped="Stopped.", broken="Broken.")


@task()
def adding(asked: int) -> None:
    carry_out(ADDING, asked)


@pytest.fixture(autouse=True)
def town(community: object) -> None:
    making.register()
    DONE.clear()


def asked(about: str = "one", who: str = "evaluator@hub.example", **given: object) -> None:
    ask(ADDING, task=adding, kind="adding", about=about, given=given, by=making.reader(who))


def now(**only: str) -> AskedNow:
    return asked_now(ADDING, "adding", date.today(), **only)[0]


def carried() -> AskedNow:
    carry_out(ADDING, AskedWork.objects.latest("pk").pk)
    return now()


def test_what_came_of_it_is_told_for_a_week() -> None:
    asked()
    assert now().waits
    done = carried()
    assert (done.state, done.message, done.found) == ("done", "Added.", {"added": "one"})
    assert carried() == done  # twice: once done
    assert DONE == ["one evaluator@hub.example"]
    assert done.ended_at
    AskedWork.objects.update(ended_at=done.ended_at - timedelta(days=8))
    assert asked_now(ADDING, "adding", date.today()) == []


def test_one_at_a_time_whoever_asks_and_another_thing_beside_it() -> None:
    asked()
    for who in ("evaluator@hub.example", "officer@hub.example"):
        with pytest.raises(Refused, match="Already"):
            asked(who=who)
    asked("two")
    assert AskedWork.objects.count() == DBTaskResult.objects.count() == 2
    carry_out(ADDING, now(about="one").number)
    asked(who="officer@hub.example")
    assert [each.state for each in asked_now(ADDING, "adding", date.today(), about="one")] == [
        "waiting",
        "done",
    ]
    carried()
    asked(who="officer@hub.example")  # takes the place of what they asked before, and of nothing else
    assert {(row.by, row.about) for row in AskedWork.objects.filter(about="one")} == {
        ("evaluator@hub.example", "one"), ("officer@hub.example", "one")}  # fmt: skip
    assert AskedWork.objects.count() == 3


def test_a_refusal_reaches_who_asked_and_an_error_without_its_words() -> None:
    for fails, told in (("refused", "It may not be added."), ("error", "Broken.")):
        asked(fails=fails)
        assert (carried().state, now().message) == ("refused", told)


def test_what_is_done_stays_done_where_the_rest_failed() -> None:
    asked(fails="error", landed=True)
    assert (carried().state, now().found) == ("done", {"added": "one"})


def test_after_a_kill_it_begins_anew_but_not_for_ever() -> None:
    asked()
    AskedWork.objects.update(starts=1)
    done = carried()
    assert (done.state, done.again) == ("done", True)
    asked()
    AskedWork.objects.update(starts=MOST_STARTS)
    assert (carried().state, now().message) == ("refused", "Stopped.")
    assert len(DONE) == 1


def test_what_was_done_before_a_kill_is_not_done_again() -> None:
    DONE.append("before the kill")
    asked(landed=True)
    AskedWork.objects.update(starts=MOST_STARTS)
    assert (carried().state, now().found, len(DONE)) == ("done", {"added": "one"}, 1)


def test_a_lost_task_has_stopped_and_does_not_hold_the_next() -> None:
    asked()
    DBTaskResult.objects.all().delete()
    assert (now().state, now().message) == ("refused", "Stopped.")
    asked()
    assert carried().state == "done"


def test_whose_account_is_closed_meanwhile_gets_nothing() -> None:
    asked()
    User.objects.filter(email="evaluator@hub.example").update(is_active=False)
    assert carried().state == "refused"
    assert DONE == []
