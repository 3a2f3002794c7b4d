"""Every planted truth is in the lives themselves: effects, selection, lots, help twice at once, needs, leaks."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from throughway.demo import leaks, truth
from throughway.demo.after_graduation import still_learning
from throughway.demo.assessments import READING, STATE
from throughway.demo.attendance_and_marks import EXCUSED, UNEXCUSED, in_program
from throughway.demo.effects import effects, potential
from throughway.demo.programs import (
    CAREER_START,
    HOMEWORK_CLUB,
    LATE_GYM,
    MENTORING,
    SUMMER_BRIDGE,
    TUTORING,
)
from throughway.demo.student_needs import REASONS
from throughway.demo.town import Town, live


def share_missed(lives: Town) -> tuple[np.ndarray, np.ndarray]:
    """Of each stay of whole years: days missed, and days."""
    missed, days = (np.zeros(len(lives.spells.student)) for _ in range(2))
    for year in lives.each_year():
        if year.year < lives.year:
            missed[year.spell] = np.isin(year.status, (EXCUSED, UNEXCUSED)).sum(axis=1)
            days[year.spell] = (year.status > 0).sum(axis=1)
    return missed, days


def test_tutoring_effect_is_a_fifth_of_a_deviation(lives: Town) -> None:
    read = lives.reading
    assert read.tutored.sum() > 500
    np.testing.assert_allclose(read.with_ - read.without, 0.20 * read.without.std(), rtol=1e-9)
    joined = lives.participation.of(TUTORING)
    assert set(zip(read.student[read.tutored], read.year[read.tutored], strict=True)) <= set(
        zip(joined.student, joined.year, strict=True)
    )
    # What the schools report is what happened, rounded.
    scores = lives.scores
    third = (scores.instrument == STATE) & (scores.subject == READING) & (scores.grade == 3)
    told = {
        (s, y): v
        for s, y, v in zip(scores.student[third], scores.year[third], scores.value[third], strict=True)
    }
    happened = np.where(read.tutored, read.with_, read.without)
    assert all(told[s, y] == round(v) for s, y, v in zip(read.student, read.year, happened, strict=True))


def test_plain_comparison_is_biased_against_tutoring(lives: Town) -> None:
    read = lives.reading
    naive = read.with_[read.tutored].mean() - read.without[~read.tutored].mean()
    assert naive / read.without.std() < -0.3


def test_matched_comparison_finds_the_tutoring_effect(lives: Town) -> None:
    """The screener is what tutoring chooses by, and it is in the records: a fair comparison is possible."""
    scores, read = lives.scores, lives.reading
    before = np.full(lives.people.size, np.nan)
    screened = scores.instrument == 1
    before[scores.student[screened]] = scores.value[screened]
    x = before[read.student]
    known = ~np.isnan(x)
    happened = np.where(read.tutored, read.with_, read.without)[known] / read.without.std()
    design = np.stack([np.ones(known.sum()), x[known], x[known] ** 2, read.tutored[known]], axis=1)
    effect = np.linalg.lstsq(design, happened, rcond=None)[0][3]
    assert effect == pytest.approx(0.20, abs=0.10)


def test_mentoring_has_no_effect(lives: Town) -> None:
    parts = [p for p in potential(lives) if p.program == MENTORING]
    assert all((p.with_ == p.without).all() for p in parts)
    missed, days = share_missed(lives)
    spells = lives.spells
    eligible = (spells.grade >= 6) & (spells.grade <= 9) & (days > 100)
    mentored = in_program(spells, lives.participation, MENTORING)
    rate = missed / np.maximum(days, 1)
    assert rate[eligible & mentored].mean() < rate[eligible & ~mentored].mean() - 0.01


def test_late_gym_lowers_attendance(lives: Town) -> None:
    parts = [p for p in potential(lives) if p.program == LATE_GYM]
    gain = np.concatenate([(p.with_ - p.without)[p.took_part] for p in parts])
    np.testing.assert_allclose(gain, -0.03)
    missed, days = share_missed(lives)
    went = in_program(lives.spells, lives.participation, LATE_GYM) & (days > 0)
    expected = np.concatenate([p.without for p in parts])
    keys = np.concatenate([p.student * 10_000 + p.year for p in parts])
    order = np.argsort(keys)
    at = order[np.searchsorted(keys[order], (lives.spells.student * 10_000 + lives.spells.year)[went])]
    assert missed[went].sum() / days[went].sum() == pytest.approx(
        1 - np.average(expected[at], weights=days[went]) + 0.03, abs=0.004
    )


def test_summer_bridge_helps_only_english_learners(lives: Town) -> None:
    [college] = [p for p in potential(lives) if p.program == SUMMER_BRIDGE]
    learner = still_learning(
        lives.people, college.student, np.datetime64("2000-01-01") + (college.year - 2000) * 365
    )
    gain = college.with_ - college.without
    assert np.isclose(gain[learner], 0.18).mean() > 0.9
    done = lives.college
    assert set(np.round(done.enter_with - done.enter_without, 6)) == {0.0, 0.18}
    # What happened follows the chances, of those whose time to enter has passed.
    over = (done.diplomas.year >= 2021) & (done.diplomas.year <= 2025)
    helped = over & done.bridged & (done.enter_with > done.enter_without)
    assert helped.sum() > 100
    assert done.entered[helped].mean() == pytest.approx(done.enter_with[helped].mean(), abs=0.07)
    assert done.entered[helped].mean() > done.enter_without[helped].mean() + 0.1
    others = over & ~done.bridged
    assert done.entered[others].mean() == pytest.approx(done.enter_without[others].mean(), abs=0.03)


def test_career_start_seats_are_drawn_by_lot(lives: Town) -> None:
    lots, people = lives.lottery, lives.people
    assert 0.4 < lots.won.mean() < 0.55
    assert (lots.won | ~lots.came).all()
    assert 0.75 < lots.came[lots.won].mean() < 0.95
    for trait in (people.ability, people.attachment, people.low_income.astype(float)):
        x = trait[lots.student]
        assert abs(x[lots.won].mean() - x[~lots.won].mean()) / x.std() < 0.12
    for year in lives.years:
        number = np.sort(lots.number[lots.year == year])
        assert (number == np.arange(1, len(number) + 1)).all()
        assert (
            lots.number[(lots.year == year) & lots.won].max()
            < lots.number[(lots.year == year) & ~lots.won].min()
        )
    joined = lives.participation.of(CAREER_START)
    assert set(zip(joined.student, joined.year, strict=True)) == set(
        zip(lots.student[lots.came], lots.year[lots.came], strict=True)
    )


def test_lottery_winners_are_more_often_on_track(lives: Town) -> None:
    told = {(e.program, e.group): e.effect for e in effects(lives)}
    intended = told["bright-futures/career-start", "who won a seat (intent to treat)"] / 100
    assert intended > 0.02
    [track] = [p for p in potential(lives) if p.program == CAREER_START]
    lots = lives.lottery
    won = np.isin(track.student * 10_000 + track.year, (lots.student * 10_000 + lots.year)[lots.won])
    happened = np.where(track.took_part, track.with_, track.without)
    assert happened[won].mean() - happened[~won].mean() == pytest.approx(intended, abs=0.05)
    # On track by the marks that the schools report is the truth's own on track.
    marks, spells = lives.marks, lives.spells
    rows, without, with_ = lives.on_track
    failed = marks.letter == "F"
    all_, core = (
        np.bincount(marks.spell, failed & (marks.course < below), len(spells.student)) for below in (9, 4)
    )
    on_track = ((all_ <= 2) & (core <= 1))[rows]
    helped = in_program(spells, lives.participation, CAREER_START)[rows]
    assert (on_track == np.where(helped, with_, without)).all()
    assert (without <= with_).all()


def test_duplicate_tutoring_is_listed_with_days(lives: Town) -> None:
    found = truth.duplicates(lives)
    named = dict(zip(found["person"].tolist(), found["days"].tolist(), strict=True))  # type: ignore[attr-defined]
    assert len(named) > 50
    assert min(named.values()) >= 1
    page, club = lives.participation.of(TUTORING), lives.participation.of(HOMEWORK_CLUB)
    for i in range(0, len(page.student), 7):
        days = span(page.start[i], page.end[i], lives)
        both = sum(
            len(days & span(club.start[j], club.end[j], lives))
            for j in np.flatnonzero((club.student == page.student[i]) & (club.year == page.year[i]))
        )
        assert named.get(f"R{page.student[i]:06d}", 0) == both


def span(start: np.datetime64, end: np.datetime64, lives: Town) -> set[np.datetime64]:
    last = lives.known if np.isnat(end) else end
    return set(np.arange(start, last + 1))


def test_every_unmet_need_has_a_reason(lives: Town) -> None:
    needs, people = lives.needs, lives.people
    served = ~np.isnat(needs.served_from)
    assert (needs.why_unmet[served] == "").all()
    assert set(needs.why_unmet) == set(REASONS)
    waiting = (needs.why_unmet == "") & ~served
    assert (needs.found_on[waiting] > lives.known - 90).all()
    assert set(people.language[needs.student[needs.why_unmet == "wrong_language"]]) == {"spa"}
    unanswered = needs.why_unmet == "referral_unanswered"
    assert (needs.status[unanswered] == "sent").all()
    assert np.isnat(needs.closed_on[unanswered]).all()
    never = needs.why_unmet == "never_referred"
    assert (np.isnat(needs.referred_on) == never).all()
    assert (needs.found_on[~never] < needs.referred_on[~never]).all()
    assert set(needs.outcome) == {"", "Enrolled", "WaitingList", "Other", "ParentDeclined"}
    # Who is served takes part in the program.
    joined = lives.participation
    taking = set(zip(joined.student, joined.program, joined.start, strict=True))
    assert (
        set(zip(needs.student[served], needs.program[served], needs.served_from[served], strict=True))
        <= taking
    )


def test_largest_leak_is_grade_8_mathematics(lives: Town) -> None:
    rows = leaks.pipeline(lives)
    rate = {(step, year): lost / of for step, year, group, of, _, lost in rows if group == "all"}
    assert {step for step, _ in rate} == set(leaks.STEPS)
    for year in range(2021, 2027):
        assert rate["math", year] == max(
            rate[s, year] for s in ("readiness", "reading", "attendance", "math", "on-track", "graduation")
        )
    lost = {(step, year): n for step, year, group, _, _, n in rows if group == "all"}
    assert lost["math", 2026] > lost["enrollment", 2025]


def test_leaks_of_english_learners_and_movers(lives: Town) -> None:
    rows = leaks.pipeline(lives)

    def reached(step: str, group: str) -> float:
        chosen = [(of, reached) for s, y, g, of, reached, _ in rows if (s, g) == (step, group) and y >= 2021]
        return sum(r for _, r in chosen) / sum(of for of, _ in chosen)

    assert reached("enrollment", "English learners") < reached("enrollment", "not English learners") - 0.15
    assert reached("graduation", "changed schools") < reached("graduation", "did not change schools") - 0.10


def test_students_who_changed_schools_drop_out_more(lives: Town) -> None:
    spells = lives.spells
    older = (spells.grade >= 10) & (spells.year >= lives.years[0]) & (spells.grade < 12)
    moved = spells.moves > 0
    assert (spells.exit[older & moved] == "dropout").mean() > 1.5 * (
        spells.exit[older & ~moved] == "dropout"
    ).mean()


def test_documented_leavers_are_not_lost(lives: Town) -> None:
    spells = lives.spells
    last = dict(zip(spells.student.tolist(), spells.exit.tolist(), strict=True))
    classes = [step for step in leaks.steps(lives) if step.step == "graduation"]
    ends = {last[i] for step in classes for i in step.student.tolist()}
    assert "left" not in ends
    assert {"vanished", "dropout", "unmet", "graduated"} <= ends


def test_truth_files_are_consistent(tmp_path: Path) -> None:
    town = live(400, 3, date(2026, 11, 25))
    truth.write(tmp_path, town)
    found = {p.stem: list(csv.DictReader(p.read_text("utf-8").splitlines())) for p in tmp_path.glob("*.csv")}
    assert set(found) == {"persons", "households", "effects", "potential", "lottery", "duplicates", "needs", "check_ins", "comments", "pipeline", "leaks", "people", "stays", "milestones", "college", "places"}  # fmt: skip
    assert all(found.values())
    assert list(found["persons"][0]) == ["partner", "record_key", "person"]
    keys = [(row["partner"], row["record_key"]) for row in found["persons"]]
    assert len(set(keys)) == len(keys)
    people = {row["person"] for row in found["households"]}
    assert len(people) == 400
    for name in ("persons", "potential", "lottery", "duplicates", "needs", "check_ins", "comments"):
        assert {row["person"] for row in found[name]} <= people
    for row in found["pipeline"]:
        assert int(row["of"]) == int(row["reached"]) + int(row["lost"])
    # The effects are the means of the differences, student by student.
    tutored = [float(r["with"]) - float(r["without"]) for r in found["potential"] if r["program"] == "page-by-page/tutoring" and r["took_part"] == "yes"]  # fmt: skip
    [told] = [r for r in found["effects"] if r["program"] == "page-by-page/tutoring"]
    assert sum(tutored) / len(tutored) == pytest.approx(float(told["effect"]), abs=1e-5)
    assert int(told["students"]) == len(tutored)
