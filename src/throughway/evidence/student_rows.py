"""The rows of a registered study, through the gate: whom it compares, what was so before, and what came after. They never leave the
process.

Time zero is one day for both groups in each school year. The program's first day is that by which one in twenty of its participants had
begun, so that one mistyped day does not move it; time zero is `joins_within_days` later. Who was enrolled on that day is compared: those
who had begun by then as participants, however long they stay, and all others, who may begin later. Whoever had begun in an earlier school
year is left out on both sides. What was so before is read before the program's first day, and outcomes are counted after time zero.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from throughway.core.prose import school_year
from throughway.core.refusals import Refused
from throughway.evidence.registered_study import (
    CUTOFF,
    DRAW,
    OUTCOME,
    STUDENT,
    TAKEN,
    TIME,
    TREATMENT,
    Season,
    StudyDocument,
)
from throughway.evidence.study import Design
from throughway.evidence.study_measures import COVARIATES
from throughway.insight.milestone_queries import FiguresAccess
from throughway.measures.assessments import TABLE as TESTS
from throughway.measures.attendance import days_missed
from throughway.measures.groups import groups_of, groups_of_persons, shown
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import Ctes, VisibleData, day, query, spells, text, texts, year_end
from throughway.vocabulary.participation import ParticipationStatus, standing
from throughway.vocabulary.school_calendar import school_year_of, year_start

FIRST_STARTS = 0.05  # the share of participants who have begun by the program's first day
SCORES_REACH_BACK = 2  # school years
SHORT_STAY = 60  # days, under which a stay is short
FEW = 0.5  # the share of the outcomes in the year that may lie before time zero
# A place by lot: who was offered one, and who was not. Other statuses do not say.
OFFERED, NOT_OFFERED = ("Declined",), ("Applied", "WaitingList", "Referred", "Eligible")
ASKED, DECLINED = "asked, and had no place", "declined a place, or was not eligible"


def _refused(message: str) -> Refused:
    return Refused(message, code="study_rows")


@dataclass(frozen=True)
class TimeZero:
    """The days of one school year: `first`, on which the program begins; `zero`, from which outcomes are counted."""

    year: int
    first: date
    zero: date


@dataclass(frozen=True)
class StudyRows:
    """`frame`: one row for each student and school year, with the columns of the study's plain table and those of its subgroups, as
    `of school`; `steps`: persons by how far they came in the program; `elsewhere`: persons who took part in another program in these
    school years."""

    frame: pd.DataFrame
    days: tuple[TimeZero, ...]
    steps: Mapping[str, np.ndarray]
    elsewhere: np.ndarray
    cost_per_seat: float | None
    disclosures: Sequence[str] = field(default_factory=list)

    @property
    def clustered(self) -> bool:
        """Whether some students are in it in several school years."""
        return bool(self.frame[STUDENT].duplicated().any())

    @property
    def binary(self) -> bool:
        """Whether the outcome is yes or no."""
        return bool(self.frame[OUTCOME].dropna().isin((0, 1)).all())

    @property
    def sites(self) -> int:
        """At how many schools there are participants."""
        return int(self.frame.loc[self.frame[TREATMENT] == 1, "of school"].nunique())


class StudentRows:
    """Fetches the rows of one study through one gate. Collects the ids of the ledger entries."""

    def __init__(
        self,
        access: FiguresAccess,
        visible: VisibleData,
        policy: MeasurePolicy,
        document: StudyDocument,
        on: date,
    ) -> None:
        self.access, self.visible, self.policy, self.document, self.on = access, visible, policy, document, on
        self.disclosures: list[str] = []

    def rows(self) -> StudyRows:
        """Refused where nobody took part in these school years, where the program began after the outcome, and where the outcome is not
        known yet."""
        years = sorted(self.document.school_years)
        for year in years:
            if self._known_on(year) > self.on:
                raise _refused(
                    f"What came of the school year {school_year(year)} can be known on {self._known_on(year):%Y-%m-%d}; leave it out until then."
                )
        days = tuple(self._time_zero(year) for year in years)
        if self.document.design is Design.LOTTERY:
            parts = [self._drawn(each) for each in days]
        elif self.document.design is Design.DIFFERENCES:
            parts = [self._followed(each) for each in days]
        else:
            parts = [self._enrolled(each) for each in days]
        frame = pd.concat(parts, ignore_index=True)
        if frame.empty or not frame[TREATMENT].any():
            raise _refused(
                "None of the students who took part in the program can be found among the students of these grades and school years; check program, who and school_years, and whether records are linked."
            )
        if frame[OUTCOME].isna().all():
            raise _refused(
                "No student has the outcome; the records that this purpose shows have none after the program began."
            )
        return StudyRows(
            frame,
            days,
            self._steps(),
            self._elsewhere(days),
            self._cost(),
            tuple(self.disclosures),
        )

    # Who took part, and when.

    @cached_property
    def _participation(self) -> pd.DataFrame:
        """One row for each place or application of the program: person, start, finish, status, and the school year that it is of."""
        column = self.visible.column
        table = "program_participation"
        found = self._frame(
            f"""SELECT person_id, program_participation_start_date AS start, program_participation_status AS status,
              {column(table, "program_participation_exit_date", "DATE")} AS finish, {column(table, "school_year")} AS stated,
              {column(table, "program_application_date", "DATE")} AS applied
            FROM {table} WHERE program_identifier = {text(self.document.program)}"""
        )
        if found.empty:
            raise _refused(
                "No record that this purpose shows names anybody in that program; check its identifier, and whether its partner's records have come in."
            )
        found["took_part"] = [
            standing(status, start) is ParticipationStatus.TOOK_PART
            for status, start in zip(found["status"], found["start"], strict=True)
        ]
        found["year"] = [
            self._year_of(stated, start or applied)
            for stated, start, applied in zip(found["stated"], found["start"], found["applied"], strict=True)
        ]
        return found

    def _year_of(self, stated: object, begins: date | None) -> int:
        """The school year that a place is of; -1 where nothing says it. A summer program is of the school year before it."""
        if self.document.season is Season.SUMMER:
            return begins.year if begins else -1
        if isinstance(stated, str) and stated.strip().isdigit():
            return int(stated)
        return school_year_of(begins) if begins else -1

    def _begun(self, year: int) -> pd.DataFrame:
        """Each participant of a school year with the first day and the last one known."""
        rows = self._participation
        rows = rows[rows["took_part"] & (rows["year"] == year)]
        return rows.sort_values("start").groupby("person_id", as_index=False).first()

    def _time_zero(self, year: int) -> TimeZero:
        starts = sorted(self._begun(year)["start"])
        if not starts:
            raise _refused(
                f"Nobody began in the program in the school year {school_year(year)}; leave that year out."
            )
        first = starts[int(FIRST_STARTS * (len(starts) - 1))]
        return TimeZero(year, first, first + timedelta(days=self.document.joins_within_days))

    def _known_on(self, year: int) -> date:
        measure = self.document.measured.measure
        return (measure.due(year, self.policy) if measure else year_end(year)) + timedelta(days=1)

    def _earlier(self, year: int) -> set[int]:
        rows = self._participation
        return set(rows.loc[rows["took_part"] & (rows["year"] < year) & (rows["year"] > 0), "person_id"])

    # Whom it compares.

    def _enrolled(self, days: TimeZero) -> pd.DataFrame:
        """Students enrolled at time zero; for a cut-off with the running variable."""
        there = self._there(days)
        there = there[~there["person_id"].isin(self._earlier(days.year))].copy()
        begun = self._begun(days.year)
        joined = set(begun.loc[[start <= days.zero for start in begun["start"]], "person_id"])
        there[TREATMENT] = there["person_id"].isin(joined).astype(float)
        self._check_order(days, joined)
        frame = self._with_columns(there, days)
        if self.document.running:
            frame[CUTOFF] = frame["person_id"].map(self._before(self.document.running, days, raw=True))
        return frame.rename(columns={"person_id": STUDENT})

    def _drawn(self, days: TimeZero) -> pd.DataFrame:
        """Everybody who drew a lot for a place in the school year, by the program's own records."""
        rows = self._participation[self._participation["year"] == days.year].copy()
        offered = rows["took_part"] | rows["status"].isin(OFFERED)
        rows = rows[offered | (~rows["took_part"] & rows["status"].isin(NOT_OFFERED))]
        rows = rows.assign(
            **{TREATMENT: offered[rows.index].astype(float), TAKEN: rows["took_part"].astype(float)}
        )
        people = rows.groupby("person_id", as_index=False)[[TREATMENT, TAKEN]].max()
        there = self._there(days, any_grade=True)
        people = people.merge(there, on="person_id", how="left")
        people[DRAW] = str(days.year)
        return self._with_columns(people, days).rename(columns={"person_id": STUDENT})

    def _followed(self, days: TimeZero) -> pd.DataFrame:
        """Students of the school year, with their outcome of the whole year; a participant stays one from the first year on."""
        there = self._there(days)
        begun = set(self._begun(days.year)["person_id"]) | self._earlier(days.year)
        there[TREATMENT] = there["person_id"].isin(begun).astype(float)
        there[TIME] = days.year
        whole = TimeZero(days.year, year_start(days.year), year_start(days.year))
        return self._with_columns(there, whole).rename(columns={"person_id": STUDENT})

    def _there(self, days: TimeZero, *, any_grade: bool = False) -> pd.DataFrame:
        """Who was enrolled in these grades on the day of time zero: person, school, district, grade."""
        found = self._frame(
            query(
                self._eligible(days, any_grade),
                "SELECT person_id, organization_id, partner, grade FROM eligible",
            )
        )
        return found.rename(
            columns={"organization_id": "of school", "partner": "of district", "grade": "of grade"}
        )

    def _eligible(self, days: TimeZero, any_grade: bool) -> Ctes:
        at = day(
            date(days.year, 5, 15)
            if self.document.season is Season.SUMMER
            else min(days.zero, year_end(days.year))
        )
        of_grades = "" if any_grade else f" AND grade IN {texts(self.document.who.grades)}"
        return {
            **spells(self.visible),
            "eligible": f"""
                SELECT person_id, organization_id, partner, grade FROM (
                  SELECT *, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY start DESC, organization_id) AS place
                  FROM spell WHERE year = {days.year}{of_grades} AND COALESCE(start, {at}) <= {at} AND COALESCE(finish, {at}) >= {at}) AS placed
                WHERE place = 1""",
        }

    # What was so before, and what came after.

    def _with_columns(self, people: pd.DataFrame, days: TimeZero) -> pd.DataFrame:
        people = people.reset_index(drop=True)
        people[OUTCOME] = people["person_id"].map(self._after(days)).astype(float)
        named = dict.fromkeys([*self.document.adjusted_for, *self.document.subgroups])
        kinds = [COVARIATES[name].group for name in named if COVARIATES[name].group]
        groups = self._groups(days, kinds) if kinds else {}
        for name in named:
            covariate = COVARIATES[name]
            if covariate.domain:
                people[name] = people["person_id"].map(self._before(name, days)).astype(float)
            elif name == "other_help":
                people[name] = np.where(
                    people["person_id"].isin(self._elsewhere([days], by_zero=True)), "yes", "no"
                )
            elif covariate.group:
                people[name] = people["person_id"].map(groups.get(covariate.group, {})).fillna("not recorded")
            else:
                named_here = people[f"of {name}"].fillna("not recorded")
                people[name] = (
                    named_here.map(self._schools).fillna(named_here) if name == "school" else named_here
                )
        return people

    @cached_property
    def _schools(self) -> dict[str, str]:
        """The name of each school that the purpose names, by its id."""
        if not self.visible.shows("organization", "organization_id", "organization_name"):
            return {}
        found = self._frame(
            "SELECT organization_id AS id, MIN(organization_name) AS name FROM organization GROUP BY organization_id"
        )
        return {id: name for id, name in zip(found["id"], found["name"], strict=True) if name}

    def _groups(self, days: TimeZero, kinds: Sequence[str]) -> dict[str, dict[int, str]]:
        """By kind of group, each student's group on the program's first day."""
        result = {
            **self._eligible(days, any_grade=True),
            "result": "SELECT person_id, organization_id, partner, 'reached' AS outcome, CAST(NULL AS VARCHAR) AS cause FROM eligible",
        }
        wanted = tuple(kind for kind in shown(self.visible) if kind in kinds)
        found: dict[str, dict[int, str]] = {kind: {} for kind in wanted}
        sql = groups_of_persons(self.visible, result, days.first, (days.year - 1, days.year - 1))
        for row in self._frame(sql).to_dict("records"):
            clean = {
                name: None if value is None or value is pd.NA or value != value else value
                for name, value in row.items()
            }
            for kind, group in groups_of(clean, wanted, {}).items():
                found[kind][int(row["person_id"])] = group
        return found

    def _before(self, name: str, days: TimeZero, *, raw: bool = False) -> dict[int, float]:
        covariate = COVARIATES[name]
        if covariate.subjects:
            return self._scores(
                covariate.subjects,
                year_start(days.year - SCORES_REACH_BACK),
                days.first - timedelta(days=1),
                raw=raw,
            )
        return self._attended(days.year - covariate.years_before, None)

    def _after(self, days: TimeZero) -> dict[int, float]:
        outcome = self.document.measured
        if outcome.subjects:
            return self._scores(outcome.subjects, days.zero + timedelta(days=1), year_end(days.year))
        if outcome.measure is None:
            whole = self.document.design is Design.DIFFERENCES
            return self._attended(days.year, None if whole else days.zero + timedelta(days=1))
        sql = query(
            outcome.measure.judge(self.visible, self.policy, days.year, self.on),
            "SELECT person_id, CASE outcome WHEN 'reached' THEN 1.0 WHEN 'lost' THEN 0.0 END AS outcome FROM result",
        )
        found = self._frame(sql).dropna()
        return dict(zip(found["person_id"], found["outcome"], strict=True))

    def _scores(self, subjects: str, first: date, last: date, *, raw: bool = False) -> dict[int, float]:
        """Each student's last score within these days; on the scale of the test if `raw`, else in standard deviations of all who took the
        same test in the same school year."""
        column = self.visible.column
        found = self._frame(
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
        found = self._frame(sql)
        return dict(
            zip(
                found["person_id"],
                100 * (1 - found["missed"].astype(float) / found["days"].astype(float)),
                strict=True,
            )
        )

    def _check_order(self, days: TimeZero, joined: set[int]) -> None:
        """Refused where most scores of the participants in the school year are from before time zero."""
        subjects = self.document.measured.subjects
        if not subjects or not joined:
            return
        sooner = self._scores(subjects, year_start(days.year), days.zero, raw=True).keys() & joined
        later = (
            self._scores(subjects, days.zero + timedelta(days=1), year_end(days.year), raw=True).keys()
            & joined
        )
        if sooner and len(later) < FEW * len(sooner | later):
            raise _refused(
                f"In the school year {school_year(days.year)} the program began after the outcome was measured, so it cannot have changed it; choose a later outcome."
            )

    # What else a report says.

    def _steps(self) -> dict[str, np.ndarray]:
        """Everybody whom the program's records name in these years, by how far they came."""
        rows = self._participation[self._participation["year"].isin(self.document.school_years)]
        began = {
            int(person): [(start, finish) for start, finish in zip(of["start"], of["finish"], strict=True)]
            for person, of in rows[rows["took_part"]].groupby("person_id")
        }
        short: list[object] = []
        long_: list[object] = []
        open_: list[object] = []
        for person, stays in began.items():
            known = [
                (finish - start).days + 1
                for start, finish in stays
                if finish is not None and start is not None
            ]
            (open_ if len(known) < len(stays) else short if sum(known) < SHORT_STAY else long_).append(person)
        others = rows[~rows["person_id"].isin(began)]
        asked = set(others.loc[others["status"].isin(NOT_OFFERED), "person_id"])
        declined = set(others["person_id"]) - asked
        return {
            f"stayed {SHORT_STAY} days or more": _persons(long_),
            f"began, and stayed less than {SHORT_STAY} days": _persons(short),
            "began, with no last day in the records": _persons(open_),
            DECLINED: _persons(declined),
            ASKED: _persons(asked),
        }

    def _elsewhere(self, days: Iterable[TimeZero], *, by_zero: bool = False) -> np.ndarray:
        """Who took part in another program in these school years, or had begun by time zero, as far as the purpose shows it."""
        spans = " OR ".join(
            f"program_participation_start_date BETWEEN {day(year_start(each.year))} AND {day(each.zero if by_zero else year_end(each.year))}"
            for each in days
        )
        found = self._frame(
            f"""SELECT DISTINCT person_id FROM program_participation
            WHERE program_identifier <> {text(self.document.program)} AND ({spans})"""
        )
        return _persons(found["person_id"])

    def _cost(self) -> float | None:
        """Dollars for one place in a year, as the program's own record says; None where none does."""
        if not self.visible.shows("program", "program_identifier", "program_cost_per_seat"):
            return None
        found = self._frame(
            f"SELECT MAX(program_cost_per_seat) AS cost FROM program WHERE program_identifier = {text(self.document.program)}"
        )["cost"]
        value = float(found.iloc[0]) if len(found) and found.iloc[0] is not None else math.nan
        return value if math.isfinite(value) and value > 0 else None

    def _frame(self, sql: str) -> pd.DataFrame:
        table, disclosure = self.access.figures(sql)
        self.disclosures.append(disclosure)
        return pd.DataFrame(
            {
                name: pd.Series(table[name].to_pylist(), dtype=_kind(table[name].type))
                for name in table.column_names
            }
        )


def _kind(type: pa.DataType) -> str | None:
    """Days stay as they are, so that a missing one is None and nothing else."""
    return "object" if pa.types.is_date(type) or pa.types.is_timestamp(type) else None


def _persons(found: Iterable[object]) -> np.ndarray:
    return np.unique(np.array([int(each) for each in found], np.int64))  # type: ignore[call-overload]
