"""Rules of need: what in a record may be a reason to offer a support. The community reads and changes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, partial
from typing import Any

from throughway.agreements.grant import Grant
from throughway.core.refusals import did_you_mean
from throughway.measures.eligibility import (
    EligibilityRule,
    FactKind,
    Facts,
    RuleVerdict,
    check_cited,
    condition,
    judge,
)
from throughway.measures.rules_file import own_text, packaged_text, wrong_in, yaml_of
from throughway.measures.survey_answers import HelpSurvey, SurveySign, help_surveys, survey_sign
from throughway.store.community import Community
from throughway.vocabulary import CODE_SETS

CATEGORIES = "program_subtype"  # the code set of kinds of support
FILE = "needs.yaml"
VERSION = "needs/1"
_wrong = partial(wrong_in, FILE)


class RankBy(StrEnum):
    """What puts one support before another."""

    NEED = "need"
    FIRST = "first"
    CERTAIN = "certain"
    LANGUAGE = "language"
    SEATS = "seats"
    DISTANCE = "distance"


RANK_WORDS: Mapping[RankBy, str] = {
    RankBy.NEED: "it answers a need that the record shows, or that you name",
    RankBy.FIRST: "the program takes this student first",
    RankBy.CERTAIN: "no rule has to be asked",
    RankBy.LANGUAGE: "its people speak the family’s language",
    RankBy.SEATS: "a seat is free",
    RankBy.DISTANCE: "it is nearer to the student’s home",
}


@dataclass(frozen=True)
class Need:
    """One rule: what is so when all of `when` is met, and the kinds of support that may answer it."""

    id: str
    words: str
    when: tuple[EligibilityRule, ...]
    answered_by: tuple[str, ...]

    @property
    def categories(self) -> list[str]:
        return [CODE_SETS[CATEGORIES][code] for code in self.answered_by]

    @property
    def limits(self) -> list[str]:
        """How old a record may be that tells the need, in sentences; none where age does not matter."""
        ages = sorted({rule.of.newest_days for rule in self.when} - {0})
        return [
            f"the newest result of the {days} days up to the last day counted decides, so for some it is a test of an earlier school year; an "
            "older result tells nothing."
            for days in ages
        ]


# Whatever the rules are: only records tell who was helped.
RECORDED_HELP = (
    "Only help that a program or a service recorded is counted. A school’s own help, such as a small group in class, is in no such record: "
    "“not served” does not mean that nobody helped."
)


@dataclass(frozen=True)
class AskedNeed:
    """Something that people ask for. `reasons`: words of a referral's reason, in small letters; `answered_by`: kinds of support; `survey`: the
    answer by which a student asks for it."""

    id: str
    words: str
    reasons: tuple[str, ...]
    answered_by: tuple[str, ...]
    survey: SurveySign | None = None


@dataclass(frozen=True)
class NeedRules:
    """`needs`: those that records show; `asked`: what people ask for; `surveys`: those whose answers may say it."""

    needs: tuple[Need, ...]
    order: tuple[RankBy, ...]
    asked: tuple[AskedNeed, ...] = ()
    surveys: tuple[HelpSurvey, ...] = ()

    def covered_by(self, grants: Sequence[Grant]) -> "NeedRules":
        """These rules without the surveys whose answers the grants, all those of a purpose, do not show as the survey's notice asks."""
        asked = (
            each
            if each.survey is None or each.survey.survey.covered_by(grants)
            else replace(each, survey=None)
            for each in self.asked
        )
        return replace(self, asked=tuple(asked))

    def asked_kinds(self) -> list[AskedNeed]:
        """What people ask for, with each kind of support that no line names as one of its own."""
        named = {code for each in self.asked for code in each.answered_by}
        own = (
            AskedNeed(code, words.lower(), (words.lower(), code.replace("_", " ")), (code,))
            for code, words in CODE_SETS[CATEGORIES].items()
            if code not in named
        )
        return [*self.asked, *own]

    def found(self, facts: Facts) -> list[Need]:
        """The needs that the visible record shows. A rule on what is not seen finds nothing."""
        return [
            need for need in self.needs if all(judge(rule, facts) is RuleVerdict.YES for rule in need.when)
        ]


@cache
def shipped() -> NeedRules:
    """The rules that come with the program."""
    return parsed(packaged_text(FILE))


def rules_of(community: Community) -> NeedRules:
    """The community's own rules, otherwise those that come with the program. Refused (settings) with what is wrong in its file."""
    own = own_text(community.needs)
    return shipped() if own is None else parsed(own)


def parsed(text: str) -> NeedRules:
    """The rules in a file. Refused (settings) with one sentence that says where it is wrong."""
    values = yaml_of(text, FILE)
    if not isinstance(values, dict) or values.get("throughway") != VERSION:
        raise _wrong(f"begins with `throughway: {VERSION}`, then needs and order")
    listed, order = values.get("needs"), values.get("order", [each.value for each in RankBy])
    if not isinstance(listed, list) or not listed:
        raise _wrong("needs a list of needs")
    if not isinstance(order, list) or len(set(map(str, order))) != len(order):
        raise _wrong(f"needs an order that names some of {', '.join(RankBy)}, each once")
    for word in order:
        if word not in list(RankBy):
            raise _wrong(
                f"has a word in order that is not known; {did_you_mean(word, list(RankBy), 'leave it out')}"
            )
    needs = tuple(_need(each, f"need {place}") for place, each in enumerate(listed, 1))
    if len({need.id for need in needs}) != len(needs):
        raise _wrong("has two needs of one id")
    asked, surveys = values.get("asked"), help_surveys(values.get("surveys", []))
    return NeedRules(
        needs,
        tuple(RankBy(str(word)) for word in order),
        shipped().asked if asked is None else _all_asked(asked, surveys),
        surveys,
    )


def _all_asked(listed: Any, surveys: Sequence[HelpSurvey]) -> tuple[AskedNeed, ...]:
    if not isinstance(listed, list):
        raise _wrong("has asked that is no list")
    found = tuple(_asked(each, surveys, f"asked {place}") for place, each in enumerate(listed, 1))
    for what, named in (
        ("ids", [each.id for each in found]),
        ("reasons", [reason for each in found for reason in each.reasons]),
        ("kinds of support", [code for each in found for code in each.answered_by]),
    ):
        if len(set(named)) != len(named):
            raise _wrong(f"has the same {what} twice under asked")
    return found


def _asked(values: Any, surveys: Sequence[HelpSurvey], where: str) -> AskedNeed:
    if not isinstance(values, dict) or not {"id", "words", "answered_by"} <= values.keys():
        raise _wrong(f"has an {where} without id, words and answered_by")
    answered = _lines(values["answered_by"], where, "answered_by")
    _check_kinds(answered, where)
    reasons = _lines(values["reasons"], where, "reasons") if values.get("reasons") else ()
    folded = tuple(dict.fromkeys(" ".join(reason.lower().split()) for reason in reasons))
    sign = survey_sign(values["survey"], surveys, where) if values.get("survey") is not None else None
    return AskedNeed(str(values["id"]), str(values["words"]), folded, answered, sign)


def _check_kinds(answered: Sequence[str], where: str) -> None:
    for code in answered:
        if code not in CODE_SETS[CATEGORIES]:
            raise _wrong(
                f"has a {where} answered by an unknown kind of support; {did_you_mean(code, CODE_SETS[CATEGORIES], 'see the vocabulary')}"
            )


def _need(values: Any, where: str) -> Need:
    if not isinstance(values, dict) or not {"id", "words", "when", "answered_by"} <= values.keys():
        raise _wrong(f"has a {where} without id, words, when and answered_by")
    when, answered = (
        _lines(values["when"], where, "when"),
        _lines(values["answered_by"], where, "answered_by"),
    )
    rules = tuple(condition(line, where=f"{FILE}, {where}, {line[:40]!r},") for line in when)
    for rule in rules:
        # Income and religion are topics of 20 USC 1232h(b): no record of them is ever read.
        if rule.of.kind is FactKind.ASKED:
            raise _wrong(
                f"has a {where} on {rule.fact}, which no record may tell; let a person name the need"
            )
    check_cited(rules, str(values["words"]), str(values.get("citation", "")), where=f"{FILE}, {where},")
    _check_kinds(answered, where)
    return Need(str(values["id"]), str(values["words"]), rules, answered)


def _lines(value: Any, where: str, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise _wrong(f"has a {where} whose {name} is no list of lines")
    return tuple(value)


def named(categories: Sequence[str]) -> list[Need]:
    """Needs that a person names: one for each kind of support. They are not kept."""
    known = CODE_SETS[CATEGORIES]
    return [
        Need(f"named-{code}", f"you look for {known[code].lower()}", (), (code,))
        for code in categories
        if code in known
    ]
