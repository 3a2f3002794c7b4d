"""The text, section by section, with what is proposed and said at each element."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from throughway.agreements.labels import listed, partner_labels
from throughway.agreements.status_summary import Tag
from throughway.negotiation.document_outline import OutlineElement, sections
from throughway.negotiation.forms import CommentForm
from throughway.negotiation.proposal_presenter import ProposalEventLine, ProposalForReader
from throughway.negotiation.views.context import NegotiationContext, href_to, within
from throughway.partners.page_access import ActingRequest, screen


@dataclass(frozen=True)
class ElementDiscussion:
    """An element with what is proposed and said there. `href`: where one proposes or comments."""

    element: OutlineElement
    proposals: list[ProposalForReader]
    comments: list[ProposalEventLine]
    href: str


@screen()
def one(request: ActingRequest, id: str) -> HttpResponse:
    room = NegotiationContext(request, id)
    waiting = [found for found in room.open if found.waits_for_reader]
    context: dict[str, Any] = room.page() | {
        "tag": Tag("wait", "in negotiation")
        if room.is_open
        else Tag("past", room.found.state.replace("_", " ")),
        "is_open": room.is_open,
        "reason": room.found.reason,
        "waiting": waiting,
        "open": room.open,
        "ended": room.ended,
        "waits_for": _waits_for(room),
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "elements": [_at(room, found) for found in section.elements],
                "adds": [{"href": href_to(id, root), "words": words} for root, words in section.adds],
            }
            for section in sections(room.values, room.text)
        ],
        "said": room.said([c for c in room.comments if not c.path and c.proposal is None]),
        "form": CommentForm() if room.may_act else None,
    }
    return render(request, "negotiation/one.html", context)


def _waits_for(room: NegotiationContext) -> str:
    """Whom the open proposals wait for, in a sentence."""
    parties = dict.fromkeys(p for one in room.open for p in one.proposal.waits_for(room.parties))
    if not parties:
        return ""
    return f"{len(room.open)} open proposal{'s' if len(room.open) > 1 else ''} wait{'' if len(room.open) > 1 else 's'} for {listed(partner_labels(parties, room.names))}."


def _at(room: NegotiationContext, found: OutlineElement) -> ElementDiscussion:
    return ElementDiscussion(
        found,
        [one for one in room.open if within(one.path, found.path)],
        room.said([c for c in room.comments if c.proposal is None and within(c.path, found.path)]),
        href_to(room.id, found.path),
    )
