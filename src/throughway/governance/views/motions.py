"""A meeting with its agenda, a motion, votes, and the log of decisions."""

from collections.abc import Mapping
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from throughway.agreements.labels import listed
from throughway.core.refusals import Refused
from throughway.governance import actions, selectors
from throughway.governance.bodies import GovernanceDecision
from throughway.governance.enums import MotionKind
from throughway.governance.forms import CloseMotionForm, HeldForm, MotionForm, seated
from throughway.governance.views.context import GovernanceContext
from throughway.governance.views.motion_rows import motion_lines
from throughway.partners.page_access import ActingRequest, screen


@screen()
def meeting(request: ActingRequest, number: int) -> HttpResponse:
    """The agenda, each motion with the reader's vote; afterwards who was there."""
    seeing = GovernanceContext(request.actor)
    found, body = seeing.meeting(number)
    seats = [s for s in selectors.seats() if s.body == body.id and s.on(found.day)]
    governs = seeing.governs(body)
    form = HeldForm(
        request.POST or None, seats=seated(seats, seeing.names),
        initial={"present": [str(n) for n in found.present], "minutes": found.minutes},
    )  # fmt: skip
    if request.method == "POST":
        if not governs:
            raise Http404
        if form.is_valid():
            present = [int(n) for n in form.cleaned_data["present"]]
            actions.record_meeting(
                number=number, present=present, minutes=form.cleaned_data["minutes"], by=request.actor
            )
            messages.success(request, "Written down.")
            return redirect("governance:meeting", number)
    moved = seeing.motions(meeting=number)
    context = {
        "meeting": found,
        "body": body,
        "is_over": found.day <= date.today(),
        "lines": motion_lines(seeing, [m for m in moved if m.is_open], found.present),
        "decisions": [d for d in seeing.decisions() if d.motion in {m.number for m in moved}],
        "present": [(s, seeing.names.get(s.partner, s.partner)) for s in seats if s.number in found.present],
        "governs": governs,
        "moves": governs or body.id in seeing.mine,
        "form": form,
    }
    return render(request, "governance/meeting.html", context)


@screen()
def new_motion(request: ActingRequest, id: str) -> HttpResponse:
    seeing = GovernanceContext(request.actor)
    body = seeing.body(id)
    if not (seeing.governs(body) or id in seeing.mine):
        raise Http404
    texts = [(a, s.document.title) for a, s in seeing.texts.items()]
    form = MotionForm(
        request.POST or None,
        body=body,
        agreements=texts,
        partners=seeing.partners.values(),
        meetings=selectors.meetings(since=seeing.today, body=id),
        initial={"meeting": request.GET.get("meeting")},
    )
    if form.is_valid():
        said = dict(form.cleaned_data)
        said["meeting"] = int(said["meeting"]) if said["meeting"] else None
        if said["kind"] == MotionKind.OTHER:
            said |= {"agreement": "", "partner": ""}
        try:
            made = actions.move(body=id, **said, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"It is before {body.name}.")
            return redirect("governance:motion", made.number)
    context = {
        "form": form,
        "body": body,
        "title": f"Put a motion before {body.name}",
        "button": "Put it there",
    }
    return render(request, "governance/of_body.html", context)


@screen()
def motion(request: ActingRequest, number: int) -> HttpResponse:
    """One motion: what is asked, who has voted how; closing it, for those who govern the body."""
    seeing = GovernanceContext(request.actor)
    found, body = seeing.motion(number)
    decided = next(iter(selectors.decisions(motion=number)), None)
    if decided is not None:
        return redirect("governance:decision", decided.number)
    met = selectors.meeting(found.meeting) if found.meeting else None
    (line,) = motion_lines(seeing, [found], met.present if met else ())
    context = {
        "line": line,
        "body": body,
        "meeting": met,
        "sees_agreement": found.agreement in seeing.agreements,
        "form": CloseMotionForm() if found.is_open and seeing.governs(body) else None,
    }
    return render(request, "governance/motion.html", context)


@screen()
@require_POST
def vote(request: ActingRequest, number: int) -> HttpResponse:
    seeing = GovernanceContext(request.actor)
    found, body = seeing.motion(number)
    if body.id not in seeing.mine:
        raise Http404
    try:
        actions.vote(
            number=number, choice=request.POST.get("choice", ""), why=request.POST.get("why", ""), by=request.actor
        )  # fmt: skip
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, "Your vote is cast. You can change it until the vote is closed.")
    if request.POST.get("at") == "meeting" and found.meeting:
        return redirect("governance:meeting", found.meeting)
    return redirect("governance:motion", number)


@screen()
@require_POST
def close(request: ActingRequest, number: int) -> HttpResponse:
    seeing = GovernanceContext(request.actor)
    _, body = seeing.motion(number)
    if not seeing.governs(body):
        raise Http404
    form = CloseMotionForm(request.POST)
    said = form.cleaned_data if form.is_valid() else {}
    try:
        decision = actions.close_vote(number=number, **said, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("governance:motion", number)
    messages.success(request, "The vote is closed, and the log has it.")
    return redirect("governance:decision", decision.number)


@screen()
def decisions(request: ActingRequest) -> HttpResponse:
    """The log, as far as the reader's organization is concerned; made to be printed."""
    seeing = GovernanceContext(request.actor)
    found = seeing.decisions()
    lines = [(d, _sides(d, seeing.names)) for d in found]
    return render(request, "governance/decisions.html", {"lines": lines})


def _sides(found: GovernanceDecision, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Who voted which way: partners by name, or the offices where all are of one partner."""
    of_one = len({vote["partner"] for vote in found.votes}) == 1
    sides = []
    for choice, words in (("yes", "For"), ("no", "Against"), ("abstain", "Abstained")):
        who = [
            vote["office"] if of_one else names.get(vote["partner"], vote["partner"])
            for vote in found.votes if vote["choice"] == choice
        ]  # fmt: skip
        if who:
            sides.append((words, listed(who)))
    return sides


@screen()
def decision(request: ActingRequest, number: int) -> HttpResponse:
    seeing = GovernanceContext(request.actor)
    found = seeing.decision(number)
    body = seeing.bodies.get(found.body or "")
    may_carry_out = found.waits and body is not None and seeing.governs(body)
    if request.method == "POST":
        if not may_carry_out:
            raise Http404
        try:
            actions.carry_out(number=number, by=request.actor)
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "It is done.")
        return redirect("governance:decision", number)
    context = {
        "decision": found,
        "body": body if body and seeing.sight.body(body) else None,
        "votes": [(seeing.names.get(v["partner"], v["partner"]), v) for v in found.votes],
        "abstained": [seeing.names.get(p, p) for p in found.abstained],
        "sees_agreement": found.agreement in seeing.agreements,
        "agreement_title": seeing.agreements[found.agreement].document.title
        if found.agreement in seeing.agreements
        else "",
        "sees_request": found.request is not None and seeing.sight.request(selectors.request(found.request)),
        "may_carry_out": may_carry_out,
    }
    return render(request, "governance/decision.html", context)
