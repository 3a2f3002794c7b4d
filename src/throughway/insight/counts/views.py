"""What the pages of reports share: a count is asked for, its state is told, and its preview is shown."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.core.prose import data_through, listed
from throughway.identity.review.selectors import purposes, undecided
from throughway.insight.counts.actions import ask_for_count
from throughway.insight.counts.selectors import counts_of, has_preview, preview_of, publication_states
from throughway.insight.selectors import Askable, askable
from throughway.partners import Actor
from throughway.partners.page_access import ActingRequest, refusal_told
from throughway.partners.selectors import partner_names
from throughway.publication.policy import rates_sentence
from throughway.publication.states import ReleaseState


def ask(request: ActingRequest, kind: str, *, start: str) -> HttpResponse:
    """Asks for a preview, or to publish; then the page `start` tells how it goes. Unknown to readers whom no purpose of form aggregate
    names."""
    purposes = _purposes(request)
    chosen = next((each for each in purposes if each.purpose == request.POST.get("purpose")), None)
    if chosen is None:
        messages.error(request, "Choose a purpose to count under.")
        return redirect(start)
    with refusal_told(request):
        ask_for_count(kind=kind, purpose=chosen.purpose, publish="publish" in request.POST, by=request.actor)
    return redirect(start)


def shown_preview(
    request: ActingRequest, kind: str, number: int, *, start: str, post_to: str
) -> HttpResponse:
    """What a count would show and withhold, before the button that publishes it."""
    found = preview_of(request.actor, kind, number, date.today())
    chosen = next((each for each in _purposes(request) if found and each.purpose == found[0]), None)
    if found is None or chosen is None:
        raise Http404
    return preview_page(request, found[1], chosen, back=start, post_to=post_to)


def told(request: ActingRequest, kind: str, space: str) -> dict[str, object]:
    """The reader's counts of a kind, for the head of its page, and where its publication stands if somebody else asked; `space`: the
    addresses of the kind."""
    today = date.today()
    found = counts_of(request.actor, kind, today)
    return {
        "counts": [(each, has_preview(each, today)) for each in found],
        "counts_go_on": any(each.waits for each in found),
        "preview_name": f"{space}:preview",
        "release_name": f"{space}:release",
        "states": [
            s for s in publication_states(request.actor, today, kind) if s.asked_by != request.actor.email
        ],
    }


def preview_page(
    request: ActingRequest, preview: Mapping[str, Any], chosen: Askable, *, back: str, post_to: str = ""
) -> HttpResponse:
    """What a report would show and withhold, before the button that publishes it."""
    context = preview_context(preview, chosen, request.actor) | {"back": back, "post_to": post_to or back}
    return render(request, "insight/preview.html", context)


def preview_context(preview: Mapping[str, Any], chosen: Askable, by: Actor) -> dict[str, object]:
    """What every preview says: the figures shown and withheld, the rule, and when and how it becomes public."""
    names = partner_names()
    return {
        "preview": preview,
        "chosen": chosen,
        "pairs": (pairs := undecided(preview["disclosers"]).sentence),
        "decides": bool(pairs and purposes(by)),
        "waits": preview["state"] == ReleaseState.WAITING,
        "public_on": date.fromisoformat(preview["public_on"]),
        "on": date.fromisoformat(preview["as_of"]),
        "data": data_through(preview["data_through"]),
        "disclosers": listed(names.get(p, p) for p in preview["disclosers"]),
        "rule": rates_sentence(preview["rule"]),
    }


def _purposes(request: ActingRequest) -> Sequence[Askable]:
    found = askable(request.actor, date.today())
    if not found:
        raise Http404
    return found
