"""What was done to a draft, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from throughway.agreements.diff.compare import differences
from throughway.agreements.diff.sentences import Wording, sentence
from throughway.negotiation.drafting.draft import DraftAct, DraftHistoryEntry

DEEDS: Mapping[DraftAct, str] = {
    DraftAct.BEGUN: "Begun",
    DraftAct.CHANGED: "Changed",
    DraftAct.SHARED: "Shared with its parties",
    DraftAct.UNSHARED: "Shared no longer",
    DraftAct.FINISHED: "Finished: it is one of the community’s agreements",
    DraftAct.DISCARDED: "Set aside",
}
MOST = 12  # sentences about one deed


@dataclass(frozen=True)
class DraftEventSentence:
    when: str
    what: str
    by: str
    sentences: tuple[str, ...]


def draft_event_sentence(done: DraftHistoryEntry, names: Mapping[str, str]) -> DraftEventSentence:
    """One deed, with what it changed."""
    what = DEEDS[done.deed] + (f": {done.section.heading.lower()}" if done.section else "")
    return DraftEventSentence(
        when=f"{done.at.day} {done.at:%B %Y, %H:%M}",
        what=what,
        by=done.by,
        sentences=changed(done.before, done.after, names) if done.deed is DraftAct.CHANGED else (),
    )


def changed(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    """What differs, a sentence each; a draft may hold anything, and what cannot be compared is said to be worded anew."""
    try:
        was, now = Wording(dict(before), names), Wording(dict(after), names)
        found = [sentence(each, was, now) for each in differences(dict(before), dict(after))]
    except (KeyError, TypeError, ValueError, AttributeError, LookupError):
        found = ["Worded anew."]
    if len(found) > MOST:
        found = [*found[: MOST - 1], f"And {len(found) - MOST + 1} more changes."]
    return tuple(found)
