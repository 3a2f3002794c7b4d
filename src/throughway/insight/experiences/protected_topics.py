"""Answers on a topic that 20 USC 1232h(b) protects: counted only under the family's consent to that survey.

The community's file names the agreement to which families consent for a survey. An answer counts if that agreement shows its topic, rests
on consent, and a consent of the student's family, or of a student who holds the right, was in force on the day of the answer and is in force
today. What is not counted is named. Who consented is counted of those who were asked, so that each figure has two rates.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughway.insight.trends.choices import AskedGroup, TrendChoices
from throughway.measures.sql import school_year
from throughway.store.record_numbers import NOBODY, Numbers, any_of
from throughway.vocabulary import CODE_SETS

TOPICS = CODE_SETS["ppra_protected_topic"]
# (agreement, partner, day) to the partner's records with a consent in force on that day and today; None where that agreement does not show
# the partner's answers on protected topics under consent.
Consents = Callable[[str, str, date], Numbers | None]
NOT_NAMED = (
    "20 USC 1232h(b) protects the topic. Its answers are counted once trends.yaml names the agreement to which families consent for this survey "
    "(`consent`), and only of those whose consent was in force on the day of the answer."
)
NO_CONSENT = (
    "20 USC 1232h(b) protects the topic, and trends.yaml names {}, which does not show the answers under this purpose with families’ consent: "
    "it must list survey_response.ppra_protected_topic by name, and rest on consent."
)
NONE_GIVEN = (
    "20 USC 1232h(b) protects the topic, and no answer was given while the family’s consent was in force."
)
NONE_SHOWN = "No answer on a protected topic is shown. Without a family’s consent no agreement shows one, so that does not mean that nobody answered."


@dataclass(frozen=True)
class ConsentedAnswers:
    """`rows`: sums of students' answers, as those of other subjects, with the topic's words as their subject. `consented`: records with a
    consent in force on any day of the survey, by survey and school year, then by subject. `absent`: what is not counted, and why."""

    rows: Sequence[tuple[AskedGroup, int, dict[str, Any]]]
    consented: Mapping[tuple[AskedGroup, int], Mapping[str, Numbers]]
    absent: Sequence[tuple[str, str]]


def protected_answers(topic: str, answered: str) -> str:
    """SQL: each student's answers on protected topics by survey, school year, topic and day. `answered`: the condition of any answer."""
    year = school_year("response_date")
    by = f"survey_identifier, {year}, {topic}, person_id, person_record, partner, response_date"
    return f"""
        SELECT survey_identifier AS survey, {year} AS year, {topic} AS topic, person_id, person_record, partner, response_date AS first,
          SUM(response_number) AS total, COUNT(*) AS answers
        FROM survey_response WHERE {topic} IS NOT NULL AND {answered} GROUP BY {by}"""


def under_consent(
    rows: Iterable[Mapping[str, Any]], choices: TrendChoices, consents: Consents, undecided: str
) -> ConsentedAnswers:
    """`undecided`: why a survey that no line of the community's file names is not counted."""
    days: dict[tuple[AskedGroup, int, str, str], dict[date, list[Mapping[str, Any]]]] = {}
    absent: dict[tuple[str, str], None] = {}
    for row in rows:
        asked, topic = choices.asked(str(row["survey"])), TOPICS.get(str(row["topic"]), str(row["topic"]))
        if asked is None:
            absent[str(row["survey"]), undecided] = None
        elif not asked.consent:
            absent[f"{asked.name}: {topic}", NOT_NAMED] = None
        else:
            key = asked, int(row["year"]), topic, str(row["partner"])
            days.setdefault(key, {}).setdefault(row["first"], []).append(row)
    counted: list[tuple[AskedGroup, int, dict[str, Any]]] = []
    consented: dict[tuple[AskedGroup, int], dict[str, Numbers]] = {}
    for (asked, year, topic, partner), by_day in sorted(
        days.items(), key=lambda each: (each[0][0].name, *each[0][1:])
    ):
        given = {
            day: of_day for day in by_day if (of_day := consents(asked.consent, partner, day)) is not None
        }
        if len(given) < len(by_day):
            absent[f"{asked.name}: {topic}", NO_CONSENT.format(asked.consent)] = None
            continue
        kept = [
            (asked, year, {**row, "construct": topic})
            for day, of_day in by_day.items()
            for held in ({*given[day].tolist()},)
            for row in of_day
            if row["person_record"] in held
        ]
        if not kept:
            absent[f"{asked.name}: {topic}", NONE_GIVEN] = None
            continue
        counted += kept
        of_year = consented.setdefault((asked, year), {})
        of_year[topic] = any_of([of_year.get(topic, NOBODY), *given.values()])
    silent = [each for each in choices.surveys if each.consent and not any(each == key[0] for key in days)]
    return ConsentedAnswers(counted, consented, [*absent, *((each.name, NONE_SHOWN) for each in silent)])
