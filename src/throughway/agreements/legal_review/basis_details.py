"""The details that each basis must state, the content of a consent form, and the basis on which a steward stores the records."""

from collections.abc import Iterator
from dataclasses import dataclass

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis, PartyRole, Tier
from throughway.agreements.legal_review.context import BasisInUse, ReviewContext, custody_path, uses
from throughway.agreements.legal_review.findings import ReviewFinding, advice, blocking, warning
from throughway.core.refusals import did_you_mean


@dataclass(frozen=True)
class Detail:
    """One required key of a basis, any of `keys`; `cure` ends the sentence "… does not say X; add KEY"."""

    id: str
    keys: tuple[str, ...]
    lacks: str


REQUIRED: dict[Basis, tuple[Detail, ...]] = {
    Basis.CONSENT: (),
    Basis.SCHOOL_OFFICIAL: (
        Detail("O1", ("function",),
               "for which function the school would otherwise use its own employees"),
        Detail("O2", ("direct_control",),
               "that the school directly controls how the records are used and kept (direct_control: true)"),
        Detail("O4", ("annual_notice_criteria",),
               "where the school's annual notice says who is a school official with a legitimate interest"),
    ),
    Basis.STUDY: (
        Detail("S1", ("purpose",), "what the study is for"),
        Detail("S2", ("scope",), "the scope of the study"),
        Detail("S3", ("duration",), "how long the study lasts"),
        Detail("G4", ("aim",),
               "which of the three lawful aims the study has: predictive_tests, student_aid or improve_instruction"),
        Detail("G4", ("on_behalf_of",), "for which discloser the study is made"),
    ),
    Basis.AUDIT_EVALUATION: (
        Detail("A1", ("representative",),
               "who is designated as the authority's authorized representative"),
        Detail("A3", ("program",),
               "which Federal- or State-supported education program is audited or evaluated"),
        Detail("G1", ("program_owner",), "whose program it is"),
        Detail("A4", ("activity",),
               "what is done, in enough detail to show that it is an audit or evaluation, and how the records are "
               "used"),
    ),
    Basis.DIRECTORY: (
        Detail("F31a11", ("notice",), "by which public notice the items were named"),
        Detail("F31a11", ("items",), "which items the notice names"),
    ),
    Basis.CHILD_WELFARE: (
        Detail("FUSA", ("evidence_of_placement", "evidence"),
               "what shows that the student is placed in care"),
        Detail("FUSA", ("agency_responsible",),
               "which agency is legally responsible for the student"),
    ),
    Basis.EMERGENCY: (
        Detail("F31a10", ("threat",), "what the articulable and significant threat is"),
        Detail("F31a10", ("determined_by",), "who determined it"),
        Detail("F31a10", ("determined_on",), "on which day it was determined"),
    ),
    Basis.TRANSFER: (
        Detail("T1", ("initiated_by", "notice"),
               "who asked for the transfer, or which annual notice says that records are forwarded"),
    ),
    Basis.FINANCIAL_AID: (
        Detail("F31a4", ("aid",), "which aid the student applied for or received"),
    ),
    Basis.DEIDENTIFIED: (
        Detail("F31b1", ("determination",),
               "who determined, when and by which method, that nobody can be identified (by, on, method)"),
    ),
    Basis.PARTNER_RECORDS: (
        Detail("FPART", ("regime",),
               "which rules bind records that are not education records, such as the program's own promise"),
        Detail("FPART", ("authority",), "what lets the partner disclose them"),
    ),
    Basis.OTHER_LAW: (
        Detail("F31a5", ("citation",), "which law allows it"),
        Detail("F31a5", ("reason",), "why that law applies"),
    ),
}  # fmt: skip


# Optional details of a basis, used by other rules.
OPTIONAL: dict[Basis, tuple[str, ...]] = {
    Basis.DIRECTORY: ("opt_out_until", "parties", "purposes"),
    Basis.OTHER_LAW: ("certificate", "notified"),
}


def required_details(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """S1–S3, A1, A3, A4, O1, O2, O4 and similar rules for the other bases."""
    for use in uses(document):
        for detail in REQUIRED[use.basis]:
            if not any(_stated(use, key) for key in detail.keys):
                yield blocking(detail.id, use.at(detail.keys[0]),
                               f"{use.named} rests on {use.basis} and does not say {detail.lacks}; add "
                               f"basis_details.{detail.keys[0]}.")  # fmt: skip


def _stated(use: BasisInUse, key: str) -> bool:
    if key == "direct_control":
        return use.details.get(key) is True
    if key == "determination":
        value = use.details.get(key)
        return isinstance(value, dict) and all(value.get(part) for part in ("by", "on", "method"))
    return use.says(key)


def known_details(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """D3: a detail that the basis does not have is refused by name, like any unknown field."""
    for use in uses(document):
        known = [key for detail in REQUIRED[use.basis] for key in detail.keys]
        known += OPTIONAL.get(use.basis, ())
        for key in use.details:
            if key not in known:
                cure = did_you_mean(
                    key, known, f"known here: {', '.join(known)}." if known else "this basis has none."
                )
                yield blocking("D3", use.at(key), f"{key} is not a detail of the basis {use.basis}; {cure}")


FEW_WORDS = 3


def consent_purpose_stated(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """N2: the form states the purpose, and the agreement says the same in words."""
    for use in uses(document, Basis.CONSENT):
        if use.purpose and len(use.purpose.interest.split()) < FEW_WORDS:
            yield warning("N2", f"{use.path}.interest",
                          f"{use.named} rests on consent, but a word or two do not tell a family what they "
                          f"consent to; state it in a sentence, as the form does.")  # fmt: skip


def consent_recipients_named(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """N3: a partner that joins an open agreement later is not named on forms signed before."""
    for use in uses(document, Basis.CONSENT):
        if use.purpose and use.purpose.recipients is None and document.joinder.open_to:
            yield warning("N3", f"{use.path}.recipients",
                          f"{use.named} rests on consent but names no recipient, while further partners may "
                          f"join; families consent to the parties, or the class of parties, that the form "
                          f"names. List the recipients.")  # fmt: skip


# Bases that cannot support custody: for a threat, for records without identity, for public items.
NEVER = frozenset({Basis.EMERGENCY, Basis.DEIDENTIFIED, Basis.DIRECTORY})


def custody_stated(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    stewards = document.parties_with(PartyRole.STEWARD)
    housed = [d for d in document.parties_with(PartyRole.DISCLOSER) if stewards != (d,)]
    if document.tier is Tier.MOU and not document.schedule:
        return
    if stewards and housed and not document.custody:
        yield blocking("G17", "custody",
                       f"{', '.join(stewards)} houses the others' records, which is a disclosure; state the "
                       f"right in custody (basis and basis_details), such as school_official.")  # fmt: skip
        return
    if not stewards and document.custody:
        yield advice("G17", "custody",
                     "No party is steward, so the custody has no effect; give the role steward to the party "
                     "that houses the records.")  # fmt: skip
        return
    for discloser in housed if stewards else ():
        covering = [i for i, c in enumerate(document.custody) if c.from_ is None or discloser in c.from_]
        if not covering:
            yield blocking("G17", "custody",
                           f"No custody entry states by what right the steward houses the records of "
                           f"{discloser}; add one.")  # fmt: skip
        for position in covering[1:]:
            yield blocking("G17", f"custody[{position}]",
                           f"Two entries say by what right the records of {discloser} are housed; keep one, "
                           f"or separate them with from.")  # fmt: skip


def custody_basis(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    for position, entry in enumerate(document.custody):
        if entry.basis in NEVER:
            yield blocking("G17", f"{custody_path(document, position)}.basis",
                           f"{entry.basis} does not let a steward house whole records; choose school_official, "
                           "consent, or another basis that does.")  # fmt: skip
