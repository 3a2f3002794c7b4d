"""G17: housing records is a disclosure, so a steward needs a right of its own for each discloser's records."""

from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis, PartyRole, Tier
from throughway.agreements.legal_review.bases_in_use import custody_path
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, advice, blocking

# By these nobody houses records: one is for a threat, one for records without identity, one for public items.
NEVER = frozenset({Basis.EMERGENCY, Basis.DEIDENTIFIED, Basis.DIRECTORY})


def custody(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    stewards = document.parties_with(PartyRole.STEWARD)
    housed = [d for d in document.parties_with(PartyRole.DISCLOSER) if stewards != (d,)]
    if document.tier is Tier.MOU and not document.schedule:
        return
    if stewards and housed and not document.custody:
        yield blocking("G17", "custody",
                       f"{', '.join(stewards)} houses the others' records, which is a disclosure; say in custody by "
                       "what right (basis and basis_details), such as school_official.")  # fmt: skip
        return
    if not stewards and document.custody:
        yield advice("G17", "custody",
                     "No party is steward, so the custody has no effect; give the role steward to the one that houses "
                     "the records.")  # fmt: skip
        return
    for discloser in housed if stewards else ():
        covering = [i for i, c in enumerate(document.custody) if c.from_ is None or discloser in c.from_]
        if not covering:
            yield blocking("G17", "custody",
                           f"Nothing says by what right the steward houses the records of {discloser}; add a custody "
                           "entry for it.")  # fmt: skip
        for position in covering[1:]:
            yield blocking("G17", f"custody[{position}]",
                           f"Two entries say by what right the records of {discloser} are housed; keep one, or part "
                           "them by from.")  # fmt: skip


def custody_basis(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    for position, entry in enumerate(document.custody):
        if entry.basis in NEVER:
            yield blocking("G17", f"{custody_path(document, position)}.basis",
                           f"{entry.basis} does not let a steward house whole records; choose school_official, "
                           "consent, or another basis that does.")  # fmt: skip
