"""Clerical review in the browser: the queue, two records side by side, a verdict, and taking it back."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from throughway.consent.contested_parts import contested_in_words
from throughway.core.refusals import Refused
from throughway.identity.actions.reviewing import decide, show
from throughway.identity.actions.reviewing import take_back as take_last_back
from throughway.identity.review import selectors
from throughway.identity.review.queue import PairState, PairVerdict
from throughway.identity.views.visibility import check_keeps_all
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.roles import Role
from throughway.partners.selectors import partner_names

IN_VIEW = 8  # pairs that the queue lists; the rest are counted
WORDS = {
    PairVerdict.SAME: "the same person",
    PairVerdict.DIFFERENT: "two persons",
    PairVerdict.CANNOT_TELL: "nobody can tell",
}
FOUND = {
    PairVerdict.SAME: "one person",
    PairVerdict.DIFFERENT: "two persons",
    PairVerdict.CANNOT_TELL: "of which nobody can tell",
}
AND_THEN = {
    PairState.SECOND: "Another reader is asked too.",
    PairState.THIRD: "A third reader decides.",
    PairState.SETTLED: "That settles it; the next linkage follows.",
}


@screen(Role.DATA_STEWARD, person=True)
def queue(request: ActingRequest) -> HttpResponse:
    """How many pairs wait, how far review has come, and the way to the next pair. Numbers alone."""
    check_keeps_all(request.actor)
    names, found = partner_names(), selectors.waiting(request.actor)
    progress = selectors.progress(request.actor)
    context = {
        "progress": progress,
        "open": progress.pairs - progress.settled,
        "waiting": len(found),
        "next": found[0] if found else None,
        "listed": [(at + 1, pair, _between(pair, names)) for at, pair in enumerate(found[:IN_VIEW])],
        "more": max(len(found) - IN_VIEW, 0),
        "last": selectors.last_said(request.actor),
        "verdicts": [f"{n:,} {FOUND[v]}" for v in PairVerdict if (n := progress.verdicts.get(v, 0))],
        "sample": len(selectors.waiting(request.actor, sample=True)),
        "reads": bool(selectors.purposes(request.actor)),
    }
    return render(request, "identity/review.html", context)


@screen(Role.DATA_STEWARD, person=True)
def pair(request: ActingRequest, pair: int) -> HttpResponse:
    """The two records, which is a reading like any other. A POST says what they are, and leads to the next pair."""
    check_keeps_all(request.actor)
    sample = "sample" in request.GET
    if request.method == "POST":
        return _said(request, pair, sample)
    shown = show(pair=pair, by=request.actor)
    found, names = selectors.waiting(request.actor, sample=sample), partner_names()
    ahead = [each.id for each in found]
    after = ahead[ahead.index(pair) + 1 :] if pair in ahead else [n for n in ahead if n != pair]
    last = selectors.last_said(request.actor)
    context = {
        "shown": shown,
        "statements": contested_in_words(shown.statements),
        "partners": [names.get(partner, partner) for partner in shown.pair.partners],
        "one_partner": shown.pair.partners[0] == shown.pair.partners[1],
        "decides": shown.pair.state is PairState.THIRD,
        "open": pair in ahead,
        "waiting": len(found),
        "skip": _address(after[0], sample) if after else reverse("identity:review"),
        "here": _address(pair, sample),
        "sample": sample,
        "last": last,
        "last_words": WORDS[last.verdict] if last else "",
    }
    return render(request, "identity/review_pair.html", context)


@screen(Role.DATA_STEWARD, person=True)
def take_back(request: ActingRequest) -> HttpResponse:
    """Takes back what the reader said last, and shows that pair again."""
    check_keeps_all(request.actor)
    if request.method != "POST":
        return redirect("identity:review")
    try:
        number = take_last_back(by=request.actor)
    except Refused as refused:
        messages.info(request, refused.message)
        return redirect("identity:review")
    messages.success(request, "Taken back. It leaves no trace in what linkage follows.")
    return HttpResponseRedirect(_address(number, "sample" in request.POST))


def _said(request: ActingRequest, pair: int, sample: bool) -> HttpResponse:
    try:
        verdict = PairVerdict(request.POST.get("verdict", ""))
    except ValueError:
        raise Http404 from None
    try:
        state = decide(pair=pair, verdict=verdict, disclosure=request.POST.get("entry", ""), by=request.actor)
        messages.success(request, f"Noted: {WORDS[verdict]}. {AND_THEN[state]}")
    except Refused as refused:
        if refused.code.startswith("unknown_"):
            raise
        messages.info(request, refused.message)
    found = selectors.waiting(request.actor, sample=sample)
    end = reverse("identity:quality") if sample else reverse("identity:review")
    return HttpResponseRedirect(_address(found[0].id, sample) if found else end)


def _address(pair: int, sample: bool) -> str:
    return reverse("identity:pair", args=[pair]) + ("?sample" if sample else "")


def _between(pair: selectors.Pair, names: dict[str, str]) -> str:
    one, other = (names.get(partner, partner) for partner in pair.partners)
    return f"{one}, twice" if one == other else f"{one} and {other}"
