"""What each basis must say of itself in `basis_details`, and that it says nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis
from throughway.agreements.legal_review.bases_in_use import BasisInUse, uses
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, blocking
from throughway.core.refusals import did_you_mean


@dataclass(frozen=True)
class Detail:
    """One key that a basis must have, any of `keys`; `cure` ends the sentence "… does not say X; add KEY"."""

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
        Detail("S2", ("scope",), "how far the study reaches"),
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
        Detail("F31a10", ("threat",), "which articulable and significant threat there is"),
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
               "who determined, when and by which method, that nobody can be recognised (by, on, method)"),
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


# What a basis may say besides; other rules look at it.
OPTIONAL: dict[Basis, tuple[str, ...]] = {
    Basis.DIRECTORY: ("opt_out_until", "parties", "purposes"),
    Basis.OTHER_LAW: ("certificate", "notified"),
}


def required_details(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """S1–S3, A1, A3, A4, O1, O2, O4 and their like for the other bases."""
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
                yield blocking("D3", use.at(key), f"{key} is no detail of the basis {use.basis}; {cure}")
