"""What a study could tell, before it is registered: whom it would compare, how small an effect it would find, and what is missing.

No outcome is read, nor a score, a day of attendance or a course of another time: only enrollment, participation and groups. So a preview
chooses between specifications by what they could tell, and never by what they would find. Counts stand in wide steps, since nothing of a
preview is protected together with releases; power is told of the fewest students of a step, so that it gives no count away.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from throughway.core.prose import listed
from throughway.evidence.clusters import FEWEST_CLUSTERS
from throughway.evidence.estimate import FEWEST
from throughway.evidence.registered_study import TREATMENT, ComparedWith, HelpComesBy, StudyDocument
from throughway.evidence.standards import DETECTABLE
from throughway.evidence.student_rows import NOT_RECORDED, ComparedStudents
from throughway.evidence.study import Design
from throughway.evidence.study_measures import COVARIATES

STEPS = tuple(digit * 10**power for power in range(1, 7) for digit in (1, 2, 5))
EXPLAINED = 0.5  # the share of the outcome that a baseline of the same domain is held to explain
LIKE_WITHIN = {
    "reading": 0.2,
    "math": 0.2,
}  # by domain, how much alike outcomes within a school are held to be
LIKE_ELSE = 0.1
HALF = 0.5  # the standard deviation of a yes or no that half of the students reach
MANY_MISSING = 0.1


@dataclass(frozen=True)
class CountStep:
    """A count as one of wide steps: `least` is 0 for few, `below` is None for the last step."""

    least: int
    below: int | None

    @property
    def words(self) -> str:
        if self.below is None:
            return f"{self.least:,} or more"
        return f"{self.least:,} to {self.below - 1:,}" if self.least else f"fewer than {self.below:,}"


def step_of(count: int, fewest: int) -> CountStep:
    """`fewest`: the count below which all counts are one step."""
    edges = [fewest, *(edge for edge in STEPS if edge > fewest)]
    below = next((edge for edge in edges if count < edge), None)
    return CountStep(max((edge for edge in edges if edge <= count), default=0), below)


@dataclass(frozen=True)
class StudyPlan:
    """`groups`: each group with its count in steps; `power`: how small an effect would be found, in a sentence; `stops`: why the study would
    not run or carry a verdict; `missing`: what else it lacks, in sentences."""

    groups: Sequence[tuple[str, str]] = ()
    power: str = ""
    stops: Sequence[str] = ()
    missing: Sequence[str] = ()

    def to_json(self) -> dict[str, object]:
        return {
            "groups": [{"group": name, "students": words} for name, words in self.groups],
            "power": self.power,
            "stops": list(self.stops),
            "missing": list(self.missing),
        }


def plan_of(
    document: StudyDocument,
    found: ComparedStudents,
    asked: int,
    minimum_cell: int,
    smallest: Mapping[str, object],
    told: Sequence[str] = (),
) -> StudyPlan:
    """`asked`: how many asked for a place and had none; `smallest`: the smallest effect that matters to the community, or nothing; `told`:
    what is missing beside."""
    frame, fewest = found.frame, max(FEWEST, 2 * minimum_cell)  # as `published_effect` asks
    participants = set(frame.loc[frame[TREATMENT] == 1, "person_id"])
    beside = set(frame["person_id"]) - participants
    schools = frame["of school"].nunique()
    by_school = document.help_comes_by is HelpComesBy.SCHOOL
    sides = [step_of(len(each), fewest) for each in (participants, beside)]
    groups = [("participants", sides[0].words), ("students beside them", sides[1].words)]
    if by_school:
        groups.append(("schools", step_of(schools, FEWEST_CLUSTERS).words))
    offers = document.design is Design.MATCHED and document.compared_with is ComparedWith.ENROLLED
    if offers:
        groups.append(("asked for a place, and had none", step_of(asked, fewest).words))
    stops = [
        f"There are fewer than {fewest} {name}, too few for an effect that may be shown."
        for name, side in zip(("participants", "students beside them"), sides, strict=True)
        if not side.least
    ]
    if by_school and schools < FEWEST_CLUSTERS:
        stops.append(f"Help comes by school, and there are fewer than {FEWEST_CLUSTERS} schools.")
    if document.design is Design.MATCHED and document.baseline is None:
        stops.append("It has no baseline of the outcome’s domain, so a comparison carries no verdict.")
    missing = [*told]
    if offers and asked >= fewest:
        missing.append(
            "Students who asked for a place and had none would be the fairer comparison: write compared_with: applicants."
        )
    few = [
        COVARIATES[name].name
        for name in dict.fromkeys([*document.adjusted_for, *document.subgroups])
        if name in frame and (frame[name] == NOT_RECORDED).mean() > MANY_MISSING
    ]
    if few:
        missing.append(f"Of more than a tenth of the students no record says: {listed(few)}.")
    if not smallest:
        missing.append(
            "The council has set no smallest effect that matters for this outcome, so the study cannot say that none was found."
        )
    missing.append(
        "How many of them have an outcome, and what was measured before, is read by the run alone."
        if document.design is not Design.CUTOFF
        else "How many of them have an outcome, and how many are near the cut, is read by the run alone."
    )
    # Of a school, no count but a step is used either.
    clusters = step_of(schools, FEWEST_CLUSTERS).least if by_school else 0
    power = "" if stops else _power(document, sides[0].least, sides[1].least, clusters, smallest)
    return StudyPlan(groups, power, stops, missing)


def detectable(
    participants: int, beside: int, *, explained: float, clusters: int = 0, alike: float = 0.0
) -> float:
    """The smallest effect, in standard deviations, that is found four times in five. `clusters`: how many schools help comes by; 0 where it
    comes to single students."""
    variance = (1 - explained) * (1 / participants + 1 / beside)
    if clusters:
        variance *= 1 + ((participants + beside) / clusters - 1) * alike
    return DETECTABLE * math.sqrt(variance)


def _power(
    document: StudyDocument, participants: int, beside: int, clusters: int, smallest: Mapping[str, object]
) -> str:
    explains = document.baseline is not None or document.design is Design.DIFFERENCES
    found = detectable(
        participants,
        beside,
        explained=EXPLAINED if explains else 0.0,
        clusters=clusters,
        alike=LIKE_WITHIN.get(document.measured.domain, LIKE_ELSE),
    )
    yes_or_no = document.measured.measure is not None
    size = _upward(100 * HALF * found if yes_or_no else found)
    unit = "percentage points" if yes_or_no else "standard deviations"
    held = "what was measured before explains half of the outcome" if explains else ""
    held = listed([each for each in (held, "half of the students reach it" if yes_or_no else "") if each])
    said = f"With the fewest students of these steps, it would find an effect of {size:g} {unit} four times in five{f', if {held}' if held else ''}."
    if smallest and (smallest["scale"] == "sd") != yes_or_no:
        matters = float(str(smallest["value"])) * (100 if yes_or_no else 1)
        if matters < size:
            said += f" The smallest that matters is {matters:g}: such an effect would probably end as not enough evidence."
    return said


def _upward(value: float) -> float:
    """To two figures."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{np.ceil(value / unit) * unit:.2g}")
