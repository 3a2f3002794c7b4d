from datetime import date

import pytest

from tests.agreements.documents import STUDY, document_of, status_on
from throughway.agreements.states import TRANSITIONS, AgreementAct, AgreementState, LifecycleEvent, may
from throughway.agreements.status import AgreementStatus

DOCUMENT = document_of(STUDY)  # 2025-07-01 to 2099-06-30; riverbend-schools gives, reading-lab receives
A, B = "riverbend-schools", "reading-lab"
IN_FORCE = date(2026, 1, 1)


def at(on: date, *events: tuple[AgreementAct, date, str]) -> AgreementStatus:
    return status_on(
        DOCUMENT, "v1", [LifecycleEvent(act, day, "v1", partner) for act, day, partner in events], on
    )


SIGNED = ((AgreementAct.SIGN, date(2025, 6, 1), A), (AgreementAct.SIGN, date(2025, 6, 2), B))
ACTIVE = (*SIGNED, (AgreementAct.ACTIVATE, date(2025, 7, 5), A))
SUSPENDED = (*ACTIVE, (AgreementAct.SUSPEND, date(2026, 1, 1), A))


@pytest.mark.parametrize(
    ("events", "on", "state", "reason"),
    [
        ((), IN_FORCE, AgreementState.DRAFT, "no party has signed"),
        (SIGNED[:1], IN_FORCE, AgreementState.PARTLY_SIGNED, "reading-lab must still sign"),
        (SIGNED, IN_FORCE, AgreementState.SIGNED, "nobody has activated"),
        (ACTIVE, IN_FORCE, AgreementState.ACTIVE, "in effect on 2026-01-01"),
        (ACTIVE, date(2025, 7, 1), AgreementState.ACTIVE, "in effect"),
        (ACTIVE, date(2025, 6, 30), AgreementState.NOT_YET_EFFECTIVE, "takes effect on 2025-07-01"),
        (ACTIVE, date(2099, 6, 30), AgreementState.ACTIVE, "until 2099-06-30"),
        (ACTIVE, date(2099, 7, 1), AgreementState.EXPIRED, "expired on 2099-06-30"),
        (SUSPENDED, date(2025, 12, 31), AgreementState.ACTIVE, "in effect"),
        (SUSPENDED, date(2026, 1, 1), AgreementState.SUSPENDED, "by riverbend-schools"),
        (SUSPENDED, date(2100, 1, 1), AgreementState.EXPIRED, "expired"),
        ((*SUSPENDED, (AgreementAct.RESUME, date(2026, 2, 1), A)), date(2026, 1, 31), AgreementState.SUSPENDED, "suspended"),
        ((*SUSPENDED, (AgreementAct.RESUME, date(2026, 2, 1), A)), date(2026, 2, 1), AgreementState.ACTIVE, "in effect"),
        ((*SUSPENDED, (AgreementAct.SUSPEND, date(2026, 1, 2), B), (AgreementAct.RESUME, date(2026, 2, 1), A)), date(2026, 3, 1),
         AgreementState.SUSPENDED, "by reading-lab"),
        ((*SUSPENDED, (AgreementAct.RESUME, date(2026, 2, 1), B)), date(2026, 3, 1), AgreementState.SUSPENDED, "by riverbend-schools"),
        ((*ACTIVE, (AgreementAct.TERMINATE, date(2026, 1, 1), A)), date(2026, 1, 1), AgreementState.TERMINATED, "terminated on 2026-01-01"),
        ((*ACTIVE, (AgreementAct.TERMINATE, date(2026, 1, 1), A)), date(2025, 12, 31), AgreementState.ACTIVE, "in effect"),
    ],
)  # fmt: skip
def test_status_on_a_day(
    events: tuple[tuple[AgreementAct, date, str], ...], on: date, state: AgreementState, reason: str
) -> None:
    found = at(on, *events)
    assert (found.state, found.in_effect) == (state, state is AgreementState.ACTIVE)
    assert reason in found.reason
    assert found.reason.startswith("reading-study ")


def test_events_of_another_version_do_not_count() -> None:
    events = [LifecycleEvent(act, day, "v0", partner) for act, day, partner in ACTIVE]
    assert status_on(DOCUMENT, "v1", events, IN_FORCE).state is AgreementState.DRAFT


def test_every_open_state_has_a_transition() -> None:
    assert {state for state, _ in TRANSITIONS} == set(AgreementState) - {
        AgreementState.AMENDED,
        AgreementState.CLOSED,
    }
    assert {state for targets in TRANSITIONS.values() for state in targets} == set(AgreementState) - {
        AgreementState.NOT_YET_EFFECTIVE
    }
    assert not any(
        may(state, act) for state in (AgreementState.AMENDED, AgreementState.CLOSED) for act in AgreementAct
    )


def test_every_act_is_in_the_table() -> None:
    assert {act for _, act in TRANSITIONS} == set(AgreementAct)
