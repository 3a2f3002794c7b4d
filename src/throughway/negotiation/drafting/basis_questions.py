"""What each right asks to be said of it (`basis_details`), as questions to those who write."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from throughway.agreements.enums import Basis


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
