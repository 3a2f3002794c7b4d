"""Whom a study compares: one time zero for both groups, whoever began earlier or later, and what is read before and after."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.evidence.riverbend import rows_of, town_of
from tests.insight.fake_access import FakeAccess, everything
from throughway.core.refusals import Refused
from throughway.demo.effects import effects
from throughway.demo.programs import PROGRAMS, TUTORING
from throughway.evidence.registered_study import parsed_document
from throughway.evidence.student_rows import StudentRows, StudyRows
from throughway.measures.policy import POLICY

ON = date(2026, 11, 1)
FIRST = date(2025, 10, 1)
CLUB = "harbor/club"
DOCUMENT = {
    "throughway": "study/1", "title": "Does it help?", "program": CLUB, "purpose": "studies", "outcome": "reading",
    "who": {"grades": ["03"]}, "school_years": [2026], "design": "matched", "covariates": ["reading_before"],
    "smallest_effect": {"value": 0.2},
}  # fmt: skip
TESTED, BEFORE = date(2026, 4, 20), date(2025, 5, 10)


def place(person: int, start: date | None, status: str = "Exited", **more: Any) -> dict[str, Any]:
    return {"person_id": person, "program_identifier": CLUB, "program_participation_start_date": start,
            "program_participation_status": status, **more}  # fmt: skip


def score(person: int, on: date, value: float, grade: str = "03") -> dict[str, Any]:
    return {"person_id": person, "assessment_identifier": f"R{grade}", "assessment_academic_subject": "13373",
            "assessment_administration_start_date": on, "grade_level_when_assessed": grade, "score_number": value}  # fmt: skip


def enrolled(
    person: int, first: date = date(2025, 8, 25), last: date | None = None, grade: str = "03"
) -> dict[str, Any]:
    return {"person_id": person, "organization_id": "north/1", "school_year": "2026", "entry_grade_level": grade,
            "enrollment_entry_date": first, "enrollment_exit_date": last}  # fmt: skip


def found(
    places: list[dict[str, Any]], students: list[dict[str, Any]], scores: list[dict[str, Any]], **changes: Any
) -> StudyRows:
    access = FakeAccess()
    access.put("program_participation", *places)
    access.put("school_enrollment", *students)
    access.put("assessment_result", *scores)
    visible = everything("north", "harbor")
    return StudentRows(access, visible, POLICY, parsed_document(DOCUMENT | changes), ON).rows()


def by_person(rows: StudyRows, column: str) -> dict[int, Any]:
    return dict(zip(rows.frame["student"], rows.frame[column], strict=True))


def scored(*people: int) -> list[dict[str, Any]]:
    return [row for n in people for row in (score(n, TESTED, 300.0 + n), score(n, BEFORE, 200.0 + n, "02"))]


def test_one_time_zero_for_both_groups() -> None:
    later = FIRST + timedelta(days=31)
    places = [place(n, FIRST) for n in range(1, 30)] + [
        place(30, later),
        place(31, FIRST + timedelta(days=30)),
    ]
    students = [enrolled(n) for n in range(1, 36)]
    students += [enrolled(36, last=FIRST), enrolled(37, first=later), enrolled(38, grade="04")]
    rows = found(places, students, scored(*range(1, 39)))
    (day,) = rows.days
    assert (day.first, day.zero) == (FIRST, FIRST + timedelta(days=30))
    treated = by_person(rows, "in_program")
    assert {n for n, value in treated.items() if value} == {*range(1, 30), 31}
    assert treated[30] == 0  # began after time zero: stands with the others
    assert {36, 37, 38}.isdisjoint(treated)  # had left, came later, or another grade


def test_one_mistyped_day_does_not_move_time_zero() -> None:
    places = [place(n, FIRST) for n in range(1, 40)] + [place(40, date(2025, 7, 2))]
    rows = found(places, [enrolled(n) for n in range(1, 60)], scored(*range(1, 60)))
    assert rows.days[0].first == FIRST


def test_whoever_began_in_an_earlier_school_year_is_left_out() -> None:
    places = [place(n, FIRST) for n in range(1, 25)] + [place(n, date(2024, 10, 1)) for n in (1, 30)]
    rows = found(places, [enrolled(n) for n in range(1, 40)], scored(*range(1, 40)))
    assert {1, 30}.isdisjoint(by_person(rows, "in_program"))


def test_what_was_before_is_read_before_and_the_outcome_after() -> None:
    places = [place(n, FIRST) for n in range(1, 25)]
    scores = scored(*range(1, 40)) + [
        score(n, FIRST, 900.0 - 7 * n, "03") for n in (5, 30)
    ]  # on the first day: neither
    rows = found(places, [enrolled(n) for n in range(1, 40)], scores)
    before, after = by_person(rows, "reading_before"), by_person(rows, "outcome")
    assert before[30] - before[29] == pytest.approx(before[29] - before[28])
    assert after[30] - after[29] == pytest.approx(after[29] - after[28])


def test_a_program_that_began_after_the_outcome_is_refused() -> None:
    places = [place(n, date(2026, 5, 4)) for n in range(1, 25)]
    with pytest.raises(Refused, match="began after the outcome was measured"):
        found(places, [enrolled(n) for n in range(1, 40)], scored(*range(1, 40)))


def test_a_lottery_takes_offers_from_the_program() -> None:
    places = [place(n, FIRST, school_year="2026") for n in range(1, 25)]
    places += [
        place(25, None, "Declined", school_year="2026"),
        place(26, None, "Applied", school_year="2026"),
    ]
    places += [
        place(27, None, "NotEligible", school_year="2026"),
        place(28, None, "WaitingList", school_year="2026"),
    ]
    rows = found(
        places, [enrolled(n) for n in range(1, 40)], scored(*range(1, 40)), design="lottery", covariates=[]
    )
    offered, taken = by_person(rows, "in_program"), by_person(rows, "took_the_place")
    assert (offered[25], taken[25], offered[26], offered[28]) == (1, 0, 0, 0)
    assert 27 not in offered
    assert 30 not in offered  # did not ask


def test_how_far_students_came() -> None:
    places = [
        place(1, FIRST, program_participation_exit_date=FIRST + timedelta(days=100)),
        place(2, FIRST, program_participation_exit_date=FIRST + timedelta(days=10)),
        place(3, FIRST, "Active"), place(4, None, "Applied", school_year="2026"), place(5, None, "Declined", school_year="2026"),
    ]  # fmt: skip
    steps = found(places, [enrolled(n) for n in range(1, 9)], scored(*range(1, 9))).steps
    assert [list(persons) for persons in steps.values()] == [[1], [2], [3], [5], [4]]


def test_who_asked_and_had_no_place_may_be_the_comparison() -> None:
    places = [place(n, FIRST) for n in range(1, 25)]
    places += [place(n, None, "Applied", school_year="2026") for n in range(30, 36)]
    places += [
        place(36, None, "WaitingList", school_year="2026"),
        place(37, None, "Declined", school_year="2026"),
    ]
    places += [place(38, None, "Applied", school_year="2025"), place(1, None, "Applied", school_year="2026")]
    students = [enrolled(n) for n in range(1, 60)]
    rows = found(places, students, scored(*range(1, 60)), compared_with="applicants")
    treated = by_person(rows, "in_program")
    assert {n for n, value in treated.items() if not value} == set(range(30, 37))
    assert {n for n, value in treated.items() if value} == set(range(1, 25))
    with pytest.raises(Refused, match="compared_with belongs to the design matched"):
        parsed_document(DOCUMENT | {"design": "lottery", "compared_with": "applicants"})


def at(school: str, *people: int) -> list[dict[str, Any]]:
    return [enrolled(n) | {"organization_id": f"north/{school}"} for n in people]


def test_help_that_comes_by_school_is_clustered_by_school() -> None:
    places = [place(n, FIRST) for n in range(1, 29)]
    students = (
        at("1", *range(1, 16)) + at("2", *range(16, 31)) + at("3", *range(31, 50)) + at("4", *range(50, 70))
    )
    scores = scored(*range(1, 70))
    with pytest.raises(Refused, match="so help comes by school; write help_comes_by: school"):
        found(places, students, scores)
    rows = found(places, students, scores, help_comes_by="school")
    asked = parsed_document(DOCUMENT | {"help_comes_by": "school"})
    assert rows.study_of(asked).cluster == "of school"
    everywhere = at("1", *range(1, 35)) + at("2", *range(35, 70))
    scattered = [place(n, FIRST) for n in range(1, 70, 3)]
    assert found(scattered, everywhere, scores).study_of(parsed_document(DOCUMENT)).cluster is None


@pytest.mark.parametrize(
    ("name", "placebos"),
    [("late gym", ("attendance_two_years_before",)), ("tutoring", ()), ("career start", ())],
)
def test_a_comparison_has_the_outcome_of_two_years_before_wherever_records_hold_it(
    name: str, placebos: tuple[str, ...]
) -> None:
    asked, rows = rows_of(name, 1500, 3)
    assert rows.study_of(asked).placebo == placebos


def test_what_a_study_does_not_say_changes_no_hash() -> None:
    """These were registered before there were placebos, applicants or schools as clusters."""
    base = DOCUMENT | {"covariates": ["sex"], "baseline": "reading_before"}
    plain = "d99ba0f27bc897517847289d7fa07503deb931afe7256822fee13e3f4b6127cd"
    assert parsed_document(base).sha256 == plain
    assert parsed_document(base | {"compared_with": "enrolled", "help_comes_by": "student"}).sha256 == plain
    assert parsed_document(base | {"compared_with": "applicants"}).sha256 != plain
    placebo = "0b318f256631db5db27b2feaf0de753e1ec5479ba6d604e15cf62853d6ff70f5"
    assert parsed_document(base | {"placebo": ["attendance_before"]}).sha256 == placebo


def test_participants_of_riverbend_are_those_of_the_truth() -> None:
    """Of those whom the truth calls tutored, nearly all begin by time zero; nobody else does."""
    town = town_of(1500, 3)
    _, rows = rows_of("tutoring", 1500, 3)
    stays = town.participation.of(TUTORING)
    true = {(int(s) + 1, int(y)) for s, y in zip(stays.student, stays.year, strict=True) if 2023 <= y <= 2026}
    frame = rows.frame[rows.frame["in_program"] == 1]
    years = {each.year: each for each in rows.days}
    assert set(frame["student"]) <= {person for person, _ in true}
    assert len(frame) >= 0.9 * len(true)
    assert sorted(years) == [2023, 2024, 2025, 2026]
    assert effects(town)[0].program == PROGRAMS[TUTORING]
