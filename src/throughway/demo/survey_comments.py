"""What Riverbend's students write in surveys beside their answers: one sentence or two of a short list, each made from a theme.

Nobody wrote them, and they tell of nobody. Those who speak Spanish at home write in it.
"""

from dataclasses import dataclass

import numpy as np

from throughway.demo.arrays import Bools, Days, Ints, Records, Text, earliest, stream
from throughway.demo.population import SimulatedPopulation, words
from throughway.demo.survey_answers import CLIMATE, QUESTIONS, SERVICE, Answers

OPEN = {CLIMATE: "C5", SERVICE: "S4"}  # the question of each survey that has no scale
YEARS = 2  # the last of each survey
WRITES = 0.7  # of those who answered
SECOND = 0.3  # of those who wrote, with a second sentence
NONE = -1


@dataclass(frozen=True)
class WrittenComments(Records):
    """One entry for each student's comment. `first`, `second`: sentences of the list; `second` is NONE where there is one sentence."""

    student: Ints
    survey: Ints
    program: Ints  # as in `Answers`
    year: Ints
    day: Days
    first: Ints
    second: Ints

    @property
    def text(self) -> Text:
        told = words("comments.csv")["words"]
        return np.where(self.second == NONE, told[self.first], np.char.add(np.char.add(told[self.first], " "), told[self.second]))  # fmt: skip

    @property
    def themes(self) -> list[str]:
        """The themes from which each was made, by name, parted by semicolons; empty where a comment speaks of none."""
        theme = words("comments.csv")["theme"].tolist()
        pairs = zip(self.first.tolist(), self.second.tolist(), strict=True)
        return [";".join(sorted({theme[n] for n in pair if n != NONE} - {""})) for pair in pairs]


def write(people: SimulatedPopulation, answers: Answers, seed: int) -> WrittenComments:
    """The comments of those who answered in the last springs."""
    of_survey = np.array([survey for survey, *_ in QUESTIONS])
    last = answers.where(answers.year > answers.year.max(initial=0) - YEARS)
    by = np.stack([of_survey[last.question], last.program, last.year, last.student])
    who, place = np.unique(by, axis=1, return_inverse=True)
    day = earliest(who.shape[1], place, last.day)
    rng = stream(seed, "comments")
    wrote = np.flatnonzero(rng.random(who.shape[1]) < WRITES)
    survey, program, year, student = who[:, wrote]
    spanish = people.language[student] == "spa"
    first = _sentence(spanish, rng)
    second = np.where(rng.random(len(wrote)) < SECOND, _sentence(spanish, rng), NONE)
    second[second == first] = NONE
    return WrittenComments(student, survey, program, year, day[wrote], first, second)


def _sentence(spanish: Bools, rng: np.random.Generator) -> Ints:
    language = words("comments.csv")["language"]
    drawn = {own: rng.choice(np.flatnonzero(language == own), len(spanish)) for own in ("eng", "spa")}
    return np.where(spanish, drawn["spa"], drawn["eng"])
