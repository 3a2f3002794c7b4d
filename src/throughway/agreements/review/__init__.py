"""The review of an agreement: what is missing for it to be lawful and to mean one thing, said before anyone signs."""

from collections.abc import Callable, Iterator

from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.findings import Finding, Severity, status
from throughway.agreements.partial import apart_from_faults, readable_part
from throughway.agreements.review import (
    authority,
    clauses,
    custody,
    details,
    linkage,
    parties,
    purposes,
    schedule,
    scope,
    tiers,
)
from throughway.agreements.review.context import ReviewContext
from throughway.agreements.source import Unreadable, values_of

__all__ = ["RULES", "Finding", "ReviewContext", "Severity", "review", "review_text", "status"]

Rule = Callable[[AgreementDocument, ReviewContext], Iterator[Finding]]

# In the order in which a reader goes through the document.
RULES: tuple[Rule, ...] = (
    tiers.stands_under,
    tiers.narrows,
    parties.known_parties,
    parties.roles_filled,
    parties.directions,
    parties.mentioned_parties,
    purposes.sections,
    purposes.reserved_ids,
    purposes.one_meaning,
    purposes.one_entry,
    purposes.readers,
    purposes.stated_reach,
    purposes.casework_on_all,
    purposes.forms,
    details.required_details,
    details.known_details,
    authority.study_is_for_a_school,
    authority.audit_has_an_authority,
    authority.audit_of_own_program,
    authority.audit_is_described,
    authority.basis_fits_records,
    authority.recipients_fit,
    authority.directory_items,
    linkage.serves_known,
    linkage.every_partner,
    linkage.own_function,
    custody.custody,
    custody.custody_basis,
    schedule.known_elements,
    schedule.known_purposes,
    schedule.one_line,
    schedule.transforms,
    schedule.necessity,
    schedule.left_out,
    schedule.covered_purposes,
    scope.population,
    scope.days,
    scope.small_counts,
    scope.project,
    clauses.required_clauses,
    clauses.reasonable_methods,
    clauses.good_practice,
)


def review(document: AgreementDocument, context: ReviewContext) -> list[Finding]:
    """Every finding of every rule, blocking ones first."""
    return _sorted(finding for rule in RULES for finding in rule(document, context))


def review_text(text: str, context: ReviewContext) -> list[Finding]:
    """The same of any text: faults of its form first, and the rules on what of it can be read."""
    document, faults = read_document(text)
    if document is not None:
        return review(document, context)
    part = _part(text)
    found = [] if part is None else review(part, context)
    return _sorted(iter([*faults, *apart_from_faults(found, faults)]))


def _part(text: str) -> AgreementDocument | None:
    try:
        values = values_of(text)
    except Unreadable:
        return None
    return readable_part(values) if isinstance(values, dict) else None


def _sorted(found: Iterator[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(found), key=lambda finding: list(Severity).index(finding.severity))
