"""The review of an agreement before anyone signs: what it lacks to be lawful and unambiguous."""

from collections.abc import Callable, Iterator

from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.legal_review import (
    authority,
    basis_details,
    clauses,
    deidentification,
    directory_information,
    joined_codes,
    linkage,
    local_rules,
    parties,
    promised_data,
    protected_elements,
    purposes,
    redisclosure,
    schedule,
    scope,
    service_records,
    tiers,
    typed_tables,
)
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, Severity, status, warning
from throughway.agreements.lenient_parse import apart_from_faults, readable_part
from throughway.core.yaml_text import UnreadableText, cut_texts, values_of

__all__ = ["CHECKS", "ReviewContext", "ReviewFinding", "Severity", "review", "review_text", "status"]

Check = Callable[[AgreementDocument, ReviewContext], Iterator[ReviewFinding]]

# In the order of the document.
CHECKS: tuple[Check, ...] = (
    tiers.stands_under, tiers.narrows,
    parties.known_parties, parties.roles_filled, parties.directions, parties.mentioned_parties,
    parties.no_barred_party,
    purposes.sections, purposes.reserved_ids, purposes.one_meaning_per_id, purposes.no_overlapping_entries, purposes.readers,  purposes.stated_reach, purposes.casework_on_all, purposes.forms,
    basis_details.required_details, basis_details.known_details,
    authority.study_is_for_a_school, authority.study_is_research, authority.audit_has_an_authority,
    authority.audit_of_own_program, authority.audit_is_no_casework, authority.representative_receives,
    authority.audit_is_described, authority.basis_fits_records, authority.transfer_to_a_school,
    authority.welfare_recipients, authority.welfare_is_responsible, authority.emergency_is_no_standing_feed,
    authority.certified, authority.accrediting, authority.family_notified_of_order, authority.meal_monitoring,
    basis_details.consent_purpose_stated, basis_details.consent_recipients_named,
    deidentification.no_identifier, deidentification.determined_on, deidentification.codes_for_research, deidentification.random_codes,
    directory_information.never_directory_information, directory_information.items_named, directory_information.opt_out, directory_information.limits_of_notice, directory_information.no_matching_by_notice,
    directory_information.revealing_list, directory_information.recruiters,
    linkage.serves_known_purposes, linkage.linkage_of_every_partner, linkage.purpose_without_linkage, linkage.own_function,
    joined_codes.joins_coded_purposes, joined_codes.what_joining_tells, joined_codes.same_words,
    basis_details.custody_stated, basis_details.custody_basis,
    schedule.known_elements, schedule.known_purposes, schedule.no_duplicate_lines, schedule.transforms, schedule.necessity,
    schedule.wildcard_left_out, schedule.covered_purposes, promised_data.promises_kept,
    typed_tables.known_tables, typed_tables.authors_and_owners, typed_tables.one_capacity, typed_tables.school_officials, typed_tables.confidential_services,
    typed_tables.necessity_of_typing, typed_tables.identified_text, typed_tables.names_of_nobody_known,
    protected_elements.meals, protected_elements.disability, protected_elements.disability_consent, protected_elements.placement, protected_elements.surveys, protected_elements.aid, protected_elements.wages,
    service_records.substance_use, service_records.substance_use_notice, service_records.victim_services, service_records.clients_own_consent, service_records.health, service_records.early_childhood, service_records.online_services,
    scope.population, scope.stated_scope, scope.days, scope.project, scope.method_is_scheduled,
    clauses.disposition, clauses.kept_without_identity,
    redisclosure.use_limited_to_purpose, redisclosure.recipients_informed, redisclosure.onward_basis, redisclosure.authorities_named, redisclosure.no_sharing_between_officials,
    clauses.required_clauses, clauses.reasonable_methods,
    local_rules.added_rules, local_rules.numeric_bounds,
    clauses.advised_clauses, clauses.training, clauses.breach_hours, clauses.contacts, clauses.publication,
    clauses.precedence,
)  # fmt: skip


def review(document: AgreementDocument, context: ReviewContext) -> list[ReviewFinding]:
    """Every finding of every check, blocking ones first."""
    return _sorted(finding for check in CHECKS for finding in check(document, context))


def review_text(text: str, context: ReviewContext) -> list[ReviewFinding]:
    """The same for any text: faults of its format first, then the rules on the readable part."""
    document, faults = read_document(text)
    if document is not None:
        return _sorted(iter([*_cut(text), *review(document, context)]))
    part = _part(text)
    found = [] if part is None else review(part, context)
    return _sorted(iter([*faults, *apart_from_faults(found, faults)]))


def _cut(text: str) -> Iterator[ReviewFinding]:
    for path, line in cut_texts(text):
        yield warning("D1", path, f"Line {line} has an unquoted #, and YAML reads nothing after it: put the text in quotes if the # belongs "
                      "to it, else move the comment to a line of its own.")  # fmt: skip


def _part(text: str) -> AgreementDocument | None:
    try:
        values = values_of(text, merge_keys=False)
    except UnreadableText:
        return None
    return readable_part(values) if isinstance(values, dict) else None


def _sorted(found: Iterator[ReviewFinding]) -> list[ReviewFinding]:
    return sorted(dict.fromkeys(found), key=lambda finding: list(Severity).index(finding.severity))
