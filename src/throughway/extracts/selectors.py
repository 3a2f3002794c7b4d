"""The extracts of a partner, and the copies that a destruction must list."""

from collections.abc import Sequence

from throughway.core.personal_data import Copy, Subject
from throughway.extracts.models import Extract
from throughway.ledger.entry_search import of_records


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
