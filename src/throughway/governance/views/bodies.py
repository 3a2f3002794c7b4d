"""Bodies: what there is, one of them, founding and seating, calling a meeting."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from throughway.core.refusals import Refused
from throughway.governance import actions, selectors
from throughway.governance.bodies import Body
from throughway.governance.enums import BodyKind
from throughway.governance.forms import BodyForm, MeetingForm, SeatForm
from throughway.governance.permissions import GOVERNORS
from throughway.governance.views.context import GovernanceContext
from throughway.governance.views.motion_rows import motion_lines
from throughway.partners import PartnerKind
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.permissions import SIGNERS
from throughway.partners.selectors import members


@screen()
def overview(request: ActingRequest) -> HttpResponse:
    """Bodies, the next meeting, and what waits for the reader's vote."""
    seeing = GovernanceContext(request.actor)
    bodies = [body for body in seeing.bodies.values() if seeing.sight.body(body)]
    ids = {body.id for body in bodies}
    meetings = [m for m in selectors.meetings(since=seeing.today) if m.body in ids]
    moved = [m for m in selectors.motions(is_open=True) if m.body in seeing.mine]
    waiting = [m for m in moved if m.vote_of(seeing.mine[m.body].number) is None]
    context = {
        "lines": [(body, sum(seat.body == body.id for seat in seeing.seats)) for body in bodies],
        "meetings": [(m, seeing.bodies[m.body]) for m in meetings],
        "waiting": [(m, seeing.bodies[m.body]) for m in waiting],
        "voted": [(m, seeing.bodies[m.body]) for m in moved if m not in waiting],
        "recent": seeing.decisions()[:3],
        "may_found": request.actor.role in GOVERNORS,
        "of_community": seeing.runs_desk,
        "signs": request.actor.role in SIGNERS,
    }
    return render(request, "governance/list.html", context)


@screen()
def body(request: ActingRequest, id: str) -> HttpResponse:
    seeing = GovernanceContext(request.actor)
    found = seeing.body(id)
    seats = [s for s in selectors.seats() if s.body == id]
    meetings = selectors.meetings(body=id)
    context = {
        "body": found,
        "of": seeing.names.get(found.partner or ""),
        "seats": [(s, seeing.names.get(s.partner, s.partner)) for s in seats if s.on(seeing.today)],
        "later": [(s, seeing.names.get(s.partner, s.partner)) for s in seats if s.first > seeing.today],
        "coming": [m for m in meetings if m.day >= seeing.today],
        "held": [m for m in reversed(meetings) if m.day < seeing.today],
        "motions": motion_lines(seeing, seeing.motions(body=id, is_open=True)),
        "decisions": [d for d in seeing.decisions() if d.body == id],
        "governs": seeing.governs(found),
        "moves": seeing.governs(found) or id in seeing.mine,
    }
    return render(request, "governance/body.html", context)


@screen(*GOVERNORS)
def new_body(request: ActingRequest) -> HttpResponse:
    """The backbone's people found a body of the community, others their own partner's board."""
    seeing = GovernanceContext(request.actor)
    of_community = seeing.sight.own is PartnerKind.BACKBONE
    form = BodyForm(request.POST or None)
    if not of_community:
        form.fields["kind"].choices = [(BodyKind.BOARD.value, "Board of your organization")]  # type: ignore[attr-defined]
        form.fields["kind"].initial = BodyKind.BOARD.value
    if form.is_valid():
        board = form.cleaned_data["kind"] == BodyKind.BOARD
        try:
            made = actions.found_body(
                **form.cleaned_data, partner=request.actor.partner if board else None, by=request.actor
            )
        except Refused as refused:
            form.add_error("id", refused.message)
        else:
            messages.success(request, f"{made.name} is founded. Now give its seats.")
            return redirect("governance:body", made.id)
    return render(request, "governance/new_body.html", {"form": form, "of_community": of_community})


@screen()
def new_seat(request: ActingRequest, id: str) -> HttpResponse:
    seeing = GovernanceContext(request.actor)
    found = _governed(seeing, id)
    people = [m for m in members(found.partner) if m.is_open]
    names = seeing.names
    choices = [(m.email, f"{names.get(m.partner, m.partner)}: {m.email}") for m in people]
    form = SeatForm(request.POST or None, people=choices)
    if form.is_valid():
        partner = next(m.partner for m in people if m.email == form.cleaned_data["holder"])
        try:
            actions.seat(body=id, partner=partner, **form.cleaned_data, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"{names.get(partner, partner)} has a seat in {found.name}.")
            return redirect("governance:body", id)
    context = {"form": form, "body": found, "title": f"Give a seat in {found.name}", "button": "Give it"}
    return render(request, "governance/of_body.html", context)


@screen()
@require_POST
def end_seat(request: ActingRequest, id: str, number: int) -> HttpResponse:
    seeing = GovernanceContext(request.actor)
    _governed(seeing, id)
    if all(seat.number != number or seat.body != id for seat in selectors.seats()):
        raise Http404
    actions.unseat(number=number, by=request.actor)
    messages.success(request, "The seat ends today.")
    return redirect("governance:body", id)


@screen()
def new_meeting(request: ActingRequest, id: str) -> HttpResponse:
    seeing = GovernanceContext(request.actor)
    found = _governed(seeing, id)
    form = MeetingForm(request.POST or None)
    if form.is_valid():
        made = actions.call_meeting(body=id, **form.cleaned_data, by=request.actor)
        messages.success(request, "The meeting is called. Put on its agenda what it decides.")
        return redirect("governance:meeting", made.number)
    context = {"form": form, "body": found, "title": f"Call a meeting of {found.name}", "button": "Call it"}
    return render(request, "governance/of_body.html", context)


def _governed(seeing: GovernanceContext, id: str) -> Body:
    found = seeing.body(id)
    if not seeing.governs(found):
        raise Http404
    return found
