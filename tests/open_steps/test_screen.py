"""The screen of open steps: what waits for the reader first, then each agreement that the reader may see."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from tests.site.people import client_of
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, PartnerKind, Role
from throughway.partners.actions import add_partner, add_user
from throughway.partners.open_step import OpenStep
from throughway.partners.selectors import actor
from throughway.site.open_steps import selectors
from throughway.site.open_steps.actions import nudge
from throughway.site.open_steps.models import Nudge

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
    assert re.search(r"<h1[^>]*>\s*\w+ things? (?:is|are) waiting for you", text)
    assert "3 days late" in text
    assert 'href="/"' in text
    assert "Vote of college" not in text


def test_other_roles_see_whom_a_step_waits_for(steps: None) -> None:
    text = page("case_worker@district.example")
    assert "Open it" not in text  # no step of others stands among what waits for the reader
    assert "the leader or privacy officer of District" in text


def test_the_backbone_reads_all(steps: None) -> None:
    text = page("leader@hub.example")
    assert "Vote of district" in text
    assert "Vote of college" in text
    assert "One is overdue" in text


def press(email: str, text: str) -> str:
    """Presses the first button for a reminder on the page."""
    found = re.search(r'name="step" value="([^"]+)"', text)
    assert found
    answer = client_of(email).post("/open-steps/remind/", {"step": found[1]}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_one_press_reminds_a_partner_that_is_late(steps: None) -> None:
    hub, late = "leader@hub.example", "leader@district.example"
    before = page(hub)
    assert before.count("Send a reminder") == 1  # of what is late alone
    assert "sent a reminder" not in page(late)
    after = press(hub, before)
    assert "District is reminded" in after
    assert "Hub sent a reminder on" in after
    assert "Send a reminder" not in after
    [nudge] = Nudge.objects.all()
    assert (nudge.partner, nudge.day, nudge.by, nudge.by_partner) == ("district", TODAY, hub, "hub")
    assert "Hub sent a reminder on" in page(late)  # beside its step
    assert "Hub sent a reminder on" in client_of(late).get("/").content.decode()  # and on its home


def test_a_partner_is_reminded_once_a_day(steps: None) -> None:
    before = page("leader@hub.example")
    press("leader@hub.example", before)
    assert "One reminder a day is enough" in press("leader@hub.example", before)
    assert Nudge.objects.count() == 1
    Nudge.objects.update(day=TODAY - timedelta(days=1), at=datetime.now(UTC) - timedelta(days=1))
    assert "District is reminded" in press("leader@hub.example", before)
    assert Nudge.objects.count() == 2


def test_who_may_not_remind(steps: None) -> None:
    """Neither whom the step waits for, nor who does not see it, nor of what is not late."""
    before = page("leader@hub.example")
    assert "Send a reminder" not in page("leader@district.example")
    assert "leader, privacy officer or data steward" in press("leader@district.example", before)
    assert "no longer open" in press("leader@college.example", before)
    waits = next(s for s in selectors.open_steps(TODAY) if s.waits_for == "college")
    with pytest.raises(Refused, match="late"):
        nudge(step=selectors.key(waits), by=actor("leader@hub.example"), on=TODAY)
    assert client_of("case_worker@district.example").post("/open-steps/remind/").status_code == 404
    assert Nudge.objects.count() == 0


def test_a_stranger_is_sent_to_sign_in(steps: None) -> None:
    assert Client().get("/open-steps/").status_code == 302
