"""Labels of the values of an agreement, one dictionary for each kind of value, and the citation of each basis."""

from collections.abc import Collection, Iterable, Mapping

from throughway.agreements.enums import (
    AccessForm,
    AuthorCapacity,
    Basis,
    Election,
    PartyRole,
    PopulationDay,
    PublicationRule,
    PurposeKind,
    Reach,
    ReleaseApproval,
    Tier,
)
from throughway.agreements.grant import accompanying
from throughway.agreements.transforms import Transform
from throughway.core.prose import capital
from throughway.core.prose import day as day
from throughway.core.prose import listed as listed
from throughway.partners import PartnerKind
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import TABLE_WORDS as TABLE_WORDS
from throughway.vocabulary.labels import element_words as element_words
from throughway.vocabulary.labels import table_words as table_words

# Tables of places, days and programs; listed after the facts.
SETTINGS_OF_FACTS = ("organization", "calendar_day", "program")
HOW_SHOWN = {
    "year": "the year only",
    "mask": "first letter only",
    "pseudonym": "as a random code",
    "suppress": "withheld",
}

TIER_WORDS: Mapping[Tier, str] = {
    Tier.MOU: "memorandum of understanding",
    Tier.DSA: "data-sharing agreement",
    Tier.DUL: "data use license",
}
KIND_WORDS: Mapping[PartnerKind, str] = {
    PartnerKind.LEA: "school district",
    PartnerKind.CHARTER: "charter school",
    PartnerKind.CBO: "community organization",
    PartnerKind.COLLEGE: "college",
    PartnerKind.AGENCY: "public agency",
    PartnerKind.BACKBONE: "backbone of the community",
}
PURPOSES: Mapping[PurposeKind, str] = {
    PurposeKind.CASEWORK: "for casework",
    PurposeKind.LINKAGE: "to match records only",
    PurposeKind.REPORTING: "for reports to the community",
    PurposeKind.EVALUATION: "to learn what works",
    PurposeKind.RESEARCH: "for research",
    PurposeKind.OPERATIONS: "to run services",
}
CAPACITY_WORDS: Mapping[AuthorCapacity, str] = {
    AuthorCapacity.OWN_PROGRAM: "for its own program or school: the record is its own",
    AuthorCapacity.SCHOOL_OFFICIAL: "as school officials: an education record of the district",
    AuthorCapacity.RECEIVER: "as receivers of what is sent to them: the record stays the sender’s",
}
# The citation of each basis of disclosure.
CITATIONS: Mapping[Basis, str] = {
    Basis.CONSENT: "34 CFR 99.30",
    Basis.SCHOOL_OFFICIAL: "34 CFR 99.31(a)(1)",
    Basis.STUDY: "34 CFR 99.31(a)(6)",
    Basis.AUDIT_EVALUATION: "34 CFR 99.31(a)(3) and 99.35",
    Basis.DIRECTORY: "34 CFR 99.31(a)(11) and 99.37",
    Basis.CHILD_WELFARE: "20 U.S.C. 1232g(b)(1)(L)",
    Basis.EMERGENCY: "34 CFR 99.31(a)(10) and 99.36",
    Basis.TRANSFER: "34 CFR 99.31(a)(2) and 99.34",
    Basis.FINANCIAL_AID: "34 CFR 99.31(a)(4)",
    Basis.DEIDENTIFIED: "34 CFR 99.31(b)",
    Basis.PARTNER_RECORDS: "not education records: 34 CFR 99.3",
    Basis.OTHER_LAW: "34 CFR 99.31(a)(5), (7) or (9), or the law named",
}
BASIS_WORDS: Mapping[Basis, str] = {
    Basis.CONSENT: "the written consent of the parent or eligible student",
    Basis.SCHOOL_OFFICIAL: "the right of a school official with a legitimate educational interest",
    Basis.STUDY: "a study for or on behalf of the school",
    Basis.AUDIT_EVALUATION: "an audit or evaluation of an education program",
    Basis.DIRECTORY: "public notice of directory information",
    Basis.CHILD_WELFARE: "the care of a child-welfare agency or tribe that is responsible for the student",
    Basis.EMERGENCY: "a health or safety emergency",
    Basis.TRANSFER: "the student’s enrollment or transfer",
    Basis.FINANCIAL_AID: "financial aid that the student applied for or received",
    Basis.DEIDENTIFIED: "the removal of everything that identifies a student",
    Basis.PARTNER_RECORDS: "the partner’s own right over records that FERPA does not cover",
    Basis.OTHER_LAW: "another law",
}
# The same in fewer words, for the end of a sentence.
RIGHTS: Mapping[Basis, str] = {
    Basis.CONSENT: "only while the family’s consent is in force",
    Basis.SCHOOL_OFFICIAL: "as a school official would",
    Basis.STUDY: "for a study on the school’s behalf",
    Basis.AUDIT_EVALUATION: "to evaluate a school program",
    Basis.DIRECTORY: "as directory information",
    Basis.CHILD_WELFARE: "for a child in the agency’s care",
    Basis.EMERGENCY: "in an emergency",
    Basis.TRANSFER: "for a student’s transfer",
    Basis.FINANCIAL_AID: "for financial aid asked for",
    Basis.DEIDENTIFIED: "with nothing that identifies",
    Basis.PARTNER_RECORDS: "from the partner’s own records",
    Basis.OTHER_LAW: "by another law",
}
FORM_WORDS: Mapping[AccessForm, str] = {
    AccessForm.IDENTIFIED: "Records, with the student’s identity as far as it is listed here.",
    AccessForm.PSEUDONYMOUS: "Records under random codes; nobody is named.",
    AccessForm.AGGREGATE: "Counts and rates alone, protected so that no child can be picked out.",
}
REACH_WORDS: Mapping[Reach, str] = {
    Reach.ALL: "about any student in scope",
    Reach.ROSTER: "about students whom their own organization serves that day",
    Reach.SITE: "about students who are that day at a school or in a program assigned to the reader",
    Reach.CASELOAD: "about students on their own caseload",
}
ROLE_WORDS: Mapping[PartyRole, str] = {
    PartyRole.DISCLOSER: "gives records",
    PartyRole.RECIPIENT: "receives records",
    PartyRole.STEWARD: "keeps the data for all",
}
POPULATION_DAY_WORDS: Mapping[PopulationDay, str] = {
    PopulationDay.FACT: "on the day of the fact",
    PopulationDay.READING: "on the day of reading",
    PopulationDay.EVER: "at any time",
}
ENDING_WORDS: Mapping[Election, str] = {
    Election.DESTROY: "destroyed",
    Election.RETURN: "returned",
    Election.KEEP_DEIDENTIFIED: "kept only without anything that identifies a student",
}

PUBLICATION_RULE_WORDS: Mapping[PublicationRule, str] = {
    PublicationRule.NCES_2011: "in the ranges of NCES 2011-603",
    PublicationRule.EDFACTS: "in the ranges of EDFacts public files",
}
APPROVAL_WORDS: Mapping[ReleaseApproval, str] = {
    ReleaseApproval.TWO_PEOPLE: "the publisher and a second person",
}


def right_words(basis: Basis) -> str:
    """the written consent of the parent or eligible student (34 CFR 99.30)"""
    return f"{BASIS_WORDS[basis]} ({CITATIONS[basis]})"


def any_of(kinds: Iterable[PartnerKind]) -> str:
    """Kinds of partner: school district or charter school"""
    return " or ".join(KIND_WORDS[kind] for kind in kinds)


def partner_labels(partners: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """Partners by name; one that is not in the register by its id."""
    return tuple(names.get(partner, partner) for partner in partners)


def people(role: str) -> str:
    """case_worker: case workers"""
    return f"{role.replace('_', ' ')}s"


def course_words(course: str) -> str:
    """`ferpa-basics` is FERPA basics."""
    known = {"ferpa": "FERPA", "hipaa": "HIPAA"}
    words = [known.get(word, word) for word in course.replace("_", "-").split("-")]
    text = " ".join(words)
    return capital(text)


def transform_words(transform: Transform) -> str:
    """A transform in words; empty for unchanged values."""
    if transform.name == "band":
        return f"in bands of {transform.width}"
    return HOW_SHOWN.get(transform.name, "")


def kind_of_data(table: str, columns: Mapping[str, Transform]) -> str:
    """What one grant shows of one table: the table's name when it shows everything that a wildcard would, otherwise its elements."""
    own = {n: t for n, t in columns.items() if n not in accompanying(table) and t.name != "suppress"}
    if not own:
        return ""
    unnamed = [e.name for e in TABLES[table].elements.values() if not e.restricted and e.name != "person_id"]
    if len(unnamed) > 1 and set(unnamed) <= own.keys():
        own = {n: t for n, t in own.items() if n not in unnamed or t.name != "none"}
        return table_words(table) + (f" with {listed(shown_elements(own))}" if own else "")
    if len(own) > 4:
        return f"{table_words(table)} ({len(own)} items)"
    return listed(shown_elements(own))


def shown_elements(columns: Mapping[str, Transform]) -> tuple[str, ...]:
    """Each element in words, with its transform: birth date (the year only)."""
    return tuple(
        element_words(name) + (f" ({how})" if (how := transform_words(transform)) else "")
        for name, transform in columns.items()
    )


def ranked_tables(tables: Iterable[str]) -> list[str]:
    """In reading order: facts before places and days."""
    order = {table: n for n, table in enumerate(TABLE_WORDS)}
    return sorted(tables, key=lambda table: (table in SETTINGS_OF_FACTS, order.get(table, len(order))))


def roles_in_words(roles: Collection[PartyRole]) -> str:
    return listed(ROLE_WORDS[role] for role in PartyRole if role in roles)
