"""The screens of clerical review: the queue, two records side by side, a verdict and its withdrawal; and the accuracy of linkage, estimated
from readers' answers on a sample."""

from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from throughway.agreements.labels import course_words
from throughway.agreements.selectors import may_link
from throughway.consent.contested_parts import contested_in_words
from throughway.core.refusals import Refused
from throughway.identity.actions.asked_linkage import asked_run, begin_after_pairs
from throughway.identity.actions.evaluation import ByGroup, by_groups, evaluate
from throughway.identity.actions.reviewing import decide, show
from throughway.identity.actions.reviewing import take_back as take_last_back
from throughway.identity.models import ReviewPair
from throughway.identity.review import selectors
from throughway.identity.review.name_rule import sentences
from throughway.identity.review.quality_estimate import (
    FEWEST,
    Estimate,
    Interval,
    TruthComparison,
    Whisker,
    agreement,
    begins,
    compare_with_truth,
    whisker,
)
from throughway.identity.review.sampling import FLOOR, measured
from throughway.identity.review.verdicts import PairState, PairVerdict
from throughway.identity.selectors import label_summary
from throughway.identity.views.persons import check_keeps_all
from throughway.partners.actor import Actor, Role
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partner_names
from throughway.training.selectors import library, valid

IN_VIEW = 8  # pairs that the queue lists; the rest are counted
VERDICT_LABELS = {
    PairVerdict.SAME: "the same person",
    PairVerdict.DIFFERENT: "two persons",
    PairVerdict.CANNOT_TELL: "undecided",
}
SETTLED_LABELS = {
    PairVerdict.SAME: "one person",
    PairVerdict.DIFFERENT: "two persons",
    PairVerdict.CANNOT_TELL: "undecided",
}
NEXT_STEP = {
    PairState.SECOND: "Another reader is asked too.",
    PairState.THIRD: "A third reader decides.",
    PairState.SETTLED: "The pair is settled; the next run of linkage applies it.",
}


@screen(Role.DATA_STEWARD, person=True)
def queue(request: ActingRequest) -> HttpResponse:
    """The number of waiting pairs, the progress of review, and a link to the next pair. Only numbers. Who comes from *Getting started* is
    led straight to the first pair, or to the course for it."""
    check_keeps_all(request.actor)
    names, found = partner_names(), selectors.waiting(request.actor)
    progress = selectors.progress(request.actor)
    asked = {course for each in selectors.linkage_openings(request.actor) for course in each.training}
    lacking = sorted(asked - valid(request.actor.email, date.today()))
    course = lacking[0] if lacking and lacking[0] in library() else ""
    if found and request.GET.get("then") == "start" and (course or not lacking):
        return redirect(
            f"{reverse('training:course', args=[course])}?then=pairs"
            if course
            else _address(found[0].pk, False)
        )
    context = {
        "progress": progress,
        "waiting": len(found),
        "next": found[0] if found else None,
        "listed": [(at + 1, pair, _between(pair, names)) for at, pair in enumerate(found[:IN_VIEW])],
        "more": max(len(found) - IN_VIEW, 0),
        "last": selectors.last_label(request.actor),
        "alone": not selectors.has_second_reader(None, request.actor.email),
        "verdicts": [f"{n:,} {SETTLED_LABELS[v]}" for v in PairVerdict if (n := progress.verdicts.get(v, 0))],
        "sample": len(selectors.waiting(request.actor, sample=True)),
        "reads": bool(selectors.purposes(request.actor)),
        "lacking": [course_words(course) for course in lacking],
        "course": course,
        "undecided": selectors.undecided(),
        "may_link": may_link(request.actor, date.today()),
        "asked": None if found else asked_run(),
    }
    return render(request, "identity/review.html", context)


def _between(pair: ReviewPair, names: dict[str, str]) -> str:
    one, other = (names.get(partner, partner) for partner in pair.partners)
    return f"{one}, twice" if one == other else f"{one} and {other}"


@screen(Role.DATA_STEWARD, person=True)
def pair(request: ActingRequest, pair: int) -> HttpResponse:
    """Shows the two records, which is a disclosure. A POST records the verdict and redirects to the next pair."""
    check_keeps_all(request.actor)
    sample = "sample" in request.GET
    if request.method == "POST":
        return _decided(request, pair, sample)
    shown = show(pair=pair, by=request.actor)
    names = partner_names()
    ahead = [each.pk for each in selectors.waiting(request.actor, sample=sample)]
    after = ahead[ahead.index(pair) + 1 :] if pair in ahead else [n for n in ahead if n != pair]
    last = selectors.last_label(request.actor)
    context = {
        "shown": shown,
        "statements": contested_in_words(shown.statements),
        "partners": [names.get(partner, partner) for partner in shown.pair.partners],
        "one_partner": shown.pair.one_partner == shown.pair.other_partner,
        "decides": shown.pair.state == PairState.THIRD,
        "open": pair in ahead,
        "waiting": len(ahead),
        "skip": _address(after[0], sample) if after else reverse("identity:review"),
        "here": _address(pair, sample),
        "sample": sample,
        "last": last,
        "last_words": VERDICT_LABELS[PairVerdict(last.verdict)] if last else "",
    }
    return render(request, "identity/review_pair.html", context)


def _decided(request: ActingRequest, pair: int, sample: bool) -> HttpResponse:
    try:
        verdict = PairVerdict(request.POST.get("verdict", ""))
    except ValueError:
        raise Http404 from None
    try:
        state = decide(pair=pair, verdict=verdict, disclosure=request.POST.get("entry", ""), by=request.actor)
        messages.success(request, f"Noted: {VERDICT_LABELS[verdict]}. {NEXT_STEP[state]}")
    except Refused as refused:
        if refused.code.startswith("unknown_"):
            raise
        messages.info(request, refused.message)
    found = selectors.waiting(request.actor, sample=sample)
    if found or sample:
        return HttpResponseRedirect(_address(found[0].pk, sample) if found else reverse("identity:quality"))
    begin_after_pairs(request.actor)
    return redirect("identity:review")


def _address(pair: int, sample: bool) -> str:
    return reverse("identity:pair", args=[pair]) + ("?sample" if sample else "")


@screen(Role.DATA_STEWARD, person=True)
def take_back(request: ActingRequest) -> HttpResponse:
    """Withdraws the reader's last verdict, and shows that pair again."""
    check_keeps_all(request.actor)
    if request.method != "POST":
        return redirect("identity:review")
    try:
        number = take_last_back(by=request.actor)
    except Refused as refused:
        messages.info(request, refused.message)
        return redirect("identity:review")
    messages.success(request, "Your verdict is taken back, and linkage no longer uses it.")
    return HttpResponseRedirect(_address(number, "sample" in request.POST))


@screen(Role.DATA_STEWARD, person=True)
def quality(request: ActingRequest) -> HttpResponse:
    """The newest sample, in counts. A POST requests groups, which reads records under the linkage purpose."""
    check_keeps_all(request.actor)
    sample, mine = selectors.sample(), selectors.waiting(request.actor, sample=True)
    context: dict[str, Any] = {
        "sample": sample,
        "fewest": FEWEST,
        "one_in": round(1 / FLOOR),
        "next": mine[0] if mine else None,
        "waiting": len(mine),
        "agreement": agreement(selectors.read_twice(by_lot=True)),
        "in_all": agreement(selectors.read_twice(by_lot=False)),
        "reads": bool(selectors.purposes(request.actor)),
        "taught": label_summary(),
        "names_alone": list(sentences(selectors.name_rules(), partner_names())),
    }
    if sample:
        context["measured"] = measured(sample.strata, sample.drawn, sample.left_out)
        context["truth"] = _truth(context["measured"].found, request.actor)
        if request.method == "POST":
            found = by_groups(sample=sample, names=partner_names(), by=request.actor)
            context |= {"groups": found, **_whiskers(found)}
    return render(request, "identity/quality.html", context)


def _truth(found: Estimate, by: Actor) -> list[TruthComparison]:
    """The estimate compared with the truth, if the folder has a list of the true persons, as only a fictional community's does."""
    truth: Path = settings.COMMUNITY.root / "truth" / "persons.csv"
    if not truth.is_file():
        return []
    judged: Any = evaluate(truth=truth, by=by)
    return compare_with_truth(judged["pairwise"], found)


def _whiskers(found: ByGroup) -> dict[str, Any]:
    """Each dimension with its groups, each figure with its interval to draw; and the start of their scale."""
    shown = [each.found for groups in found.found.values() for each in groups if each.found]
    begin = begins(interval for each in shown for interval in (each.precision, each.recall))

    def figure(interval: Interval | None) -> tuple[Interval, Whisker] | None:
        return (interval, whisker(interval, begin)) if interval else None

    rows = {
        dimension: [
            (each, figure(each.found.precision), figure(each.found.recall)) if each.found else (each,)
            for each in groups
        ]
        for dimension, groups in found.found.items()
    }
    return {"dimensions": rows, "begin": f"{100 * begin:.0f}%"}
