"""The whole life of an agreement in the register: the long way, amendments, who joins, leaves or abstains, and the end."""

from datetime import date
from typing import Any

import pytest

from tests.agreements.documents import PARTNERS, STUDY, changed, text_of
from throughway.agreements import actions, reading
from throughway.agreements.approvals import Capacity, Needed
from throughway.agreements.lifecycle import Standing, State
from throughway.agreements.models import AgreementEvent
from throughway.partners import OPERATOR, Actor
from throughway.partners.actions import add_partner, add_user
from throughway.refusals import Refused
from throughway.store import Community

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)
ID = "reading-study"
SCHOOLS, LAB = "riverbend-schools", "reading-lab"


class Clock(date):
    now = TODAY

    @classmethod
    def today(cls) -> date:
        return cls.now


def who(role: str, partner: str) -> Actor:
    return Actor(f"{role}@{partner}.example", partner, role)


@pytest.fixture(autouse=True)
def house(community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    Clock.now = TODAY
    monkeypatch.setattr(reading, "date", Clock)
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)
    for partner in (SCHOOLS, LAB):
        for role in ("leader", "privacy_officer", "data_steward"):
            add_user(email=f"{role}@{partner}.example", partner=partner, role=role, by=OPERATOR)


def refused(call: Any, **arguments: Any) -> Refused:
    events = AgreementEvent.objects.count()
    with pytest.raises(Refused) as refusal:
        call(**arguments)
    assert AgreementEvent.objects.count() == events
    return refusal.value


def drafted(*changes: tuple[str, Any]) -> Standing:
    return actions.add(text=text_of(changed(STUDY, *changes)), by=who("privacy_officer", SCHOOLS))


def settled(*changes: tuple[str, Any]) -> Standing:
    drafted(*changes)
    for act in (actions.submit, actions.offer, actions.agree):
        found = act(id=ID, by=who("privacy_officer", SCHOOLS))
    return found


def approved(*changes: tuple[str, Any]) -> Standing:
    found = settled(*changes)
    for need in found.missing:
        role = "privacy_officer" if need.capacity is Capacity.PRIVACY_OFFICER else "data_steward"
        found = actions.approve(id=ID, capacity=need.capacity, by=who(role, need.partner))
    return found


def active(*changes: tuple[str, Any]) -> Standing:
    actions.add(text=text_of(changed(STUDY, *changes)), by=OPERATOR)
    for partner in (SCHOOLS, LAB):
        actions.sign(id=ID, by=who("leader", partner))
    return actions.activate(id=ID, by=who("data_steward", SCHOOLS))


def test_the_long_way() -> None:
    officer = who("privacy_officer", SCHOOLS)
    assert drafted().state is State.DRAFT
    assert actions.submit(id=ID, by=officer).state is State.REVIEW
    assert refused(actions.sign, id=ID, by=who("leader", LAB)).code == "is_review"
    assert actions.offer(id=ID, by=officer).state is State.NEGOTIATION
    found = actions.agree(id=ID, by=officer)
    assert found.state is State.APPROVAL
    assert found.missing == tuple(
        Needed(partner, capacity) for partner in (SCHOOLS, LAB) for capacity in (Capacity.STEWARD, Capacity.PRIVACY_OFFICER)
    )  # fmt: skip
    assert refused(actions.sign, id=ID, by=who("leader", LAB)).code == "is_approval"
    actions.approve(id=ID, capacity="steward", by=who("data_steward", SCHOOLS))
    actions.approve(id=ID, capacity="counsel", by=officer)
    actions.approve(id=ID, capacity="steward", by=who("data_steward", LAB))
    assert (
        actions.approve(id=ID, capacity="privacy_officer", by=who("privacy_officer", LAB)).state
        is State.APPROVED
    )
    assert actions.sign(id=ID, by=who("leader", LAB)).state is State.PARTLY_SIGNED
    assert actions.sign(id=ID, by=who("leader", SCHOOLS)).state is State.SIGNED
    assert actions.activate(id=ID, by=who("data_steward", SCHOOLS)).in_effect
