"""What is asked about extracts: those of a partner, and the copies that a destruction must name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from throughway.core.personal_data import Copy, Subject
from throughway.extracts.models import Extract
from throughway.ledger.entry_search import of_records


@dataclass(frozen=True)
class RegisteredExtract:
    """One extract as the register has it. `whole`: all its files were put in place."""

    id: str
    agreement: str
    purpose: str
    by: str
    on: date
    disclosure: str
    ends: date
    destroy_by: date
    rows: int
    whole: bool


def extracts_of(partner: str) -> list[RegisteredExtract]:
    """Those that a partner's people made, newest first."""
    return [_held(row) for row in Extract.objects.filter(partner=partner).order_by("-at", "-id")]


def _held(row: Extract) -> RegisteredExtract:
    rows = sum(file.get("rows", 0) for file in row.files if file["name"].endswith(".csv"))
    return RegisteredExtract(
        row.id, row.agreement, row.purpose, row.by, row.at.date(), row.disclosure, row.ends, row.destroy_by, rows,
        row.written_at is not None,
    )  # fmt: skip


def copies(subject: Subject) -> Sequence[Copy]:
    """The extracts that hold what is destroyed: those of the agreement, of the partner, or that the person is in."""
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
