"""Agreements as JSON, the same for the command line and the API."""

from collections.abc import Iterable
from typing import Any

from throughway.agreements.legal_review.findings import ReviewFinding, status
from throughway.agreements.signatures import PartySignature
from throughway.agreements.status import AgreementStatus
from throughway.partners.open_step import OpenStep


def status_json(standing: AgreementStatus) -> dict[str, Any]:
    """Its status."""
    return {
        "id": standing.document.id,
        "version": standing.version,
        "state": str(standing.state),
        "reason": standing.reason,
    }


def row_json(standing: AgreementStatus) -> dict[str, Any]:
    """One line of a list."""
    document = standing.document
    return status_json(standing) | {
        "title": document.title,
        "tier": str(document.tier),
        "effective": document.terms.effective.isoformat(),
        "expires": document.terms.expires.isoformat(),
    }


def agreement_json(
    standing: AgreementStatus,
    later: AgreementStatus | None,
    waiting: Iterable[OpenStep],
    signed: Iterable[PartySignature],
) -> dict[str, Any]:
    """Everything except its text. `later`: the text in preparation; `signed`: the signatures that the reader may see."""
    return status_json(standing) | {
        "parties": list(standing.document.partners),
        "signed_by": list(standing.signed_by),
        "signatures": [each.to_json() for each in signed],
        "suspended_by": list(standing.suspended_by),
        "later": status_json(later) if later else None,
        "waiting": [_step(each) for each in waiting],
    }


def review(findings: Iterable[ReviewFinding]) -> dict[str, Any]:
    found = list(findings)
    return {"status": status(found), "findings": [finding.to_json() for finding in found]}


def _step(step: OpenStep) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "title": step.title,
        "waits_for": step.waits_for,
        "roles": sorted(step.roles),
        "since": step.since.isoformat(),
        "due": step.due.isoformat() if step.due else None,
    }
