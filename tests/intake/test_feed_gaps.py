"""Kinds of records that stopped, and school years that are missing."""

from datetime import date

import pytest

from throughway.intake.feed_gaps import Feed, Gap, gaps, overdue

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("last", "today", "late"),
    [
        (date(2026, 10, 30), TODAY, False),
        (date(2026, 10, 13), TODAY, True),
        (date(2026, 6, 5), date(2026, 8, 31), False),  # summer
        (date(2026, 6, 5), date(2026, 10, 15), False),
        (date(2026, 6, 5), date(2026, 10, 16), True),
        (date(2020, 6, 5), TODAY, True),
        (TODAY, TODAY, False),
    ],
)
def test_summer_is_no_delay(last: date, today: date, late: bool) -> None:
    assert overdue(last, today) is late


def found(table: str, years: set[int], last: date | None) -> list[Gap]:
    return list(gaps([Feed("lake", table, frozenset(years), last)], TODAY))


def test_what_stopped_and_what_is_missing() -> None:
    june = date(2026, 6, 5)
    assert found("attendance_day", {2025, 2026}, june) == [Gap("lake", "attendance_day", since=june)]
    assert found("attendance_day", {2026, 2027}, date(2026, 10, 30)) == []
    assert found("attendance_day", {2024, 2027}, date(2026, 10, 30)) == [
        Gap("lake", "attendance_day", years=(2025, 2026))
    ]
    # Who enrolled in August is enrolled: nothing more need come in the year.
    assert found("school_enrollment", {2026, 2027}, date(2026, 8, 25)) == []
    assert found("school_enrollment", {2026}, date(2025, 8, 25)) == [
        Gap("lake", "school_enrollment", since=date(2025, 8, 25))
    ]
    assert found("service_received", {2024, 2027}, date(2026, 11, 2)) == []  # a program may pause
    assert found("attendance_day", set(), june) == found("attendance_day", {2026}, None) == []
