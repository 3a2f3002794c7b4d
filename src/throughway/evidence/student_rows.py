"""The rows of a registered study, through the gate: whom it compares, what was so before, and what came after. They never leave the
process.

Time zero is one day for both groups in each school year (`program_participants`). Who was enrolled on that day is compared: those who had
begun by then as participants, however long they stay, and all others, who may begin later. Whoever had begun in an earlier school year is
left out on both sides.

They are fetched in two steps: whom the study compares, of enrollment, participation and groups alone; and what was measured of them, before
and after. So a study that cannot be made is refused before an outcome is read, and a preview reads none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from throughway.core.prose import school_year
from throughway.evidence.estimate import FEWEST
from throughway.evidence.program_participants import (
    NOT_OFFERED,
    OFFERED,
    ProgramParticipants,
    StudyQuestions,
    TimeZero,
    refused,
)
from throughway.evidence.registered_study import (
    CUTOFF,
    DRAW,
    OUTCOME,
    SCHOOL,
    STUDENT,
    TAKEN,
    TIME,
    TREATMENT,
    ComparedWith,
    HelpComesBy,
    StudyDocument,
)
from throughway.evidence.student_records import StudentRecords
from throughway.evidence.study import Design, EffectStudy
from throughway.evidence.study_measures import COVARIATES, OUTCOMES
from throughway.insight.gate_questions import FiguresAccess
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import VisibleData, year_end
from throughway.vocabulary.school_calendar import year_start

YEAR = "of school year"
NOT_RECORDED = "not recorded"
MOST = 0.5
FEW = 0.5  # the share of the outcomes in the year that may lie before time zero


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

    def study_of(self, document: StudyDocument) -> EffectStudy:
        """The study of the plain table `frame`. A placebo counts where enough students of each side have one."""
        held = [
            name
            for name in document.placebos
            if name in document.placebo
            or (name in self.frame and self.frame.groupby(TREATMENT)[name].count().min() >= FEWEST)
        ]
        return document.effect_study(clustered=self.clustered, held=held)

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


@dataclass(frozen=True)
class ComparedStudents:
    """Whom a study compares, before anything that was measured of them is read: by school year, one row for each student with the side, the
    school and the groups."""

    parts: Sequence[tuple[TimeZero, pd.DataFrame]]

    @property
    def days(self) -> tuple[TimeZero, ...]:
        return tuple(days for days, _ in self.parts)

    @property
    def frame(self) -> pd.DataFrame:
        return pd.concat([part for _, part in self.parts], ignore_index=True)


class StudentRows:
    """Fetches the rows of one study through one gate. `before_outcomes` is called when whom it compares is known, before the first
    outcome is read."""

    def __init__(
        self,
        access: FiguresAccess,
        visible: VisibleData,
        policy: MeasurePolicy,
        document: StudyDocument,
        on: date,
        before_outcomes: Callable[[], None] = lambda: None,
    ) -> None:
        self.policy, self.document, self.on, self.before_outcomes = policy, document, on, before_outcomes
        self.questions = StudyQuestions(access)
        self.participants = ProgramParticipants(self.questions, visible, document)
        self.records = StudentRecords(self.questions, visible, policy, document, on)

    @property
    def disclosures(self) -> Sequence[str]:
        """The ids of the ledger entries."""
        return self.questions.disclosures

    @cached_property
    def compared(self) -> ComparedStudents:
        """Whom the study compares; no outcome is read, nor anything else that was measured. Refused where nobody took part in these school
        years, where help came by school, and where the outcome is not known yet."""
        years = sorted(self.document.school_years)
        for year in years:
            if self._known_on(year) > self.on:
                raise refused(
                    f"What came of the school year {school_year(year)} can be known on {self._known_on(year):%Y-%m-%d}; leave it out until then."
                )
        over_time = (
            self.document.design is Design.DIFFERENCES
        )  # where nobody need have begun in the first school years
        days = tuple(_whole(year) if over_time else self.participants.time_zero(year) for year in years)
        students = {Design.LOTTERY: self._drawn, Design.DIFFERENCES: self._followed}.get(
            self.document.design, self._enrolled
        )
        found = ComparedStudents([(each, self._with_groups(students(each), each)) for each in days])
        if not any(part[TREATMENT].any() for _, part in found.parts):
            raise refused(
                "None of the students who took part in the program can be found among the students of these grades and school years; check program, who and school_years, and whether records are linked."
            )
        return found

    def students(self) -> StudyRows:
        """Whom the study compares, as rows without anything that was measured."""
        found = self.compared
        return self._rows(found, found.frame)

    def rows(self) -> StudyRows:
        """Refused as `compared`, and where the program began after the outcome or nobody has it."""
        found = self.compared
        self.before_outcomes()
        frame = pd.concat([self._with_measured(part, days) for days, part in found.parts], ignore_index=True)
        if frame[OUTCOME].isna().all():
            raise refused(
                "No student has the outcome; the records that this purpose shows have none after the program began."
            )
        return self._rows(found, frame)

    def _rows(self, found: ComparedStudents, frame: pd.DataFrame) -> StudyRows:
        return StudyRows(
            frame.rename(columns={"person_id": STUDENT}),
            found.days,
            self.participants.steps(),
            self.participants.elsewhere(found.days),
            self.participants.cost(),
            tuple(self.disclosures),
        )

    def _known_on(self, year: int) -> date:
        measured = [
            self.document.measured,
            *(OUTCOMES[name] for name in self.document.placebo if name in OUTCOMES),
        ]
        ends = [each.measure.due(year, self.policy) if each.measure else year_end(year) for each in measured]
        return max(ends) + timedelta(days=1)

    def _enrolled(self, days: TimeZero) -> pd.DataFrame:
        """Students enrolled at time zero."""
        there = self.records.there(days)
        there = there[~there["person_id"].isin(self.participants.earlier(days.year))].copy()
        begun = self.participants.begun(days.year)
        joined = set(begun.loc[[start <= days.zero for start in begun["start"]], "person_id"])
        there[TREATMENT] = there["person_id"].isin(joined).astype(float)
        if self.document.compared_with is ComparedWith.APPLICANTS:
            there = there[
                (there[TREATMENT] == 1) | there["person_id"].isin(self.participants.asked(days.year))
            ]
        else:
            self._check_not_by_school(there)
        return there

    def _check_not_by_school(self, there: pd.DataFrame) -> None:
        """Refused where most participants are at schools where most students take part, and most others are not: help comes by school."""
        if self.document.help_comes_by is HelpComesBy.SCHOOL:
            return
        treated = there[TREATMENT] == 1
        by_school = there.groupby(SCHOOL)[TREATMENT].transform("mean") > MOST
        if by_school[treated].mean() > MOST and (~by_school)[~treated].mean() > MOST:
            raise refused(
                "Most participants are at schools where most students take part, so help comes by school; write help_comes_by: school, and compare ten schools or more."
            )

    def _drawn(self, days: TimeZero) -> pd.DataFrame:
        """Everybody who drew a lot for a place in the school year, by the program's own records."""
        rows = self.participants.places[self.participants.places["year"] == days.year].copy()
        offered = rows["took_part"] | rows["status"].isin(OFFERED)
        rows = rows[offered | (~rows["took_part"] & rows["status"].isin(NOT_OFFERED))]
        rows = rows.assign(
            **{TREATMENT: offered[rows.index].astype(float), TAKEN: rows["took_part"].astype(float)}
        )
        people = rows.groupby("person_id", as_index=False)[[TREATMENT, TAKEN]].max()
        there = self.records.there(days, any_grade=True)
        people = people.merge(there, on="person_id", how="left")
        people[DRAW] = str(days.year)
        return people

    def _followed(self, days: TimeZero) -> pd.DataFrame:
        """Students of the school year, with their outcome of the whole year; a participant stays one from the first year on."""
        there = self.records.there(days)
        begun = set(self.participants.begun(days.year)["person_id"]) | self.participants.earlier(days.year)
        there[TREATMENT] = there["person_id"].isin(begun).astype(float)
        there[TIME] = days.year
        return there

    def _with_groups(self, people: pd.DataFrame, days: TimeZero) -> pd.DataFrame:
        """With the columns that enrollment, participation and groups say."""
        # The engine gives rows in any order, and an estimate hangs on it in its last digits: a study gives the same answer twice.
        people = people.sort_values("person_id", ignore_index=True)
        named = [name for name in self._named if not COVARIATES[name].domain]
        kinds = [COVARIATES[name].group for name in named if COVARIATES[name].group]
        groups = self.records.groups(days, kinds) if kinds else {}
        for name in named:
            covariate = COVARIATES[name]
            if name == "other_help":
                people[name] = np.where(
                    people["person_id"].isin(self.participants.elsewhere([days], by_zero=True)), "yes", "no"
                )
            elif covariate.group:
                people[name] = people["person_id"].map(groups.get(covariate.group, {})).fillna(NOT_RECORDED)
            else:
                named_here = people[f"of {name}"].fillna(NOT_RECORDED)
                people[name] = (
                    named_here.map(self.records.schools).fillna(named_here)
                    if name == "school"
                    else named_here
                )
        people[YEAR] = days.year
        return people

    def _with_measured(self, people: pd.DataFrame, days: TimeZero) -> pd.DataFrame:
        """With the outcome, and what else was measured before and after."""
        if self.document.design in (Design.MATCHED, Design.CUTOFF):
            self._check_order(days, set(people.loc[people[TREATMENT] == 1, "person_id"]))
        measured = {OUTCOME: self.records.after(self.document.measured, days)}
        for name in dict.fromkeys([*self._named, *self.document.placebos]):
            if name in OUTCOMES:
                measured[name] = self.records.after(OUTCOMES[name], days)
            elif COVARIATES[name].domain:
                measured[name] = self.records.before(name, days)
        if self.document.running:
            measured[CUTOFF] = self.records.before(self.document.running, days, raw=True)
        return people.assign(
            **{name: people["person_id"].map(values).astype(float) for name, values in measured.items()}
        )

    @property
    def _named(self) -> Sequence[str]:
        """What was so of each student before, by which the study adjusts or tells groups apart."""
        return tuple(dict.fromkeys([*self.document.adjusted_for, *self.document.subgroups]))

    def _check_order(self, days: TimeZero, joined: set[int]) -> None:
        """Refused where most scores of the participants in the school year are from before time zero."""
        subjects = self.document.measured.subjects
        if not subjects or not joined:
            return
        sooner = self.records.scores(subjects, year_start(days.year), days.zero, raw=True).keys() & joined
        later = (
            self.records.scores(subjects, days.zero + timedelta(days=1), year_end(days.year), raw=True).keys()
            & joined
        )
        if sooner and len(later) < FEW * len(sooner | later):
            raise refused(
                f"In the school year {school_year(days.year)} the program began after the outcome was measured, so it cannot have changed it; choose a later outcome."
            )


def _whole(year: int) -> TimeZero:
    """A school year that is one time of several."""
    return TimeZero(year, year_start(year), year_start(year))
