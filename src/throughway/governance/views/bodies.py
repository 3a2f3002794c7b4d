"""Bodies, meetings, motions, votes, and the log of decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from throughway.agreements.labels import listed
from throughway.core.refusals import Refused
from throughway.governance import selectors
from throughway.governance.actions import bodies, motions
from throughway.governance.bodies import (
    CHOICES,
    Body,
    BodyKind,
    GovernanceDecision,
    Motion,
    MotionKind,
    Seat,
    VoteChoice,
    VoteOutcome,
    outcome,
)
from throughway.governance.forms import (
    BodyForm,
    CloseMotionForm,
    HeldForm,
    MeetingForm,
    MotionForm,
    SeatForm,
    seat_choices,
)
from throughway.governance.permissions import GOVERNORS
from throughway.governance.views.context import GovernanceContext
from throughway.partners import PartnerKind
from throughway.partners.page_access import ActingRequest, done, refusal_at, refusal_told, screen
from throughway.partners.permissions import SIGNERS
from throughway.partners.selectors import members


@screen()
def overview(request: ActingRequest) -> HttpResponse:
    """Bodies, the next meeting, and motions that wait for the reader's vote."""
    reader = GovernanceContext(request.actor)
    bodies = [body for body in reader.bodies.values() if reader.visible.body(body)]
    ids = {body.id for body in bodies}
    meetings = [m for m in selectors.meetings(since=reader.today) if m.body in ids]
    moved = [m for m in selectors.motions(is_open=True) if m.body in reader.mine]
    waiting = [m for m in moved if m.vote_of(reader.mine[m.body].number) is None]
    context = {
        "lines": [(body, sum(seat.body == body.id for seat in reader.seats)) for body in bodies],
        "meetings": [(m, reader.bodies[m.body]) for m in meetings],
        "waiting": [(m, reader.bodies[m.body]) for m in waiting],
        "voted": [(m, reader.bodies[m.body]) for m in moved if m not in waiting],
        "recent": reader.decisions()[:3],
        "may_found": request.actor.role in GOVERNORS,
        "of_community": reader.runs_desk,
        "signs": request.actor.role in SIGNERS,
    }
    return render(request, "governance/list.html", context)


@screen()
def body(request: ActingRequest, id: str) -> HttpResponse:
    reader = GovernanceContext(request.actor)
    found = reader.body(id)
    seats = [s for s in selectors.seats() if s.body == id]
    meetings = selectors.meetings(body=id)
    context = {
        "body": found,
        "of": reader.names.get(found.partner or ""),
        "seats": [(s, reader.names.get(s.partner, s.partner)) for s in seats if s.on(reader.today)],
        "later": [(s, reader.names.get(s.partner, s.partner)) for s in seats if s.first > reader.today],
        "coming": [m for m in meetings if m.day >= reader.today],
        "held": [m for m in reversed(meetings) if m.day < reader.today],
        "motions": motion_lines(reader, reader.motions(body=id, is_open=True)),
        "decisions": [d for d in reader.decisions() if d.body == id],
        "governs": reader.governs(found),
        "moves": reader.governs(found) or id in reader.mine,
    }
    return render(request, "governance/body.html", context)


@screen(*GOVERNORS)
def new_body(request: ActingRequest) -> HttpResponse:
    """The backbone's people found a body of the community, others their own partner's board."""
    reader = GovernanceContext(request.actor)
    of_community = reader.visible.own is PartnerKind.BACKBONE
    form = BodyForm(request.POST or None)
    if not of_community:
        form.fields["kind"].choices = [(BodyKind.BOARD.value, "Board of your organization")]  # type: ignore[attr-defined]
        form.fields["kind"].initial = BodyKind.BOARD.value
    if form.is_valid():
        board = form.cleaned_data["kind"] == BodyKind.BOARD
        with refusal_at(form, "id"):
            made = bodies.found_body(
                **form.cleaned_data, partner=request.actor.partner if board else None, by=request.actor
            )
            return done(request, f"{made.name} is founded. Now assign its seats.", "governance:body", made.id)
    return render(request, "governance/new_body.html", {"form": form, "of_community": of_community})


@screen()
def new_seat(request: ActingRequest, id: str) -> HttpResponse:
    reader = GovernanceContext(request.actor)
    found = _governed(reader, id)
    people = [m for m in members(found.partner) if m.is_open]
    names = reader.names
    choices = [(m.email, f"{names.get(m.partner_id, m.partner_id)}: {m.email}") for m in people]
    form = SeatForm(request.POST or None, choices={"holder": choices})
    if form.is_valid():
        partner = next(m.partner_id for m in people if m.email == form.cleaned_data["holder"])
        with refusal_at(form):
            bodies.seat(body=id, partner=partner, **form.cleaned_data, by=request.actor)
            return done(
                request, f"{names.get(partner, partner)} has a seat in {found.name}.", "governance:body", id
            )
    context = {"form": form, "body": found, "title": f"Give a seat in {found.name}", "button": "Give it"}
    return render(request, "governance/of_body.html", context)


@screen()
@require_POST
def end_seat(request: ActingRequest, id: str, number: int) -> HttpResponse:
    reader = GovernanceContext(request.actor)
    _governed(reader, id)
    if all(seat.number != number or seat.body != id for seat in selectors.seats()):
        raise Http404
    bodies.unseat(number=number, by=request.actor)
    return done(request, "The seat ends today.", "governance:body", id)


@screen()
def new_meeting(request: ActingRequest, id: str) -> HttpResponse:
    reader = GovernanceContext(request.actor)
    found = _governed(reader, id)
    form = MeetingForm(request.POST or None)
    if form.is_valid():
        made = bodies.call_meeting(body=id, **form.cleaned_data, by=request.actor)
        return done(
            request,
            "The meeting is called. Put on its agenda what it decides.",
            "governance:meeting",
            made.number,
        )
    context = {"form": form, "body": found, "title": f"Call a meeting of {found.name}", "button": "Call it"}
    return render(request, "governance/of_body.html", context)


def _governed(reader: GovernanceContext, id: str) -> Body:
    found = reader.body(id)
    if not reader.governs(found):
        raise Http404
    return found


@dataclass(frozen=True)
class MotionRow:
    """`votes`: each seat in office, its partner's name and how it voted (empty: not yet). `mine`: the seat that the reader
    holds; `chosen`: the reader's vote."""

    motion: Motion
    body: Body
    votes: tuple[tuple[Seat, str, str], ...]
    mine: Seat | None
    chosen: str
    now: VoteOutcome

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        return [(choice.value, CHOICES[choice], choice == self.chosen) for choice in VoteChoice]

    @property
    def voted(self) -> int:
        return sum(bool(words) for _, _, words in self.votes)


def motion_lines(
    reader: GovernanceContext, motions: Iterable[Motion], present: Iterable[int] = ()
) -> list[MotionRow]:
    return [_line(reader, motion, frozenset(present)) for motion in motions]


def _line(reader: GovernanceContext, motion: Motion, present: frozenset[int]) -> MotionRow:
    body = reader.bodies[motion.body]
    seats = [seat for seat in reader.seats if seat.body == body.id]
    cast = {vote.seat: vote for vote in motion.votes}
    mine = reader.mine.get(body.id)
    chosen = cast[mine.number].choice.value if mine and mine.number in cast else ""
    numbers = {seat.number for seat in seats}
    counted = {seat: vote.choice for seat, vote in cast.items() if seat in numbers}
    return MotionRow(
        motion,
        body,
        tuple(
            (s, reader.names.get(s.partner, s.partner), cast[s.number].words if s.number in cast else "")
            for s in seats
        ),
        mine,
        chosen,
        outcome(body.rule, body.quorum, counted, present & numbers),
    )


@screen()
def meeting(request: ActingRequest, number: int) -> HttpResponse:
    """The agenda, each motion with the reader's vote; afterwards who was there."""
    reader = GovernanceContext(request.actor)
    found, body = reader.meeting(number)
    seats = [s for s in selectors.seats() if s.body == body.id and s.on(found.day)]
    governs = reader.governs(body)
    form = HeldForm(
        request.POST or None, choices={"present": seat_choices(seats, reader.names)},
        initial={"present": [str(n) for n in found.present], "minutes": found.minutes},
    )  # fmt: skip
    if request.method == "POST":
        if not governs:
            raise Http404
        if form.is_valid():
            present = [int(n) for n in form.cleaned_data["present"]]
            bodies.record_meeting(
                number=number, present=present, minutes=form.cleaned_data["minutes"], by=request.actor
            )
            return done(request, "Saved.", "governance:meeting", number)
    moved = reader.motions(meeting=number)
    context = {
        "meeting": found,
        "body": body,
        "is_over": found.day <= date.today(),
        "lines": motion_lines(reader, [m for m in moved if m.is_open], found.present),
        "decisions": [d for d in reader.decisions() if d.motion in {m.number for m in moved}],
        "present": [(s, reader.names.get(s.partner, s.partner)) for s in seats if s.number in found.present],
        "governs": governs,
        "moves": governs or body.id in reader.mine,
        "form": form,
    }
    return render(request, "governance/meeting.html", context)


@screen()
def new_motion(request: ActingRequest, id: str) -> HttpResponse:
    reader = GovernanceContext(request.actor)
    body = reader.body(id)
    if not (reader.governs(body) or id in reader.mine):
        raise Http404
    texts = [(a, s.document.title) for a, s in reader.texts.items()]
    form = MotionForm(
        request.POST or None,
        body=body,
        agreements=texts,
        partners=reader.partners.values(),
        meetings=selectors.meetings(since=reader.today, body=id),
        initial={"meeting": request.GET.get("meeting")},
    )
    if form.is_valid():
        filled = dict(form.cleaned_data)
        filled["meeting"] = int(filled["meeting"]) if filled["meeting"] else None
        if filled["kind"] == MotionKind.OTHER:
            filled |= {"agreement": "", "partner": ""}
        with refusal_at(form):
            made = motions.move(body=id, **filled, by=request.actor)
            return done(request, f"The motion is before {body.name}.", "governance:motion", made.number)
    context = {
        "form": form,
        "body": body,
        "title": f"Put a motion before {body.name}",
        "button": "Put it there",
    }
    return render(request, "governance/of_body.html", context)


@screen()
def motion(request: ActingRequest, number: int) -> HttpResponse:
    """One motion: its text, who has voted how, and closing it for those who govern the body."""
    reader = GovernanceContext(request.actor)
    found, body = reader.motion(number)
    decided = next(iter(selectors.decisions(motion=number)), None)
    if decided is not None:
        return redirect("governance:decision", decided.number)
    met = selectors.meeting(found.meeting) if found.meeting else None
    (line,) = motion_lines(reader, [found], met.present if met else ())
    context = {
        "line": line,
        "body": body,
        "meeting": met,
        "sees_agreement": found.agreement in reader.agreements,
        "form": CloseMotionForm() if found.is_open and reader.governs(body) else None,
    }
    return render(request, "governance/motion.html", context)


@screen()
@require_POST
def vote(request: ActingRequest, number: int) -> HttpResponse:
    reader = GovernanceContext(request.actor)
    found, body = reader.motion(number)
    if body.id not in reader.mine:
        raise Http404
    with refusal_told(request):
        motions.vote(
            number=number, choice=request.POST.get("choice", ""), why=request.POST.get("why", ""), by=request.actor
        )  # fmt: skip
        messages.success(request, "Your vote is cast. You can change it until the vote is closed.")
    if request.POST.get("at") == "meeting" and found.meeting:
        return redirect("governance:meeting", found.meeting)
    return redirect("governance:motion", number)


@screen()
@require_POST
def close(request: ActingRequest, number: int) -> HttpResponse:
    reader = GovernanceContext(request.actor)
    _, body = reader.motion(number)
    if not reader.governs(body):
        raise Http404
    form = CloseMotionForm(request.POST)
    filled = form.cleaned_data if form.is_valid() else {}
    try:
        decision = motions.close_vote(number=number, **filled, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("governance:motion", number)
    return done(
        request, "The vote is closed and recorded in the log.", "governance:decision", decision.number
    )


@screen()
def decisions(request: ActingRequest) -> HttpResponse:
    """The decision log, as far as the reader may see it; made to be printed."""
    reader = GovernanceContext(request.actor)
    found = reader.decisions()
    lines = [(d, _sides(d, reader.names)) for d in found]
    return render(request, "governance/decisions.html", {"lines": lines})


def _sides(found: GovernanceDecision, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The votes on each side: partners by name, or the offices where all are of one partner."""
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
    reader = GovernanceContext(request.actor)
    found = reader.decision(number)
    body = reader.bodies.get(found.body or "")
    may_carry_out = found.waits and body is not None and reader.governs(body)
    if request.method == "POST":
        if not may_carry_out:
            raise Http404
        with refusal_told(request):
            motions.carry_out(number=number, by=request.actor)
            messages.success(request, "It is done.")
        return redirect("governance:decision", number)
    context = {
        "decision": found,
        "body": body if body and reader.visible.body(body) else None,
        "votes": [(reader.names.get(v["partner"], v["partner"]), v) for v in found.votes],
        "abstained": [reader.names.get(p, p) for p in found.abstained],
        "sees_agreement": found.agreement in reader.agreements,
        "agreement_title": reader.agreements[found.agreement].document.title
        if found.agreement in reader.agreements
        else "",
        "sees_request": found.request is not None
        and reader.visible.request(selectors.request(found.request)),
        "may_carry_out": may_carry_out,
    }
    return render(request, "governance/decision.html", context)
