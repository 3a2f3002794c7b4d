"""Rules over facts of a student's record: whom a support serves, who comes first, and which needs a record shows.

A rule is one line: `grade is 03 or 04`, `days_missed at least 10`, `english_learner is Yes`. A fact that the reader does not see is
unknown, and a rule on it is neither met nor failed: the family must be asked. Rules that turn on a protected class need a citation of
counsel (Title VI, Title IX, Section 504).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from throughway.core.prose import capital
from throughway.core.refusals import Refused, did_you_mean
from throughway.vocabulary import CODE_SETS


class ProtectedClass(StrEnum):
    RACE = "race"
    ORIGIN = "national origin"
    SEX = "sex"
    DISABILITY = "disability"
    RELIGION = "religion"


LAWS: Mapping[ProtectedClass, str] = {
    ProtectedClass.RACE: "Title VI, 42 USC 2000d",
    ProtectedClass.ORIGIN: "Title VI, 42 USC 2000d",
    ProtectedClass.SEX: "Title IX, 20 USC 1681",
    ProtectedClass.DISABILITY: "Section 504, 29 USC 794",
    ProtectedClass.RELIGION: "34 CFR 76.52",
}


class FactKind(StrEnum):
    """NUMBER: compared. CODE: one value. LIST: several values at once, such as languages. ASKED: no record is read, the family is
    always asked."""

    NUMBER = "number"
    CODE = "code"
    LIST = "list"
    ASKED = "asked"


@dataclass(frozen=True)
class Fact:
    """One fact that a rule may name. `words`: its name in a sentence. `ask`: what to ask the family. `elements`: what it is read from.
    `code_set`: the list of its values, if closed. `newest_days`: how old the newest record may be that tells it; 0 where age does not matter."""

    id: str
    words: str
    ask: str
    kind: FactKind
    elements: tuple[str, ...] = ()
    code_set: str = ""
    protected: ProtectedClass | None = None
    newest_days: int = 0


LATELY = 800  # days: an older test says little about today
FACTS: Mapping[str, Fact] = {
    fact.id: fact
    for fact in (
        Fact("grade", "grade", "Which grade is the student in?", FactKind.CODE, ("school_enrollment.entry_grade_level",), "C002175"),
        Fact("age", "age", "How old is the student?", FactKind.NUMBER, ("person.birthdate",)),
        Fact("school", "school", "Which school does the student go to?", FactKind.CODE, ("school_enrollment.organization_id",)),
        Fact("days_missed", "days of school missed this year", "How often did the student miss school this year?", FactKind.NUMBER,
             ("attendance_day.attendance_status",)),
        Fact("reads_below", "reading below the State standard", "How does the student read?", FactKind.CODE,
             ("assessment_result.assessment_performance_level_label",), "C000180", newest_days=LATELY),
        Fact("math_below", "mathematics below the State standard", "How does the student do in mathematics?", FactKind.CODE,
             ("assessment_result.assessment_performance_level_label",), "C000180", newest_days=LATELY),
        Fact("courses_failed", "courses failed this year", "Which courses did the student fail this year?", FactKind.NUMBER,
             ("course_grade.student_course_section_grade_earned",)),
        Fact("homeless", "without a fixed home", "Has the family a fixed home?", FactKind.CODE,
             ("person_status.homelessness_status",), "C000149"),
        Fact("foster", "in foster care", "Is the student in foster care?", FactKind.CODE,
             ("person_status.foster_care_status",)),
        Fact("income", "income of the family", "Does the family meet the program’s limit on income?", FactKind.ASKED),
        Fact("other", "condition of the program", "Does the family meet the program’s condition?", FactKind.ASKED),
        Fact("english_learner", "English learner", "Is the student learning English?", FactKind.CODE,
             ("person_status.english_learner_status",), "C000180", ProtectedClass.ORIGIN),
        Fact("home_language", "language at home", "Which language does the family speak?", FactKind.LIST,
             ("person_language.iso_639_2_language_code",), "C000317", ProtectedClass.ORIGIN),
        Fact("birth_country", "country of birth", "Where was the student born?", FactKind.CODE,
             ("person.country_of_birth_code",), "", ProtectedClass.ORIGIN),
        Fact("race", "race", "Which race does the family name?", FactKind.LIST, ("person_race.race",), "", ProtectedClass.RACE),
        Fact("sex", "sex", "Which sex does the family name?", FactKind.CODE, ("person.sex",), "C000255", ProtectedClass.SEX),
        Fact("disability", "served under IDEA", "Does the student have a plan for a disability?", FactKind.CODE,
             ("person_status.idea_indicator",), "", ProtectedClass.DISABILITY),
        Fact("section_504", "Section 504 plan", "Does the student have a Section 504 plan?", FactKind.CODE,
             ("person_status.section_504_status",), "", ProtectedClass.DISABILITY),
        Fact("religion", "religion", "Does the family meet the program’s condition?", FactKind.ASKED, protected=ProtectedClass.RELIGION),
    )
}  # fmt: skip


class RuleVerdict(StrEnum):
    """Whether a rule is met, as far as the reader sees."""

    YES = "yes"
    NO = "no"
    ASK = "ask the family"


@dataclass(frozen=True)
class EligibilityRule:
    """One rule: the fact has one of the `values`, or is a number within the bounds."""

    fact: str
    values: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None

    @property
    def of(self) -> Fact:
        return FACTS[self.fact]

    def __str__(self) -> str:
        if self.at_least is not None:
            return f"{self.fact} at least {self.at_least:g}"
        if self.at_most is not None:
            return f"{self.fact} at most {self.at_most:g}"
        return f"{self.fact} is {' or '.join(self.values)}"

    @property
    def words(self) -> str:
        """The rule for a reader: `days of school missed this year: at least 10`."""
        if self.at_least is not None:
            return f"{self.of.words}: at least {self.at_least:g}"
        if self.at_most is not None:
            return f"{self.of.words}: at most {self.at_most:g}"
        return f"{self.of.words}: {' or '.join(value_words(self.of, value) for value in self.values)}"

    @property
    def question(self) -> str:
        """What to ask the family."""
        if self.of.kind is FactKind.ASKED:
            return f"{self.of.ask} {capital(' or '.join(self.values))}."
        return f"{self.of.ask} It needs {self.words}."


def value_words(fact: Fact, value: str) -> str:
    """The label of a value; the value itself where its list is open."""
    label = CODE_SETS.get(fact.code_set, {}).get(value, value) if fact.code_set else value
    return label.partition(";")[0].lower() if label in ("Yes", "No") else label.partition(";")[0]


# What is known of a student: by fact, every value that the record allows. Absent: the reader sees none. Several values of a fact that has
# one: the partners' records differ, or the record gives a range.
Facts = Mapping[str, frozenset[str] | frozenset[float]]


def judge(rule: EligibilityRule, facts: Facts) -> RuleVerdict:
    """YES where every possible value meets the rule, NO where none does, otherwise ASK. A list needs one value that meets it."""
    known = facts.get(rule.fact)
    if not known or rule.of.kind is FactKind.ASKED:
        return RuleVerdict.ASK
    met = [_meets(rule, value) for value in known]
    if rule.of.kind is FactKind.LIST:
        return RuleVerdict.YES if any(met) else RuleVerdict.NO
    return RuleVerdict.YES if all(met) else RuleVerdict.ASK if any(met) else RuleVerdict.NO


def _meets(rule: EligibilityRule, value: str | float) -> bool:
    if isinstance(value, str):
        return value in rule.values
    return (rule.at_least is None or value >= rule.at_least) and (
        rule.at_most is None or value <= rule.at_most
    )


LINE = re.compile(r"(?P<fact>[a-z0-9_]+)\s+(?P<test>is|at least|at most)\s+(?P<value>.+)")
SHAPE = "write it as `grade is 03 or 04` or `days_missed at least 10`"


def condition(line: str, *, where: str) -> EligibilityRule:
    """The rule in one line. Refused (bad_rule) with one sentence that begins with `where`."""
    text = " ".join(line.split())
    found = LINE.fullmatch(text)
    name = found["fact"] if found else text.partition(" ")[0]
    if name not in FACTS:
        hint = did_you_mean(name[:60], FACTS, f"the facts are {', '.join(FACTS)}.")
        raise Refused(f"{where} begins with no fact that a rule can name; {hint}", code="bad_rule")
    fact = FACTS[name]
    if found is None:
        raise Refused(f"{where} cannot be read; {SHAPE}.", code="bad_rule")
    if found["test"] != "is":
        return _bound(fact, found["test"], found["value"], where)
    if fact.kind is FactKind.NUMBER:
        raise Refused(f"{where}: {fact.id} is a number; write `{fact.id} at least 10`.", code="bad_rule")
    values = tuple(
        dict.fromkeys(value.strip() for value in re.split(r"\s+or\s+", found["value"]) if value.strip())
    )
    return EligibilityRule(fact.id, tuple(_value(fact, value, where) for value in values))


def _bound(fact: Fact, test: str, text: str, where: str) -> EligibilityRule:
    if fact.kind is not FactKind.NUMBER:
        raise Refused(f"{where}: {fact.id} is no number; write `{fact.id} is …`.", code="bad_rule")
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text):
        raise Refused(f"{where} needs a number after {test}, such as 10.", code="bad_rule")
    number = float(text)
    return (
        EligibilityRule(fact.id, at_least=number)
        if test == "at least"
        else EligibilityRule(fact.id, at_most=number)
    )


def _value(fact: Fact, text: str, where: str) -> str:
    """The code of a value that is written as a code or as its label."""
    codes = CODE_SETS.get(fact.code_set, {}) if fact.code_set else {}
    if not codes:
        return text
    by_name = {code.lower(): code for code in codes}
    for code, label in codes.items():
        by_name.setdefault(label.lower(), code)
        by_name.setdefault(label.partition(";")[0].lower(), code)
    found = by_name.get(text.lower()) or (by_name.get(text.zfill(2)) if text.isdigit() else None)
    if found is None:
        few = ", ".join(list(codes)[:5])
        hint = did_you_mean(
            text[:60], by_name, f"it takes {few} and so on; see `throughway vocabulary {fact.code_set}`."
        )
        raise Refused(f"{where} gives {fact.id} a value that it does not take; {hint}", code="bad_rule")
    return found


# Words by which a text says that whom it serves turns on a protected class. Both sexes together name everybody.
EVERYBODY = re.compile(
    r"\b(boys|girls|men|women|male|female)s?\s+(and|or|&)\s+(boys|girls|men|women|male|female)s?\b", re.I
)
TELLTALE: Mapping[ProtectedClass, re.Pattern[str]] = {
    ProtectedClass.SEX: re.compile(r"\b(girls?|boys?|females?|males?|women|men|young ladies|young men)\b", re.I),
    ProtectedClass.RACE: re.compile(r"\b(black|white|african[- ]americans?|asian|latin[oax]s?|hispanics?|indigenous|native american)\b", re.I),
    ProtectedClass.ORIGIN: re.compile(r"\b(immigrants?|citizens?|citizenship|refugees?|born in|newcomers?|english learners?|nationality)\b", re.I),
    ProtectedClass.DISABILITY: re.compile(r"\b(disabilit(y|ies)|disabled|iep|504|autis(m|tic)|special education|wheelchair)\b", re.I),
    ProtectedClass.RELIGION: re.compile(r"\b(christians?|catholics?|muslims?|jewish|jews|church members?|religious|faith|parishioners?|baptized)\b", re.I),
}  # fmt: skip
CITATION = re.compile(r"\b(CFR|U\.?\s?S\.?\s?C\.?|§)", re.I)


def protected_by(rules: Iterable[EligibilityRule], words: str = "") -> list[ProtectedClass]:
    """The protected classes on which the rules turn, or that the words name, in the order of `ProtectedClass`."""
    found = {rule.of.protected for rule in rules}
    plain = EVERYBODY.sub(" ", words)
    found |= {each for each, pattern in TELLTALE.items() if pattern.search(plain)}
    return [each for each in ProtectedClass if each in found]


def check_cited(rules: Sequence[EligibilityRule], words: str, citation: str, *, where: str) -> None:
    """Refused (protected_class) where the rules or the words turn on a protected class and no law is cited."""
    classes = protected_by(rules, words)
    if not classes or CITATION.search(citation):
        return
    laws = list(dict.fromkeys(LAWS[each] for each in classes))
    raise Refused(
        f"{where} chooses students by {' and '.join(classes)}, which {' and '.join(laws)} forbids in general; take it out, or add "
        "counsel’s citation of the law that allows it.",
        code="protected_class",
        citations=laws,
    )
