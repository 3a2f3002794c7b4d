"""A need of a student that somebody knows of: what it may say, how it ends, and how it is shown.

A need is what a person was told or saw. It never comes from a prediction, nor from a topic of 20 USC 1232h(b): mental health is no
kind that can be noted. Food and housing are noted only as the family or the student said it, because a school's record of them
(42 USC 1758(b)(6), 42 USC 11432(g)(3)(G)) is not for this use.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from throughway.casework.typed_entries.versions import EntryVersions, entries_of
from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.measures.needs import CATEGORIES, Need
from throughway.vocabulary import CODE_SETS

TABLE = "need"
LONGEST = 1_000  # characters
FIRST_DAY = date(2000, 1, 1)
NEVER = frozenset({"mental_health", "other"})


class NeedSource(StrEnum):
    """The codes of `need.need_source`, in the order of the form."""

    FAMILY = "family"
    STUDENT = "student"
    SCHOOL = "school"
    PROGRAM = "program"
    OBSERVED = "observed"


class NeedState(StrEnum):
    """The codes of `need.need_state`."""

    OPEN = "open"
    MET = "met"
    NO_LONGER = "no_longer"
    WRONG = "wrong"


SOURCE_WORDS: Mapping[NeedSource, str] = {
    NeedSource.FAMILY: "The family said so",
    NeedSource.STUDENT: "The student said so",
    NeedSource.SCHOOL: "Somebody at the school said so",
    NeedSource.PROGRAM: "Somebody at a program said so",
    NeedSource.OBSERVED: "I saw it",
}
SEEN_BY_OTHERS: Mapping[NeedSource, str] = {
    **SOURCE_WORDS,
    NeedSource.OBSERVED: "Seen by the author",
}
STATE_WORDS: Mapping[NeedState, str] = {
    NeedState.OPEN: "open",
    NeedState.MET: "met",
    NeedState.NO_LONGER: "no longer there",
    NeedState.WRONG: "noted by mistake",
}
OF_THE_FAMILY = frozenset({NeedSource.FAMILY, NeedSource.STUDENT})
ONLY_OF_THE_FAMILY = frozenset({"food", "housing"})
# From a state, where a need that is new has none, to the states that may follow.
TRANSITIONS: Mapping[NeedState | None, frozenset[NeedState]] = {
    None: frozenset({NeedState.OPEN}),
    NeedState.OPEN: frozenset(NeedState),
    **{closed: frozenset({NeedState.OPEN}) for closed in NeedState if closed is not NeedState.OPEN},
}


def kinds() -> dict[str, str]:
    """The kinds of need that may be noted, with their words: the kinds of support that matching knows."""
    return {code: words for code, words in CODE_SETS[CATEGORIES].items() if code not in NEVER}


def check_change(before: Mapping[str, object] | None, after: Mapping[str, object], today: date) -> None:
    """Refused (usage) where the next version of a need may not be noted, or may not follow the one before it. Both by column of
    `need`; `before` is None for a new need."""
    kind, since, text = str(after["program_subtype"]), after["need_since"], str(after["need_text"])
    state = NeedState(str(after["need_state"]))
    if kind not in kinds():
        raise Refused("Choose a kind of need from the list.", code="usage")
    if kind in ONLY_OF_THE_FAMILY and NeedSource(str(after["need_source"])) not in OF_THE_FAMILY:
        raise Refused(
            f"Note {kinds()[kind].lower()} only if the family or the student said so.", code="usage"
        )
    if len(text) > LONGEST:
        raise Refused(f"A need has at most {LONGEST:,} characters; write the rest in a note.", code="usage")
    if not isinstance(since, date) or not FIRST_DAY <= since <= today:
        raise Refused("Give the day since which it is known, today or earlier.", code="usage")
    if state not in TRANSITIONS[NeedState(str(before["need_state"])) if before else None]:
        raise Refused("Somebody has closed this need already; open it again first.", code="closed")


@dataclass(frozen=True)
class ShownNeed:
    """One need, as its newest version says. `text` is empty where nothing was written or the purpose does not show it; `own`: the
    reader's team edits it."""

    id: str
    version: int
    kind: str
    since: date | None
    source: NeedSource | None
    state: NeedState
    text: str
    author: str
    partner: str
    own: bool
    earlier: Sequence["ShownNeed"] = ()

    @property
    def words(self) -> str:
        return CODE_SETS[CATEGORIES].get(self.kind, "A need")

    @property
    def said_by(self) -> str:
        return SEEN_BY_OTHERS[self.source] if self.source else ""

    @property
    def is_open(self) -> bool:
        return self.state is NeedState.OPEN

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]


def needs_of(
    rows: Iterable[Mapping[str, Any]], *, names: Mapping[str, str], reader: str | None
) -> list[ShownNeed]:
    """The needs in rows of `need`, the open ones first, the newest first. A need whose kind or state the purpose does not show is left
    out."""
    found = [
        shown for entry in entries_of(rows, reader=reader) if (shown := _shown(entry, names)) is not None
    ]
    found.sort(key=lambda need: (need.since or FIRST_DAY, need.id), reverse=True)
    return sorted(found, key=lambda need: not need.is_open)


def _shown(entry: EntryVersions, names: Mapping[str, str]) -> ShownNeed | None:
    earlier = [need for row in entry.earlier if (need := _version(entry, row, names))]
    return _version(entry, entry.newest, names, earlier)


def _version(
    entry: EntryVersions, row: Mapping[str, Any], names: Mapping[str, str], earlier: Sequence[ShownNeed] = ()
) -> ShownNeed | None:
    kind, state, source = row.get("program_subtype"), row.get("need_state"), row.get("need_source")
    if not kind or state not in list(NeedState):
        return None
    since, partner = row.get("need_since"), str(row.get("author_partner") or "")
    return ShownNeed(
        id=entry.id,
        version=int(row.get("version") or 0),
        kind=str(kind),
        since=since if isinstance(since, date) else None,
        source=NeedSource(source) if source in list(NeedSource) else None,
        state=NeedState(state),
        text=str(row.get("need_text") or ""),
        author=str(row.get("author") or ""),
        partner=names.get(partner, partner),
        own=entry.own,
        earlier=earlier,
    )


def for_matching(needs: Iterable[ShownNeed]) -> list[Need]:
    """The open needs as reasons to offer a support, one for each kind."""
    found: dict[str, Need] = {}
    for need in needs:
        if need.is_open and need.kind not in found:
            since = f", noted since {day(need.since)}" if need.since else ""
            by = f" ({need.said_by[0].lower()}{need.said_by[1:]})" if need.said_by else ""
            found[need.kind] = Need(f"noted-{need.id}", f"{need.words.lower()}{since}{by}", (), (need.kind,))
    return list(found.values())
