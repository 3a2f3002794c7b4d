"""A proposal for one reader: in words, with the changes marked, the answers, and what the reader may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.diff import DocumentChange, reworded_change
from throughway.agreements.document_paths import NoSuchPath, Values
from throughway.agreements.labels import day, listed, partner_labels
from throughway.agreements.status_text import Tag
from throughway.negotiation.change_impact import DiffSegment, marked
from throughway.negotiation.proposals import Proposal, ProposalAct, Status
from throughway.partners import Actor, Role

TAGS: Mapping[Status, Tag] = {
    Status.OPEN: Tag("wait", "open"),
    Status.TAKEN: Tag("ok", "in the text"),
    Status.REFUSED: Tag("stop", "refused"),
    Status.WITHDRAWN: Tag("past", "withdrawn"),
    Status.OVERTAKEN: Tag("past", "overtaken"),
}
MINE = Tag("warn", "waits for your answer")
ANSWER_WORDS = {
    ProposalAct.ACCEPT: "accepts",
    ProposalAct.REFUSE: "refuses",
    ProposalAct.WITHDRAW: "withdraws it",
    ProposalAct.TAKE: "takes it into the text, accepted by all",
    ProposalAct.OVERTAKE: "The text changed at its place",
}


@dataclass(frozen=True)
class ProposalEventLine:
    """One answer or comment, as a line of a list."""

    when: str
    who: str
    what: str
    why: str


@dataclass(frozen=True)
class ProposalForReader:
    """`state` is a sentence on who has answered. `waits_for_reader`: the reader's partner has not answered yet."""

    proposal: Proposal
    tag: Tag
    words: str
    change: DocumentChange
    marks: tuple[DiffSegment, ...]
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


def present_proposal(
    proposal: Proposal,
    values: Values,
    names: Mapping[str, str],
    parties: Sequence[str],
    actor: Actor,
    may_answer: bool,
    overtaken: str = "",
) -> ProposalForReader:
    """`overtaken`: why an open proposal no longer fits the text, where it does not."""
    change = _told(proposal, values, names)
    waiting = () if overtaken else proposal.waits_for(parties)
    mine = may_answer and actor.partner in waiting
    status = Status.OVERTAKEN if overtaken and proposal.status is Status.OPEN else proposal.status
    return ProposalForReader(
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


def _told(proposal: Proposal, values: Values, names: Mapping[str, str]) -> DocumentChange:
    try:
        return reworded_change(proposal.change, values, names)
    except NoSuchPath:
        return proposal.change


def _state(proposal: Proposal, waiting: Sequence[str], names: Mapping[str, str], overtaken: str) -> str:
    accepted = (
        f"Accepted by {listed(partner_labels(proposal.accepted_by, names))}. " if proposal.accepted_by else ""
    )
    if waiting:
        return f"{accepted}Waits for {listed(partner_labels(waiting, names))}."
    end = proposal.end
    if end is None:
        return overtaken
    by = listed(partner_labels((end.partner,), names)) if end.partner else ""
    return {
        ProposalAct.TAKE: f"{accepted}In the text since {day(end.day)}.",
        ProposalAct.REFUSE: f"Refused by {by} on {day(end.day)}: “{end.why}”",
        ProposalAct.WITHDRAW: f"Withdrawn by {by} on {day(end.day)}." + (f" “{end.why}”" if end.why else ""),
        ProposalAct.OVERTAKE: f"Overtaken on {day(end.day)}. {end.why}",
    }[end.what]


def answers(proposal: Proposal, names: Mapping[str, str]) -> list[ProposalEventLine]:
    """What was done with it, oldest first."""
    return [
        ProposalEventLine(
            day(a.day), who(a.partner, a.role, names) if a.partner else "", ANSWER_WORDS[a.what], a.why
        )
        for a in proposal.answers
    ]


def who(partner: str, role: str, names: Mapping[str, str]) -> str:
    """Partner and role; people are shown by their office, not by name."""
    label = Role(role).label.lower() if role in set(Role) else role
    return f"{names.get(partner, partner)}, {label}"
