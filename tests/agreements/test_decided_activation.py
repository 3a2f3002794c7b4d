"""An agreement that somebody decided beforehand to put into effect: when it does, and what keeps it from it."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.gate import making
from tests.site.people import signed_in
from throughway.agreements import actions as agreements
from throughway.agreements.models import AgreementEvent
from throughway.agreements.selectors import open_decisions, prepared_status
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor
from throughway.partners import actions as partners
from throughway.partners.leaving.actions import close_user
from throughway.partners.models import User

ID = "sharing-2026"
DECISIONS = ("decide", "take_back")
pytestmark = pytest.mark.django_db
BEFORE, AFTER = ("agreements", "0004_decided_activation"), ("agreements", "0005_decisions_in_the_history")


@pytest.fixture
def desk(community: object) -> Any:
    making.register()
    partners.add_user(email="desk@hub.example", partner="hub", role="data_steward", by=OPERATOR)
    agreements.add(text=json.dumps(making.sharing()), by=OPERATOR)
    return making.reader("desk@hub.example")


@pytest.fixture
def signed(django_capture_on_commit_callbacks: Any) -> Any:
    """Signs for these partners, each with what follows its commit; the status afterwards."""

    def sign(*partners: str) -> AgreementStatus:
        for partner in partners:
            with django_capture_on_commit_callbacks(execute=True):
                agreements.sign(id=ID, by=making.leader(partner))
        return prepared_status(ID)

    return sign


def test_the_last_signature_puts_it_into_effect_in_the_name_of_who_decided(desk: Any, signed: Any) -> None:
    agreements.decide_activation(id=ID, by=desk)
    assert signed("north", "harbor").state is AgreementState.PARTLY_SIGNED
    assert signed("hub").state is AgreementState.ACTIVE
    (event,) = AgreementEvent.objects.filter(what="activate")
    assert (event.by, event.partner, event.details["decided"]) == (desk.email, "hub", str(date.today()))
    page = signed_in(desk).get(f"/agreements/{ID}/").content.decode()
    assert "for when every party had signed." in page
    assert not open_decisions()


def test_decided_when_all_have_signed_it_is_in_effect_at_once(
    desk: Any, signed: Any, django_capture_on_commit_callbacks: Any
) -> None:
    assert signed("north", "harbor", "hub").state is AgreementState.SIGNED
    with django_capture_on_commit_callbacks(execute=True):
        agreements.decide_activation(id=ID, by=desk)
    assert prepared_status(ID).in_effect


def test_what_is_taken_back_waits_for_somebody(desk: Any, signed: Any) -> None:
    agreements.decide_activation(id=ID, by=desk)
    agreements.take_back_activation(id=ID, by=making.reader("officer@north.example"))
    assert signed("north", "harbor", "hub").state is AgreementState.SIGNED
    assert [(e.what, e.by) for e in AgreementEvent.objects.filter(what__in=DECISIONS)] == [
        ("decide", desk.email),
        ("take_back", "officer@north.example"),
    ]
    page = signed_in(desk).get(f"/agreements/{ID}/").content.decode()
    assert "Hub decided that it takes effect once every party has signed" in page
    assert "North took back that it takes effect by itself" in page


def test_what_is_taken_back_while_it_is_carried_out_waits_too(
    desk: Any, signed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody takes it back after the decision was read, and before the agreement is locked."""
    signed("north", "harbor", "hub")
    agreements.decide_activation(id=ID, by=desk)
    officer = making.reader("officer@north.example")

    def meanwhile(email: str) -> Actor:
        agreements.take_back_activation(id=ID, by=officer)
        return making.reader(email)

    monkeypatch.setattr("throughway.agreements.actions.activation.actor", meanwhile)
    agreements.carry_out_decisions()
    assert prepared_status(ID).state is AgreementState.SIGNED
    assert AgreementEvent.objects.get(what="take_back").by == officer.email


def test_who_acts_for_another_partner_now_did_not_decide_it_for_that_one(desk: Any, signed: Any) -> None:
    agreements.decide_activation(id=ID, by=desk)
    User.objects.filter(email=desk.email).update(partner="north")
    assert signed("north", "harbor", "hub").state is AgreementState.SIGNED
    assert "acts for another partner" in agreements.what_stops(open_decisions()[ID])


def test_another_text_is_another_decision(desk: Any, signed: Any) -> None:
    agreements.decide_activation(id=ID, by=desk)
    agreements.add(text=json.dumps(making.sharing(title="Attendance alone")), by=OPERATOR)
    assert signed("north", "harbor", "hub").state is AgreementState.SIGNED
    with pytest.raises(Refused, match="changed while you were reading"):
        agreements.decide_activation(id=ID, by=desk, version="0" * 64)


def test_a_text_that_returns_is_decided_anew(desk: Any, signed: Any) -> None:
    """While another text was there, nobody could take the decision back: it was not shown, and is not acted on now."""
    agreements.decide_activation(id=ID, by=desk)
    agreements.add(text=json.dumps(making.sharing(title="Attendance alone")), by=OPERATOR)
    agreements.take_back_activation(id=ID, by=making.reader("officer@north.example"))
    agreements.add(text=json.dumps(making.sharing()), by=OPERATOR)
    assert not open_decisions()
    assert signed("north", "harbor", "hub").state is AgreementState.SIGNED


def test_not_before_its_first_day(desk: Any, signed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = date.today() + timedelta(days=3)
    terms = making.sharing()["terms"] | {"effective": str(first)}
    agreements.add(text=json.dumps(making.sharing(terms=terms)), by=OPERATOR)
    agreements.decide_activation(id=ID, by=desk)
    assert signed("north", "harbor", "hub").state is AgreementState.SIGNED
    assert not agreements.what_stops(open_decisions()[ID])
    for module in (
        "throughway.agreements.selectors",
        "throughway.agreements.actions.common",
        "throughway.agreements.actions.activation",
    ):
        monkeypatch.setattr(f"{module}.today", lambda: first)
    agreements.carry_out_decisions()  # as the background does every few minutes
    assert AgreementEvent.objects.get(what="activate").day == first


def test_what_stops_it_is_told_on_the_home(desk: Any, signed: Any) -> None:
    agreements.decide_activation(id=ID, by=desk)
    close_user(email=desk.email, by=OPERATOR)
    assert signed("north", "harbor", "hub").state is AgreementState.SIGNED
    home = signed_in(making.reader("officer@hub.example")).get("/").content.decode()
    assert "was stopped. The account of whoever decided it is closed" in home


def test_only_who_may_put_it_into_effect_decides(desk: Any) -> None:
    for email in ("evaluator@hub.example", "officer@far.example"):
        with pytest.raises(Refused):
            agreements.decide_activation(id=ID, by=making.reader(email))
    assert not open_decisions()


def test_on_its_page_it_is_decided_told_and_taken_back(desk: Any) -> None:
    client, page = signed_in(desk), f"/agreements/{ID}/"
    version = prepared_status(ID).version
    shown = client.post(f"{page}takes-effect/", {"version": version}, follow=True).content.decode()
    assert "Hub decided that on" in shown
    assert "Take that back" in shown
    partners.add_user(email="leader@north.example", partner="north", role="leader", by=OPERATOR)
    reads = signed_in(making.leader("north")).get(f"{page}sign/").content.decode()
    assert "It takes effect by itself once every party has signed" in reads  # before the last one signs
    shown = client.post(f"{page}takes-effect/", {"back": "yes"}, follow=True).content.decode()
    assert "Let it take effect by itself" in shown
    assert not open_decisions()


@pytest.mark.django_db(transaction=True)
def test_what_an_earlier_version_recorded_is_in_the_history(community: object) -> None:
    """A decision that was taken back, one whose text was replaced, and one that is open."""
    making.register()
    agreements.add(text=json.dumps(making.sharing()), by=OPERATOR)
    version, old = prepared_status(ID).version, "f" * 64
    officer, other = "officer@north.example", "officer@harbor.example"
    day = [datetime(2026, 11, n, 9, tzinfo=UTC) for n in range(1, 7)]
    rows = [
        {"version": version, "by": officer, "at": day[0], "closed_at": day[1], "closed_by": other},
        {"version": old, "by": officer, "at": day[2], "closed_at": day[3]},
        {"version": version, "by": officer, "at": day[4], "stopped": "No"},
    ]
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE])
    earlier = executor.loader.project_state([BEFORE]).apps.get_model("agreements", "DecidedActivation")
    for row in rows:
        earlier.objects.create(agreement=ID, partner="north", **row)
    executor = MigrationExecutor(connection)
    executor.migrate([AFTER])
    found = AgreementEvent.objects.filter(what__in=DECISIONS).order_by("id")
    assert [(e.what, e.version, e.by, e.partner, e.role, e.at, e.day, e.details) for e in found] == [
        ("decide", version, officer, "north", "privacy_officer", day[0], day[0].date(), {}),
        ("take_back", version, other, "harbor", "privacy_officer", day[1], day[1].date(), {}),
        ("decide", old, officer, "north", "privacy_officer", day[2], day[2].date(), {"lapsed": "2026-11-04"}),
        ("decide", version, officer, "north", "privacy_officer", day[4], day[4].date(), {}),
    ]
    assert open_decisions()[ID].event == found[3].event()
    assert not connection.introspection.table_names().count("agreements_decidedactivation")
