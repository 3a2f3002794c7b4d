"""A school year begins in July and goes by its ending year."""

from datetime import date, timedelta

from throughway.vocabulary.school_calendar import school_year_of, year_end, year_start


def test_a_school_year_begins_in_july() -> None:
    assert [school_year_of(day) for day in (date(2026, 6, 30), date(2026, 7, 1))] == [2026, 2027]


def test_every_day_lies_in_one_school_year() -> None:
    assert year_start(2027) == year_end(2026) + timedelta(days=1) == date(2026, 7, 1)
    for year in (2026, 2027):
        assert {school_year_of(year_start(year)), school_year_of(year_end(year))} == {year}
