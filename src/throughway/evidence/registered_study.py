"""A registered study: what is asked of a program on the community's own records, written down before anybody sees the result.

`throughway: study/1`. Its hash is over everything that it says; its question is the program, the outcome, the students and the time. Two
specifications of one question differ in anything else, and each is shown as such beside the other.
"""

import hashlib
import json
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from throughway.core.refusals import Refused, did_you_mean
from throughway.evidence.study import (
    ESTIMANDS,
    MOST_PLACEBOS,
    Design,
    EffectStudy,
    Estimand,
    SmallestEffect,
    StudySection,
    as_texts,
    study_text,
    study_values,
    validated,
)
from throughway.evidence.study_measures import (
    COVARIATES,
    OUTCOMES,
    PLACEBOS,
    PRESET,
    RUNNING,
    SUBGROUPS,
    StudyOutcome,
    prior_placebo,
)
from throughway.vocabulary import codes_of, element

WRONG = "study"  # the refusal's code
# The columns of the plain table that the study's rows become.
TREATMENT, OUTCOME, STUDENT, DRAW, TAKEN, TIME, CUTOFF, SCHOOL = (
    "in_program", "outcome", "student", "draw", "took_the_place", "school_year", "running", "of school",
)  # fmt: skip
# Fields that came later, with what each says where a study does not name it.
LATER: dict[str, object] = {
    "smallest_effect": None,
    "placebo": [],
    "compared_with": "enrolled",
    "help_comes_by": "student",
}
FEWEST_YEARS = 2  # of a comparison over time
GRADE_LABELS = dict(codes_of(element("school_enrollment.entry_grade_level")) or {})
GRADES = tuple(GRADE_LABELS)


class Season(StrEnum):
    """When in a school year the program takes students: while school is in session, or in the summer after it."""

    SCHOOL_YEAR = "school_year"
    SUMMER = "summer_after"


class ComparedWith(StrEnum):
    """Who stands beside the participants of a matched comparison: who asked for a place and had none, or everybody who was enrolled."""

    APPLICANTS = "applicants"
    ENROLLED = "enrolled"


class HelpComesBy(StrEnum):
    """To whom help comes at once, so that their outcomes are not told apart from chance one by one."""

    STUDENT = "student"
    SCHOOL = "school"


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | int) else value


class StudentGroup(StudySection):
    """The students who could have taken part: enrolled in these grades at time zero."""

    grades: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _known(self) -> "StudentGroup":
        for grade in self.grades:
            if grade not in GRADES:
                near = did_you_mean(grade, GRADES, f"grades are written {GRADES[0]}, 03 or 09.")
                raise ValueError(f"{grade} is not a grade; {near}")
        return self


class StudyDocument(StudySection):
    """`joins_within_days`: who begins so soon after the program's first day counts as a participant, and outcomes are counted from then
    on; `placebo`: outcomes that the program cannot have moved, beside the one of two school years before; `cost_per_student`: dollars for one student served, where the program's
    record says none."""

    throughway: Literal["study/1"]
    title: Annotated[str, Field(min_length=5, max_length=200)]
    program: Annotated[str, Field(pattern=r"^[^/\s]+/[^\s]+$", max_length=300)]
    purpose: Annotated[str, Field(min_length=1, max_length=100)]
    outcome: str
    who: StudentGroup
    school_years: Annotated[tuple[Annotated[int, Field(ge=1990, le=2100)], ...], BeforeValidator(_listed), Field(min_length=1, max_length=12)]  # fmt: skip
    season: Season = Season.SCHOOL_YEAR
    joins_within_days: Annotated[int, Field(ge=0, le=120)] = 30
    design: Design
    estimand: Estimand | None = None
    covariates: Annotated[tuple[str, ...], BeforeValidator(as_texts)] = ()
    baseline: str | None = None
    smallest_effect: SmallestEffect | None = None  # of an earlier version; the community's counts
    running: str | None = None
    cut: Annotated[float, Field(allow_inf_nan=False)] | None = None
    subgroups: Annotated[tuple[str, ...], BeforeValidator(as_texts), Field(max_length=4)] = ()
    placebo: Annotated[tuple[str, ...], BeforeValidator(as_texts), Field(max_length=MOST_PLACEBOS)] = ()
    cost_per_student: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    compared_with: ComparedWith = ComparedWith.ENROLLED
    help_comes_by: HelpComesBy = HelpComesBy.STUDENT

    @property
    def partner(self) -> str:
        """The partner whose program it is."""
        return self.program.partition("/")[0]

    @property
    def measured(self) -> StudyOutcome:
        return OUTCOMES[self.outcome]

    @property
    def adjusted_for(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.covariates, *([self.baseline] if self.baseline else [])]))

    @property
    def sha256(self) -> str:
        """The hash of everything that it says. One that says nothing of a later field has the hash that it had before there was any."""
        said = self.model_dump(mode="json")
        return _hash(
            {name: value for name, value in said.items() if name not in LATER or value != LATER[name]}
        )

    @property
    def question(self) -> str:
        """The hash of what is asked: two specifications of one question have the same."""
        return _hash(
            [self.program, self.outcome, sorted(self.who.grades), sorted(self.school_years), self.season]
        )

    @property
    def preset(self) -> tuple[str, ...]:
        """What a comparison must adjust for, where its purpose shows it."""
        if self.design is not Design.MATCHED:
            return ()
        grade = ("grade",) if len(self.who.grades) > 1 else ()
        return tuple(name for name in (self.measured.baseline, *PRESET, *grade) if name)

    @property
    def placebos(self) -> tuple[str, ...]:
        """Those that it names, and the one that a comparison always has where records hold it."""
        prior = prior_placebo(self.outcome) if self.design is Design.MATCHED else ""
        return tuple(dict.fromkeys([*([prior] if prior else []), *self.placebo]))

    def effect_study(self, *, clustered: bool, held: Collection[str]) -> EffectStudy:
        """The study of the plain table that its rows become. `clustered`: some students are in it in several school years; `held`: the
        placebos that records hold."""
        lottery, cutoff, over_time = (
            self.design is each for each in (Design.LOTTERY, Design.CUTOFF, Design.DIFFERENCES)
        )
        return EffectStudy(
            treatment=TREATMENT, outcome=OUTCOME, covariates=self.covariates, baseline=self.baseline, better=self.measured.better,
            smallest_effect=self.smallest_effect, design=self.design, estimand=self.estimand,
            baseline_reliability=COVARIATES[self.baseline].reliability if self.baseline else None,
            cluster=SCHOOL if self.help_comes_by is HelpComesBy.SCHOOL else STUDENT if clustered and not over_time else None, strata=DRAW if lottery else None,
            running=CUTOFF if cutoff else None, cut=self.cut, panel_unit=STUDENT if over_time else None,
            time=TIME if over_time else None, taken=TAKEN if lottery else None,
            placebo=tuple(name for name in self.placebos if name in held),
        )  # fmt: skip

    @model_validator(mode="after")
    def _fits(self) -> "StudyDocument":
        _check_named(self.outcome, OUTCOMES, "outcome")
        for name in self.covariates:
            _check_named(name, COVARIATES, "covariate")
        for name in self.subgroups:
            _check_named(name, SUBGROUPS, "subgroup")
        if self.baseline is not None:
            _check_named(self.baseline, COVARIATES, "baseline")
            if COVARIATES[self.baseline].domain != self.measured.domain:
                cure = (
                    f"the baseline of {self.outcome} is {self.measured.baseline}"
                    if self.measured.baseline
                    else f"of {self.outcome} no record says the same of an earlier time, so leave the baseline out and a comparison carries no verdict"
                )
                raise ValueError(f"{self.baseline} is not in the domain of {self.outcome}; {cure}")
        for name in self.placebo:
            self._check_placebo(name)
        if len(set(self.school_years)) < len(self.school_years):
            raise ValueError("a school year stands twice")
        self._check_design()
        return self

    def _check_placebo(self, name: str) -> None:
        _check_named(name, PLACEBOS, "placebo")
        if name in (self.outcome, self.running, *self.adjusted_for):
            raise ValueError(
                f"{name} is used in the study itself, so it is no placebo; name another one, or leave it out of the covariates"
            )
        if self.design is Design.DIFFERENCES and (name not in OUTCOMES or OUTCOMES[name].measure is not None):
            raise ValueError(
                f"{name} is not followed over time; the placebo of the design differences is another outcome that is"
            )

    def _check_design(self) -> None:
        if self.estimand is not None and self.estimand not in ESTIMANDS[self.design]:
            allowed = " or ".join(ESTIMANDS[self.design])
            raise ValueError(f"the design {self.design} estimates {allowed}, not {self.estimand}")
        if self.compared_with is ComparedWith.APPLICANTS and self.design is not Design.MATCHED:
            raise ValueError("compared_with belongs to the design matched")
        if self.design is Design.MATCHED and not self.covariates:
            raise ValueError("the design matched needs covariates: what was so of each student before")
        if (self.design is Design.CUTOFF) != (self.running is not None and self.cut is not None):
            raise ValueError("running and cut belong to the design cutoff, which needs both")
        if self.running is not None:
            _check_named(self.running, RUNNING, "running variable")
        if self.design is Design.DIFFERENCES:
            if self.measured.measure is not None:
                raise ValueError(
                    f"{self.outcome} happens once, so it cannot be followed over time; choose another design"
                )
            if len(self.school_years) < FEWEST_YEARS:
                raise ValueError("the design differences needs two school years or more")


def _check_named(name: str, known: Any, what: str) -> None:
    if name not in known:
        near = did_you_mean(name, known, f"known are {', '.join(known)}.")
        raise ValueError(f"{name} is no {what} that can be computed; {near}")


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def study_document_in(path: Path) -> StudyDocument:
    """The study in a YAML file. Refused (study) with one sentence that says what is wrong, and where."""
    return study_document_of(study_text(path), path.name)


def study_document_of(text: str, name: str = "The study") -> StudyDocument:
    """The study that a YAML text says. Refused (study) with its first fault."""
    return parsed_document(study_values(text, name), name)


def parsed_document(values: Any, name: str = "The study") -> StudyDocument:
    """The study that plain values say. Refused (study) with its first fault."""
    if not isinstance(values, dict) or "throughway" not in values:
        raise Refused(f"{name} is no study: it begins with the line `throughway: study/1`.", code=WRONG)
    return validated(StudyDocument, values, name)
