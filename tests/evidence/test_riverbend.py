"""Riverbend's programs against the truth: each finding is the word that its recorded design and power support. `bench/effects.py` has more
seeds and all programs."""

from typing import Any

import numpy as np
import pytest

from tests.evidence.riverbend import TODAY, document, result, rows_for, rows_of, town_of
from throughway.core.refusals import Refused
from throughway.demo.effects import effects
from throughway.demo.scenes import studies as demo
from throughway.demo.scenes.governing import SMALLEST
from throughway.evidence.published_finding import result_of
from throughway.evidence.registered_study import parsed_document
from throughway.evidence.verdict import Verdict
from throughway.evidence.verdict_words import HEADLINES, meaning
from throughway.measures.sql import last_complete_year

STUDENTS = 6_000


@pytest.mark.parametrize("seed", [1, 2])
def test_tutoring_is_seen_although_it_takes_the_weakest(seed: int) -> None:
    """The estimate holds the truth. Yet the program takes students by what the baseline measures, so a hidden cause as strong as that could
    explain it: a comparison says no more."""
    _, rows = rows_of("tutoring", STUDENTS, seed)
    frame = rows.frame.dropna(subset=["outcome"])
    plain = (
        frame[frame["in_program"] == 1]["outcome"].mean() - frame[frame["in_program"] == 0]["outcome"].mean()
    )
    assert plain < -0.5  # participants do worse, in a bare comparison
    found = result("tutoring", STUDENTS, seed)
    low, high = found.interval
    assert 0 < low <= 0.20 <= high
    assert found.found.sensitivity["as_strong_as"] == "reading_before"
    assert found.verdict is Verdict.DID_BETTER


def test_late_gym_is_seen() -> None:
    found = result("late gym", STUDENTS, 1)
    low, high = found.interval
    assert found.verdict is Verdict.DID_WORSE
    assert low <= -3.0 <= high


def test_mentoring_on_track_is_the_trap() -> None:
    """Motivation is in no record: adjusted, mentored students are ahead, and the truth is zero."""
    found = result("mentoring on track", STUDENTS, 1)
    assert found.interval[0] > 0
    assert found.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert "baseline in the outcome's domain" in found.found.doubt
    with pytest.raises(Refused, match="math_before is not in the domain of on_track"):
        document("mentoring on track", baseline="math_before")


def test_a_lottery_needs_no_baseline() -> None:
    found = result("career start", STUDENTS, 1)
    low, high = found.interval
    assert found.found.sound
    assert low <= 0.042 <= high
    assert found.verdict in (Verdict.HELPS, Verdict.NOT_ENOUGH_EVIDENCE)


def by_lives(sex: str, years: tuple[int, ...], students: int, seed: int) -> tuple[float, float]:
    """The effect of an offered seat on being on track, of the students of one sex, counted from the lives: draw by draw the share of those who
    were offered one less that of the others, weighed by how much a draw tells. And what the seat does to those who drew, as only the truth knows.
    """
    town = town_of(students, seed)
    lots, spells, (ninth, without, having) = town.lottery, town.spells, town.on_track
    ends = {(int(spells.student[at]), int(spells.year[at])): (bool(no), bool(yes)) for at, no, yes in zip(ninth, without, having, strict=True)}  # fmt: skip
    weighed = weights = 0.0
    true = []
    for year in years:
        sides: dict[bool, list[bool]] = {True: [], False: []}
        for student, of, won, came in zip(lots.student, lots.year, lots.won, lots.came, strict=True):
            life = ends.get((int(student), int(of)))
            if of == year and life and town.people.sex[student] == sex:
                sides[bool(won)].append(life[bool(came)])
                true.append(life[True] - life[False])
        offered, others = sides[True], sides[False]
        tells = len(offered) * len(others) / (len(offered) + len(others))
        weighed += tells * (sum(offered) / len(offered) - sum(others) / len(others))
        weights += tells
    return weighed / weights, sum(true) / len(true)


@pytest.mark.parametrize(("students", "seed"), [(STUDENTS, 1), (2 * STUDENTS, 1)])
def test_how_two_groups_differ_is_what_the_lives_say(students: int, seed: int) -> None:
    """Each group's effect, and their difference, as they are shown, are those counted from the lives; the intervals hold the truth."""
    asked, rows = rows_of("career start", students, seed, subgroups=["sex"])
    (told,) = result_of(asked, rows, 3).published().to_json()["subgroups"]
    counted = {name: by_lives(name[0], asked.school_years, students, seed) for name in ("Female", "Male")}
    assert [each["name"] for each in told["effects"]] == [*counted]
    for each in told["effects"]:
        own, true = counted[each["name"]]
        assert abs(each["estimate"] - own) <= each["step"] / 2 + 1e-9, each
        assert each["low"] <= true <= each["high"]
    (one, true_one), (other, true_other) = counted.values()
    difference = told["difference"]
    assert abs(difference["estimate"] - (one - other)) <= difference["step"] + 1e-9  # both were rounded
    assert difference["low"] <= true_one - true_other <= difference["high"]
    assert difference["apart"] is not (difference["low"] <= 0 <= difference["high"])


def test_late_gym_is_seen_over_the_years_too() -> None:
    """Its students stay one school year, and count as participants from then on: the effect of having begun is a part of three points."""
    found = result("late gym", 3_000, 1, design="differences", covariates=[], baseline=None)
    low, high = found.interval
    assert found.verdict is Verdict.DID_WORSE
    assert low >= -3.0
    assert high < 0


def test_summer_bridge_raises_college_entry_by_what_was_planted() -> None:
    """Graduates alone are compared, and whom the search does not find is not in college. Without a baseline the study carries no verdict."""
    college = town_of(STUDENTS, 1).college
    took_part = college.bridged & np.isin(college.diplomas.year, (2023, 2024, 2025))
    planted = (college.enter_with - college.enter_without)[took_part].mean()
    found = result("summer bridge", STUDENTS, 1)
    low, high = found.interval
    assert low <= planted <= high
    assert high - low < 0.4
    assert found.verdict is Verdict.NOT_ENOUGH_EVIDENCE


# What the council of the demonstration's town reads above each of its six findings.
SAID = {
    "bright-futures/late-gym": Verdict.DID_WORSE,
    "page-by-page/tutoring": Verdict.DID_BETTER,
    "bright-futures/career-start": Verdict.NOT_ENOUGH_EVIDENCE,
    "long-walk-mentors/mentoring": Verdict.NOT_ENOUGH_EVIDENCE,  # the year before the baseline moved, as it should: motivation is hidden
    "bright-futures/homework-club": Verdict.NOT_ENOUGH_EVIDENCE,
    "next-step/summer-bridge": Verdict.NOT_ENOUGH_EVIDENCE,
}


@pytest.mark.parametrize("given", demo.STUDIES, ids=lambda given: given["program"])
def test_who_reads_only_the_headlines_of_the_demonstration_reads_nothing_false(given: dict[str, Any]) -> None:
    """Its own six studies on its own town, held against what was planted: a word of cause stands only where a lottery shows it and is true,
    and of a comparison the headline says that nobody knows why."""
    last = last_complete_year(TODAY)
    value, scale, _ = SMALLEST[given["outcome"]]
    asked = parsed_document(
        {
            "throughway": "study/1", "purpose": "program-studies", "school_years": demo.years_of(given, last), **given,
            "smallest_effect": {"value": value, "scale": scale},
        }
    )  # fmt: skip
    found = result_of(asked, rows_for(asked, 5_000, 7), 10).published()
    said = " ".join(meaning(found.verdict))
    assert found.effect is not None
    assert found.verdict is SAID[given["program"]], (found.reason, found.effect)
    if found.verdict.causal:
        planted = next(
            each.effect / 100
            for each in effects(town_of(5_000, 7))
            if each.program == given["program"] and "intent to treat" in each.group
        )
        assert given["design"] == "lottery"
        assert planted * (1 if found.verdict is Verdict.HELPS else -1) > 0 or abs(planted) < value
    elif found.verdict is not Verdict.NOT_ENOUGH_EVIDENCE:
        assert "We do not know whether the program" in HEADLINES[found.verdict]
        assert "A lottery among those who wait for a place would show" in said
    if found.verdict.claims:
        assert found.effect.estimate is not None
        assert (found.effect.estimate > 0) == found.verdict.positive
