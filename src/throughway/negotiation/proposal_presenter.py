"""A proposal as one reader sees it: in words, with its marks, who has answered, and what the reader may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.diff import Change, told
from throughway.agreements.document_paths import Nowhere, Values
from throughway.agreements.labels import called, day, listed
from throughway.agreements.status_summary import Tag
from throughway.negotiation.proposals import Proposal, Status, What
from throughway.negotiation.word_diff import Mark, marked
from throughway.partners import Actor, Role

TAGS: Mapping[Status, Tag] = {
    Status.OPEN: Tag("wait", "open"),
    Status.TAKEN: Tag("ok", "in the text"),
    Status.REFUSED: Tag("stop", "refused"),
    Status.WITHDRAWN: Tag("past", "withdrawn"),
    Status.OVERTAKEN: Tag("past", "overtaken"),
}
MINE = Tag("warn", "waits for your answer")
SAID = {
    What.ACCEPT: "accepts",
    What.REFUSE: "refuses",
    What.WITHDRAW: "withdraws it",
    What.TAKE: "takes it into the text, accepted by all",
    What.OVERTAKE: "The text changed at its place",
}


@dataclass(frozen=True)
class Told:
    """One thing that was done or said, as a line of a list."""

    when: str
    who: str
    what: str
    why: str


@dataclass(frozen=True)
class Seen:
    """`state` is a sentence on who has answered. `waits_for_reader`: the reader's partner has not answered yet."""

    proposal: Proposal
    tag: Tag
    words: str
    change: Change
    marks: tuple[Mark, ...]
    who: str
    when: str
    state: str
    waits_for_reader: bool
    is_own: bool
    is_last: bool  # the reader's acceptance would take it into the text

    @property
    def number(self) -> int:
        return self.proposal.number

    @property
    def path(self) -> str:
        return self.proposal.path


def seen(
    proposal: Proposal,
    values: Values,
    names: Mapping[str, str],
    parties: Sequence[str],
    actor: Actor,
    may_answer: bool,
    overtaken: str = "",
) -> Seen:
    """`overtaken`: why an open proposal no longer fits the text, where it does not."""
    change = _told(proposal, values, names)
    waiting = () if overtaken else proposal.waits_for(parties)
    mine = may_answer and actor.partner in waiting
    status = Status.OVERTAKEN if overtaken and proposal.status is Status.OPEN else proposal.status
    return Seen(
        proposal=proposal,
        tag=MINE if mine else TAGS[status],
        words=change.words,
        change=change,
        marks=marked(change.was, change.now),
        who=who(proposal.partner, proposal.role, names),
        when=day(proposal.day),
        state=_state(proposal, waiting, names, overtaken),
        waits_for_reader=mine,
        is_own=may_answer and actor.partner == proposal.partner and status is Status.OPEN,
        is_last=mine and len(waiting) == 1,
    )


def _told(proposal: Proposal, values: Values, names: Mapping[str, str]) -> Change:
    try:
        return told(proposal.change, values, names)
    except Nowhere:
        return proposal.change


def _state(proposal: Proposal, waiting: Sequence[str], names: Mapping[str, str], overtaken: str) -> str:
    accepted = f"Accepted by {listed(called(proposal.accepted_by, names))}. " if proposal.accepted_by else ""
    if waiting:
        return f"{accepted}Waits for {listed(called(waiting, names))}."
    end = proposal.end
    if end is None:
        return overtaken
    by = listed(called((end.partner,), names)) if end.partner else ""
    return {
        What.TAKE: f"{accepted}In the text since {day(end.day)}.",
        What.REFUSE: f"Refused by {by} on {day(end.day)}: “{end.why}”",
        What.WITHDRAW: f"Withdrawn by {by} on {day(end.day)}." + (f" “{end.why}”" if end.why else ""),
        What.OVERTAKE: f"Overtaken on {day(end.day)}. {end.why}",
    }[end.what]


def answers(proposal: Proposal, names: Mapping[str, str]) -> list[Told]:
    """What was done with it, oldest first."""
    return [
        Told(day(a.day), who(a.partner, a.role, names) if a.partner else "", SAID[a.what], a.why)
        for a in proposal.answers
    ]


def who(partner: str, role: str, names: Mapping[str, str]) -> str:
    """Partner and role; persons stand behind their office."""
    label = Role(role).label.lower() if role in set(Role) else role
    return f"{names.get(partner, partner)}, {label}"
