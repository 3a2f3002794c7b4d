"""What the pages of reports share: a count is asked for, its state is told, and its preview is shown."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from throughway.core.prose import data_through, listed
from throughway.identity.review.selectors import purposes, undecided
from throughway.insight.counts.actions import ask_for_count
from throughway.insight.counts.selectors import counts_of, has_preview, preview_of, publication_states
from throughway.insight.reports.actions import ReportKind
from throughway.insight.selectors import Askable, askable
from throughway.partners import Actor
from throughway.partners.page_access import ActingRequest, refusal_told, screen
from throughway.partners.selectors import partner_names
from throughway.publication.policy import rates_sentence
from throughway.publication.states import ReleaseState


@screen()
@require_POST
def count(request: ActingRequest, kind: ReportKind) -> HttpResponse:
    """Asks for a count, for readers named in a purpose of form aggregate: first a preview of what would be shown and withheld, then the
    release. Where the kind starts, a page tells how it goes."""
    purposes = _purposes(request)
    chosen = next((each for each in purposes if each.purpose == request.POST.get("purpose")), None)
    if chosen is None:
        messages.error(request, "Choose a purpose to count under.")
        return redirect(kind.address("start"))
    with refusal_told(request):
        ask_for_count(
            kind=kind.id, purpose=chosen.purpose, publish="publish" in request.POST, by=request.actor
        )
    return redirect(kind.address("start"))


@screen()
@require_safe
def preview(request: ActingRequest, kind: ReportKind, number: int) -> HttpResponse:
    """What a count would show and withhold, before the button that publishes it."""
    found = preview_of(request.actor, kind.id, number, date.today())
    chosen = next((each for each in _purposes(request) if found and each.purpose == found[0]), None)
    if found is None or chosen is None:
        raise Http404
    context = preview_context(found[1], chosen, request.actor)
    context |= {"back": reverse(kind.address("start")), "post_to": reverse(kind.address("count"))}
    return render(request, "insight/preview.html", context)


def told(request: ActingRequest, kind: ReportKind) -> dict[str, object]:
    """The reader's counts of a kind, for the head of its page, and where its publication stands if somebody else asked."""
    today = date.today()
    found = counts_of(request.actor, kind.id, today)
    return {
        "counts": [(each, has_preview(each, today)) for each in found],
        "counts_go_on": any(each.waits for each in found),
        "preview_name": kind.address("preview"),
        "release_name": kind.address("release"),
        "states": [
            s for s in publication_states(request.actor, today, kind.id) if s.asked_by != request.actor.email
        ],
    }


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
