"""The screen of open steps: what waits for the reader first, then each agreement that the reader may see."""

from datetime import date, timedelta

import pytest
from django.test import Client

from tests.site.people import client_of
from throughway.partners import OPERATOR, PartnerKind, Role
from throughway.partners.actions import add_partner, add_user
from throughway.partners.open_step import OpenStep
from throughway.site.open_steps import selectors

pytestmark = pytest.mark.django_db
TODAY = date.today()
SIGNERS = frozenset({Role.LEADER, Role.PRIVACY_OFFICER})


@pytest.fixture
def steps(community: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """One step of each of two partners about no agreement that is there; the first is late."""
    for id, kind in (
        ("district", PartnerKind.LEA),
        ("college", PartnerKind.COLLEGE),
        ("hub", PartnerKind.BACKBONE),
    ):
        add_partner(id=id, name=id.title(), kind=kind, by=OPERATOR)
        for role in (Role.LEADER, Role.CASE_WORKER):
            add_user(email=f"{role}@{id}.example", partner=id, role=role, by=OPERATOR)
    found = [
        OpenStep(
            "vote", f"Vote of {p}", p, SIGNERS, TODAY, TODAY + timedelta(n), "home", (), "gone" if n else None
        )
        for n, p in ((-3, "district"), (20, "college"))
    ]
    monkeypatch.setattr(selectors, "SOURCES", (lambda on: found,))


def page(email: str) -> str:
    client = client_of(email)
    response = client.get("/open-steps/")
    assert response.status_code == 200
    return response.content.decode()


def test_own_steps_come_first_with_a_link(steps: None) -> None:
    text = page("leader@district.example")
    assert "One step waits for you" in text
    assert "3 days late" in text
    assert 'href="/"' in text
    assert "Vote of college" not in text


def test_other_roles_see_whom_a_step_waits_for(steps: None) -> None:
    text = page("case_worker@district.example")
    assert "Nothing waits for you" in text
    assert "the leader or privacy officer of District" in text


def test_the_backbone_reads_all(steps: None) -> None:
    text = page("leader@hub.example")
    assert "Vote of district" in text
    assert "Vote of college" in text
    assert "One is overdue" in text


def test_a_stranger_is_sent_to_sign_in(steps: None) -> None:
    assert Client().get("/open-steps/").status_code == 302
