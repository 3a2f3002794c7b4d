"""Answers to surveys as a need that a student told: which surveys may be read so, of which questions, and which answers say it.

A survey may be read so if the community's file says which notice told students and families that answers are used, by name, to offer help,
and since which day. A question on a topic of 20 USC 1232h(b) is never read.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from throughway.agreements.enums import Basis
from throughway.agreements.grant import Grant
from throughway.core.refusals import Refused, did_you_mean
from throughway.measures.rules_file import wrong_in
from throughway.vocabulary import CODE_SETS

TABLE = "survey_response"
TOPICS = "ppra_protected_topic"  # the code set of the topics of 20 USC 1232h(b)
LAW = "20 USC 1232h(b)"
NONE = "none"
SHAPE = "{survey: check-in, question: F1, answers: [Often, Always]}, or with at_least or at_most and a whole number"
_wrong = partial(wrong_in, "needs.yaml")
# Words by which a question shows that it is on a protected topic, whatever the file says of it.
TELLTALE: Mapping[str, re.Pattern[str]] = {
    "politics": re.compile(r"\b(vot(e|es|ed|ing)|political|politics|democrats?|republicans?)\b", re.I),
    "mental_or_psychological_problems": re.compile(r"\b(depress(ed|ion)|anxious|anxiety|suicid\w+|mental|psycholog\w+|psychiatr\w+|therap(y|ist|ists)|sad|hopeless|self[- ]harm)\b", re.I),
    "sex": re.compile(r"\b(sex|sexual|sexually|sexuality|dating|pregnan\w+|gay|lesbian|bisexual)\b", re.I),
    "illegal_or_self_incriminating_acts": re.compile(r"\b(drugs?|marijuana|cannabis|weed|alcohol|drunk|drink(ing)? beer|vap(e|ing)|smok(e|ing)|gangs?|guns?|weapons?|steal|stolen|arrest(ed)?)\b", re.I),
    "critical_appraisals_of_family": re.compile(r"\b(my (step)?(mother|father|parents?|mom|dad|family) (hits?|hurts?|yells?|fights?|drinks?))\b", re.I),
    "privileged_relations": re.compile(r"\b(lawyers?|attorneys?|doctors?|ministers?|pastors?|priests?)\b", re.I),
    "religion": re.compile(r"\b(religio\w+|church|mosque|synagogue|temple|god|pray(er|ers|ing)?)\b", re.I),
    "income": re.compile(r"\b(income|money|afford|rent|paid|wages?|salary|welfare|food stamps)\b", re.I),
}  # fmt: skip


@dataclass(frozen=True)
class SurveyQuestion:
    """`topic`: a code of TOPICS, or `none`."""

    code: str
    words: str
    topic: str


@dataclass(frozen=True)
class HelpSurvey:
    """A survey whose answers may say what a student needs. `names`: its identifiers, in any case of letters; `partner`: who asked; `notice`: the notice
    that said so; `since`: the first day of answers given under it; `consent`: answers are read only where the agreement that shows them
    rests on the family's consent."""

    id: str
    names: tuple[str, ...]
    partner: str
    notice: str
    since: date
    consent: bool
    questions: tuple[SurveyQuestion, ...]

    def is_named(self, identifier: object) -> bool:
        """Whether answers with this identifier are of the survey."""
        return str(identifier or "").strip().lower() in self.names

    def covered_by(self, grants: Iterable[Grant]) -> bool:
        """Whether these grants, all those of a purpose, show answers of the partner that asked, and by the family's consent where the survey
        asks for it."""
        shown = [grant for grant in grants if grant.table == TABLE and grant.discloser == self.partner]
        by_consent = all(any(choice.basis is Basis.CONSENT for choice in grant.choices) for grant in shown)
        return bool(shown) and (by_consent or not self.consent)


@dataclass(frozen=True)
class SurveySign:
    """An answer that says that a student has a need: one of `answers`, or a number within the bounds."""

    survey: HelpSurvey
    question: SurveyQuestion
    answers: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None

    def said_by(self, value: object, number: float | None) -> bool:
        """Whether this answer says it; `value` as given, `number` where it is one."""
        if self.answers:
            return str(value or "").strip().casefold() in {each.casefold() for each in self.answers}
        return (
            number is not None
            and (self.at_least is None or number >= self.at_least)
            and (self.at_most is None or number <= self.at_most)
        )

    @property
    def words(self) -> str:
        """Which answers say it: `Often or Always`, `at most 2`."""
        if self.answers:
            return " or ".join(self.answers)
        bounds = [f"at least {self.at_least:g}"] if self.at_least is not None else []
        bounds += [f"at most {self.at_most:g}"] if self.at_most is not None else []
        return " and ".join(bounds)


def help_surveys(listed: Any) -> tuple[HelpSurvey, ...]:
    """The surveys of a file of needs. Refused (settings) with what is wrong; the caller names the file."""
    if not isinstance(listed, list):
        raise _wrong("has surveys that is no list")
    found = tuple(_survey(each, f"survey {place}") for place, each in enumerate(listed, 1))
    if len({each.id for each in found}) != len(found):
        raise _wrong("has two surveys of one id")
    return found


def _survey(values: Any, where: str) -> HelpSurvey:
    named = values.get("name") if isinstance(values, dict) else None
    names = [named] if isinstance(named, str) else named
    if not isinstance(names, list) or not names or not all(isinstance(each, str) and each.strip() for each in names) or not all(
        isinstance(values.get(each), str) for each in ("id", "partner")
    ):  # fmt: skip
        raise _wrong(f"has a {where} without id, name and partner")
    notice, since = str(values.get("notice") or "").strip(), _day(values.get("since"))
    if not notice or since is None:
        raise _wrong(
            f"has a {where} that does not say by which notice, since which day, students and families knew that answers are used by name to "
            "offer help; without such a notice leave the survey out"
        )
    consent = values.get("consent")
    if not isinstance(consent, bool):
        raise _wrong(
            f"has a {where} that does not say consent: true, where the family’s consent covers the answers, or consent: false, where the "
            "notice is enough"
        )
    listed = values.get("questions")
    if not isinstance(listed, list) or not listed:
        raise _wrong(f"has a {where} without questions")
    asked = tuple(_question(each, where) for each in listed)
    return HelpSurvey(
        values["id"],
        tuple(each.strip().lower() for each in names),
        values["partner"],
        notice,
        since,
        consent,
        asked,
    )


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _question(values: Any, where: str) -> SurveyQuestion:
    if not isinstance(values, dict) or not all(
        isinstance(values.get(each), str) for each in ("code", "words", "topic")
    ):
        raise _wrong(f"has a question in {where} without code, words and topic")
    if values["topic"] not in (NONE, *CODE_SETS[TOPICS]):
        hint = did_you_mean(values["topic"], [NONE, *CODE_SETS[TOPICS]], "see the vocabulary")
        raise _wrong(f"has a question in {where} on an unknown topic; {hint}")
    return SurveyQuestion(values["code"], values["words"], values["topic"])


def survey_sign(values: Any, surveys: Sequence[HelpSurvey], where: str) -> SurveySign:
    """The sign of one need. Refused (settings; protected_topic where the question is on a topic of 20 USC 1232h(b))."""
    if not isinstance(values, dict) or not {"survey", "question"} <= values.keys():
        raise _wrong(f"has an {where} whose survey names no survey and question; write it as {SHAPE}")
    survey = next((each for each in surveys if each.id == values["survey"]), None)
    if survey is None:
        raise _wrong(
            f"has an {where} on a survey that is not listed under surveys; only one whose notice said that answers are used by name to offer "
            "help may be"
        )
    asked = next((each for each in survey.questions if each.code == str(values["question"])), None)
    if asked is None:
        raise _wrong(f"has an {where} on a question that survey {survey.id} does not list")
    _check_topic(asked, where)
    answers = values.get("answers", [])
    bounds = {name: values[name] for name in ("at_least", "at_most") if name in values}
    whole = all(isinstance(each, int) and not isinstance(each, bool) for each in bounds.values())
    said = isinstance(answers, list) and all(isinstance(each, str) and each.strip() for each in answers)
    if not said or not whole or bool(answers) == bool(bounds):
        raise _wrong(f"has an {where} whose survey does not say which answers count; write it as {SHAPE}")
    numbers = {name: float(each) for name, each in bounds.items()}
    return SurveySign(survey, asked, tuple(each.strip() for each in answers), **numbers)


def _check_topic(asked: SurveyQuestion, where: str) -> None:
    shown = next((topic for topic, words in TELLTALE.items() if words.search(asked.words)), NONE)
    topic = asked.topic if asked.topic != NONE else shown
    if topic != NONE:
        raise Refused(
            f"needs.yaml in the community's folder has an {where} on question {asked.code}, which is about {_topic_words(topic)}: an answer on a "
            "topic that 20 USC 1232h(b) protects is never a reason to offer help; let the family or the student name the need.",
            code="protected_topic",
            citations=[LAW],
        )  # fmt: skip


def _topic_words(topic: str) -> str:
    label = CODE_SETS[TOPICS][topic].partition(",")[0]
    return label[0].lower() + label[1:]
