"""Riverbend has what real data has: families, moves, those who leave and come back, gaps, late corrections."""

from datetime import date

import numpy as np
import pytest

from throughway.demo.after_graduation import FALLS
from throughway.demo.attendance_and_marks import NONE
from throughway.demo.enrollment import known_until, school_days
from throughway.demo.partners import BRIGHT, LAKESIDE, RIVERBEND
from throughway.demo.population import surnames_of
from throughway.demo.roster import surnames
from throughway.demo.town import Town, live


def test_households_have_siblings_and_twins(lives: Town) -> None:
    people = lives.people
    size = np.bincount(people.household)
    assert set(size) == {1, 2, 3, 4}
    assert 0.5 < (size[people.household] > 1).mean() < 0.9
    assert 0.02 < people.twin.mean() < 0.08
    for home in np.unique(people.household[people.twin])[:50]:
        born = people.birthdate[(people.household == home) & people.twin]
        assert len(np.unique(born)) < len(born)
    # No two children of one home have the same given name, and all of them share their surnames.
    home_and_name = np.char.add(people.household.astype(str), people.first)
    assert len(np.unique(home_and_name)) == people.size
    assert len({(h, s) for h, s in zip(people.household, people.surname, strict=True)}) == len(size)


def test_siblings_are_at_least_nine_months_apart(lives: Town) -> None:
    people = lives.people
    order = np.lexsort((people.birthdate, people.household))
    same_home = np.diff(people.household[order]) == 0
    apart = np.diff(people.birthdate[order]).astype(int)[same_home]
    assert ((apart == 0) | (apart > 270)).mean() > 0.99


def test_classes_are_about_equally_large(lives: Town) -> None:
    _, size = np.unique(lives.people.cohort, return_counts=True)
    assert len(size) == 25
    assert size.min() > 0.8 * size.mean()
    assert size.max() < 1.2 * size.mean()


def test_two_surnames_are_written_in_four_ways(lives: Town) -> None:
    people, roster = lives.people, lives.rosters[BRIGHT]
    who = roster.student[(people.second_surname[roster.student] != "")]
    a, b = people.surname[who], people.second_surname[who]
    written = roster.written.last[people.second_surname[roster.student] != ""]
    for style in range(4):
        assert (written == surnames(a, b, np.full(len(who), style))).mean() > 0.04
    assert set(surnames_of("spa")).isdisjoint(surnames_of("eng"))


def test_partners_write_nicknames_old_names_and_gaps(lives: Town) -> None:
    people, roster = lives.people, lives.rosters[BRIGHT]
    written, who = roster.written, roster.student
    assert 0.1 < ((written.first == people.nickname[who]) & (people.nickname[who] != "")).mean() < 0.35
    assert 0 < (written.birthdate == "").mean() < 0.05
    assert 0 < (written.street == "").mean() < 0.1
    renamed = people.new_surname[who] != ""
    assert 0.2 < (written.last[renamed] == people.new_surname[who][renamed]).mean() < 0.98


def test_keys_are_unique_and_random(lives: Town) -> None:
    for roster in lives.rosters.values():
        assert len(np.unique(roster.key)) == len(roster.key)
        assert abs(np.corrcoef(np.argsort(roster.key), roster.student)[0, 1]) < 0.05


def test_some_students_have_two_records(lives: Town) -> None:
    for partner in (BRIGHT, LAKESIDE):
        roster = lives.rosters[partner]
        who, times = np.unique(roster.student, return_counts=True)
        assert set(times) == {1, 2}
        assert 0.002 < (times == 2).mean() < 0.04
        twice = who[times == 2]
        assert (roster.places_of(twice) == [np.flatnonzero(roster.student == i)[0] for i in twice]).all()
    assert len(np.unique(lives.rosters[RIVERBEND].student)) == len(lives.rosters[RIVERBEND].key)


def test_students_move_leave_come_back_drop_out_and_graduate(lives: Town) -> None:
    spells = lives.spells
    assert {"moved", "within", "left", "vanished", "dropout", "graduated", "unmet", "year", ""} == set(
        spells.exit
    )
    first, last = (np.full(lives.people.size, v) for v in (9999, 0))
    np.minimum.at(first, spells.student, spells.year)
    np.maximum.at(last, spells.student, spells.year)
    left = np.isin(spells.exit, ["left", "vanished"])
    came_back = last[spells.student[left]] > spells.year[left]
    assert 0.1 < came_back.mean() < 0.6
    assert (first[first < 9999] > lives.years[0]).any()
    districts = np.unique(np.stack([spells.student, spells.district]), axis=1)
    assert (np.bincount(districts[0]) == 2).sum() > 100


def test_nobody_stays_in_two_schools_at_once(lives: Town) -> None:
    spells = lives.spells
    order = np.lexsort((spells.start, spells.student))
    end = np.where(np.isnat(spells.end), np.datetime64("2100-01-01"), spells.end)[order]
    same = np.diff(spells.student[order]) == 0
    assert (spells.start[order][1:] > end[:-1])[same].all()
    assert (spells.start <= np.where(np.isnat(spells.end), spells.start, spells.end)).all()


def test_no_stay_after_graduation_or_dropout(lives: Town) -> None:
    spells = lives.spells
    last = np.zeros(lives.people.size, dtype="datetime64[D]")
    np.maximum.at(last, spells.student, spells.start)
    for exit in ("graduated", "unmet", "dropout"):
        done = spells.exit == exit
        assert (spells.start[done] == last[spells.student[done]]).all()


def test_households_move_together(lives: Town) -> None:
    people = lives.people
    days = [set(people.moved_on[people.household == h]) for h in range(200)]
    assert all(len(found) == 1 or np.isnat(list(found)).all() for found in days)
    assert 0.1 < (~np.isnat(people.moved_on)).mean() < 0.5


def test_some_return_to_college_as_adults(lives: Town) -> None:
    terms = lives.college.terms
    same = np.diff(terms.student) == 0
    gap = np.diff(terms.start).astype(int)[same]
    back = gap > 500
    assert back.sum() > 100
    assert (terms.college[1:][same][back] == FALLS).mean() > 0.5
    left = np.char.add((lives.people.cohort[terms.student] + 3).astype(str), "-06-30").astype("datetime64[D]")
    assert ((terms.start - left).astype(int) > 5 * 365).sum() > 100


def test_no_record_is_in_the_future(lives: Town) -> None:
    known = lives.known
    assert known == np.datetime64("2026-10-31")
    needs, joined, scores = lives.needs, lives.participation, lives.scores
    assert (lives.college.terms.start <= known).all()
    assert (lives.college.awards.day <= known + 2).all()
    assert (scores.day <= known).all()
    assert (joined.start <= known).all()
    assert not (joined.end > known).any()
    assert (needs.found_on <= known).all()
    for days in (needs.referred_on, needs.served_from, needs.served_to, needs.closed_on):
        assert not (days > known).any()
    now = lives.attendance(lives.year)
    assert (now.status[:, now.days > known] == NONE).all()
    assert (now.status[:, now.days <= known] != NONE).any()
    assert (lives.work.year * 4 + lives.work.quarter).max() == 2026 * 4 + 3


def test_attendance_is_within_the_stay_and_repeatable(lives: Town) -> None:
    spells, year = lives.spells, lives.attendance(2026)
    stay = year.spell[::97]
    there = (year.days >= spells.start[stay, None]) & (year.days <= spells.end[stay, None])
    assert ((year.status[::97] != NONE) == there).all()
    assert (lives.attendance(2026).status == year.status).all()
    assert 0.9 < 1 - np.isin(year.status, (3, 4)).sum() / (year.status > 0).sum() < 0.97


@pytest.mark.parametrize("today", [date(2026, 7, 1), date(2026, 9, 2), date(2027, 3, 31), date(2027, 6, 30)])
def test_simulation_works_on_any_day_of_the_year(today: date) -> None:
    town = live(400, 5, today)
    assert town.year == 2027
    assert town.known == known_until(today)
    assert set(np.unique(town.spells.year)) >= set(town.years)
    assert len(town.rosters) == 9
    assert len(town.work.student)


def test_people_depend_on_seed_and_size() -> None:
    one, other, larger = live(400, 1, date(2026, 11, 25)), live(400, 2, date(2026, 11, 25)), live(9000, 1, date(2026, 11, 25))  # fmt: skip
    assert (one.people.first != other.people.first).any()
    assert len(larger.schools.id) > len(one.schools.id) == 8
    assert set(one.spells.district) == {0, 1}


def test_district_rosters_have_all_their_students(lives: Town) -> None:
    spells, rosters = lives.spells, lives.rosters
    for place, district in enumerate((RIVERBEND, LAKESIDE)):
        assert set(rosters[district].student) == set(spells.student[spells.district == place])
    with pytest.raises(KeyError):
        rosters[RIVERBEND].keys_of(np.array([lives.people.size + 1]))


def test_school_year_has_about_175_days() -> None:
    days = school_days(2026)
    assert 170 <= len(days) <= 185
    assert (days[0], days[-1]) == (np.datetime64("2025-08-25"), np.datetime64("2026-06-05"))
    assert np.is_busday(days).all()
