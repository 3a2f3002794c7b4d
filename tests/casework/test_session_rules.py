"""The rules of a session, without a database: what a mark does, which names are alike, who may pick up, which groups meet today."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.casework.sessions.groups import days_apart, groups, planned_hours
from throughway.casework.sessions.mark import (
    Mark,
    MarkEffect,
    SavedRoster,
    SentMark,
    StandingMark,
    check_day,
    check_not_fed,
    effect,
    is_earlier,
    roster_lines,
)
from throughway.casework.sessions.pick_up import (
    ASK,
    CUSTODY,
    EMERGENCY,
    RESTRICTIONS,
    PickUp,
    columns_needed,
    pick_ups,
)
from throughway.core.refusals import Refused
from throughway.supports.entry import SupportEntry, SupportStatement, WeeklySession

P, L, A = Mark.PRESENT, Mark.LATE, Mark.ABSENT
ME, OTHER = "me@harbor.example", "other@harbor.example"
DAY = date(2026, 11, 30)  # a Monday


@pytest.mark.parametrize(
    ("sent", "stands", "what"),
    [
        (SentMark(P, 0), None, MarkEffect.WRITE),
        (SentMark(P, 3), None, MarkEffect.WRITE),
        (SentMark(P, 0), StandingMark(P, 1, OTHER), MarkEffect.SAME),
        (SentMark(P, 1), StandingMark(P, 1, ME), MarkEffect.SAME),
        (SentMark(P, 1), StandingMark(A, 1, OTHER), MarkEffect.WRITE),
        (SentMark(P, 0), StandingMark(A, 1, OTHER), MarkEffect.DIFFERS),
        (SentMark(P, 1), StandingMark(A, 2, OTHER), MarkEffect.DIFFERS),
        (SentMark(P, 0), StandingMark(A, 1, ME), MarkEffect.WRITE),
    ],
)  # fmt: skip
def test_what_a_sent_mark_does(sent: SentMark, stands: StandingMark | None, what: MarkEffect) -> None:
    assert effect(sent, stands, by=ME) is what


SAVES = st.lists(
    st.tuples(st.sampled_from([ME, OTHER]), st.sampled_from(list(Mark)), st.booleans()), max_size=12
)


@given(SAVES)
def test_no_mark_is_overwritten_unseen(saves: list[tuple[str, Mark, bool]]) -> None:
    """Whoever replaces another's mark had it before them: each looks (or not) before each save."""
    stands: StandingMark | None = None
    seen = {ME: 0, OTHER: 0}
    for who, mark, looks in saves:
        if looks and stands:
            seen[who] = stands.version
        what = effect(SentMark(mark, seen[who]), stands, by=who)
        if what is MarkEffect.WRITE:
            if stands is not None:
                assert seen[who] == stands.version or stands.author == who
            stands = StandingMark(mark, stands.version + 1 if stands else 1, who)
        elif what is MarkEffect.SAME:
            assert stands
            assert stands.mark is mark


@pytest.mark.parametrize(
    ("ago", "earlier"), [(-1, False), (0, False), (1, False), (2, True), (366, True), (367, False)]
)
def test_of_which_days_marks_are_corrected_and_none_added(ago: int, earlier: bool) -> None:
    assert is_earlier(DAY - timedelta(days=ago), DAY) is earlier


HALF_PAST = WeeklySession("MO", time(15), time(16, 30))


@pytest.mark.parametrize(
    ("entries", "hours"),
    [
        ([{"sessions": (HALF_PAST,)}], 1.5),
        ([{"sessions": (HALF_PAST, WeeklySession("MO", time(17), time(18)))}], 2.5),
        ([{"sessions": (WeeklySession("TU", time(15), time(16)),)}], None),  # not on this day
        ([{"sessions": (WeeklySession("MO"),)}], None),
        ([{"sessions": (HALF_PAST, WeeklySession("MO"))}], None),
        ([{"sessions": (WeeklySession("MO", time(16), time(15)),)}], None),
        ([{"sessions": (HALF_PAST,), "ends": DAY - timedelta(days=1)}], None),
        ([{"sessions": (HALF_PAST,)}, {"sessions": (HALF_PAST,)}], 1.5),
        ([{"sessions": (HALF_PAST,)}, {"sessions": (WeeklySession("MO", time(15), time(17)),)}], None),  # they differ
        ([{"sessions": (HALF_PAST,), "program": "harbor/other"}], None),
        ([], None),
    ],
)  # fmt: skip
def test_planned_hours_are_those_of_the_directory_or_none(
    entries: list[dict[str, Any]], hours: float | None
) -> None:
    known = {"name": "Circle", "program": "harbor/circle"}
    found = [
        SupportEntry(n, str(n), "harbor", "Harbor", SupportStatement(**{**known, **said}), DAY, None, DAY)
        for n, said in enumerate(entries)
    ]
    assert planned_hours(found, "harbor/circle", DAY) == hours


@pytest.mark.parametrize(("ago", "allowed"), [(-1, False), (0, True), (1, True), (366, True), (367, False)])
def test_the_day_of_a_roster(ago: int, allowed: bool) -> None:
    on = DAY - timedelta(days=ago)
    if allowed:
        check_day(on, DAY)
        return
    with pytest.raises(Refused):
        check_day(on, DAY)


@pytest.mark.parametrize(("ago", "fed"), [(None, False), (0, True), (180, True), (181, False)])
def test_a_feed_goes_on_for_half_a_year(ago: int | None, fed: bool) -> None:
    last = None if ago is None else DAY - timedelta(days=ago)
    if fed:
        with pytest.raises(Refused) as raised:
            check_not_fed(last, DAY)
        assert raised.value.code == "fed"
        return
    check_not_fed(last, DAY)


def test_what_a_saved_roster_says() -> None:
    other = StandingMark(A, 1, OTHER)
    assert SavedRoster({P: 23, L: 1, A: 1}, {}).sentence == "Saved: 23 present, 1 late and 1 absent."
    assert "1 student left out" in SavedRoster({P: 1}, {}, 1).sentence
    assert "2 students differently" in SavedRoster({P: 1}, {1: other, 2: other}).sentence


def test_a_roster_begins_as_present_by_name() -> None:
    people = [
        {"person_id": "2", "first_name": "Zoe", "last_or_surname": "Ash"},
        {"person_id": "1", "first_name": "Bo", "last_or_surname": "Elm", "preferred_first_name": "Al"},
        {"person_id": "1", "first_name": "Bo", "last_or_surname": None},
        {"person_id": "3", "first_name": None, "last_or_surname": None},
    ]
    marks = [{"person_id": "2", "session_mark": "late", "version": 2, "author": OTHER, "walk_in_name": None}]
    found = roster_lines(people, marks)
    assert [(line.name, line.said, line.based_on) for line in found] == [
        ("A student whose name is not shown", P, 0), ("Al Elm", P, 0), ("Zoe Ash", L, 2),
    ]  # fmt: skip
    sent = {2: SentMark(P, 0), 1: SentMark(A, 0)}
    again = {line.person: line for line in roster_lines(people, marks, sent=sent, reader=ME)}
    assert (again[2].said, again[2].differs) == (P, f"Late, by {OTHER}")
    assert (again[1].said, again[1].differs) == (A, "")


ADULT = {"person_id": "1", "first_name": "Pat", "last_or_surname": "Ash", CUSTODY: "Yes", EMERGENCY: None, RESTRICTIONS: None,
         "telephone_number": "555 0100", "person_relationship_type": "Mother"}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, True),
        ({CUSTODY: "No", EMERGENCY: True}, True),
        ({CUSTODY: "No"}, False),
        ({CUSTODY: "Unknown"}, False),
        ({CUSTODY: None, EMERGENCY: False}, False),
        ({RESTRICTIONS: "No contact, order 12"}, False),
        ({"first_name": None, "last_or_surname": ""}, False),
    ],
)
def test_who_may_pick_up(changes: dict[str, object], named: bool) -> None:
    found = pick_ups([ADULT | changes], ()).get(1, PickUp())
    assert bool(found.adults) is named
    assert found.ask == ("" if named else ASK)


def test_a_limit_on_one_adult_closes_all_of_that_student_and_of_no_other() -> None:
    """Which adult a limit is about may not be told, so that nobody is named."""
    limited = ADULT | {"first_name": "Sam", RESTRICTIONS: "Order"}
    other = ADULT | {"person_id": "2"}
    assert set(pick_ups([ADULT, limited, other], ())) == {2}
    assert set(pick_ups([ADULT, other], {1})) == {2}


ALL = {"first_name", "last_or_surname", CUSTODY, EMERGENCY, RESTRICTIONS, "telephone_number"}


@pytest.mark.parametrize(
    ("hidden", "any_named"),
    [(set(), True), ({CUSTODY}, True), ({RESTRICTIONS}, False), ({CUSTODY, EMERGENCY}, False), ({"first_name", "last_or_surname"}, False)],
)  # fmt: skip
def test_without_limits_on_contact_no_adult_is_read(hidden: set[str], any_named: bool) -> None:
    assert bool(columns_needed(ALL - hidden)) is any_named


def entry(name: str, *days: str, **more: object) -> SupportEntry:
    sessions = tuple(WeeklySession(day, time(15), time(17)) for day in days)
    said = replace(SupportStatement(name=name, program=f"harbor/{name.lower()}", sessions=sessions), **more)  # type: ignore[arg-type]
    return SupportEntry(1, "k", "harbor", "Harbor", said, DAY, None, DAY)


def test_groups_that_meet_today_come_first() -> None:
    found = groups(
        "harbor",
        [entry("Tue", "TU"), entry("Mon", "MO"), entry("Over", "MO", ends=DAY - timedelta(days=1)), entry("Open"),
         replace(entry("Gone", "MO"), closed=DAY), replace(entry("Other", "MO"), partner="north")],
        {"harbor/fed": "Fed", "north/mon": "North"},
        {"harbor/fed": DAY, "harbor/mon": DAY - timedelta(days=200)},
        DAY,
    )  # fmt: skip
    assert [(g.name, g.meets, g.fed is not None) for g in found] == [
        ("Mon", True, False), ("Open", None, False), ("Over", False, False), ("Tue", False, False), ("Fed", None, True),
    ]  # fmt: skip
    assert found[0].when == "15:00–17:00"


MON, TUE, THU = (date(2026, 11, day) for day in (16, 17, 19))
WEEK_ON = timedelta(days=7)


@pytest.mark.parametrize(
    ("days", "held", "told"),
    [
        (("MO", "TH"), (MON, THU, MON + WEEK_ON, THU + WEEK_ON), ""),
        (("FR",), (MON, THU, MON + WEEK_ON, THU + WEEK_ON), "The directory says Fridays; attendance of the last eight weeks is of Mondays and Thursdays."),
        (("MO", "TH"), (MON, MON + WEEK_ON), "The directory says Mondays and Thursdays; attendance of the last eight weeks is of Mondays."),
        (("MO",), (MON, MON + WEEK_ON, TUE), ""),  # one session was moved
        ((), (MON, MON + WEEK_ON), ""),
        (("MO",), (), ""),
    ],
)  # fmt: skip
def test_where_directory_and_sheet_name_other_days_both_are_told(days: Any, held: Any, told: str) -> None:
    club = SupportStatement("Club", sessions=tuple(WeeklySession(each) for each in days))
    found = SupportEntry(1, "k", "harbor", "Harbor", club, DAY, None, DAY)
    assert days_apart(found, held).startswith(told)
    assert bool(days_apart(found, held)) is bool(told)
