"""The statement about a support: what it may say, its words, and until when it stands."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.core.refusals import Refused
from throughway.measures.eligibility import condition
from throughway.supports.entry import (
    GRADES,
    SUBJECTS,
    WEEK,
    SupportEntry,
    SupportStatement,
    WayHome,
    WeeklySession,
    as_json,
    checked,
    from_json,
)

ON = date(2026, 10, 1)
CLUB = SupportStatement(
    "Homework Club", "after_school", "Homework with help.", "bright/homework", "Elm Street Library", "12 Elm St", "Riverbend", "RI",
    "02901", 41.8, -71.4, (WeeklySession("TU", time(15), time(17, 30)), WeeklySession("TH", time(15), time(17, 30))), date(2026, 9, 8),
    date(2027, 6, 4), ("eng", "spa"), 7, 14, "02", "08", (condition("grade is 02 or 03", where=""),), (), "Grades 2 to 8", "", 2, 20, ON,
    4, WayHome.BUS, "at 17:40", Decimal("25.00"), "for the year", "Front desk", "555-0100", "desk@bright.example",
    "https://bright.example", True,
)  # fmt: skip


def test_words_of_an_entry() -> None:
    assert CLUB.days_words == "Tuesdays and Thursdays"
    for days, words in (("MO TU WE TH", "Mondays to Thursdays"), ("MO TU", "Mondays and Tuesdays"), ("MO TU WE FR", "Mondays, Tuesdays, Wednesdays and Fridays"),
                        ("MO TU WE TH FR SA SU", "every day")):  # fmt: skip
        assert replace(CLUB, sessions=tuple(map(WeeklySession, days.split()))).days_words == words
    assert CLUB.times == [("Tuesday", "15:00–17:30"), ("Thursday", "15:00–17:30")]
    assert CLUB.season_words == "8 September 2026 to 4 June 2027"
    assert CLUB.languages_words == "English and Spanish"
    assert CLUB.grades_words == "grades 2 to 8"
    assert CLUB.ages_words == "7 to 14"
    assert CLUB.seats_words == "2 seats free of 20"
    assert CLUB.cost_shown == "$25, for the year"
    assert CLUB.way_home_words == "a bus takes students home; at 17:40"
    assert CLUB.address == "12 Elm St, Riverbend, RI 02901"


@pytest.mark.parametrize(("waiting", "words"), [(None, ""), (0, "nobody waits"), (1, "a few students wait"), (9, "a few students wait"), (10, "10 students wait")])  # fmt: skip
def test_a_small_number_who_wait_is_not_shown(waiting: int | None, words: str) -> None:
    assert replace(CLUB, waiting=waiting).waiting_words == words


def test_an_entry_reads_back_as_written() -> None:
    assert from_json(as_json(CLUB)) == CLUB == checked(CLUB)
    bare = SupportStatement("Chess")
    assert from_json(as_json(bare)) == bare == checked(bare)


@given(
    st.builds(
        SupportStatement,
        name=st.text("abc é", min_size=1, max_size=20).filter(str.strip),
        sessions=st.lists(st.builds(WeeklySession, st.sampled_from(list(WEEK)), st.none() | st.just(time(9)), st.none() | st.just(time(10))), max_size=4).map(tuple),
        starts=st.none() | st.just(ON),
        languages=st.lists(st.sampled_from(["eng", "spa"]), max_size=3).map(tuple),
        subjects=st.lists(st.sampled_from(list(SUBJECTS)), max_size=3).map(tuple),
        lowest_grade=st.sampled_from(["", "KG", "03"]),
        cost=st.none() | st.decimals(0, 999, places=2),
        seats_open=st.none() | st.integers(0, 2),
        way_home=st.sampled_from(WayHome),
        public=st.booleans(),
    )
)  # fmt: skip
def test_a_checked_statement_stays_the_same_when_checked_and_read_again(said: SupportStatement) -> None:
    once = checked(said)
    assert checked(once) == once == from_json(as_json(once))


def test_sessions_stand_in_one_order_whatever_order_they_came_in() -> None:
    hours = ((None, None), (None, time(0)), (time(0), None), (time(0), time(9)))
    sessions = [WeeklySession(day, *times) for day in ("MO", "SU") for times in hours]
    assert list(checked(replace(CLUB, sessions=tuple(reversed(sessions)))).sessions) == sessions


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "missing_name"),
        ({"name": "x" * 201}, "too_long"),
        ({"who": "x" * 2001}, "too_long"),
        ({"rules": (condition("grade is 02", where=""),) * 13}, "too_long"),
        ({"category": "tutering"}, "bad_code"),
        ({"languages": ("spanish",)}, "bad_code"),
        ({"subjects": ("maths",)}, "bad_code"),
        ({"lowest_grade": "3"}, "bad_code"),
        ({"sessions": (WeeklySession("XX"),)}, "bad_code"),
        ({"starts": date(2027, 7, 1)}, "bad_range"),
        ({"minimum_age": 15}, "bad_range"),
        ({"maximum_age": 300}, "bad_range"),
        ({"lowest_grade": "09"}, "bad_range"),
        ({"seats_open": 21}, "bad_range"),
        ({"seats_open": -1}, "bad_range"),
        ({"sessions": (WeeklySession("TU", time(18), time(17)),)}, "bad_range"),
        ({"latitude": None}, "bad_place"),
        ({"latitude": 100.0}, "bad_place"),
        ({"latitude": float("nan")}, "bad_place"),
        ({"email": "desk"}, "bad_email"),
        ({"website": "javascript:alert(1)"}, "bad_website"),
        ({"who": "Girls only"}, "protected_class"),
        ({"rules": (condition("sex is Female", where=""),)}, "protected_class"),
        ({"first": (condition("disability is Yes", where=""),)}, "protected_class"),
    ],
)  # fmt: skip
def test_what_an_entry_may_not_say(change: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(replace(CLUB, **change))  # type: ignore[arg-type]
    assert refused.value.code == code
    assert refused.value.message.endswith((".", "?"))


def entry(confirmed: date | None, **more: object) -> SupportEntry:
    return SupportEntry(1, "k", "bright", "Bright", replace(CLUB, **more), confirmed, None, date(2026, 8, 1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ago", "stands", "asks"),
    [
        (0, True, False),
        (89, True, False),
        (90, True, True),
        (120, True, True),
        (121, False, True),
        (None, False, True),
    ],
)
def test_an_unconfirmed_entry_leaves_matching_after_120_days(
    ago: int | None, stands: bool, asks: bool
) -> None:
    each = entry(None if ago is None else ON - timedelta(days=ago), starts=None)
    assert each.is_confirmed(ON) is stands
    assert (each.asks_since(ON) is not None) is asks


def test_a_new_season_asks_to_confirm_once() -> None:
    assert entry(date(2026, 9, 1)).asks_since(ON) == date(2026, 9, 8)
    assert entry(date(2026, 9, 8)).asks_since(ON) is None
    assert entry(date(2026, 9, 1)).asks_since(date(2026, 9, 7)) is None
    assert replace(entry(None), closed=ON).asks_since(ON) is None


def test_every_grade_has_words() -> None:
    assert [GRADES[code] for code in ("PK", "KG", "01", "12")] == [
        "prekindergarten",
        "kindergarten",
        "grade 1",
        "grade 12",
    ]
