"""What the signed text calls destroyed within some days says on the public page when it is late: what, since when, and of nobody."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import translation

from tests.agreements.documents import MOU, STUDY, changed, document_of
from tests.agreements.exchange.conftest import house  # noqa: F401  a fixture
from throughway.agreements.approvals import ApprovalPolicy
from throughway.agreements.late_destruction import LateDestruction, late_destruction
from throughway.agreements.open_steps import OpenStepContext, open_steps_of
from throughway.agreements.public_register import views
from throughway.agreements.states import AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.store import Community

DOCUMENT = document_of(changed(STUDY, ("terms.expires", "2026-06-30")))
WITHIN = timedelta(days=DOCUMENT.terms.destruction.within_days)
END, STOP = date(2026, 6, 30), date(2026, 5, 1)
LATE = END + WITHIN + timedelta(days=1)
SCHOOLS, LAB = "riverbend-schools", "reading-lab"
STATUS = AgreementStatus(DOCUMENT, "v", AgreementState.EXPIRED, "", uncertified=(LAB,))
TERMINATED = (LifecycleEvent(AgreementAct.TERMINATE, STOP, "v", SCHOOLS),)


@pytest.mark.parametrize(
    ("found", "events", "on", "late"),
    [
        (STATUS, (), LATE, {"": END, LAB: END}),
        (STATUS, (), LATE - timedelta(days=1), {}),  # the last day in time
        (replace(STATUS, state=AgreementState.ACTIVE), (), LATE, {}),
        (replace(STATUS, state=AgreementState.WINDING_DOWN, certificate="C1"), (), LATE, {LAB: END}),
        (replace(STATUS, state=AgreementState.WINDING_DOWN, uncertified=()), (), LATE, {"": END}),
        (replace(STATUS, state=AgreementState.DESTROYED, certificate="C1", uncertified=()), (), LATE, {}),
        (replace(STATUS, state=AgreementState.CLOSED), (), LATE, {}),
        (replace(STATUS, state=AgreementState.TERMINATED), TERMINATED, STOP + WITHIN, {}),
        (replace(STATUS, state=AgreementState.TERMINATED), TERMINATED, STOP + WITHIN + timedelta(days=1), {"": STOP, LAB: STOP}),
        # Who left owes it from that day on, in effect or ended; who has certified owes nothing.
        (replace(STATUS, state=AgreementState.ACTIVE, left=((LAB, STOP),)), (), STOP + WITHIN + timedelta(days=1), {LAB: STOP}),
        (replace(STATUS, state=AgreementState.ACTIVE, left=((LAB, STOP),), uncertified=()), (), LATE, {}),
        (replace(STATUS, left=((LAB, STOP),)), (), LATE, {LAB: STOP, "": END}),
        (replace(STATUS, document=document_of(changed(MOU, ("terms.expires", "2026-06-30"))), uncertified=()), (), LATE, {}),
    ],
)  # fmt: skip
def test_what_is_late(
    found: AgreementStatus, events: tuple[LifecycleEvent, ...], on: date, late: dict[str, date]
) -> None:
    within = timedelta(days=found.document.terms.destruction.within_days)
    expected = sorted(
        (LateDestruction(partner, since + within) for partner, since in late.items()),
        key=lambda each: (each.due, each.partner),
    )
    assert late_destruction(found, events, on) == tuple(expected)


@pytest.mark.parametrize(
    ("found", "events"),
    [
        (STATUS, ()),
        (replace(STATUS, state=AgreementState.TERMINATED), TERMINATED),
        (replace(STATUS, state=AgreementState.WINDING_DOWN), ()),
        (replace(STATUS, state=AgreementState.WINDING_DOWN), TERMINATED),
        (replace(STATUS, state=AgreementState.WINDING_DOWN, left=((LAB, STOP),)), ()),
        (replace(STATUS, state=AgreementState.ACTIVE, left=((LAB, STOP),)), ()),
    ],
)
def test_an_open_step_names_the_day_from_which_it_is_late(
    found: AgreementStatus, events: tuple[LifecycleEvent, ...]
) -> None:
    """On the day due the public page says nothing yet, on the day after it does."""
    life = AgreementLifecycle(found, None, (found,), (found.version,))
    known = OpenStepContext(events, None, ApprovalPolicy("short", 10), {})
    steps = [s for s in open_steps_of(life, known, END) if s.kind in ("certify", "wind_down")]
    assert steps
    for step in steps:
        assert step.due is not None
        of = LAB if step.kind == "certify" else ""
        days = [step.due + timedelta(days=more) for more in (0, 1)]
        assert [of in {late.partner for late in late_destruction(found, events, on)} for on in days] == [False, True]  # fmt: skip


@pytest.mark.django_db
def test_the_public_page_says_it(house: Community, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    in_time = client.get("/register/bus-study/").content.decode()
    assert "late" not in in_time
    today = date.today()
    due = today + WITHIN

    class Later(date):
        @classmethod
        def today(cls) -> date:
            return due + timedelta(days=1)

    monkeypatch.setattr(views, "date", Later)
    page = client.get("/register/bus-study/?language=en").content.decode()
    words = f"{due.day} {due:%B %Y}"
    assert "removal is late" in page
    assert (
        f"The data kept on this site should have been removed by {words}, and nobody has confirmed that it was."
        in page
    )
    assert f"Reading Lab should have confirmed by {words} that its copies are gone, and has not." in page
    assert "@" not in page
    assert "The buses run on time" not in page
    with translation.override("es"):
        spanish = client.get("/register/bus-study/?language=es").content.decode()
    assert "eliminación con retraso" in spanish
    assert "Los datos que guarda este sitio debían eliminarse" in spanish
    assert client.get("/register/").content.decode().count("removal is late") == 1
    found = {
        each["id"]: each["destruction"]["late"] for each in client.get("/register.json").json()["agreements"]
    }
    assert found["reading-study"] == []
    assert {"partner": None, "due": due.isoformat()} in found["bus-study"]
    assert {"partner": "Reading Lab", "due": due.isoformat()} in found["bus-study"]
