"""One proposal, its answers, and comments."""

import re

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.negotiation import actions
from throughway.negotiation.forms import CommentForm, RefusalForm
from throughway.negotiation.proposal_presenter import answers
from throughway.negotiation.proposals import Status, changed
from throughway.negotiation.views.context import NegotiationContext, href_to
from throughway.negotiation.views.new_proposal import place_in
from throughway.partners.page_access import ActingRequest, screen

NUMBER = re.compile(r"[0-9]{1,18}")  # of a proposal


@screen()
def one_proposal(request: ActingRequest, id: str, number: int) -> HttpResponse:
    room = NegotiationContext(request, id)
    found = next((one for one in room.proposals if one.number == number), None)
    if found is None:
        raise Http404
    refusal = RefusalForm(request.POST if request.POST.get("do") == "refuse" else None)
    page = room.page() | {
        "found": found,
        "looked": room.consequences(changed(room.document, found.proposal)) if found in room.open else None,
        "answers": answers(found.proposal, room.names),
        "said": room.said([c for c in room.comments if c.proposal == number]),
        "refusal": refusal if found.waits_for_reader else None,
        "comment_form": CommentForm() if room.may_act else None,
        "place_href": href_to(id, found.path) if _is_there(room, found.path) else "",
    }
    if request.method == "POST":
        if not room.may_act:
            raise Http404
        if request.POST.get("do") != "refuse" or refusal.is_valid():
            messages.success(request, _answered(request, number, refusal))
            return redirect("negotiation:proposal", id=id, number=number)
    return render(request, "negotiation/proposal.html", page)


def _is_there(room: NegotiationContext, path: str) -> bool:
    try:
        place_in(room, path)
    except Http404:
        return False
    return True


def _answered(request: ActingRequest, number: int, refusal: RefusalForm) -> str:
    by, do = request.actor, request.POST.get("do")
    if do == "accept":
        done = actions.accept(proposal=number, by=by)
        taken = done.status is Status.TAKEN
        return "Accepted by all: it stands in the text now." if taken else "Accepted for your partner."
    if do == "refuse":
        actions.refuse(proposal=number, why=str(refusal.cleaned_data["why"]), by=by)
        return "Refused. Whoever proposed it reads why."
    if do == "withdraw":
        actions.withdraw(proposal=number, by=by)
        return "Withdrawn."
    raise Http404


@screen()
def comment(request: ActingRequest, id: str) -> HttpResponse:
    """Keeps a comment and goes back to where it was written."""
    room = NegotiationContext(request, id)
    if request.method != "POST" or not room.may_act:
        raise Http404
    form = CommentForm(request.POST)
    path, about = str(request.POST.get("at", "")), str(request.POST.get("proposal", ""))
    number = int(about) if NUMBER.fullmatch(about) else None
    if form.is_valid():
        actions.comment(
            id=id, text=str(form.cleaned_data["comment"]), path=path, by=room.actor,
            proposal=number,
        )  # fmt: skip
        messages.success(request, "Said. Every party reads it.")
    else:
        messages.error(request, " ".join(map(str, form.errors["comment"])))
    if number is not None:
        return redirect("negotiation:proposal", id=id, number=number)
    return redirect(href_to(id, path)) if path else redirect("negotiation:one", id=id)
