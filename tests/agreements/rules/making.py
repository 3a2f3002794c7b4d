"""Small documents in which no rule finds anything at all, one for each right, to change one thing in."""

import copy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tests.agreements.documents import CLAUSES, PARTNERS, changed, document_of
from throughway.agreements.legal_review.review import ReviewContext
from throughway.partners import LegalStatus, PartnerFacts, PartnerKind
from throughway.partners.debarment import Debarment

Values = dict[str, Any]
Change = tuple[str, Any]

TERMS: Values = {
    "effective": "2026-07-01", "expires": "2028-06-30", "minimum_cell": 10, "training": ["ferpa-basics"],
    "destruction": {"within_days": 60, "method": "NIST SP 800-88 purge"}, "breach_notice_hours": 72,
    "publication_review_days": 30,
}  # fmt: skip
OFFICIAL = {"function": "tutoring", "direct_control": True, "annual_notice_criteria": "Notice 2026 section 3"}
DETERMINED = {"by": "Research office", "on": "2026-05-04", "method": "Names removed, small groups joined"}
DETAILS: dict[str, Values] = {
    "consent": {},
    "school_official": OFFICIAL,
    "study": {"purpose": "Improve reading lessons", "scope": "All students of the elementary schools", "duration": "Two years",
              "aim": "improve_instruction", "on_behalf_of": "riverbend-schools"},
    "audit_evaluation": {"representative": "reading-lab", "program": "Title I tutoring", "program_owner": "riverbend-schools",
                         "activity": "Compare the attendance of tutored students with that of others, by school"},
    "directory": {"notice": "Handbook 2026", "items": ["name"], "opt_out_until": "2026-06-01"},
    "transfer": {"notice": "Notice 2026 section 5"},
    "financial_aid": {"aid": "The city's scholarship"},
    "child_welfare": {"evidence_of_placement": "Placement order", "agency_responsible": "child-services"},
    "emergency": {"threat": "A flood", "determined_by": "Superintendent", "determined_on": "2026-06-30"},
    "other_law": {"citation": "State Education Law 99", "reason": "The law asks for it"},
    "deidentified": {"determination": DETERMINED},
    "partner_records": {"regime": "the program's own promise", "authority": "Enrollment form 3"},
}  # fmt: skip
SHAPES: dict[str, tuple[str, str, str]] = {  # right → recipient, kind, form
    "consent": ("bright-futures", "casework", "identified"),
    "school_official": ("bright-futures", "casework", "identified"),
    "study": ("reading-lab", "research", "pseudonymous"),
    "audit_evaluation": ("reading-lab", "evaluation", "pseudonymous"),
    "directory": ("bright-futures", "operations", "identified"),
    "transfer": ("river-college", "operations", "identified"),
    "financial_aid": ("river-college", "operations", "identified"),
    "child_welfare": ("child-services", "casework", "identified"),
    "emergency": ("child-services", "casework", "identified"),
    "other_law": ("reading-lab", "operations", "identified"),
    "deidentified": ("reading-lab", "research", "pseudonymous"),
    "partner_records": ("riverbend-schools", "casework", "identified"),
}


def party(partner: str, *roles: str) -> Values:
    return {
        "partner": partner, "roles": [*roles], "signatory": {"title": "Director", "authority": "Bylaws"},
        "contacts": {"notices": "Counsel", "data": "Research office", "security": "Security office"},
    }  # fmt: skip


def purpose(basis: str, **changes: Any) -> Values:
    recipient, kind, form = SHAPES[basis]
    entry = {
        "id": "look", "kind": kind, "recipients": [recipient], "roles": ["case_worker"], "basis": basis, "form": form,
        "interest": "See which students start to miss school", "basis_details": copy.deepcopy(DETAILS[basis]),
    }  # fmt: skip
    return {**entry, **({"reach": "caseload"} if kind == "casework" else {}), **changes}


def line(element: str, *purposes: str, **changes: Any) -> Values:
    return {
        "element": element, "purposes": [*(purposes or ("look",))], "necessity": "It tells who needs help", **changes,
    }  # fmt: skip


def sharing(basis: str) -> Values:
    """One discloser, one recipient, one purpose by this right, one element."""
    discloser = "bright-futures" if basis == "partner_records" else "riverbend-schools"
    element = "person.first_name" if basis == "directory" else "attendance_day.attendance_status"
    return {
        "throughway": "agreement/1", "id": f"by-{basis.replace('_', '-')}", "tier": "dsa",
        "title": "Names" if basis == "directory" else "Attendance",
        "parties": [party(discloser, "discloser"), party(SHAPES[basis][0], "recipient")],
        "purposes": [purpose(basis)], "schedule": [line(element)], "terms": copy.deepcopy(TERMS), "clauses": dict(CLAUSES),
    }  # fmt: skip


MOU: Values = {
    **{k: v for k, v in sharing("consent").items() if k not in ("purposes", "schedule")}, "id": "wide", "tier": "mou",
}  # fmt: skip
# A steward houses the records of two, and recognises the same student in both: by no family's choice, which would link nobody else.
HOUSED: Values = {
    **sharing("consent"), "id": "housed",
    "parties": [party("riverbend-schools", "discloser"), party("bright-futures", "discloser", "recipient"),
                party("riverbend-backbone", "steward")],
    "purposes": [
        purpose("consent", **{"from": ["riverbend-schools"]}),
        purpose("partner_records", **{"from": ["bright-futures"]}, recipients=["riverbend-backbone"], roles=["data_steward"]),
        purpose("other_law", id="match", kind="linkage", **{"from": ["riverbend-schools"]}, serves=["look"],
                recipients=["riverbend-backbone"], roles=["data_steward"], reach="all"),
        purpose("partner_records", id="match", kind="linkage", **{"from": ["bright-futures"]}, serves=["look"],
                recipients=["riverbend-backbone"], roles=["data_steward"], reach="all"),
    ],
    "custody": [{"from": ["riverbend-schools"], "basis": "school_official", "basis_details": OFFICIAL},
                {"from": ["bright-futures"], "basis": "partner_records", "basis_details": DETAILS["partner_records"]}],
    "schedule": [line("attendance_day.attendance_status"), line("person.first_name", "match")],
}  # fmt: skip
LICENSE: Values = {
    **sharing("study"), "id": "license", "tier": "dul", "under": "by-study", "precedence": ["by-study"],
    "project": {"method": "Compare the attendance of two groups", "irb": {"number": "12", "expires": "2030-01-01"}},
}  # fmt: skip
BASES: dict[str, Values] = {basis: sharing(basis) for basis in DETAILS} | {
    "mou": MOU, "housed": HOUSED, "license": LICENSE,
}  # fmt: skip

STATUSES = {
    "clinic": LegalStatus.HIPAA, "recovery-house": LegalStatus.PART2, "safe-house": LegalStatus.VICTIM_SERVICES,
    "court": LegalStatus.JUVENILE_JUSTICE, "state-agency": LegalStatus.SEA, "workforce-office": LegalStatus.WORKFORCE,
    "family-agency": LegalStatus.CHILD_WELFARE, "teen-clinic": LegalStatus.MINOR_CONSENT, "first-steps": LegalStatus.HEAD_START,
}  # fmt: skip
REGISTER = PARTNERS | {
    id: PartnerFacts(id, id.title(), PartnerKind.AGENCY, frozenset({status})) for id, status in STATUSES.items()
} | {"second-program": PartnerFacts("second-program", "Second program", PartnerKind.CBO)}  # fmt: skip
WIDE = document_of({**MOU, "parties": [party(id) for id in REGISTER]})
WIDER: dict[str, Values] = {"license": sharing("study")}  # what a base stands under
BAR = Debarment(1, "reading-lab", "riverbend-schools", "SPPO 26-114", date(2026, 3, 2), date(2031, 3, 2))


@dataclass(frozen=True)
class Pair:
    """A document that passes (the base with `given`) and the same one failing by one rule alone (with `change` too).

    `bars`: who is barred, in the failing case only. `stands`: ids that both documents have, whatever is done. `wider`: what is changed
    in the agreement above.
    """

    rule: str
    severity: str
    base: str
    change: tuple[Change, ...]
    element: str
    given: tuple[Change, ...] = ()
    bars: tuple[Debarment, ...] = field(default=())
    stands: frozenset[str] = frozenset()
    wider: tuple[Change, ...] = ()

    def __str__(self) -> str:
        return f"{self.rule} {self.severity} in {self.base} at {self.element or 'the text'}"

    @property
    def passing(self) -> Values:
        return changed(BASES[self.base], *self.given)

    @property
    def failing(self) -> Values:
        return changed(self.passing, *self.change)

    @property
    def passing_context(self) -> ReviewContext:
        others = (
            [document_of(changed(WIDER[self.base], *self.wider))]
            if self.base in WIDER
            else []
            if self.base == "mou"
            else [WIDE]
        )
        return ReviewContext(REGISTER, {document.id: document for document in others})

    @property
    def failing_context(self) -> ReviewContext:
        return replace(self.passing_context, bars=self.bars)
