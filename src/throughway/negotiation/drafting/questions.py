"""What is asked of those who write: the details of each right, the clauses, which students."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from throughway.agreements.document_sections import Clauses
from throughway.agreements.enums import Basis
from throughway.agreements.in_words import condition_words
from throughway.agreements.population_condition import BadCondition, parse_condition
from throughway.agreements.starter_texts import templates
from throughway.vocabulary import TABLES, codes_of, element


class BasisAnswerKind(StrEnum):
    WORDS = "words"
    YES = "yes"  # true, or absent
    DAY = "day"
    AIM = "aim"  # one of the three aims of a study
    GIVER = "giver"  # a party that gives records
    PARTY = "party"


@dataclass(frozen=True)
class BasisQuestion:
    """`key` is the detail's name; `a.b` stands for the part b of the detail a."""

    key: str
    ask: str
    answer: BasisAnswerKind = BasisAnswerKind.WORDS
    help: str = ""

    @property
    def field(self) -> str:
        return f"detail_{self.key.replace('.', '_')}"


AIMS: Mapping[str, str] = {
    "predictive_tests": "to develop, validate or administer predictive tests",
    "student_aid": "to administer student aid programs",
    "improve_instruction": "to improve instruction",
}
QUESTIONS: Mapping[Basis, tuple[BasisQuestion, ...]] = {
    Basis.CONSENT: (),
    Basis.SCHOOL_OFFICIAL: (
        BasisQuestion("function", "Which task does the receiver do that the school’s own employees would otherwise do?"),
        BasisQuestion("direct_control", "The school directly controls how the records are used and kept.", BasisAnswerKind.YES),
        BasisQuestion("annual_notice_criteria", "Where does the school’s annual notice say who is a school official?",
                 help="Such as: Annual notice 2026, section 3"),
    ),
    Basis.STUDY: (
        BasisQuestion("purpose", "What does the study want to find out?"),
        BasisQuestion("scope", "Which students, schools and years does it cover?"),
        BasisQuestion("duration", "From when until when does it last?"),
        BasisQuestion("aim", "Which of the three lawful aims does it have?", BasisAnswerKind.AIM),
        BasisQuestion("on_behalf_of", "For which of those who give records is it made?", BasisAnswerKind.GIVER),
    ),
    Basis.AUDIT_EVALUATION: (
        BasisQuestion("representative", "Who is designated as the authority’s representative?", BasisAnswerKind.PARTY),
        BasisQuestion("program", "Which Federal- or State-supported education program is audited or evaluated?"),
        BasisQuestion("program_owner", "Whose program is it?", BasisAnswerKind.PARTY),
        BasisQuestion("activity", "What is done, and how are the records used in it?",
                 help="Enough that a reader sees that it is an audit or evaluation."),
    ),
    Basis.DIRECTORY: (
        BasisQuestion("notice", "Which public notice named the items?"),
        BasisQuestion("items", "Which items does it name?", help="Such as: name, grade level, activities"),
    ),
    Basis.CHILD_WELFARE: (
        BasisQuestion("evidence_of_placement", "What shows that a student is placed in care?"),
        BasisQuestion("agency_responsible", "Which agency is legally responsible for the student?"),
    ),
    Basis.EMERGENCY: (
        BasisQuestion("threat", "Which articulable and significant threat is there?"),
        BasisQuestion("determined_by", "Which office determined it?"),
        BasisQuestion("determined_on", "On which day?", BasisAnswerKind.DAY),
    ),
    Basis.TRANSFER: (
        BasisQuestion("initiated_by", "Who asks for the transfer?"),
        BasisQuestion("notice", "Or which annual notice says that records are forwarded?"),
    ),
    Basis.FINANCIAL_AID: (BasisQuestion("aid", "Which aid did the student apply for or receive?"),),
    Basis.DEIDENTIFIED: (
        BasisQuestion("determination.by", "Which office determined that nobody can be recognized?"),
        BasisQuestion("determination.on", "On which day?", BasisAnswerKind.DAY),
        BasisQuestion("determination.method", "By which method?"),
    ),
    Basis.PARTNER_RECORDS: (
        BasisQuestion("regime", "Which rules bind these records?", help="Such as: the program’s own records and its promise to families"),
        BasisQuestion("authority", "What lets the partner share them?", help="Such as: Enrollment form, part 3"),
    ),
    Basis.OTHER_LAW: (
        BasisQuestion("citation", "Which law allows it?"),
        BasisQuestion("reason", "Why does that law apply?"),
    ),
}  # fmt: skip


def details_from(basis: Basis, answers: Mapping[str, Any]) -> dict[str, Any]:
    """`basis_details` of the answers by field name; what is not answered is left out."""
    details: dict[str, Any] = {}
    for question in QUESTIONS[basis]:
        answer = answers.get(question.field)
        if answer in (None, "", False):
            continue
        value = True if question.answer is BasisAnswerKind.YES else str(answer)
        whole, _, part = question.key.partition(".")
        if part:
            details.setdefault(whole, {})[part] = value
        else:
            details[whole] = value
    return details


def answers_from(basis: Basis, details: Mapping[str, Any]) -> dict[str, Any]:
    """The other way round: what the fields begin with."""
    answers: dict[str, Any] = {}
    for question in QUESTIONS[basis]:
        whole, _, part = question.key.partition(".")
        value = details.get(whole)
        if part:
            value = value.get(part) if isinstance(value, Mapping) else None
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        answers[question.field] = value
    return answers


# clause → what it must say, as a question to those who write.
ASKS: Mapping[str, str] = {
    "use_only_for_purpose": "What may the receiver do with the records, and nothing else?",
    "no_redisclosure": "Who may receive them next?",
    "no_identification": "Who may see who a student is?",
    "destroy_when_no_longer_needed": "When are they destroyed, and who certifies it?",
    "protect_from_further_disclosure": "Which policies and habits protect them?",
    "reasonable_methods": "How does the one who gives them make sure that all this is kept?",
    "breach_notice": "Who is told of a breach, and how soon?",
    "right_to_audit": "Who may look at how the records are kept?",
    "no_reidentification": "What about records under codes?",
    "termination": "How does the agreement end, and what follows from a breach of it?",
}


def title(name: str) -> str:
    """`no_redisclosure` is No redisclosure."""
    return name.replace("_", " ").capitalize()


def names() -> tuple[str, ...]:
    return tuple(Clauses.model_fields)


def words_of(template: str) -> Mapping[str, str]:
    """The template's clauses by name; of a draft that began otherwise, those of the agreement by consent."""
    found = {each.id: each for each in templates()}
    chosen = found.get(template) or found["consent"]
    clauses: Mapping[str, Any] = chosen.document["clauses"]
    return {name: str(words) for name, words in clauses.items()}


GRADE = element("school_enrollment.entry_grade_level")
# The grades that schools have, in the order of a student's way.
GRADES: tuple[str, ...] = ("PK", "TK", "KG", *(f"{n:02}" for n in range(1, 13)), "UG")


def grade_choices() -> list[tuple[str, str]]:
    labels: Mapping[str, str] = codes_of(GRADE) or {}
    return [(code, labels.get(code, code)) for code in GRADES]


def condition(grades: Sequence[str], schools: Sequence[str]) -> str:
    """`entry_grade_level IN ('06', '07')`, for students in these grades, of these schools; empty for every student."""
    parts = []
    if grades:
        parts.append(f"entry_grade_level IN ({_quoted(grades)})")
    if schools:
        parts.append(f"organization_id IN ({_quoted(schools)})")
    return " AND ".join(parts)


def problem(where: str, on: str) -> str:
    """What is wrong with a condition, as a sentence; empty when it can be read."""
    if on not in TABLES or not TABLES[on].of_person:
        return "Choose a kind of record that speaks of students."
    try:
        parse_condition(where, on)
    except BadCondition as bad:
        return f"This {bad}."
    return ""


def student_words(entry: Mapping[str, Any]) -> str:
    """The condition of one entry, in words as far as that goes."""
    where = str(entry.get("where") or "")
    return " and ".join(condition_words(part) for part in where.split(" AND "))


def _quoted(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
