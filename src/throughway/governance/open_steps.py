"""The open steps of governance: who must vote, answer, forward a request, or carry out a decision."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from throughway.governance.bodies import Body, GovernanceDecision, Motion, Seat
from throughway.governance.data_request import ANSWERERS, ASKERS, DataRequest, RequestState
from throughway.governance.permissions import GOVERNORS
from throughway.partners import PartnerFacts, PartnerKind, Role
from throughway.partners.open_step import OpenStep

DESK = {
    RequestState.RECEIVED: "Check whether the data request is complete: {}",
    RequestState.COMPLETE: "Send the data request to those whose records it asks for: {}",
    RequestState.WITH_DISCLOSERS: "All have answered; put the data request to the vote or refuse it: {}",
}


def steps(
    on: date,
    *,
    bodies: Mapping[str, Body],
    seats: Sequence[Seat],
    motions: Iterable[Motion],
    requests: Iterable[DataRequest],
    decisions: Iterable[GovernanceDecision],
    partners: Mapping[str, PartnerFacts],
) -> list[OpenStep]:
    """`seats`: in office on that day; `motions`: open ones; `requests`: not ended; `decisions`: with something undone."""
    desk = [p.id for p in partners.values() if p.kind is PartnerKind.BACKBONE]
    found = [step for motion in motions for step in _votes(motion, bodies[motion.body], seats, on, desk)]
    found += [step for request in requests for step in _request(request, desk)]
    for decision in decisions:
        body = bodies.get(decision.body or "")
        for partner in [body.partner] if body and body.partner else desk:
            title = f"Do what was decided: {decision.title}"
            found.append(
                OpenStep("carry_out", title, partner, GOVERNORS, decision.day, None, "governance:decision",
                         (str(decision.number),), decision.agreement or None)
            )  # fmt: skip
    return found


def _votes(
    motion: Motion, body: Body, seats: Sequence[Seat], on: date, desk: Sequence[str]
) -> Iterator[OpenStep]:
    voted = {cast.seat for cast in motion.votes}
    own = [seat for seat in seats if seat.body == body.id]
    waiting: dict[str, set[str]] = {}
    for seat in own:
        if seat.number not in voted:
            waiting.setdefault(seat.partner, set()).add(seat.holder)
    # A board's motion is its partner's own, whatever agreement it is about; others do not read of it there.
    about = None if body.partner else motion.agreement or None
    at = ("governance:motion", (str(motion.number),), about)
    for partner, holders in waiting.items():
        yield OpenStep(
            "vote", f"Vote: {motion.title}", partner, frozenset(Role), motion.moved_on, motion.due, *at,
            people=frozenset(holders), whom="seat holders",
        )  # fmt: skip
    if own and (not waiting or on > motion.due):
        for partner in [body.partner] if body.partner else desk:
            yield OpenStep(
                "close_vote", f"Close the vote: {motion.title}", partner, GOVERNORS, motion.moved_on, motion.due, *at
            )  # fmt: skip


def _request(request: DataRequest, desk: Sequence[str]) -> Iterator[OpenStep]:
    about, at = request.wanted.title, ("governance:request", (str(request.number),))
    since, due = request.since, request.due
    if request.state is RequestState.RECEIVED and request.missing:
        title = f"Add what the data request lacks: {about}"
        yield OpenStep("complete_request", title, request.partner, ASKERS, since, due, *at)
    elif request.state is RequestState.WITH_DISCLOSERS and request.unanswered:
        for partner in request.unanswered:
            title = f"Answer for your records: {about}"
            yield OpenStep("answer_request", title, partner, ANSWERERS, since, due, *at)
    elif request.state in DESK:
        for partner in desk:
            title = DESK[request.state].format(about)
            yield OpenStep("lead_request", title, partner, GOVERNORS, since, due, *at)
