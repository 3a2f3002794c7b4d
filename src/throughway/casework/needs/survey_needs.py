"""Needs that a student told in a survey, among the rows that the gate shows of that student.

An answer counts if the community's rules name its question, its survey's notice said that answers are used by name to offer help, and it was
given under that notice in this school year. Of several answers the latest counts. Where the survey asks for the family's consent, every
agreement that shows the answers must rest on it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughway.agreements.grant import Grant
from throughway.core.prose import day
from throughway.measures.needs import Need, NeedRules
from throughway.measures.survey_answers import SurveySign
from throughway.supports.student import parsed_day
from throughway.vocabulary.school_calendar import school_year_of, year_start

STUDENT = "student"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SurveyNeed:
    """A need that the student told: `words` of the need, `asked`: the question in words, `answer` as given, `survey` and the day of the
    answer."""

    id: str
    words: str
    asked: str
    answer: str
    survey: str
    on: date
    answered_by: tuple[str, ...]

    @property
    def for_matching(self) -> Need:
        """The need as a reason to offer a support; it says where it comes from."""
        return Need(
            f"survey-{self.id}",
            f"{self.words} (said in {self.survey}, {day(self.on)})",
            (),
            self.answered_by,
        )


def survey_needs(
    rows: Sequence[Row], rules: NeedRules, grants: Sequence[Grant], today: date
) -> list[SurveyNeed]:
    """The needs in rows of `survey_response`; `grants`: all those of the purpose under which the gate showed the rows."""
    found = []
    for each in rules.asked:
        sign = each.survey
        if sign is None or not sign.survey.covered_by(grants):
            continue
        last = max(_answers(rows, sign, today), key=lambda answer: answer[0], default=None)
        if last is None or not sign.said_by(last[1].get("response_value"), _number(last[1])):
            continue
        on, row = last
        answer = str(row.get("response_value") or row.get("response_number") or "")
        found.append(
            SurveyNeed(
                each.id,
                each.words,
                sign.question.words,
                answer,
                str(row["survey_identifier"]),
                on,
                each.answered_by,
            )
        )
    return found


def _answers(rows: Sequence[Row], sign: SurveySign, today: date) -> Iterator[tuple[date, Row]]:
    """The student's own answers to the question since the survey's notice, in this school year; none on a protected topic."""
    first = max(sign.survey.since, year_start(school_year_of(today)))
    for row in rows:
        on = parsed_day(row.get("response_date"))
        if (
            on is not None
            and first <= on <= today
            and sign.survey.is_named(row.get("survey_identifier"))
            and str(row.get("survey_question_code")) == sign.question.code
            and not row.get("ppra_protected_topic")
            and str(row.get("respondent_type") or STUDENT).casefold() == STUDENT
        ):
            yield on, row


def _number(row: Row) -> float | None:
    try:
        return float(str(row.get("response_number")))
    except ValueError:
        return None
