"""What the family allows, as it stands under the name: which records, until when, and what not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.citations import IN_WORDS
from throughway.agreements.grant import Grant
from throughway.agreements.words import Basis
from throughway.consent.words import Decision

GROUPS: Mapping[str, str] = {
    "attendance_day": "attendance", "attendance_summary": "attendance", "course_grade": "marks",
    "assessment_result": "test results", "program_participation": "programs", "service_received": "services",
    "referral": "referrals", "behavior_incident": "behavior", "disciplinary_action": "discipline",
    "guardian": "family", "survey_response": "survey answers", "credential": "diplomas",
    "postsecondary_enrollment": "college", "employment": "work", "school_enrollment": "school and grade",
    "person_status": "statuses", "person_contact": "address and telephone",
}  # fmt: skip
LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "so": "Somali",
    "vi": "Vietnamese",
    "zh": "Chinese",
    "ar": "Arabic",
}


@dataclass(frozen=True)
class Decided:
    """One decision of a family on one purpose, as it stands today."""

    agreement: str
    purpose: str
    decision: Decision
    in_force: bool
    signed_on: date
    until: date | None
    relation: str
    language: str
    interest: str


@dataclass(frozen=True)
class Banner:
    """`allowed` are words for kinds of records; `without` says by what right, where no consent is asked; `refused` are
    purposes that the family said no to."""

    allowed: Sequence[str]
    until: date | None
    without: str
    refused: Sequence[str]


def banner(grants: Iterable[Grant], decided: Sequence[Decided]) -> Banner:
    grants = list(grants)
    asked = [g for g in grants if Basis.CONSENT in g.bases]
    yes = [
        d
        for d in decided
        if d.in_force and any((g.agreement, g.purpose) == (d.agreement, d.purpose) for g in asked)
    ]
    allowed = _words(asked) if asked else []
    ends = [d.until for d in yes if d.until is not None]
    rights = [IN_WORDS[Basis(g.basis)] for g in grants if g.basis in set(Basis) and g not in asked]
    return Banner(
        allowed, min(ends, default=None), "; ".join(dict.fromkeys(rights)) if not asked else "",
        [d.interest for d in decided if not d.in_force and d.decision is not Decision.YES],
    )  # fmt: skip


def _words(grants: Iterable[Grant]) -> list[str]:
    return sorted({GROUPS[g.table] for g in grants if g.table in GROUPS})


def signed_words(decided: Decided) -> str:
    """Signed by the mother on 2 September 2026, in Spanish. Ends 30 June 2027."""
    who = {"student": "the student", "self": "the student", "acting_parent": "the acting parent"}.get(
        decided.relation, f"the {decided.relation}"
    )
    language = LANGUAGES.get(decided.language, "")
    until = f" Ends {decided.until.day} {decided.until:%B %Y}." if decided.until else ""
    on = f"{decided.signed_on.day} {decided.signed_on:%B %Y}"
    return f"Signed by {who} on {on}{f', in {language}' if language else ''}.{until}"
