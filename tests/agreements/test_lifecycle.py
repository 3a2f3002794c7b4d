from datetime import date

import pytest

from tests.agreements.documents import STUDY, document_of
from throughway.agreements.lifecycle import TRANSITIONS, Act, Event, Standing, State, may, standing

DOCUMENT = document_of(STUDY)  # 2025-07-01 to 2030-06-30; riverbend-schools gives, reading-lab receives
A, B = "riverbend-schools", "reading-lab"
IN_FORCE = date(2026, 1, 1)


def at(on: date, *events: tuple[Act, date, str]) -> Standing:
    return standing(DOCUMENT, "v1", [Event(act, day, "v1", partner) for act, day, partner in events], on)


SIGNED = ((Act.SIGN, date(2025, 6, 1), A), (Act.SIGN, date(2025, 6, 2), B))
ACTIVE = (*SIGNED, (Act.ACTIVATE, date(2025, 7, 5), A))
SUSPENDED = (*ACTIVE, (Act.SUSPEND, date(2026, 1, 1), A))


@pytest.mark.parametrize(
    ("events", "on", "state", "reason"),
    [
        ((), IN_FORCE, State.DRAFT, "no party has signed"),
        (SIGNED[:1], IN_FORCE, State.PARTLY_SIGNED, "reading-lab must still sign"),
        (SIGNED, IN_FORCE, State.SIGNED, "nobody has activated"),
        (ACTIVE, IN_FORCE, State.ACTIVE, "in effect on 2026-01-01"),
        (ACTIVE, date(2025, 7, 1), State.ACTIVE, "in effect"),
        (ACTIVE, date(2025, 6, 30), State.NOT_YET_EFFECTIVE, "takes effect on 2025-07-01"),
        (ACTIVE, date(2030, 6, 30), State.ACTIVE, "until 2030-06-30"),
        (ACTIVE, date(2030, 7, 1), State.EXPIRED, "expired on 2030-06-30"),
        (SUSPENDED, date(2025, 12, 31), State.ACTIVE, "in effect"),
        (SUSPENDED, date(2026, 1, 1), State.SUSPENDED, "by riverbend-schools"),
        (SUSPENDED, date(2031, 1, 1), State.EXPIRED, "expired"),
        ((*SUSPENDED, (Act.RESUME, date(2026, 2, 1), A)), date(2026, 1, 31), State.SUSPENDED, "suspended"),
        ((*SUSPENDED, (Act.RESUME, date(2026, 2, 1), A)), date(2026, 2, 1), State.ACTIVE, "in effect"),
        ((*SUSPENDED, (Act.SUSPEND, date(2026, 1, 2), B), (Act.RESUME, date(2026, 2, 1), A)), date(2026, 3, 1),
         State.SUSPENDED, "by reading-lab"),
        ((*SUSPENDED, (Act.RESUME, date(2026, 2, 1), B)), date(2026, 3, 1), State.SUSPENDED, "by riverbend-schools"),
        ((*ACTIVE, (Act.TERMINATE, date(2026, 1, 1), A)), date(2026, 1, 1), State.TERMINATED, "terminated on 2026-01-01"),
        ((*ACTIVE, (Act.TERMINATE, date(2026, 1, 1), A)), date(2025, 12, 31), State.ACTIVE, "in effect"),
    ],
)  # fmt: skip
def test_how_it_stands_on_a_day(
    events: tuple[tuple[Act, date, str], ...], on: date, state: State, reason: str
) -> None:
    found = at(on, *events)
    assert (found.state, found.in_effect) == (state, state is State.ACTIVE)
    assert reason in found.reason
    assert found.reason.startswith("reading-study ")


def test_what_was_done_with_another_version_does_not_count() -> None:
    events = [Event(act, day, "v0", partner) for act, day, partner in ACTIVE]
    assert standing(DOCUMENT, "v1", events, IN_FORCE).state is State.DRAFT


def test_every_state_has_a_way_on_save_those_that_are_over() -> None:
    assert {state for state, _ in TRANSITIONS} == set(State) - {State.AMENDED, State.CLOSED}
    assert {state for targets in TRANSITIONS.values() for state in targets} == set(State) - {
        State.NOT_YET_EFFECTIVE
    }
    assert not any(may(state, act) for state in (State.AMENDED, State.CLOSED) for act in Act)


def test_every_act_is_in_the_table() -> None:
    assert {act for _, act in TRANSITIONS} == set(Act)
