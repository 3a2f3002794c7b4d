"""The study document: what is compared with what, by which design, and the smallest effect that matters.

It is written before anybody sees the outcomes. Columns are named as the table's headings name them.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from throughway.core.model_faults import in_words, known_fields, path_of
from throughway.core.refusals import Refused, did_you_mean
from throughway.core.yaml_text import UnreadableText, text_in, values_of

WRONG = "study"  # the refusal's code


class Design(StrEnum):
    MATCHED = "matched"
    LOTTERY = "lottery"
    CUTOFF = "cutoff"
    DIFFERENCES = "differences"


class Estimand(StrEnum):
    """Whose effect: `att` of those who took part, `ate` of everybody, `itt` of the offer, `late` of taking it up."""

    ATT = "att"
    ATE = "ate"
    ITT = "itt"
    LATE = "late"


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"


class EffectScale(StrEnum):
    SD = "sd"
    RAW = "raw"


# The estimands of each design; the first stands where the document names none.
ESTIMANDS = {
    Design.MATCHED: (Estimand.ATT, Estimand.ATE),
    Design.LOTTERY: (Estimand.ITT, Estimand.LATE),
    Design.CUTOFF: (Estimand.ITT, Estimand.LATE),
    Design.DIFFERENCES: (Estimand.ATT,),
}
# The fields that each design needs beyond treatment and outcome.
NEEDED = {
    Design.MATCHED: ("covariates",),
    Design.LOTTERY: (),
    Design.CUTOFF: ("running", "cut"),
    Design.DIFFERENCES: ("panel_unit", "time"),
}


MOST_PLACEBOS = 3  # each is looked at more leniently, the more there are


def as_texts(value: object) -> object:
    return [value] if isinstance(value, str) else value


Column = Annotated[str, Field(min_length=1, max_length=300)]


Section = TypeVar("Section", bound=BaseModel)


class StudySection(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class SmallestEffect(StudySection):
    """The smallest effect that matters, in units of the outcome (`raw`) or of its standard deviation (`sd`)."""

    value: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    scale: EffectScale = EffectScale.SD


class EffectStudy(StudySection):
    """One study of one outcome. `treatment` is the offer in a lottery, and `taken` who took it up; `strata`: the draws; `placebo`: outcomes
    that the program cannot have moved, because they were measured before or are of a matter that it does not touch;
    `baseline_reliability`: the share of the baseline's variance that is no noise, as its publisher says."""

    treatment: Column
    outcome: Column
    covariates: Annotated[tuple[Column, ...], BeforeValidator(as_texts)] = ()
    baseline: Column | None = None
    baseline_reliability: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    better: Better
    smallest_effect: SmallestEffect | None = None
    design: Design
    estimand: Estimand | None = None
    cluster: Column | None = None
    strata: Column | None = None
    running: Column | None = None
    cut: Annotated[float, Field(allow_inf_nan=False)] | None = None
    panel_unit: Column | None = None
    time: Column | None = None
    taken: Column | None = None
    placebo: Annotated[
        tuple[Column, ...], BeforeValidator(as_texts), Field(max_length=MOST_PLACEBOS + 1)
    ] = ()

    @property
    def of(self) -> Estimand:
        return self.estimand or ESTIMANDS[self.design][0]

    @property
    def adjusted_for(self) -> tuple[str, ...]:
        """The covariates and the baseline, each once."""
        return tuple(dict.fromkeys([*self.covariates, *([self.baseline] if self.baseline else [])]))

    @property
    def columns(self) -> dict[str, str]:
        """Each column of the table that is read, by the field that names it first."""
        single = {
            name: value
            for name in ("treatment", "outcome", "baseline", "cluster", "strata", "running", "panel_unit", "time", "taken")
            if (value := getattr(self, name)) is not None
        }  # fmt: skip
        found = {column: field for field, column in reversed(single.items())}
        lists = {column: field for field in ("placebo", "covariates") for column in getattr(self, field)}
        return {column: field for column, field in lists.items() if column not in found} | found

    def of_placebo(self, column: str) -> "EffectStudy":
        """The same study of an outcome that the program cannot have moved."""
        return self.model_copy(update={"outcome": column, "placebo": ()})

    @model_validator(mode="after")
    def _fits(self) -> "EffectStudy":
        for name in NEEDED[self.design]:
            if getattr(self, name) in (None, ()):
                raise ValueError(f"the design {self.design} needs {name}")
        if self.of not in ESTIMANDS[self.design]:
            allowed = " or ".join(ESTIMANDS[self.design])
            raise ValueError(f"the design {self.design} estimates {allowed}, not {self.of}")
        if self.design is Design.LOTTERY and self.of is Estimand.LATE and self.taken is None:
            raise ValueError("the estimand late needs taken: the column that says who took the offer up")
        if self.treatment == self.outcome:
            raise ValueError("treatment and outcome are the same column")
        for column in self.adjusted_for:
            if column in (self.treatment, self.outcome):
                raise ValueError(
                    "a covariate is the treatment or the outcome itself; adjust only for what was so before"
                )
        if self.baseline_reliability is not None and self.baseline is None:
            raise ValueError(
                "baseline_reliability says how reliable the baseline is, and the study names none"
            )
        self._check_placebo()
        return self

    def _check_placebo(self) -> None:
        used = {
            self.treatment,
            self.outcome,
            *self.adjusted_for,
            self.running,
            self.panel_unit,
            self.time,
            self.taken,
        }
        for column in self.placebo:
            if column in used:
                raise ValueError(
                    "a placebo is used in the study itself, so it cannot tell whether the groups differ; name another column, or leave it out of the covariates"
                )


def study_in(path: Path) -> EffectStudy:
    """The study in a file. Refused (study) with one sentence that says what is wrong, and where."""
    text = study_text(path)
    return parsed_study(study_values(text, path.name), path.name)


def parsed_study(values: Any, name: str = "The study") -> EffectStudy:
    """The study that plain values say. Refused (study) with its first fault."""
    if not isinstance(values, dict):
        raise Refused(f"{name} is no study: write fields such as treatment, outcome and design.", code=WRONG)
    return validated(EffectStudy, values, name)


def study_text(path: Path) -> str:
    """The text of a study's file; Refused (study) where it cannot be read."""
    try:
        return text_in(path)
    except OSError:
        raise Refused(f"{path.name} cannot be read; name the file of the study.", code=WRONG) from None
    except UnreadableText as fault:
        raise Refused(f"{path.name} is not a study: {fault}", code=WRONG) from None


def study_values(text: str, name: str) -> Any:
    """What the text says; Refused (study) where it is no YAML."""
    try:
        return values_of(text)
    except UnreadableText as fault:
        raise Refused(f"{name} is not a study: {fault}", code=WRONG) from None


def validated(model: type[Section], values: Any, name: str) -> Section:
    """The study of that model that plain values say. Refused (study) with its first fault."""
    try:
        return model.model_validate(values)
    except ValidationError as faults:
        # A field that is missing may be there under a name that nobody knows: that is said first.
        listed = faults.errors(include_url=False)
        fault = next((each for each in listed if each["type"] == "extra_forbidden"), listed[0])
        where = path_of(fault["loc"], values)
        if fault["type"] == "extra_forbidden":
            known = known_fields(fault["loc"][:-1], model)
            near = did_you_mean(fault["loc"][-1], known, f"known are {', '.join(known)}.")
            raise Refused(f"{name}: {where} is not a field of a study; {near}", code=WRONG) from None
        words = in_words(fault, values)
        raise Refused(f"{name}: {where} {words}.".replace(":  ", ": "), code=WRONG) from None
