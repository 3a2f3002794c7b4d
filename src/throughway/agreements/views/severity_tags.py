"""Findings by their severity, as tags."""

from collections.abc import Sequence

from throughway.agreements.findings import ReviewFinding, Severity

GRAVITY = {  # the tag of each severity, and its word
    Severity.BLOCKING: ("stop", "must be cured"),
    Severity.WARNING: ("warn", "warning"),
    Severity.ADVICE: ("tip", "advice"),
}


def counted(found: Sequence[ReviewFinding]) -> list[tuple[str, str]]:
    """How many of each severity, as tags."""
    said = []
    for severity, one, more in (
        (Severity.BLOCKING, "must be cured", "must be cured"),
        (Severity.WARNING, "warning", "warnings"),
        (Severity.ADVICE, "piece of advice", "pieces of advice"),
    ):
        count = sum(f.severity is severity for f in found)
        if count:
            said.append((GRAVITY[severity][0], f"{count} {one if count == 1 else more}"))
    return said
