"""Surveys as their tools export them, one row a respondent; and two small files under agreements that end: incidents for a pilot
of the district, and readers' votes on books."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from throughway.demo.arrays import Days, Ints, earliest
from throughway.demo.column_files import Column, days, named, numbered, write_csv
from throughway.demo.enrollment import school_days
from throughway.demo.feeds.afterschool import NAMES
from throughway.demo.partners import BRIGHT, PAGES, RIVERBEND
from throughway.demo.programs import TUTORING, stays_from
from throughway.demo.survey_answers import CLIMATE, FEELINGS, QUESTIONS, SERVICE
from throughway.demo.survey_comments import OPEN
from throughway.demo.town import Town

SCALE = ["Never", "Rarely", "Sometimes", "Often", "Always", None]
UNANSWERED = 5  # the place of None in SCALE
CLIMATE_OF, PARTICIPANTS_OF = "Student climate, spring ", "Participants, spring "
COMMENTS = "comments.csv"
PROGRAM_NAMES = [NAMES.get(p) for p in range(max(NAMES) + 1)]


def surveys(folder: Path, town: Town, rng: np.random.Generator) -> None:
    student, _, year, day, cells = _respondents(town, CLIMATE)
    write_csv(
        folder / RIVERBEND / "survey.csv",
        {
            "Student ID": town.rosters[RIVERBEND].keys_of(student),
            "Survey": _of_year(CLIMATE_OF, year, town),
            "Recorded": days(day),
            "Duration (sec)": rng.integers(70, 900, len(student)),
            **cells,
        },
    )
    student, program, year, day, cells = _respondents(town, SERVICE)
    write_csv(
        folder / BRIGHT / "survey.csv",
        {
            "Participant ID": town.rosters[BRIGHT].keys_of(student),
            "Survey": _of_year(PARTICIPANTS_OF, year, town),
            "Program": named(PROGRAM_NAMES, program),
            "Submitted": days(day),
            **cells,
        },
    )
    _comments(folder / RIVERBEND / COMMENTS, town, CLIMATE)
    _comments(folder / BRIGHT / COMMENTS, town, SERVICE)
    _check_ins(folder / BRIGHT / "check-in.csv", town)
    _, felt = town.feelings
    write_csv(
        folder / RIVERBEND / "feelings.csv",
        {
            "Student ID": town.rosters[RIVERBEND].keys_of(felt.student),
            "Survey": np.char.add("Feelings, spring ", felt.day.astype("datetime64[Y]").astype(str)),
            "Recorded": days(felt.day),
            FEELINGS: named(SCALE, felt.value - 1),
        },
    )


def _comments(path: Path, town: Town, survey: int) -> None:
    """What was written on the open question of a survey, one row a comment."""
    found = town.comments.where(town.comments.survey == survey)
    ours = survey == CLIMATE
    key, title = ("Student ID", CLIMATE_OF) if ours else ("Participant ID", PARTICIPANTS_OF)
    write_csv(
        path,
        {
            key: town.rosters[RIVERBEND if ours else BRIGHT].keys_of(found.student),
            "Survey": _of_year(title, found.year, town),
            **({} if ours else {"Program": named(PROGRAM_NAMES, found.program)}),
            "Question": np.full(len(found.student), OPEN[survey]),
            "Submitted": days(found.day),
            "Comment": found.text,
        },
    )


def _check_ins(path: Path, town: Town) -> None:
    """The check-in of the after-school programs, one row for each participant and fall."""
    found = town.check_ins
    falls = [f"Fall check-in {year - 1}" for year in town.years]
    write_csv(
        path,
        {
            "Participant ID": town.rosters[BRIGHT].keys_of(found.student),
            "Survey": named(falls, found.year - town.years[0]),
            "Submitted": days(found.day),
            "F1": named(("No", "Yes"), found.homework.astype(np.int64)),
            "F2": named(("No", "Yes"), found.knows.astype(np.int64)),
        },
    )


def _of_year(title: str, year: Ints, town: Town) -> pa.Array:
    return named([f"{title}{y}" for y in town.years], year - town.years[0])


def _respondents(town: Town, survey: int) -> tuple[Ints, Ints, Ints, Days, dict[str, Column]]:
    """Student, program (-1 where there is none), school year, first day of an answer; and the answers by question."""
    answers = town.answers
    asked = [n for n, question in enumerate(QUESTIONS) if question[0] == survey]
    rows = np.flatnonzero(np.isin(answers.question, asked))
    of = np.stack([answers.year[rows], answers.program[rows], answers.student[rows]])
    who, respondent = np.unique(of, axis=1, return_inverse=True)
    answered = np.full((len(asked), who.shape[1]), UNANSWERED)
    answered[answers.question[rows] - asked[0], respondent] = answers.value[rows] - 1
    day = earliest(who.shape[1], respondent, answers.day[rows])
    cells = {QUESTIONS[n][1]: named(SCALE, answered[n - asked[0]]) for n in asked}
    return who[2], who[1], who[0], day, cells


INCIDENTS, VOTES = "incidents.csv", "book-votes.csv"
FILES = (INCIDENTS, VOTES)
MIDDLE = (6, 8)  # grades, first and last
SHARE = 0.12  # of the middle schools' students, those who were part of something
FEWEST = 3
WHAT = ("Quarrel", "Noise in class", "Left class")
BOOKS = tuple(f"B{n}" for n in range(1, 7))
VOTED = ("Yes", "Maybe", "No")


def of_ended_agreements(folder: Path, town: Town, rng: np.random.Generator) -> None:
    _incidents(folder / RIVERBEND / INCIDENTS, town, rng)
    _votes(folder / PAGES / VOTES, town, rng)


def _incidents(path: Path, town: Town, rng: np.random.Generator) -> None:
    """Of the last whole school year, in the order of days."""
    year = town.year - 1
    stays = stays_from(town.spells, year)
    there = stays.student[(stays.district == 0) & (stays.grade >= MIDDLE[0]) & (stays.grade <= MIDDLE[1])]
    who = rng.permutation(there)[: max(FEWEST, int(SHARE * len(there)))]
    taught = school_days(year)
    day = np.sort(taught[rng.integers(0, len(taught), len(who))])
    write_csv(
        path,
        {
            "Incident": numbered(f"I{year % 100}-", len(who)),
            "Student ID": town.rosters[RIVERBEND].keys_of(who),
            "Day": days(day),
            "What": named(WHAT, rng.integers(0, len(WHAT), len(who))),
        },
    )


def _votes(path: Path, town: Town, rng: np.random.Generator) -> None:
    """One row for each reader of the last whole school year, one column for each book."""
    year = town.year - 1
    stays = town.participation.of(TUTORING)
    readers = np.unique(stays.student[stays.year == year])
    write_csv(
        path,
        {
            "Reader No": town.rosters[PAGES].keys_of(readers),
            "Vote": np.full(len(readers), f"Spring {year}"),
            **{book: named(VOTED, rng.integers(0, len(VOTED), len(readers))) for book in BOOKS},
        },
    )
