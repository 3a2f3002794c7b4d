"""All texts, and what changed between any two of them."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.agreements.document import document_values
from throughway.agreements.labels import day
from throughway.agreements.selectors import KeptText, kept_texts, past_acts, wider
from throughway.agreements.starter_texts import as_yaml
from throughway.agreements.states import AgreementAct, LifecycleEvent
from throughway.negotiation.change_impact import Consequences, consequences
from throughway.negotiation.proposal_presenter import ProposalForReader, who
from throughway.negotiation.proposals import Proposal, Status
from throughway.negotiation.views.context import NegotiationContext
from throughway.negotiation.word_diff import lines
from throughway.partners.page_access import ActingRequest, screen


@screen()
def versions(request: ActingRequest, id: str) -> HttpResponse:
    """All texts, and what changed between any two of them."""
    room = NegotiationContext(request, id)
    texts = kept_texts(id)
    old, new = _chosen(request.GET.get("from"), texts, -2), _chosen(request.GET.get("to"), texts, -1)
    taken = {
        p.end.version: p for p in (s.proposal for s in room.proposals) if p.status is Status.TAKEN and p.end
    }
    words = {one.number: one for one in room.proposals}
    added = {
        deed.version: deed
        for deed in past_acts(id)
        if deed.act in (AgreementAct.ADD, AgreementAct.AMEND, AgreementAct.RENEW)
    }
    page = room.page() | {
        "texts": [
            _row(text, room, added.get(text.version), taken.get(text.version), words)
            for text in reversed(texts)
        ],
        "numbers": [text.number for text in texts],
        "old": old,
        "new": new,
        "told": _between(room, old, new) if old.number != new.number else None,
        "raw": lines(_written(old), _written(new)) if old.number != new.number else (),
    }
    return render(request, "negotiation/versions.html", page)


def _chosen(number: str | None, texts: list[KeptText], otherwise: int) -> KeptText:
    if number is None:
        return texts[max(otherwise, -len(texts))]
    found = next((text for text in texts if str(text.number) == number), None)
    if found is None:
        raise Http404
    return found


def _between(room: NegotiationContext, old: KeptText, new: KeptText) -> Consequences:
    above = wider(room.found, date.today())
    return consequences(old.document, new.document, room.names, above)


def _written(text: KeptText) -> str:
    """Every text in one way, so that only what changed differs."""
    return as_yaml(document_values(text.document))


def _row(
    text: KeptText,
    room: NegotiationContext,
    added: LifecycleEvent | None,
    taken: Proposal | None,
    words: dict[int, ProposalForReader],
) -> dict[str, object]:
    of = taken or added
    return {
        "number": text.number,
        "day": day(added.day if added else text.day),
        "by": who(of.partner, of.role, room.names) if of and of.partner else "the operator of the folder",
        "what": words[taken.number].words if taken else "",
        "why": taken.why if taken else (added.why if added else ""),
        "proposal": taken.number if taken else None,
        "current": text.version == room.found.version,
    }
