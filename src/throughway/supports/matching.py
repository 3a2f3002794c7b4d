"""Which supports fit one student, in which order, with the reasons; which do not, and which not now.

Everything that is said and every rank follows from the directory, the rules of need and what the reader may see of the student. So two
students who differ only in what the reader may not see get the same answer.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from throughway.core.prose import day, listed
from throughway.measures.eligibility import Facts, RuleVerdict, judge
from throughway.measures.needs import Need, NeedRules, RankBy
from throughway.supports.entry import GRADES, ORDER, SUBJECTS, SupportEntry, SupportStatement, language_words
from throughway.supports.student import VisibleStudent

ENGLISH = "eng"  # goes without saying
MILES = 3958.8  # radius of the earth
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Fit(StrEnum):
    FITS = "fits"
    NOT_NOW = "not now"
    DOES_NOT = "does not fit"


@dataclass(frozen=True)
class SupportMatch:
    """One support for one student. `answers`: the needs that it may answer; `reasons`: what speaks for it; `ask`: what to ask the family;
    `notes`: what to know before calling; `against`: why it does not fit, or not now; `waiting_list`: nothing but a seat is missing."""

    entry: SupportEntry
    fit: Fit
    answers: tuple[str, ...]
    reasons: tuple[str, ...]
    ask: tuple[str, ...]
    notes: tuple[str, ...]
    against: tuple[str, ...]
    waiting_list: bool = False


@dataclass(frozen=True)
class SupportMatches:
    """`needs`: those that a person names, then `found`, those that the record shows. `fits` is ranked, the best first. `unconfirmed`: how many supports are left out because nobody confirmed them lately."""

    needs: tuple[Need, ...]
    found: tuple[Need, ...]
    fits: tuple[SupportMatch, ...]
    not_now: tuple[SupportMatch, ...]
    does_not: tuple[SupportMatch, ...]
    unconfirmed: int


def match(
    entries: Sequence[SupportEntry],
    student: VisibleStudent,
    rules: NeedRules,
    *,
    on: date,
    named: Sequence[Need] = (),
) -> SupportMatches:
    """The supports of the directory for one student on a day. `named`: needs that a person names, beside those that the record shows."""
    here = [each for each in entries if each.closed is None]
    offered = [each for each in here if each.is_confirmed(on)]
    found = tuple(rules.found(student.facts))
    needs = (*named, *found)
    judged = [_judged(each, student, needs, rules.order, on) for each in offered]
    by_name = sorted(judged, key=lambda one: (one[1], one[0].entry.said.name, one[0].entry.number))
    of = {fit: tuple(each for each, _ in by_name if each.fit is fit) for fit in Fit}
    return SupportMatches(
        needs, found, of[Fit.FITS], of[Fit.NOT_NOW], of[Fit.DOES_NOT], len(here) - len(offered)
    )


def _judged(
    entry: SupportEntry, student: VisibleStudent, needs: Sequence[Need], order: Sequence[RankBy], on: date
) -> tuple[SupportMatch, tuple[float, ...]]:
    """The match and its rank, smaller before larger."""
    said = entry.said
    fits, fails, ask = _eligible(entry, student.facts)
    of_kind = [need for need in needs if said.category in need.answered_by]
    answers = [
        need for need in of_kind if (subject := _subject(need)) is None or _helps(said, subject) is not False
    ]
    first = [rule for rule in said.first if judge(rule, student.facts) is RuleVerdict.YES]
    spoken = [code for code in said.languages if code in student.languages]
    mute = bool(said.languages and student.languages and not spoken)
    miles = _miles(entry, student)
    waits = tuple(_not_now(entry, student, on))
    rank = {
        RankBy.NEED: -len(answers),
        RankBy.FIRST: -bool(first),
        RankBy.CERTAIN: bool(ask),
        RankBy.LANGUAGE: mute,
        RankBy.SEATS: said.seats_open is None,
        RankBy.DISTANCE: math.inf if miles is None else miles,
    }
    reasons = [
        *fits,
        *(f"takes first: {rule.words}" for rule in first),
        # Where the reader may not see which language the family speaks, the program's languages are told.
        *_offers(entry, spoken if student.languages else said.languages, miles, on),
    ]
    notes = [*_about_subjects(entry, of_kind)]
    if mute:
        notes.append(
            f"nobody there speaks {listed(language_words(code) for code in sorted(student.languages))}"
        )
    if said.seats_open is None:
        notes.append("ask the program whether a seat is free")
    if said.who:
        notes.append(f"the program says: {said.who}")
    fit = Fit.DOES_NOT if fails else Fit.NOT_NOW if waits else Fit.FITS
    found = SupportMatch(
        entry, fit, tuple(need.words for need in answers), tuple(reasons), ask, tuple(notes), fails or waits,
        waiting_list=not fails and len(waits) == 1 and entry.is_full(on),
    )  # fmt: skip
    return found, tuple(float(rank[each]) for each in order)


# Facts of a record that are of one subject; a support of the right kind answers such a need only if it helps with that subject.
SUBJECT_OF = {"reads_below": "reading", "math_below": "mathematics"}


def _subject(need: Need) -> str | None:
    return next((SUBJECT_OF[rule.fact] for rule in need.when if rule.fact in SUBJECT_OF), None)


def _helps(said: SupportStatement, subject: str) -> bool | None:
    """Whether the support helps with the subject; None where it does not say. Who takes only students that are behind in a subject helps
    with it."""
    if not said.subjects and any(SUBJECT_OF.get(rule.fact) == subject for rule in said.rules):
        return True
    return said.helps_with(subject)


def _about_subjects(entry: SupportEntry, needs: Sequence[Need]) -> Iterator[str]:
    """Of the needs that a support of this kind may answer: with which subject it does not help, or does not say."""
    wanted = dict.fromkeys(subject for need in needs if (subject := _subject(need)) is not None)
    helps = {subject: _helps(entry.said, subject) for subject in wanted}
    if no := [SUBJECTS[subject] for subject in wanted if helps[subject] is False]:
        yield f"helps with {entry.said.subjects_words}, not with {listed(no)}"
    if unknown := [SUBJECTS[subject] for subject in wanted if helps[subject] is None]:
        yield f"ask the program whether it helps with {listed(unknown)}"


def _eligible(entry: SupportEntry, facts: Facts) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """What fits, what fails, and what to ask."""
    fits: list[str] = []
    fails: list[str] = []
    ask: list[str] = []
    for verdict, yes, no, question in (*_ranges(entry, facts), *_rules(entry, facts)):
        if verdict is RuleVerdict.YES:
            fits.append(yes)
        elif verdict is RuleVerdict.NO:
            fails.append(no)
        else:
            ask.append(question)
    return fits, tuple(fails), tuple(ask)


Judgement = tuple[RuleVerdict, str, str, str]  # the verdict, and the words of yes, no and ask


def _ranges(entry: SupportEntry, facts: Facts) -> Iterator[Judgement]:
    said = entry.said
    if said.lowest_grade or said.highest_grade:
        low, high = ORDER.get(said.lowest_grade, -1), ORDER.get(said.highest_grade, len(ORDER))
        known = sorted(str(grade) for grade in facts.get("grade", ()))
        inside = [low <= ORDER[grade] <= high for grade in known if grade in ORDER]
        words = listed(GRADES.get(grade, "") for grade in known)
        question = f"Which grade is the student in? It serves {said.grades_words}."
        yes, no = f"fits {words}", f"serves {said.grades_words}; the student is in {words}"
        yield _all(inside if len(inside) == len(known) else []), yes, no, question
    if said.minimum_age is not None or said.maximum_age is not None:
        ages = [float(age) for age in facts.get("age", ())]
        inside = [
            (said.minimum_age or 0) <= age <= (said.maximum_age if said.maximum_age is not None else math.inf)
            for age in ages
        ]
        words = " or ".join(f"{age:g}" for age in sorted(ages))
        question = f"How old is the student? It serves ages {said.ages_words}."
        yield (
            _all(inside),
            f"fits age {words}",
            f"serves ages {said.ages_words}; the student is {words}",
            question,
        )


def _all(inside: Sequence[bool]) -> RuleVerdict:
    if not inside:
        return RuleVerdict.ASK
    return RuleVerdict.YES if all(inside) else RuleVerdict.ASK if any(inside) else RuleVerdict.NO


def _rules(entry: SupportEntry, facts: Facts) -> Iterator[Judgement]:
    for rule in entry.said.rules:
        yes, no = f"meets the rule on {rule.words}", f"needs {rule.words}; the record says otherwise"
        yield judge(rule, facts), yes, no, rule.question


def _offers(entry: SupportEntry, languages: Iterable[str], miles: float | None, on: date) -> Iterator[str]:
    """What the program offers, in words."""
    said = entry.said
    if said.days_words:
        hours = {session.hours for session in said.sessions}
        yield f"{said.days_words}{f' {hours.pop()}' if len(hours) == 1 and '' not in hours else ''}"
    if said.subjects:
        yield f"helps with {said.subjects_words}"
    if words := listed(language_words(code) for code in languages if code != ENGLISH):
        yield f"speaks {words}"
    if free := entry.free_seats(on):
        number = SMALL[free] if free < len(SMALL) else f"{free:,}"
        as_of = f" as of {day(said.seats_on)}" if said.seats_on else ""
        yield f"{number} {'seat' if free == 1 else 'seats'} free{as_of}"
    if said.way_home_words:
        yield f"the way home: {said.way_home_words}"
    if miles is not None:
        yield f"{miles:.1f} miles from home in a straight line"
    if said.cost == 0:
        yield "free of charge"


def _not_now(entry: SupportEntry, student: VisibleStudent, on: date) -> Iterator[str]:
    said = entry.said
    if said.program and said.program in student.programs:
        yield "the student takes part already"
    if said.ends and said.ends < on:
        yield f"its season ended on {day(said.ends)}"
    if entry.is_full(on):
        yield f"no seat is free{f', and {said.waiting_words}' if said.waiting_words else ''}"


def _miles(entry: SupportEntry, student: VisibleStudent) -> float | None:
    """The distance between stored coordinates; None where one of them is missing."""
    said = entry.said
    if student.home is None or said.latitude is None or said.longitude is None:
        return None
    (a, b), (c, d) = (map(math.radians, point) for point in (student.home, (said.latitude, said.longitude)))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * MILES * math.asin(min(1.0, math.sqrt(half)))
