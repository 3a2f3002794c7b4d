"""Studies of each design on records with a planted effect: college by the clearinghouse, an eligibility score, and years of attendance."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.insight.fake_access import FakeAccess, everything
from throughway.evidence.effect import JudgedEffect, judged
from throughway.evidence.estimate import NoEstimate
from throughway.evidence.plain_table import table_of
from throughway.evidence.registered_study import StudyDocument, parsed_document
from throughway.evidence.report_lines import StudyContext, lines
from throughway.evidence.student_rows import StudentRows, StudyRows
from throughway.evidence.verdict import Verdict
from throughway.measures.policy import POLICY

ON = date(2026, 11, 5)
CLUB = "harbor/club"
GRADUATED, DROPPED_OUT = "01921", "01927"
PLANTED = {"college": 0.25, "reading": 0.8, "attendance": 5.0}


def document(**changes: Any) -> StudyDocument:
    usual = {
        "throughway": "study/1", "title": "Does the club help?", "program": CLUB, "purpose": "studies", "who": {"grades": ["03"]},
        "school_years": [2026], "smallest_effect": {"value": 0.1},
    }  # fmt: skip
    return parsed_document(usual | changes)


def studied(access: FakeAccess, asked: StudyDocument) -> tuple[JudgedEffect, StudyRows]:
    rows = StudentRows(access, everything("north", "harbor"), POLICY, asked, ON).rows()
    study = rows.study_of(asked)
    return judged(table_of(rows.frame, study), study), rows


def spell(person: int, year: int, grade: str, leaves: str = "", on: date | None = None) -> dict[str, Any]:
    return {"person_id": person, "organization_id": "north/1", "school_year": str(year), "entry_grade_level": grade,
            "enrollment_entry_date": date(year - 1, 8, 25), "enrollment_exit_date": on, "exit_or_withdrawal_type": leaves or None}  # fmt: skip


def place(person: int, start: date | None, year: int, status: str = "Exited") -> dict[str, Any]:
    return {"person_id": person, "program_identifier": CLUB, "program_participation_start_date": start,
            "program_participation_status": status, "school_year": str(year)}  # fmt: skip


# College, by lot.

SEARCHED = {"search_date": date(2025, 6, 10), "search_end_date": date(2026, 11, 1)}
COLLEGE = {"outcome": "college", "who": {"grades": ["12"]}, "school_years": [2025], "design": "lottery", "smallest_effect": {"value": 0.05, "scale": "raw"}}  # fmt: skip


def seniors(seed: int, effect: float, *, finish: float = 1.0, n: int = 1000) -> FakeAccess:
    """Seniors who asked for a place, half of whom were offered one; a clearinghouse searched for the graduates. `finish`: the share that
    graduates of those without the offer; all of those with it do."""
    r, access = np.random.default_rng(seed), FakeAccess()
    offered = np.arange(n) < n // 2
    graduates = offered | (r.uniform(size=n) < finish)
    enters = graduates & (r.uniform(size=n) < 0.45 + effect * offered)
    late = enters & (r.uniform(size=n) < 0.02)
    for p in range(n):
        leaves = GRADUATED if graduates[p] else DROPPED_OUT
        access.put("school_enrollment", spell(p + 1, 2025, "12", leaves, date(2025, 6, 10)))
        access.put(
            "program_participation",
            place(p + 1, date(2024, 9, 20), 2025) if offered[p] else place(p + 1, None, 2025, "Applied"),
        )
        if graduates[p]:
            entered = date(2026, 12, 1) if late[p] else date(2025, 8, 24) if enters[p] else None
            access.put("postsecondary_enrollment", {"person_id": p + 1, "record_found": bool(enters[p]),
                       "entry_date_into_postsecondary": entered, **SEARCHED})  # fmt: skip
    return access


def test_college_is_told_of_everybody_whom_a_search_covers() -> None:
    """Who is not found is not in college: left out, only those who went would be compared."""
    found, rows = studied(seniors(1, PLANTED["college"]), document(**COLLEGE))
    low, high = found.interval
    assert rows.frame["outcome"].notna().all()
    assert 0.4 < rows.frame["outcome"].mean() < 0.8
    assert low < PLANTED["college"] < high
    assert found.verdict is Verdict.HELPS
    nothing, _ = studied(seniors(2, 0), document(**COLLEGE))
    assert nothing.interval[0] < 0 < nothing.interval[1]


def test_who_did_not_graduate_is_not_in_college() -> None:
    """A program that keeps students until the diploma adds graduates who would not have been any; among graduates alone it would look as if
    it did nothing."""
    found, rows = studied(seniors(3, 0, finish=0.6), document(**COLLEGE))
    assert rows.frame["outcome"].notna().all()
    low, high = found.interval
    assert low < 0.45 - 0.6 * 0.45 < high
    assert found.verdict is Verdict.HELPS


def test_without_a_search_that_covers_the_time_nobody_has_the_outcome() -> None:
    access = seniors(1, 0.2)
    for row in access.waiting["postsecondary_enrollment"]:
        row |= {
            "search_end_date": date(2025, 12, 1),
            "entry_date_into_postsecondary": row["entry_date_into_postsecondary"] and date(2025, 8, 24),
        }
    rows = StudentRows(access, everything("north", "harbor"), POLICY, document(**COLLEGE), ON).rows()
    assert set(rows.frame["outcome"].dropna()) == {1.0}
    with pytest.raises(NoEstimate, match="The outcome is the same for every student"):
        studied(access, document(**COLLEGE))


# A score that decides.

CUT = {
    "outcome": "reading",
    "design": "cutoff",
    "running": "reading_before",
    "cut": 290,
    "covariates": ["sex"],
}


def readers(seed: int, effect: float, *, moved: bool = False, n: int = 1500) -> FakeAccess:
    """Third graders, of whom those with less than 290 points in grade 2 are helped; `moved`: scores just above the cut were lowered."""
    r, access = np.random.default_rng(seed), FakeAccess()
    ability = r.normal(size=n)
    before = np.round(300 + 20 * (0.8 * ability + 0.6 * r.normal(size=n)))
    if moved:
        before = np.where((before >= 290) & (before < 296) & (r.uniform(size=n) < 0.8), 289, before)
    helped = before < 290
    after = 320 + 20 * (0.8 * ability + effect * helped + 0.6 * r.normal(size=n))
    for p in range(n):
        access.put("school_enrollment", spell(p + 1, 2026, "03"))
        access.put("person", {"person_id": p + 1, "sex": ("Male", "Female")[p % 2]})
        if helped[p]:
            access.put("program_participation", place(p + 1, date(2025, 10, 1), 2026))
        for grade, day, value in (("02", date(2025, 5, 12), before[p]), ("03", date(2026, 4, 20), after[p])):
            access.put("assessment_result", {
                "person_id": p + 1, "assessment_identifier": f"R{grade}", "assessment_academic_subject": "13373",
                "assessment_administration_start_date": day, "grade_level_when_assessed": grade, "score_number": float(np.round(value)),
            })  # fmt: skip
    return access


def test_an_eligibility_score_on_records() -> None:
    access = readers(1, PLANTED["reading"])
    scores = [
        row["score_number"]
        for row in access.waiting["assessment_result"]
        if row["assessment_identifier"] == "R03"
    ]
    found, _ = studied(access, document(**CUT))
    low, high = found.interval
    assert (
        low < 20 * PLANTED["reading"] / np.std(scores) < high
    )  # in standard deviations of all who took the test
    assert found.verdict is Verdict.HELPS
    nothing, _ = studied(readers(2, 0), document(**CUT))
    assert nothing.verdict in (Verdict.NOT_ENOUGH_EVIDENCE, Verdict.NO_EFFECT_FOUND)
    assert nothing.interval[0] < 0 < nothing.interval[1]


def test_scores_that_were_moved_over_the_cut_carry_no_verdict() -> None:
    found, _ = studied(readers(3, PLANTED["reading"], moved=True), document(**CUT))
    assert found.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert "bunch on one side" in found.found.doubt


def test_a_placebo_at_the_cut() -> None:
    """What was so before does not jump there, and is printed beside the finding."""
    access, r = readers(1, PLANTED["reading"]), np.random.default_rng(5)
    for p in range(1500):
        access.put("assessment_result", {
            "person_id": p + 1, "assessment_identifier": "M02", "assessment_academic_subject": "01166", "grade_level_when_assessed": "02",
            "assessment_administration_start_date": date(2025, 5, 13), "score_number": float(r.normal()),
        })  # fmt: skip
    found, _ = studied(access, document(**CUT, placebo=["math_before"]))
    (placebo,) = found.placebos
    assert placebo.found is not None
    assert not placebo.moved
    assert found.verdict is Verdict.HELPS


# Years of attendance.

OVER_TIME = {"outcome": "attendance", "who": {"grades": ["06", "07", "08", "09"]}, "school_years": [2023, 2024, 2025, 2026], "design": "differences",
             "smallest_effect": {"value": 1.0, "scale": "raw"}}  # fmt: skip


def attenders(seed: int, effect: float, *, drift: float = 0.0, n: int = 400) -> FakeAccess:
    """Students from grade 6 to 9 in four school years; some begin in the third or the fourth. Each attends about as often each year.
    `drift`: by how much more those who begin stay away each year, before they begin too."""
    r, access = np.random.default_rng(seed), FakeAccess()
    begins = r.choice([0, 2025, 2026], n)
    usual = r.normal(90, 4, n) - 2.0 * (begins > 0)
    for p in range(n):
        access.put("person", {"person_id": p + 1, "sex": ("Male", "Female")[p % 2]})
        for number, year in enumerate((2023, 2024, 2025, 2026)):
            access.put("school_enrollment", spell(p + 1, year, f"{6 + number:02}"))
            share = (
                usual[p] + 0.5 * number + effect * (0 < begins[p] <= year) - drift * number * (begins[p] > 0)
            )
            days = np.clip(np.round(180 * (1 - (share + r.normal(0, 2)) / 100)), 0, 180)
            access.put("attendance_summary", {"person_id": p + 1, "organization_id": "north/1", "period_start_date": date(year - 1, 9, 1),
                       "number_of_days_absent": float(days), "days_enrolled": 180.0})  # fmt: skip
        if begins[p]:
            start = date(int(begins[p]) - 1, 9, 10) + timedelta(days=p % 5)
            access.put("program_participation", place(p + 1, start, int(begins[p])))
    return access


def test_years_of_attendance_on_records() -> None:
    found, rows = studied(attenders(1, PLANTED["attendance"]), document(**OVER_TIME))
    low, high = found.interval
    assert sorted(rows.frame["school_year"].unique()) == [2023, 2024, 2025, 2026]
    assert low < PLANTED["attendance"] < high
    assert high - low < 3
    assert found.verdict is Verdict.DID_BETTER
    nothing, _ = studied(attenders(2, 0), document(**OVER_TIME))
    assert nothing.verdict is Verdict.NO_DIFFERENCE_FOUND


def test_years_before_the_program_count_as_before() -> None:
    """Nobody began in the first two school years, and they are what the others are held against. What was so of a student is found too."""
    found, rows = studied(attenders(1, PLANTED["attendance"]), document(**OVER_TIME, covariates=["sex"]))
    assert set(rows.frame["sex"]) == {"Male", "Female"}
    assert found.verdict is Verdict.DID_BETTER
    taken = pd.crosstab(rows.frame["school_year"], rows.frame["in_program"])
    assert list(taken[1.0]) == sorted(taken[1.0])
    assert taken[1.0][2023] == taken[1.0][2024] == 0


def test_groups_that_drift_apart_carry_no_verdict() -> None:
    found, _ = studied(attenders(3, 0, drift=3), document(**OVER_TIME))
    assert found.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert "drifting apart" in found.found.doubt


@pytest.mark.parametrize(
    ("season", "said"), [("school_year", "Who did not graduate counts as not enrolled."), ("summer_after", "Graduates alone are compared")]
)  # fmt: skip
def test_a_finding_says_who_is_in_college(season: str, said: str) -> None:
    asked = document(**COLLEGE, season=season)
    context = StudyContext(
        document=asked,
        days=[],
        grants=[],
        names={},
        linked_share=None,
        comparison_ratio=None,
        cost=None,
        binary=True,
    )
    (sentence,) = (words for topic, words in lines(context, {}) if topic == "Who is in college")
    assert said in sentence


def test_a_finding_says_that_it_compared_with_who_asked() -> None:
    asked = document(outcome="reading", design="matched", covariates=["sex"], compared_with="applicants")
    context = StudyContext(
        document=asked, days=[], grants=[], names={}, linked_share=None, comparison_ratio=None, cost=None, binary=False
    )  # fmt: skip
    (sentence,) = (words for topic, words in lines(context, {}) if topic == "Who counts as a participant")
    assert "asked for a place in the same school year and had none" in sentence
    assert "Who began later" not in sentence
