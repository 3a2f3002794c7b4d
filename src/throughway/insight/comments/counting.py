"""Which comments may be read and counted, and tables of how many students wrote of a theme, to be protected.

The rules are those of the answers (`experiences.counting`), and one more: a survey of which any question touches a topic that
20 USC 1232h protects is left out whole, since a comment on one question may tell of another. The words of a comment are not read here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from throughway.core import prose
from throughway.insight.experiences.counting import (
    CONSTRUCT,
    STUDENT,
    SURVEY,
    TABLE,
    TOPIC,
    UNDECIDED,
    YEAR,
    SurveyYear,
)
from throughway.insight.trends.choices import AskedGroup, TrendChoices
from throughway.measures.sql import VisibleData, school_year, text
from throughway.publication import RawCell, RawTable, Relation
from throughway.store.record_numbers import Numbers

COMMENT = "response_comment"
NEEDED = ("survey_identifier", "survey_question_code", "response_date", "respondent_type", COMMENT)
QUESTION, PART, THEME, SAYS = "question", "comments", "theme", "speaks of it"
WRITTEN, READ, UNREAD, YES, NO = "written", "read", "not read", "yes", "no"
READ_TABLE, THEME_TABLE = (
    "Students who wrote a comment, by whether it was read",
    "Students whose comment was read, by theme",
)
SPARE = (THEME_TABLE, READ_TABLE)
NOT_SAID = (
    "trends.yaml does not say of this survey that no question touches a topic that 20 USC 1232h protects (protected_topics: none). A comment "
    "could tell of one, so none is read."
)
NONE_WRITTEN = "Nobody who was asked wrote a comment that the agreements show."
NONE_READ = "No comment was read by a person so far, so none is counted."

# The partner, the number of the student's record, the survey, its question, and the day.
CommentKey = tuple[str, int, str, str, date]


def comment_rows(visible: VisibleData, *more: str) -> str:
    """SQL: a row for each student's comment that the rules let be read, with `CommentKey`, the school year, and `more` columns."""
    topic = visible.column(TABLE, TOPIC)
    columns = ", ".join(
        ("person_record", "partner", *NEEDED[:3], f"{school_year('response_date')} AS year", *more)
    )
    return f"""
        SELECT {columns} FROM {TABLE}
        WHERE {COMMENT} IS NOT NULL AND {COMMENT} <> '' AND response_date IS NOT NULL AND survey_question_code IS NOT NULL
          AND person_id IS NOT NULL AND respondent_type = {text(STUDENT)} AND survey_identifier NOT IN (
            SELECT survey_identifier FROM {TABLE} WHERE survey_identifier IS NOT NULL AND {topic} IS NOT NULL)"""


def key_of(row: Mapping[str, Any]) -> CommentKey:
    return (
        str(row["partner"]),
        int(row["person_record"]),
        str(row["survey_identifier"]),
        str(row["survey_question_code"]),
        row["response_date"],
    )


def why_not(survey: str, choices: TrendChoices) -> str:
    """Why the community's own file keeps a survey's comments from being read, in a sentence; empty where it does not."""
    asked = choices.asked(survey)
    if asked is None:
        return UNDECIDED
    if asked.consent:
        return "The survey asks about a topic that 20 USC 1232h protects, and a comment on one question may tell of another, so none is read."
    return "" if asked.nothing_protected else NOT_SAID


@dataclass(frozen=True)
class CommentYear:
    """The comments on one question of one survey in one school year. True figures: never shown. `written`: students who wrote one;
    `read`: of them, those of whom one was read; `themes`: of them, by theme."""

    survey: str
    year: int
    question: str
    written: Numbers
    read: Numbers
    themes: Mapping[str, Numbers]

    @property
    def at(self) -> dict[str, str]:
        return {SURVEY: self.survey, YEAR: str(self.year), QUESTION: self.question}


def comment_years(
    rows: Iterable[Mapping[str, Any]],
    coded: Mapping[CommentKey, Collection[str]],
    surveys: Sequence[SurveyYear],
    choices: TrendChoices,
) -> list[CommentYear]:
    """Comments of those who were asked. `rows`: of `comment_rows`, with `person_id`; `coded`: the themes of the comments that were
    read."""
    asked = {(each.survey, each.year): {*each.asked.tolist()} for each in surveys}
    found: dict[tuple[str, int, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        survey = str(row["survey_identifier"])
        if why_not(survey, choices):
            continue
        group = choices.asked(survey)
        assert isinstance(group, AskedGroup)
        if int(row["person_id"]) in asked.get((group.name, int(row["year"])), ()):
            found.setdefault((group.name, int(row["year"]), str(row["survey_question_code"])), []).append(row)
    return [_year(*where, of_one, coded) for where, of_one in sorted(found.items())]


def _year(
    survey: str, year: int, question: str, rows: Sequence[Mapping[str, Any]], coded: Mapping[CommentKey, Collection[str]]
) -> CommentYear:  # fmt: skip
    written: set[int] = set()
    read: set[int] = set()
    themes: dict[str, set[int]] = {}
    for row in rows:
        person, names = int(row["person_id"]), coded.get(key_of(row))
        written.add(person)
        if names is not None:
            read.add(person)
            for name in names:
                themes.setdefault(name, set()).add(person)
    return CommentYear(
        survey, year, question, _numbers(written), _numbers(read), {name: _numbers(who) for name, who in sorted(themes.items())}
    )  # fmt: skip


def _numbers(persons: Iterable[int]) -> Numbers:
    return np.array(sorted(persons), np.int64)


def comment_tables(
    found: Sequence[CommentYear], surveys: Sequence[SurveyYear]
) -> tuple[tuple[RawTable, ...], tuple[Relation, ...]]:
    """The tables of the questions of which any comment was read. A student may speak of several themes, so the students of themes have
    no sum: each theme parts those who were read in two."""
    first = {(each.survey, each.year): construct for each in surveys for construct in [*each.answers][:1]}
    parts: list[RawCell] = []
    themes: list[RawCell] = []
    relations: list[Relation] = []
    for each in (one for one in found if one.read.size):
        written, read, unread = ({**each.at, PART: part} for part in (WRITTEN, READ, UNREAD))
        rest = np.setdiff1d(each.written, each.read, assume_unique=True)
        parts += [_cell(written, each.written), _cell(read, each.read), _cell(unread, rest)]
        asked = {SURVEY: each.survey, YEAR: str(each.year), CONSTRUCT: first[each.survey, each.year]}
        relations += [Relation(written, [read, unread]), Relation(asked, [written], exact=False)]
        for theme, who in each.themes.items():
            says = [{**each.at, THEME: theme, SAYS: answer} for answer in (YES, NO)]
            others = np.setdiff1d(each.read, who, assume_unique=True)
            themes += [_cell(says[0], who, worth=2.0), _cell(says[1], others)]
            relations.append(Relation(read, says))
    by = (SURVEY, YEAR, QUESTION)
    tables = [
        RawTable(READ_TABLE, (*by, PART), tuple(parts)),
        RawTable(THEME_TABLE, (*by, THEME, SAYS), tuple(themes)),
    ]
    return tuple(t for t in tables if t.cells), tuple(relations)


def _cell(at: Mapping[str, str], persons: Numbers, worth: float = 1.0) -> RawCell:
    return RawCell(at, count=persons.size, worth=worth, persons=persons)


def not_counted(found: Sequence[CommentYear]) -> Iterator[tuple[str, str]]:
    """What of the comments has no figure, and why."""
    if not found:
        yield "Comments", NONE_WRITTEN
    for each in found:
        if not each.read.size:
            yield (
                f"Comments on question {each.question} of {each.survey}, {prose.school_year(each.year)}",
                NONE_READ,
            )
