"""Through the gate as partners join, leave and abstain, and as a text is amended: queries and their results."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from tests.gate import making
from tests.kept import kept
from throughway.agreements import actions as agreements
from throughway.agreements import selectors
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.training import actions as training

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
ID = "sharing-2026"
STATES = "SELECT attendance_status, count(*) FROM attendance_day GROUP BY 1 ORDER BY 1"
SERVICES = "SELECT count(*) FROM service_received"
OFFICE = {"title": "Superintendent", "authority": "Policy 1"}


@pytest.fixture
@kept
def town() -> None:
    making.register()
    partners.add_partner(id="south", name="South", kind="lea", by=OPERATOR)
    for role in ("evaluator", "officer"):
        full = "privacy_officer" if role == "officer" else role
        partners.add_user(email=f"{role}@south.example", partner="south", role=full, by=OPERATOR)
    making.in_effect(making.sharing(joinder={"open_to": ["lea"]}))
    making.people()


def asked(sql: str, email: str = "evaluator@hub.example") -> list[tuple[Any, ...]]:
    return enter(actor=making.reader(email), purpose="planning").query(sql).rows


def refused(sql: str, email: str) -> Refused:
    with pytest.raises(Refused) as refusal:
        asked(sql, email)
    return refusal.value


def attendance_of_south() -> None:
    day = {"record": 51, "attendance_event_date": making.DAY, "attendance_status": "Tardy"}
    making.land("attendance_day", "south", [day])


def join() -> None:
    agreements.join(id=ID, by=making.leader("south"), **OFFICE)


def test_one_who_joins_is_read_and_reads_as_its_model(town: None) -> None:
    attendance_of_south()
    before, of_harbor = asked(STATES), asked(SERVICES, "evaluator@north.example")
    assert ("Tardy", 1) not in before
    assert refused(SERVICES, "evaluator@south.example").code == "not_allowed"
    join()
    assert asked(STATES) == sorted([*before, ("Tardy", 1)])
    assert asked(SERVICES, "evaluator@south.example") == of_harbor
    assert ("Tardy", 1) in asked(STATES, "evaluator@harbor.example")
    assert LedgerEntry.objects.order_by("at", "id").last().agreements == [[ID, selectors.one(ID).version]]


def test_one_who_left_is_read_by_nobody_and_reads_nothing(town: None) -> None:
    join()
    attendance_of_south()
    agreements.leave(id=ID, by=making.reader("officer@north.example"))
    assert asked(STATES) == [("Tardy", 1)]
    assert refused(SERVICES, "evaluator@north.example").code == "not_allowed"


def test_until_its_notice_is_over_it_is_a_party(town: None) -> None:
    agreements.leave(
        id=ID, by=making.reader("officer@harbor.example"), on=selectors.today() + timedelta(days=1)
    )
    assert asked(STATES, "evaluator@harbor.example")


def test_an_abstainer_is_read_by_nobody_and_still_reads(town: None) -> None:
    agreements.abstain(id=ID, partner="north", decision="Vote 3", by=OPERATOR)
    assert refused(STATES, "evaluator@hub.example").code == "not_granted"
    assert asked(SERVICES, "evaluator@north.example")


def test_the_text_in_effect_is_read_until_the_later_one_is(town: None) -> None:
    later = making.sharing(joinder={"open_to": ["lea"]})
    later["schedule"] = [line for line in later["schedule"] if not line["element"].startswith("service")]
    first = selectors.one(ID).version
    agreements.amend(id=ID, text=json.dumps(later), by=OPERATOR)
    for partner in ("north", "harbor", "hub"):
        agreements.sign(id=ID, by=making.leader(partner))
        assert asked(SERVICES)
    assert LedgerEntry.objects.order_by("at", "id").last().agreements == [[ID, first]]
    agreements.activate(id=ID, by=making.reader("officer@hub.example"))
    assert refused(SERVICES, "evaluator@hub.example").code == "not_granted"
    assert asked(STATES)
    assert LedgerEntry.objects.order_by("at", "id").last().agreements == [[ID, selectors.one(ID).version]]


def test_nobody_reads_while_it_is_wound_down(town: None) -> None:
    officer = making.reader("officer@hub.example")
    agreements.terminate(id=ID, by=officer)
    agreements.wind_down(id=ID, by=officer)
    assert "wound down" in refused(STATES, "evaluator@hub.example").message


def on_day(day: date) -> list[tuple[Any, ...]]:
    return enter(actor=making.reader("evaluator@hub.example"), purpose="planning", on=day).query(STATES).rows


def test_a_past_day_is_judged_by_the_agreements_of_that_day() -> None:
    making.register()
    document = making.sharing()
    document["terms"] |= {"effective": str(selectors.today() - timedelta(days=5))}
    making.in_effect(document)
    making.people()
    assert on_day(selectors.today() - timedelta(days=5)) is not None
    with pytest.raises(Refused, match="takes effect on"):
        on_day(selectors.today() - timedelta(days=6))


def test_what_is_suspended_today_closes_past_days_too(town: None) -> None:
    yesterday = selectors.today() - timedelta(days=1)
    assert on_day(yesterday)
    agreements.suspend(id=ID, by=making.reader("officer@north.example"))
    with pytest.raises(Refused, match="is suspended"):
        on_day(yesterday)


@pytest.mark.parametrize("of_old", [True, False], ids=["the text of that day", "the text of today"])
def test_for_a_past_day_the_training_of_both_texts_is_asked(of_old: bool) -> None:
    making.register()
    asking = {"training": ["ferpa-basics"]}
    for n in (0, 1):
        text = making.sharing()
        text["terms"] |= asking if (n == 0) == of_old else {}
        if n == 0:
            making.in_effect(text)
            making.people()
            continue
        agreements.amend(id=ID, text=json.dumps(text), by=OPERATOR)
        for partner in ("north", "harbor", "hub"):
            agreements.sign(id=ID, by=making.leader(partner))
        agreements.activate(id=ID, by=making.reader("officer@hub.example"))
    yesterday = selectors.today() - timedelta(days=1)
    with pytest.raises(Refused, match="ferpa-basics"):
        on_day(yesterday)
    training.record(email="evaluator@hub.example", course="ferpa-basics", on=yesterday, by=OPERATOR)
    assert on_day(yesterday)


def test_training_is_checked_when_one_agreement_requires_it(town: None) -> None:
    other = making.sharing(id="other", schedule=[making.line("school_enrollment.*", "planning")])
    other["terms"] |= {"training": ["ferpa-basics"]}
    making.in_effect(other)
    enrolled = "SELECT count(*) FROM school_enrollment"
    assert refused(enrolled, "evaluator@hub.example").code == "not_granted"
    training.record(email="evaluator@hub.example", course="ferpa-basics", on=selectors.today(), by=OPERATOR)
    assert asked(enrolled) == [(0,)]
