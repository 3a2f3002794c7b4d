"""Findings of a review: one for each missing, wrong or questionable point."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from throughway.agreements.enums import Severity
from throughway.agreements.legal_review.rules import RULES, LegalRule

__all__ = ["FORMAT", "ReviewFinding", "Severity", "advice", "blocking", "status", "warning"]

# The citation where the document's format decides.
FORMAT = "agreement/1"


@dataclass(frozen=True)
class ReviewFinding:
    """`id`: the rule (of law, or D… for the document's format), `element`: the path in the document."""

    id: str
    severity: Severity
    element: str
    citation: str
    message: str

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.BLOCKING

    @property
    def rule(self) -> LegalRule | None:
        """The rule of law or form; None where a State or a community added it."""
        return RULES.get(self.id)

    def to_json(self) -> dict[str, str]:
        return {key: str(value) for key, value in asdict(self).items()}


def status(findings: Iterable[ReviewFinding]) -> str:
    """`blocked` when any finding blocks, otherwise `ready`."""
    return "blocked" if any(finding.blocks for finding in findings) else "ready"


def blocking(id: str, element: str, message: str, citation: str = "") -> ReviewFinding:
    """A blocking finding of the rule; `citation` replaces the rule's own where it is more specific."""
    return ReviewFinding(id, Severity.BLOCKING, element, citation or RULES[id].citation, message)


def warning(id: str, element: str, message: str, citation: str = "") -> ReviewFinding:
    return ReviewFinding(id, Severity.WARNING, element, citation or RULES[id].citation, message)


def advice(id: str, element: str, message: str, citation: str = "") -> ReviewFinding:
    return ReviewFinding(id, Severity.ADVICE, element, citation or RULES[id].citation, message)
