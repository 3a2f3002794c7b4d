"""What is done with a draft as a whole: shared, finished, set aside; each is asked once more, saying what will happen."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from throughway.agreements.agreement_list import count_blocking
from throughway.agreements.labels import listed
from throughway.core.prose import counted
from throughway.negotiation.drafting import actions
from throughway.negotiation.drafting.draft import AgreementDraft
from throughway.negotiation.drafting.views.common import findings_of, page, writers, written_by
from throughway.partners.page_access import ActingRequest
from throughway.partners.selectors import partner_names


@dataclass(frozen=True)
class DraftActConfirmation:
    title: str
    button: str
    consequences: tuple[str, ...]
    done: str


@writers
def act_on(request: ActingRequest, number: int, act: str) -> HttpResponse:
    draft = written_by(request, number)
    asking = _asking(request, draft).get(act)
    if asking is None or (act == "share" and draft.shared) or (act == "unshare" and not draft.shared):
        raise Http404
    if request.method != "POST":
        return page(request, "act", draft, asking=asking)
    if act == "finish":
        found = actions.finish(number=number, by=request.actor)
        messages.success(request, asking.done)
        return redirect("agreements:one", id=found.document.id)
    {"share": actions.share, "unshare": actions.unshare, "discard": actions.discard}[act](
        number=number, by=request.actor
    )
    messages.success(request, asking.done)
    return redirect("drafting:list") if act == "discard" else redirect("drafting:one", number)


def _asking(request: ActingRequest, draft: AgreementDraft) -> Mapping[str, DraftActConfirmation]:
    known = partner_names()
    others = (
        listed(known.get(p, p) for p in draft.parties if p != draft.partner)
        or "nobody yet, since no other party is named"
    )
    blocking = count_blocking(findings_of(request, draft)) if request.method != "POST" else 0
    cure = (f"{counted(blocking, 'thing')} must still be cured before anyone can sign.",) if blocking else ()
    beside = (
        "The text in effect stays in effect until this one is signed by all and activated."
        if draft.amends
        else ""
    )
    return {
        "finish": DraftActConfirmation(
            "Finish this draft",
            "Finish it",
            (
                f"Its text becomes an agreement that its parties can read: {others}.",
                *([beside] if beside else ["It counts for nothing before every party has signed."]),
                *cure,
                "Further changes are then negotiated, and this draft is closed; its history stays.",
            ),
            "Finished. Its parties can read it now.",
        ),
        "share": DraftActConfirmation(
            "Show this draft to its parties",
            "Show it to them",
            (
                f"Leaders, privacy officers and data stewards of these may read it as it changes: {others}.",
                "They change nothing in it. You can take it back at any time.",
            ),
            "Its parties can read it now.",
        ),
        "unshare": DraftActConfirmation(
            "Show it to your own partner alone",
            "Take it back",
            ("The other parties no longer find it. What they have read, they know.",),
            "Only your own partner sees it now.",
        ),
        "discard": DraftActConfirmation(
            "Set this draft aside",
            "Set it aside",
            (
                "Nothing in it changes any more, and it leaves the list of open drafts.",
                "Its words and its history stay.",
            ),
            "Set aside. Its words and its history stay.",
        ),
    }
