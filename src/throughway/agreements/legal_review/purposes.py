"""Each purpose has one meaning (D7), the narrowest reach (G19, O5), and at least one reader."""

from collections.abc import Iterator

from throughway.agreements.document import OWN_RECORDS, AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import AccessForm, Basis, PurposeKind, Reach, Tier
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, blocking, warning
from throughway.vocabulary import TABLES


def sections(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Every tier except an mou states the purpose of the records."""
    if document.tier is not Tier.MOU and not document.purposes:
        yield blocking("D7", "purposes",
                       "No purpose is listed; say what the records may be used for, by whom and by what right.")  # fmt: skip


def reserved_ids(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Also of the agreement: what it shows would be filtered and recorded as a partner's own."""
    named = {"id": document.id} | {f"purposes[{place}].id": entry.id for place, entry in enumerate(document.purposes)}  # fmt: skip
    for path, id in named.items():
        if id == OWN_RECORDS:
            yield blocking("D7", path,
                           f"{OWN_RECORDS} is reserved for a partner's reading of its own records without "
                           f"an agreement; give it another id.")  # fmt: skip


def stated_reach(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Casework states explicitly which students a reader sees."""
    for position, purpose in enumerate(document.purposes):
        if purpose.kind is PurposeKind.CASEWORK and not purpose.states_reach:
            official = purpose.basis is Basis.SCHOOL_OFFICIAL
            yield blocking("O5" if official else "D2", f"purposes[{position}].reach",
                           f"{purpose.id} is casework and must say which students a reader sees: add reach: caseload, "
                           "site, roster or all.")  # fmt: skip


def casework_on_all(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """G19: a case worker who can open every student's record exceeds what the law allows a school official. A purpose under which a
    partner reads only what is sent to it opens no record."""
    for position, purpose in enumerate(document.purposes):
        if (
            purpose.kind is not PurposeKind.CASEWORK
            or purpose.reach is not Reach.ALL
            or not purpose.states_reach
            or _shows_what_is_sent(document, purpose)
        ):
            continue
        path = f"purposes[{position}].reach"
        if purpose.basis is Basis.SCHOOL_OFFICIAL:
            yield blocking("G19", path,
                           f"Under {purpose.id} a school official could open every student's record; the law lets "
                           "officials reach only records in which they have a legitimate educational interest. "
                           "Write reach: roster, site or caseload.")  # fmt: skip
        else:
            yield warning("G19", path,
                          f"Under {purpose.id} a reader could open every student's record; unless there is "
                          f"a reason, write reach: roster, site or caseload.")  # fmt: skip


def _shows_what_is_sent(document: AgreementDocument, purpose: Purpose) -> bool:
    lines = [line for line in document.schedule if purpose.id in line.purposes]
    return bool(lines) and all(line.table in TABLES and TABLES[line.table].between for line in lines)


def readers(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """O5: the reading roles decide who has a legitimate interest; without a role nobody reads."""
    for position, purpose in enumerate(document.purposes):
        if purpose.roles:
            continue
        path = f"purposes[{position}].roles"
        if purpose.basis is Basis.SCHOOL_OFFICIAL:
            yield blocking("O5", path,
                           f"{purpose.id} does not say which roles of the recipient have a legitimate educational "
                           "interest; list them in roles, such as [case_worker].")  # fmt: skip
        else:
            yield warning("D7", path, f"{purpose.id} lists no role, so nobody may read under it.")


def one_meaning_per_id(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """An id has one kind and one form in the whole community."""
    for position, purpose in enumerate(document.purposes):
        elsewhere = [("this document", entry) for entry in document.purposes[:position]]
        elsewhere += [(other.id, entry) for other in context.others.values() for entry in other.purposes]
        for field in ("kind", "form"):
            for place, entry in elsewhere:
                if entry.id == purpose.id and getattr(entry, field) != getattr(purpose, field):
                    yield blocking("D7", f"purposes[{position}].{field}",
                                   f"{purpose.id} has the {field} {getattr(purpose, field)} here and "
                                   f"{getattr(entry, field)} in {place}; a purpose id must mean one thing "
                                   f"in a community. Give this purpose another id.")  # fmt: skip
                    break


def no_overlapping_entries(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Two entries of one id never cover the same discloser and recipient."""
    for position, purpose in enumerate(document.purposes):
        for entry in document.purposes[:position]:
            if entry.id == purpose.id and _overlap(document, entry, purpose):
                yield blocking("D7", f"purposes[{position}]",
                               f"{purpose.id} is listed twice for the same discloser and recipient, so it "
                               f"is not clear which right applies; keep one, or separate them with from and "
                               f"recipients.")  # fmt: skip
                break


def _overlap(document: AgreementDocument, one: Purpose, other: Purpose) -> bool:
    return bool(
        set(document.disclosers(one)) & set(document.disclosers(other))
        and set(document.recipients(one)) & set(document.recipients(other))
    )


def forms(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Linkage and casework require identities; records without identity cannot be used."""
    for position, purpose in enumerate(document.purposes):
        path = f"purposes[{position}].form"
        identified = purpose.form is AccessForm.IDENTIFIED
        if purpose.kind is PurposeKind.LINKAGE and not identified:
            yield blocking("D7", path,
                           f"{purpose.id} matches students and must read who they are: write form: identified.")  # fmt: skip
        elif purpose.kind is PurposeKind.CASEWORK and not identified:
            yield warning("D7", path,
                          f"{purpose.id} is casework, but its form {purpose.form} does not show who the "
                          f"student is; write form: identified, or choose another kind.")  # fmt: skip
        if purpose.basis is Basis.DEIDENTIFIED and identified:
            yield blocking("F31b1", path,
                           f"{purpose.id} says that records are de-identified but shows them identified; "
                           f"write "
                           "form: pseudonymous or aggregate, or choose the basis that fits.")  # fmt: skip
        if purpose.serves is not None and purpose.kind is not PurposeKind.LINKAGE:
            yield warning("D7", f"purposes[{position}].serves",
                          f"{purpose.id} is not a linkage purpose, so serves has no effect; leave serves "
                          f"out.")  # fmt: skip
