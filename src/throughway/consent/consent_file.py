"""The list of consents as a file: its columns, faults of a single line, and the purposes that depend on a choice."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis
from throughway.consent.enums import ANY, PARENTS, RELATIONS, STUDENT, ConsentDecision
from throughway.partners.csv_lists import CsvRow, lines_of

CONSENT = frozenset({Basis.CONSENT})
CHOICES = CONSENT | {Basis.DIRECTORY}
COLUMNS = (
    "partner", "record_key", "agreement", "purpose", "decision", "signer", "relation", "signed_on", "method", "language",
    "notice_version", "expires",
)  # fmt: skip
SIGNED = "34 CFR 99.30(a)"
ELECTRONIC = "34 CFR 99.30(d)"  # what identifies and authenticates a particular person as the source


def choosable(
    document: AgreementDocument, discloser: str, bases: Collection[Basis] = CHOICES
) -> frozenset[str]:
    """The purposes of the document that rest on a choice about this discloser's records: all of them, where the steward
    houses its records by consent. `bases`: only on a choice of these kinds; a consent form is for those that rest on consent."""
    entries = [entry for entry in document.purposes if discloser in document.disclosers(entry)]
    if any(c.basis is Basis.CONSENT and (c.from_ is None or discloser in c.from_) for c in document.custody):
        return frozenset(entry.id for entry in entries)
    return frozenset(entry.id for entry in entries if entry.basis in bases)


def of_directory(document: AgreementDocument, discloser: str, purpose: str) -> bool:
    """Whether the purpose, or any purpose where it is `*`, depends on a directory notice."""
    return any(
        entry.basis is Basis.DIRECTORY
        and purpose in (ANY, entry.id)
        and discloser in document.disclosers(entry)
        for entry in document.purposes
    )


def fault(document: AgreementDocument, discloser: str, purpose: str) -> str:
    """Why nothing can be consented to, as the end of a sentence; empty where it can."""
    found = choosable(document, discloser)
    if not found:
        return f"names {document.id}, under which no records of {discloser} depend on consent or on a directory notice"
    if purpose != ANY and purpose not in found:
        return f"names a purpose that does not depend on consent in {document.id}; choose {', '.join(sorted(found))}"
    return ""


@dataclass(frozen=True)
class ConsentFileRow:
    """One line: a decision about one student's records. `expires` is the last day of a consent; None: no end."""

    line: CsvRow
    partner: str
    key: str
    agreement: str
    purpose: str
    decision: ConsentDecision
    signer: str
    relation: str
    signed_on: date
    method: str
    language: str
    notice_version: str
    expires: date | None

    @property
    def student(self) -> bool:
        return self.relation in STUDENT


def read_consents(path: Path, today: date) -> list[ConsentFileRow]:
    """The decisions of a CSV. Refused for the first line that is wrong."""
    return [decision_of(line, today) for line in lines_of(path, COLUMNS)]


def decision_of(line: CsvRow, today: date) -> ConsentFileRow:
    """The decision that a line says. Refused where the line is wrong."""
    decision, relation = _decision(line), _relation(line)
    signed_on, expires = line.day("signed_on"), line.day("expires")
    if signed_on is None:
        raise line.wrong(
            "has no day of signature (signed_on); a consent must be signed and dated", citations=[SIGNED]
        )
    if signed_on > today:
        raise line.wrong("was signed on a day in the future", citations=[SIGNED])
    if decision is ConsentDecision.YES:
        _check_yes(line, signed_on, expires)
    if line.cells["language"] and not line.cells["notice_version"]:
        raise line.wrong("names a language but not the version of the notice that was read (notice_version)")
    return ConsentFileRow(
        line=line,
        partner=line.text("partner", "partner whose records are disclosed"),
        key=line.text("record_key", "key of the student"),
        agreement=line.text("agreement", "agreement"),
        purpose=line.text("purpose", "purpose; write * for all of the agreement"),
        decision=decision,
        signer=" ".join(line.text("signer", "name of who signed").split()),
        relation=relation,
        signed_on=signed_on,
        method=line.cells["method"],
        language=line.cells["language"],
        notice_version=line.cells["notice_version"],
        # A refusal applies until it is withdrawn.
        expires=expires if decision is ConsentDecision.YES else None,
    )


def _decision(line: CsvRow) -> ConsentDecision:
    try:
        return ConsentDecision(line.text("decision", "decision").lower())
    except ValueError:
        raise line.wrong(f"has an unknown decision; write one of {', '.join(ConsentDecision)}") from None


def _relation(line: CsvRow) -> str:
    relation = line.text("relation", "relation of the signer to the student").lower().replace(" ", "_")
    if relation not in PARENTS | STUDENT:
        raise line.wrong(
            f"names a relation that gives no right to consent; choose {', '.join(RELATIONS)}",
            citations=["34 CFR 99.3"],
        )
    return relation


def _check_yes(line: CsvRow, signed_on: date, expires: date | None) -> None:
    if expires is not None and expires < signed_on:
        raise line.wrong("expires before it was signed (expires)")
    for column, what, citation in (
        ("method", "statement of how the signer’s identity was verified", ELECTRONIC),
        ("language", "language in which the notice was read", SIGNED),
        ("notice_version", "version of the notice that was read", SIGNED),
    ):
        if not line.cells[column]:
            raise line.wrong(f"has no {what} ({column})", citations=[citation])
