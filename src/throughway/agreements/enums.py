"""The closed lists of values in an agreement document."""

from collections.abc import Iterable
from enum import StrEnum


class Severity(StrEnum):
    """Severity of a finding."""

    BLOCKING = "blocking"  # the document cannot be signed
    WARNING = "warning"  # a person must decide
    ADVICE = "advice"  # good practice, or information


class Tier(StrEnum):
    """Widest first; a tier can only narrow the one above it."""

    MOU = "mou"
    DSA = "dsa"
    DUL = "dul"


class PartyRole(StrEnum):
    DISCLOSER = "discloser"
    RECIPIENT = "recipient"
    STEWARD = "steward"  # houses the data for the others


class PurposeKind(StrEnum):
    CASEWORK = "casework"
    LINKAGE = "linkage"
    REPORTING = "reporting"
    EVALUATION = "evaluation"
    RESEARCH = "research"
    OPERATIONS = "operations"


class Reach(StrEnum):
    ALL = "all"
    ROSTER = "roster"  # students whom the reader's partner serves
    SITE = "site"  # students at the schools or programs that the reader is responsible for
    CASELOAD = "caseload"  # students assigned to the reader


# The reaches that enrollments with the reader's partner decide.
BY_ENROLLMENT = frozenset({Reach.ROSTER, Reach.SITE})


class AccessForm(StrEnum):
    IDENTIFIED = "identified"
    PSEUDONYMOUS = "pseudonymous"
    AGGREGATE = "aggregate"


class Basis(StrEnum):
    """The right by which records are disclosed."""

    CONSENT = "consent"
    SCHOOL_OFFICIAL = "school_official"
    STUDY = "study"
    AUDIT_EVALUATION = "audit_evaluation"
    DIRECTORY = "directory"
    CHILD_WELFARE = "child_welfare"
    EMERGENCY = "emergency"
    TRANSFER = "transfer"
    FINANCIAL_AID = "financial_aid"
    DEIDENTIFIED = "deidentified"
    PARTNER_RECORDS = "partner_records"
    OTHER_LAW = "other_law"


class PopulationDay(StrEnum):
    """The day that a row must cover to include a student in the population."""

    FACT = "fact"  # the day of the fact
    READING = "reading"  # the day of reading
    EVER = "ever"


class AuthorCapacity(StrEnum):
    """In whose name a user types about a student: it decides whose record the row is."""

    OWN_PROGRAM = "own_program"  # the record of the author's partner
    SCHOOL_OFFICIAL = "school_official"  # an education record of the district (34 CFR 99.3)
    RECEIVER = "receiver"  # an answer to what was sent to the author's partner: the record of the partner that sent it


class Election(StrEnum):
    """What happens to a partner's records when the agreement ends."""

    DESTROY = "destroy"
    RETURN = "return"
    KEEP_DEIDENTIFIED = "keep_deidentified"


class PublicationRule(StrEnum):
    """Whose rule codes the percentages of publications, the least strict first (`publication.policy` has the bands of each)."""

    NCES_2011 = "nces-2011"
    EDFACTS = "edfacts"


class ReleaseApproval(StrEnum):
    """Who must agree before a release becomes public, besides the partners' review."""

    TWO_PEOPLE = "two_people"  # the publisher, and a second person for a partner whose records it counts


def strictest(rules: Iterable[PublicationRule | None]) -> PublicationRule | None:
    """The strictest rule named; None where none is."""
    order = list(PublicationRule)
    return max((rule for rule in rules if rule), key=order.index, default=None)


ANY = "*"  # the scope of a family's choice: every purpose of the agreement
