"""Good agreement documents to change one thing in, and the community that they are reviewed in."""

import copy
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from throughway.agreements.document import AgreementDocument
from throughway.agreements.legal_review.review import ReviewContext
from throughway.agreements.states import LifecycleEvent
from throughway.agreements.status import AgreementStatus, lifecycle_on
from throughway.core.yaml_text import values_of
from throughway.partners import LegalStatus, PartnerFacts, PartnerKind

EXAMPLE = (Path(__file__).parent / "example.yaml").read_text(encoding="utf-8")
ABSENT = object()  # as a new value: take the field away

PARTNERS = {
    "riverbend-schools": PartnerFacts("riverbend-schools", "Riverbend Schools", PartnerKind.LEA),
    "bright-futures": PartnerFacts("bright-futures", "Bright Futures", PartnerKind.CBO),
    "riverbend-backbone": PartnerFacts("riverbend-backbone", "Riverbend Backbone", PartnerKind.BACKBONE),
    "reading-lab": PartnerFacts("reading-lab", "Reading Lab", PartnerKind.AGENCY),
    "river-college": PartnerFacts("river-college", "River College", PartnerKind.COLLEGE),
    "child-services": PartnerFacts(
        "child-services", "Child Services", PartnerKind.AGENCY, frozenset({LegalStatus.CHILD_WELFARE})
    ),
}


def _terms() -> dict[str, Any]:
    return {
        "effective": "2025-07-01", "expires": "2099-06-30", "minimum_cell": 10, "training": ["ferpa-basics"],
        "destruction": {"within_days": 60, "method": "NIST SP 800-88 purge"},
    }  # fmt: skip


def _party(partner: str, *roles: str) -> dict[str, Any]:
    return {"partner": partner, "roles": [*roles], "signatory": {"title": "Director", "authority": "Bylaws"}}


CLAUSES = {
    "use_only_for_purpose": "Only for the purposes above.",
    "no_redisclosure": "Nobody passes records on.",
    "no_identification": "Nobody else may identify a student or parent.",
    "destroy_when_no_longer_needed": "Records are destroyed when they are no longer needed.",
    "protect_from_further_disclosure": "Policies forbid further disclosure and limit use.",
    "reasonable_methods": "Audits, training and access controls.",
    "breach_notice": "Within 72 hours.",
    "right_to_audit": "On ten days' notice.",
    "no_reidentification": "Nobody tries to find out who a student is.",
    "termination": "On 30 days' notice.",
}

MOU: dict[str, Any] = {
    "throughway": "agreement/1", "id": "riverbend-mou-2025", "tier": "mou", "title": "Working together",
    "parties": [_party("riverbend-schools"), _party("bright-futures"), _party("riverbend-backbone"),
                _party("reading-lab")],
    "terms": _terms(), "clauses": CLAUSES,
}  # fmt: skip

STUDY: dict[str, Any] = {
    "throughway": "agreement/1", "id": "reading-study", "tier": "dsa", "title": "A study of reading",
    "parties": [_party("riverbend-schools", "discloser"), _party("reading-lab", "recipient")],
    "purposes": [{
        "id": "study-reading", "kind": "research", "recipients": ["reading-lab"], "roles": ["evaluator"],
        "interest": "Find out which lessons help", "basis": "study", "form": "pseudonymous",
        "basis_details": {
            "purpose": "Improve reading lessons", "scope": "All students of the elementary schools", "duration": "Two years",
            "aim": "improve_instruction", "on_behalf_of": "riverbend-schools",
        },
    }],
    "schedule": [{"element": "assessment_result.*", "purposes": ["study-reading"],
                  "necessity": "Scores show which lessons help"}],
    "terms": _terms(), "clauses": CLAUSES,
}  # fmt: skip

AUDIT: dict[str, Any] = {
    **STUDY, "id": "tutoring-evaluation", "title": "An evaluation of tutoring",
    "purposes": [{
        "id": "evaluate-tutoring", "kind": "evaluation", "roles": ["evaluator"],
        "interest": "Evaluate the district's tutoring", "basis": "audit_evaluation", "form": "pseudonymous",
        "basis_details": {
            "representative": "reading-lab", "program": "Title I tutoring", "program_owner": "riverbend-schools",
            "activity": "Compare the attendance of tutored students with that of others, by school",
        },
    }],
    "schedule": [{"element": "attendance_day.attendance_event_date", "purposes": ["evaluate-tutoring"],
                  "necessity": "Attendance is the outcome"}],
}  # fmt: skip

CASEWORK: dict[str, Any] = values_of(EXAMPLE)  # type: ignore[assignment]

LICENSE: dict[str, Any] = {
    **STUDY, "id": "reading-license", "tier": "dul", "under": "reading-study", "title": "One project of the study",
    "project": {"method": "Compare the scores of two groups", "irb": {"number": "12", "expires": "2100-01-01"}},
}  # fmt: skip

BASES = {"casework": CASEWORK, "study": STUDY, "audit": AUDIT, "mou": MOU, "license": LICENSE}


def changed(base: dict[str, Any], *changes: tuple[str, Any]) -> dict[str, Any]:
    """A copy in which each path (`purposes.0.kind`) has its new value, or is ABSENT."""
    values = copy.deepcopy(base)
    for path, value in changes:
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
        section: Any = values
        for step in steps:
            section = section[step]
        if value is ABSENT:
            del section[last]
        elif isinstance(section, list) and last == len(section):
            section.append(copy.deepcopy(value))
        else:
            section[last] = copy.deepcopy(value)
    return values


def text_of(values: dict[str, Any]) -> str:
    return json.dumps(values)


def document_of(values: dict[str, Any]) -> AgreementDocument:
    return AgreementDocument.model_validate(values)


def context(*others: dict[str, Any]) -> ReviewContext:
    """The community with these other agreements, and those that the good documents stand under."""
    known = [document_of(values) for values in (MOU, STUDY, *others)]
    return ReviewContext(PARTNERS, {document.id: document for document in known})


def status_on(
    document: AgreementDocument,
    version: str,
    events: Iterable[LifecycleEvent],
    on: date,
) -> AgreementStatus:
    """The status of an agreement that has this one text at the end of the day `on`."""
    return lifecycle_on({version: document}, [version], events, on).current
