"""Seals what is not sealed yet, then says whether the ledger holds, or hands out its newest head."""

from collections.abc import Mapping
from typing import Any

from throughway.gate import recording
from throughway.partners.actor import Actor


def newest_head(by: Actor) -> Mapping[str, Any]:
    """The signed head, for a partner to keep."""
    recording.seal(by=by)
    return recording.head()


def verified(kept: Mapping[str, Any] | None, by: Actor) -> tuple[dict[str, Any], str]:
    """The verdict, and a sentence on what is wrong. A ledger that does not hold is not sealed: that would bury the trace."""
    if recording.verify(kept).ok:
        recording.seal(by=by)
    verdict = recording.verify(kept)
    document = {
        "entries": verdict.entries,
        "sealed": verdict.sealed,
        "ok": verdict.ok,
        "first_bad": verdict.first_bad,
        "notes": recording.notes() if verdict.ok else [],
    }
    return document, verdict.problem
