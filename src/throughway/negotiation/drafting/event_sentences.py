"""What was done to a draft, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from throughway.agreements.diff.compare import differences
from throughway.agreements.diff.sentences import Wording, sentence
from throughway.negotiation.drafting.draft import Deed, Done

DEEDS: Mapping[Deed, str] = {
    Deed.BEGUN: "Begun",
    Deed.CHANGED: "Changed",
    Deed.SHARED: "Shared with its parties",
    Deed.UNSHARED: "Shared no longer",
    Deed.FINISHED: "Finished: it is one of the community’s agreements",
    Deed.DISCARDED: "Set aside",
}
MOST = 12  # sentences about one deed


@dataclass(frozen=True)
class Told:
    when: str
    what: str
    by: str
    sentences: tuple[str, ...]


def told(done: Done, names: Mapping[str, str]) -> Told:
    """One deed, with what it changed."""
    what = DEEDS[done.deed] + (f": {done.section.heading.lower()}" if done.section else "")
    return Told(
        when=f"{done.at.day} {done.at:%B %Y, %H:%M}",
        what=what,
        by=done.by,
        sentences=changed(done.before, done.after, names) if done.deed is Deed.CHANGED else (),
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
