"""How long a step waits, and who is reminded of it when."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.partners import Actor, Role
from throughway.partners.open_step import OpenStep
from throughway.site.open_steps.reminders import ReminderNotice, key, reminder_text, reminders_due, stage
from throughway.site.open_steps.selectors import WaitingStep, by_agreement, waiting

DAY = date(2026, 9, 1)
SIGNERS = frozenset({Role.LEADER, Role.PRIVACY_OFFICER})


def step(
    due: date | None = None, since: date = DAY, partner: str = "district", agreement: str | None = "casework"
) -> OpenStep:
    return OpenStep(
        "sign", "Sign it", partner, SIGNERS, since, due, "agreements:one", ("casework",), agreement
    )


@pytest.mark.parametrize(
    ("due", "on", "tag"),
    [
        (None, DAY, ("wait", "waits")),
        (DAY + timedelta(30), DAY, ("wait", "30 days left")),
        (DAY + timedelta(7), DAY, ("warn", "7 days left")),
        (DAY + timedelta(1), DAY, ("warn", "1 day left")),
        (DAY, DAY, ("warn", "due today")),
        (DAY, DAY + timedelta(1), ("stop", "1 day late")),
        (DAY, DAY + timedelta(9), ("stop", "9 days late")),
    ],
)
def test_a_step_says_how_much_time_is_left(due: date | None, on: date, tag: tuple[str, str]) -> None:
    assert WaitingStep(step(due), on).tag == tag


def test_steps_are_ordered_by_due_day() -> None:
    late, soon, never = step(DAY), step(DAY + timedelta(20)), step(None)
    assert [w.step for w in waiting([never, soon, late], DAY)] == [late, soon, never]


def test_steps_are_grouped_by_agreement() -> None:
    found = waiting(
        [step(DAY + timedelta(3), agreement="b"), step(DAY, agreement="a"), step(None, agreement="b")], DAY
    )
    assert [(id, len(steps)) for id, steps in by_agreement(found, {"a", "b"}).items()] == [("a", 1), ("b", 2)]
    assert [(id, len(steps)) for id, steps in by_agreement(found, {"b"}).items()] == [("", 1), ("b", 2)]


def test_a_step_waits_for_a_role_of_one_partner() -> None:
    leader = Actor("leader@district.example", "district", Role.LEADER)
    assert step().is_for(leader)
    assert not step(partner="college").is_for(leader)
    assert not step().is_for(Actor("worker@district.example", "district", Role.CASE_WORKER))


def test_a_step_for_named_people_waits_for_them_alone() -> None:
    leader = Actor("leader@district.example", "district", Role.LEADER)
    assert replace(step(), people=frozenset({leader.email})).is_for(leader)
    assert not replace(step(), people=frozenset({"deputy@district.example"})).is_for(leader)


@pytest.mark.parametrize(
    ("days_before_due", "said"),
    [
        (30, "new"),
        (8, "new"),
        (7, "soon"),
        (1, "soon"),
        (0, "late 0"),
        (-6, "late 0"),
        (-7, "late 1"),
        (-14, "late 2"),
    ],
)
def test_stages_of_a_step_with_a_due_day(days_before_due: int, said: str) -> None:
    assert stage(step(DAY), DAY - timedelta(days_before_due)) == said


@pytest.mark.parametrize(("days", "said"), [(0, "open 0"), (13, "open 0"), (14, "open 1"), (28, "open 2")])
def test_stages_of_a_step_without_a_due_day(days: int, said: str) -> None:
    assert stage(step(None), DAY + timedelta(days)) == said


LEADER = Actor("leader@district.example", "district", Role.LEADER)
OTHER = Actor("leader@college.example", "college", Role.LEADER)


def test_one_mail_counts_all_steps_and_late_ones() -> None:
    steps = [step(DAY - timedelta(1)), step(DAY + timedelta(30), agreement="study"), step(partner="college")]
    assert [
        (n.email, n.waiting, n.late, len(n.new)) for n in reminders_due([LEADER, OTHER], steps, set(), DAY)
    ] == [
        (LEADER.email, 2, 1, 2),
        (OTHER.email, 1, 0, 1),
    ]


def test_no_second_reminder_before_the_next_stage() -> None:
    told = {(LEADER.email, key(step(DAY)), stage(step(DAY), DAY))}
    assert reminders_due([LEADER], [step(DAY)], told, DAY) == []
    assert len(reminders_due([LEADER], [step(DAY)], told, DAY + timedelta(7))) == 1


@given(
    due=st.none() | st.integers(0, 60),
    days=st.lists(st.integers(0, 120), min_size=1, max_size=40, unique=True),
)
def test_late_step_is_reminded_weekly_at_most(due: int | None, days: list[int]) -> None:
    one = step(None if due is None else DAY + timedelta(due))
    told: set[tuple[str, str, str]] = set()
    sent = []
    for on in (DAY + timedelta(n) for n in sorted(days)):
        for notice in reminders_due([LEADER], [one], told, on):
            told |= {(notice.email, *each) for each in notice.new}
            sent.append(on)
    late = {(s - one.due).days // 7 for s in sent if one.due and s >= one.due}
    assert len(late) == sum(1 for s in sent if one.due and s >= one.due)
    assert len(sent) <= len(days)


@pytest.mark.parametrize(("waiting_count", "late"), [(1, 0), (1, 1), (3, 0), (3, 2)])
def test_mail_names_only_counts(waiting_count: int, late: int) -> None:
    text = reminder_text(
        ReminderNotice(LEADER.email, (), waiting_count, late), "https://data.example.org/open-steps/"
    )
    assert "https://data.example.org/open-steps/" in text
    assert not any(word in text for word in ("district", "casework", "Sign it", LEADER.email))
    assert ("overdue" in text) == (late > 0)
