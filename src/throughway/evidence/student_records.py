"""What the records say of students: where they were enrolled, what was so before a program began, and what came after.

What was so before is read before the program's first day, and outcomes are counted after time zero.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from throughway.evidence.program_participants import StudyQuestions, TimeZero
from throughway.evidence.registered_study import Season, StudyDocument
from throughway.evidence.study import Design
from throughway.evidence.study_measures import COVARIATES, StudyOutcome
from throughway.measures.assessments import TABLE as TESTS
from throughway.measures.attendance import days_missed
from throughway.measures.groups import groups_of, groups_of_persons, shown
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import Ctes, VisibleData, day, query, spells, texts, year_end
from throughway.vocabulary.school_calendar import school_year_of, year_start

SCORES_REACH_BACK = 2  # school years


class StudentRecords:
    """The records of students that one study reads, through one gate."""

    def __init__(
        self,
        questions: StudyQuestions,
        visible: VisibleData,
        policy: MeasurePolicy,
        document: StudyDocument,
        on: date,
    ) -> None:
        self.questions, self.visible, self.policy, self.document, self.on = (
            questions,
            visible,
            policy,
            document,
            on,
        )

    def there(self, days: TimeZero, *, any_grade: bool = False) -> pd.DataFrame:
        """Who was enrolled in these grades on the day on which students are counted: person, school, district, grade."""
        found = self.questions.frame(
            query(
                self._eligible(days, any_grade),
                "SELECT person_id, organization_id, partner, grade FROM eligible",
            )
        )
        return found.rename(
            columns={"organization_id": "of school", "partner": "of district", "grade": "of grade"}
        )

    def _counted_on(self, days: TimeZero) -> date:
        """The day on which who is enrolled is compared: time zero; before the summer for a summer program; over time, where the first
        school years have no time zero, the day by which schools count their students."""
        if self.document.season is Season.SUMMER:
            return date(days.year, 5, 15)
        if self.document.design is Design.DIFFERENCES:
            return date(days.year - 1, 10, 1)
        return min(days.zero, year_end(days.year))

    def _eligible(self, days: TimeZero, any_grade: bool) -> Ctes:
        at = day(self._counted_on(days))
        of_grades = "" if any_grade else f" AND grade IN {texts(self.document.who.grades)}"
        return {
            **spells(self.visible),
            "eligible": f"""
                SELECT person_id, organization_id, partner, grade FROM (
                  SELECT *, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY start DESC, organization_id) AS place
                  FROM spell WHERE year = {days.year}{of_grades} AND COALESCE(start, {at}) <= {at} AND COALESCE(finish, {at}) >= {at}) AS placed
                WHERE place = 1""",
        }

    @cached_property
    def schools(self) -> dict[str, str]:
        """The name of each school that the purpose names, by its id."""
        if not self.visible.shows("organization", "organization_id", "organization_name"):
            return {}
        found = self.questions.frame(
            "SELECT organization_id AS id, MIN(organization_name) AS name FROM organization GROUP BY organization_id"
        )
        return {id: name for id, name in zip(found["id"], found["name"], strict=True) if name}

    def groups(self, days: TimeZero, kinds: Sequence[str]) -> dict[str, dict[int, str]]:
        """By kind of group, each student's group on the program's first day."""
        result = {
            **self._eligible(days, any_grade=True),
            "result": "SELECT person_id, organization_id, partner, 'reached' AS outcome, CAST(NULL AS VARCHAR) AS cause FROM eligible",
        }
        wanted = tuple(kind for kind in shown(self.visible) if kind in kinds)
        found: dict[str, dict[int, str]] = {kind: {} for kind in wanted}
        sql = groups_of_persons(self.visible, result, days.first, (days.year - 1, days.year - 1))
        for row in self.questions.frame(sql).to_dict("records"):
            clean = {
                name: None if value is None or value is pd.NA or value != value else value
                for name, value in row.items()
            }
            for kind, group in groups_of(clean, wanted, {}).items():
                found[kind][int(row["person_id"])] = group
        return found

    def before(self, name: str, days: TimeZero, *, raw: bool = False) -> dict[int, float]:
        covariate = COVARIATES[name]
        if covariate.subjects:
            further = covariate.years_before - 1
            last = days.first if not further else year_start(days.year - further)
            return self.scores(
                covariate.subjects,
                year_start(days.year - further - SCORES_REACH_BACK),
                last - timedelta(days=1),
                raw=raw,
            )
        return self._attended(days.year - covariate.years_before, None)

    def after(self, outcome: StudyOutcome, days: TimeZero) -> dict[int, float]:
        if outcome.subjects:
            return self.scores(outcome.subjects, days.zero + timedelta(days=1), year_end(days.year))
        if outcome.measure is None:
            whole = self.document.design is Design.DIFFERENCES
            return self._attended(days.year, None if whole else days.zero + timedelta(days=1))
        # Whoever a covering search does not find is not in college. Left out, only those who went would be compared.
        policy = replace(self.policy, none_reported_is_lost=True)
        judged = outcome.measure.judge(self.visible, policy, days.year, self.on)
        answers = "CASE outcome WHEN 'reached' THEN 1.0 WHEN 'lost' THEN 0.0 END AS outcome"
        sql = f"SELECT person_id, {answers} FROM result"
        if outcome.first and self.document.season is Season.SCHOOL_YEAR:
            sql += f" UNION ALL SELECT person_id, 0.0 AS outcome FROM {outcome.first} WHERE outcome = 'lost'"
        sql = query(judged, sql)
        found = self.questions.frame(sql).dropna()
        return dict(zip(found["person_id"], found["outcome"], strict=True))

    def scores(self, subjects: str, first: date, last: date, *, raw: bool = False) -> dict[int, float]:
        """Each student's last score within these days; on the scale of the test if `raw`, else in standard deviations of all who took the
        same test in the same school year."""
        column = self.visible.column
        found = self.questions.frame(
            f"""SELECT person_id, assessment_administration_start_date AS taken, score_number AS score,
              COALESCE({column(TESTS, "assessment_identifier")}, {column(TESTS, "assessment_title")}, '') AS test,
              COALESCE({column(TESTS, "grade_level_when_assessed")}, '') AS grade,
              COALESCE({column(TESTS, "assessment_score_metric_type")}, '') AS metric
            FROM {TESTS}
            WHERE assessment_academic_subject IN {texts(getattr(self.policy, subjects))} AND score_number IS NOT NULL
              AND {column(TESTS, "assessment_subtest_identifier")} IS NULL
              AND assessment_administration_start_date BETWEEN {day(first)} AND {day(last)}"""
        )
        if found.empty:
            return {}
        found["year"] = [school_year_of(taken) for taken in found["taken"]]
        if not raw:
            of_test = found.groupby(["test", "grade", "metric", "year"])["score"]
            found["score"] = (found["score"] - of_test.transform("mean")) / of_test.transform("std").replace(
                0, np.nan
            )
        found = found.dropna(subset=["score"]).sort_values(["person_id", "taken", "test"])
        last_ones = found.groupby("person_id")["score"].last()
        return dict(last_ones.items())

    def _attended(self, year: int, since: date | None) -> dict[int, float]:
        """The percent of days that each student attended in the school year, from a day on."""
        sql = query(
            days_missed(self.visible, self.policy, year, self.on, since=since),
            f"""SELECT d.person_id, d.days, d.missed FROM person_days AS d
            WHERE d.days >= {self.policy.days_enrolled} AND d.person_id NOT IN (
              SELECT s.person_id FROM stay AS s JOIN cut_short AS c ON c.organization_id = s.organization_id)""",
        )
        found = self.questions.frame(sql)
        return dict(
            zip(
                found["person_id"],
                100 * (1 - found["missed"].astype(float) / found["days"].astype(float)),
                strict=True,
            )
        )
