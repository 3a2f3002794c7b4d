"""The licenses that let a reader take an extract, the extracts of a partner, and the copies that a destruction must list."""

from collections.abc import Sequence
from datetime import date

from throughway.agreements.enums import AccessForm, PurposeKind
from throughway.agreements.extract_permission import is_license
from throughway.agreements.selectors import agreement_statuses
from throughway.core.personal_data import Copy, Subject
from throughway.extracts.models import Extract
from throughway.gate.available_purposes import OpenPurpose, openings
from throughway.ledger.entry_search import of_records
from throughway.partners.actor import Actor


def open_licenses(actor: Actor) -> list[OpenPurpose]:
    """The pseudonymous purposes of licenses in effect that name the reader."""
    known = agreement_statuses(date.today())
    licenses = {standing.document.id for standing in known if is_license(standing.document)}
    found = [
        o
        for o in openings(known, actor, tuple(PurposeKind))
        if o.form is AccessForm.PSEUDONYMOUS and o.agreement in licenses
    ]
    return list({(o.agreement, o.purpose): o for o in reversed(found)}.values())[::-1]


def extracts_of(partner: str) -> list[Extract]:
    """Extracts made by a partner's people, newest first."""
    return list(Extract.objects.filter(partner=partner).order_by("-at", "-id"))


def copies(subject: Subject) -> Sequence[Copy]:
    """The extracts that contain what is destroyed: those of the agreement, of the partner, or with the person."""
    found = Extract.objects.order_by("at")
    if subject.kind == "agreement":
        found = found.filter(agreement=subject.id)
    elif subject.kind == "person":
        found = found.filter(disclosure__in=[entry["id"] for entry in of_records(subject.records or ())])
    return [
        Copy(
            row.id,
            row.partner,
            f"research extract {row.id} of {row.agreement}",
            row.at.date(),
            row.destroy_by,
        )
        for row in found
        if subject.kind != "partner" or subject.id in row.disclosers
    ]
