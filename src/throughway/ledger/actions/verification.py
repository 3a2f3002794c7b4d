"""Seals what is not sealed yet, then says whether the ledger holds, or hands out its newest head."""

from collections.abc import Mapping
from typing import Any

from throughway.ledger import recording
from throughway.partners.actor import Actor


def newest_head(by: Actor) -> Mapping[str, Any]:
    """The signed head, for a partner to keep."""
    recording.seal(by=by)
    return recording.head()


def verified(kept: Mapping[str, Any] | None, by: Actor) -> tuple[dict[str, Any], str]:
    """The verdict, and a sentence on what is wrong. A ledger that does not hold is not sealed: that would bury the trace.

    An entry whose moment is in doubt is found wanting too, although its seal holds; `notes` say why."""
    if recording.verify(kept).ok:
        recording.seal(by=by)
    verdict = recording.verify(kept)
    doubtful, notes = recording.doubtful_moments() if verdict.ok else ("", [])
    document = {
        "entries": verdict.entries,
        "sealed": verdict.sealed,
        "ok": verdict.ok and not doubtful,
        "first_bad": verdict.first_bad or doubtful or None,
        "notes": notes,
    }
    return document, verdict.problem or ("Its moment is in doubt" if doubtful else "")
