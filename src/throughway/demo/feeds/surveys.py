"""Surveys, as their tools export them: one row a respondent, one column a question, answers in words."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from throughway.demo.answering import CLIMATE, QUESTIONS, SERVICE
from throughway.demo.cast import BRIGHT, RIVERBEND
from throughway.demo.chances import Days, Ints
from throughway.demo.feeds import text
from throughway.demo.feeds.afterschool import NAMES
from throughway.demo.town import Town

SCALE = ["Never", "Rarely", "Sometimes", "Often", "Always", None]
UNANSWERED = 5  # the place of None in SCALE


def write(folder: Path, town: Town, rng: np.random.Generator) -> None:
    student, _, year, day, cells = _respondents(town, CLIMATE)
    text.write(
        folder / RIVERBEND / "survey.csv",
        {
            "Student ID": town.rosters[RIVERBEND].keys_of(student),
            "Survey": _of_year("Student climate, spring ", year, town),
            "Recorded": text.days(day),
            "Duration (sec)": rng.integers(70, 900, len(student)),
            **cells,
        },
    )
    student, program, year, day, cells = _respondents(town, SERVICE)
    names = [NAMES.get(p) for p in range(max(NAMES) + 1)]
    text.write(
        folder / BRIGHT / "survey.csv",
        {
            "Participant ID": town.rosters[BRIGHT].keys_of(student),
            "Survey": _of_year("Participants, spring ", year, town),
            "Program": text.chosen(names, program),
            "Submitted": text.days(day),
            **cells,
        },
    )


def _of_year(title: str, year: Ints, town: Town) -> pa.Array:
    return text.chosen([f"{title}{y}" for y in town.years], year - town.years[0])


def _respondents(town: Town, survey: int) -> tuple[Ints, Ints, Ints, Days, dict[str, text.Column]]:
    """Student, program (-1 where there is none), school year, first day of an answer; and the answers by question."""
    answers = town.answers
    asked = [n for n, question in enumerate(QUESTIONS) if question[0] == survey]
    rows = np.flatnonzero(np.isin(answers.question, asked))
    of = np.stack([answers.year[rows], answers.program[rows], answers.student[rows]])
    who, respondent = np.unique(of, axis=1, return_inverse=True)
    said = np.full((len(asked), who.shape[1]), UNANSWERED)
    said[answers.question[rows] - asked[0], respondent] = answers.value[rows] - 1
    day = np.full(who.shape[1], np.datetime64("2200-01-01", "D"))
    np.minimum.at(day, respondent, answers.day[rows])
    cells = {QUESTIONS[n][1]: text.chosen(SCALE, said[n - asked[0]]) for n in asked}
    return who[2], who[1], who[0], day, cells
