"""What each basis must say of itself in `basis_details`, and that it says nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from throughway.agreements.document import AgreementDocument
from throughway.agreements.findings import FORMAT, Finding, blocking
from throughway.agreements.review.context import ReviewContext
from throughway.agreements.review.uses import Use, uses
from throughway.agreements.words import Basis

STUDY = "34 CFR 99.31(a)(6)(iii)(C)(1)"
OFFICIAL = "34 CFR 99.31(a)(1)(i)(B)"


@dataclass(frozen=True)
class Detail:
    """One key that a basis must have, any of `keys`; `cure` ends the sentence "… does not say X; add KEY"."""

    id: str
    keys: tuple[str, ...]
    citation: str
    lacks: str


REQUIRED: dict[Basis, tuple[Detail, ...]] = {
    Basis.CONSENT: (),
    Basis.SCHOOL_OFFICIAL: (
        Detail("O1", ("function",), f"{OFFICIAL}(1)",
               "for which function the school would otherwise use its own employees"),
        Detail("O2", ("direct_control",), f"{OFFICIAL}(2)",
               "that the school directly controls how the records are used and kept (direct_control: true)"),
        Detail("O4", ("annual_notice_criteria",), "34 CFR 99.7(a)(3)(iii)",
               "where the school's annual notice says who is a school official with a legitimate interest"),
    ),
    Basis.STUDY: (
        Detail("S1", ("purpose",), STUDY, "what the study is for"),
        Detail("S2", ("scope",), STUDY, "how far the study reaches"),
        Detail("S3", ("duration",), STUDY, "how long the study lasts"),
        Detail("G4", ("aim",), "34 CFR 99.31(a)(6)(i)",
               "which of the three lawful aims the study has: predictive_tests, student_aid or improve_instruction"),
        Detail("G4", ("on_behalf_of",), "34 CFR 99.31(a)(6)(i)", "for which discloser the study is made"),
    ),
    Basis.AUDIT_EVALUATION: (
        Detail("A1", ("representative",), "34 CFR 99.35(a)(3)(i)",
               "who is designated as the authority's authorized representative"),
        Detail("A3", ("program",), "34 CFR 99.35(a)(3)(ii)(B)",
               "which Federal- or State-supported education program is audited or evaluated"),
        Detail("G1", ("program_owner",), "34 CFR 99.35(a)(3)(ii)(B)", "whose program it is"),
        Detail("A4", ("activity",), "34 CFR 99.35(a)(3)(ii)(C)",
               "what is done, in enough detail to show that it is an audit or evaluation, and how the records are "
               "used"),
    ),
    Basis.DIRECTORY: (
        Detail("F31a11", ("notice",), "34 CFR 99.37(a)", "by which public notice the items were named"),
        Detail("F31a11", ("items",), "34 CFR 99.37(a)(1)", "which items the notice names"),
    ),
    Basis.CHILD_WELFARE: (
        Detail("FUSA", ("evidence_of_placement", "evidence"), "20 U.S.C. 1232g(b)(1)(L)",
               "what shows that the student is placed in care"),
        Detail("FUSA", ("agency_responsible",), "20 U.S.C. 1232g(b)(1)(L)",
               "which agency is legally responsible for the student"),
    ),
    Basis.EMERGENCY: (
        Detail("F31a10", ("threat",), "34 CFR 99.36(c)", "which articulable and significant threat there is"),
        Detail("F31a10", ("determined_by",), "34 CFR 99.36(c)", "who determined it"),
        Detail("F31a10", ("determined_on",), "34 CFR 99.36(c)", "on which day it was determined"),
    ),
    Basis.TRANSFER: (
        Detail("T1", ("initiated_by", "notice"), "34 CFR 99.34(a)(1)",
               "who asked for the transfer, or which annual notice says that records are forwarded"),
    ),
    Basis.FINANCIAL_AID: (
        Detail("F31a4", ("aid",), "34 CFR 99.31(a)(4)", "which aid the student applied for or received"),
    ),
    Basis.DEIDENTIFIED: (
        Detail("F31b1", ("determination",), "34 CFR 99.31(b)(1)",
               "who determined, when and by which method, that nobody can be recognised (by, on, method)"),
    ),
    Basis.PARTNER_RECORDS: (
        Detail("FPART", ("regime",), "34 CFR 99.3",
               "which rules bind records that are not education records, such as the program's own promise"),
        Detail("FPART", ("authority",), "34 CFR 99.3", "what lets the partner disclose them"),
    ),
    Basis.OTHER_LAW: (
        Detail("F31a5", ("citation",), "34 CFR 99.31(a)(5), (7), (9)", "which law allows it"),
        Detail("F31a5", ("reason",), "34 CFR 99.31(a)(5), (7), (9)", "why that law applies"),
    ),
}  # fmt: skip


def required_details(document: AgreementDocument, context: ReviewContext) -> Iterator[Finding]:
    """S1–S3, A1, A3, A4, O1, O2, O4 and their like for the other bases."""
    for use in uses(document):
        for detail in REQUIRED[use.basis]:
            if not any(_stated(use, key) for key in detail.keys):
                yield blocking(detail.id, use.at(detail.keys[0]), detail.citation,
                               f"{use.named} rests on {use.basis} and does not say {detail.lacks}; add "
                               f"basis_details.{detail.keys[0]}.")  # fmt: skip


def _stated(use: Use, key: str) -> bool:
    if key == "direct_control":
        return use.details.get(key) is True
    if key == "determination":
        value = use.details.get(key)
        return isinstance(value, dict) and all(value.get(part) for part in ("by", "on", "method"))
    return use.says(key)


def known_details(document: AgreementDocument, context: ReviewContext) -> Iterator[Finding]:
    """D3: a detail that the basis does not have is refused by name, like any unknown field."""
    for use in uses(document):
        known = [key for detail in REQUIRED[use.basis] for key in detail.keys]
        for key in use.details:
            if key not in known:
                close = get_close_matches(key, known, n=1)
                cure = f"did you mean {close[0]}?" if close else (
                    f"known here: {', '.join(known)}." if known else "this basis has none."
                )  # fmt: skip
                yield blocking(
                    "D3", use.at(key), FORMAT, f"{key} is no detail of the basis {use.basis}; {cure}"
                )
