"""What other rooms, and the screens, ask about governance."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from throughway.agreements.signing_authority import BoardVote
from throughway.core.prose import day, listed
from throughway.core.refusals import Refused
from throughway.governance.bodies import (
    Body,
    BodyKind,
    CountedVote,
    DecisionEffect,
    GovernanceDecision,
    Meeting,
    Motion,
    MotionKind,
    MotionResult,
    Seat,
    VoteChoice,
    VotingRule,
)
from throughway.governance.data_request import (
    ENDED,
    DataRequest,
    DiscloserAnswerKind,
    DiscloserReply,
    RequestState,
    request_from_json,
)
from throughway.governance.models import (
    BodyMeeting,
    BodyMotion,
    BodySeat,
    DataRequestRow,
    DecisionFollowed,
    DiscloserAnswer,
    GovernanceBody,
    GovernanceEvent,
    LoggedDecision,
    SeatVote,
)
from throughway.governance.open_steps import steps
from throughway.partners.open_step import OpenStep
from throughway.partners.request_cache import cached_per_request
from throughway.partners.selectors import partners


@cached_per_request
def bodies() -> Mapping[str, Body]:
    """Every body, the community's before partners' boards."""
    return {row.id: body_of(row) for row in GovernanceBody.objects.order_by("partner", "name")}


def body(id: str) -> Body:
    """The body of that id; Refused when there is none."""
    found = bodies().get(id)
    if found is None:
        raise Refused("No body has that id; see `throughway governance body list`.", code="unknown_body")
    return found


@cached_per_request
def seats() -> tuple[Seat, ...]:
    """Every seat that ever was, chairs first."""
    return tuple(seat_of(row) for row in BodySeat.objects.order_by("body", "-chair", "partner", "id"))


def in_office(on: date, body: str | None = None) -> tuple[Seat, ...]:
    return tuple(seat for seat in seats() if seat.on(on) and body in (None, seat.body))


def meetings(since: date | None = None, body: str | None = None) -> list[Meeting]:
    """By day, oldest first."""
    found = BodyMeeting.objects.order_by("day", "id")
    found = found.filter(day__gte=since) if since else found
    return [meeting_of(row) for row in (found.filter(body=body) if body else found)]


def meeting(number: int) -> Meeting:
    row = BodyMeeting.objects.filter(pk=number).first()
    if row is None:
        raise Refused("There is no meeting with that number.", code="unknown_meeting")
    return meeting_of(row)


def motions(**only: Any) -> list[Motion]:
    """Motions with the votes that count, by day moved."""
    rows = list(BodyMotion.objects.filter(**only).order_by("moved_on", "id"))
    cast = _cast([row.pk for row in rows])
    return [motion_of(row, cast[row.pk]) for row in rows]


def motion(number: int) -> Motion:
    found = motions(pk=number)
    if not found:
        raise Refused("There is no motion with that number.", code="unknown_motion")
    return found[0]


def decisions(**only: Any) -> list[GovernanceDecision]:
    """The log, newest first."""
    rows = list(LoggedDecision.objects.filter(**only).order_by("-day", "-id"))
    followed: dict[int, list[DecisionEffect]] = defaultdict(list)
    for f in DecisionFollowed.objects.filter(decision__in=[row.pk for row in rows]).order_by("id"):
        followed[f.decision].append(DecisionEffect(f.day, f.done, f.words, f.by))
    return [_decision(row, followed[row.pk]) for row in rows]


def decision(number: int) -> GovernanceDecision:
    found = decisions(pk=number)
    if not found:
        raise Refused("No decision has that number; see the decision log.", code="unknown_decision")
    return found[0]


def board_vote(partner: str, agreement: str, version: str, signer: str = "") -> BoardVote:
    """What the partner's boards decided on one text of an agreement: of each board that decides on texts its last decision counts, and only
    where somebody besides the signer voted for it."""
    boards = [b for b in bodies().values() if b.partner == partner and MotionKind.APPROVE in b.decides]
    passed = [found for found in (_approval(b, agreement, version, signer) for b in boards) if found]
    whole = bool(boards) and len(passed) == len(boards)
    return BoardVote(tuple(b.name for b in boards), listed(passed) if whole else "")


def _approval(body: Body, agreement: str, version: str, signer: str) -> str:
    last = (
        LoggedDecision.objects.filter(
            body=body.id, kind=MotionKind.APPROVE, agreement=agreement, version=version
        )
        .order_by("-id")
        .first()
    )
    if last is None or last.result != MotionResult.PASSED or last.motion is None:
        return ""
    cast = SeatVote.objects.filter(motion=last.motion).select_related("seat").order_by("id")
    final = {vote.seat_id: vote for vote in cast if seat_of(vote.seat).on(last.day)}
    others = any(vote.choice == VoteChoice.YES and vote.by != signer for vote in final.values())
    return reference(_decision(last, ())) if others else ""


def reference(found: GovernanceDecision) -> str:
    """How an agreement's history names a decision."""
    return f"decision {found.number} of {found.body_name}, {day(found.day)}"


def abstained_from(request: int) -> tuple[str, ...]:
    """Partners that abstained in the vote that granted a data request."""
    passed = (
        LoggedDecision.objects.filter(request=request, result=MotionResult.PASSED).order_by("-id").first()
    )
    return _decision(passed, ()).abstained if passed else ()


def requests(**only: Any) -> list[DataRequest]:
    """Data requests, newest first, each with the answers that count."""
    rows = list(DataRequestRow.objects.filter(**only).order_by("-asked_on", "-id"))
    answers = _answers([row.pk for row in rows])
    return [request_of(row, answers[row.pk]) for row in rows]


def request(number: int) -> DataRequest:
    found = requests(pk=number)
    if not found:
        raise Refused("No data request has that number.", code="unknown_request")
    return found[0]


def governance_events(about: str) -> list[GovernanceEvent]:
    """What was done with one thing (`body:steering`, `request:3`), oldest first."""
    return list(GovernanceEvent.objects.filter(about=about).order_by("id"))


def open_steps(on: date) -> list[OpenStep]:
    """The open steps of governance on that day: votes, answers, the desk's steps, and decisions not carried out yet."""
    waiting = LoggedDecision.objects.filter(pk__in=_undone()).values_list("pk", flat=True)
    return steps(
        on,
        bodies=bodies(),
        seats=in_office(on),
        motions=motions(is_open=True),
        requests=requests(state__in=[s.value for s in RequestState if s not in ENDED]),
        decisions=decisions(pk__in=list(waiting)) if waiting else [],
        partners=partners(),
    )


def _undone() -> list[int]:
    """Decisions of which the last thing that followed is not done."""
    last: dict[int, bool] = {}
    for decided, done in DecisionFollowed.objects.order_by("id").values_list("decision", "done"):
        last[decided] = done
    return [number for number, done in last.items() if not done]


def _cast(motions: Iterable[int]) -> Mapping[int, list[CountedVote]]:
    """By motion, the last vote of each seat."""
    last: dict[int, dict[int, CountedVote]] = defaultdict(dict)
    for v in SeatVote.objects.filter(motion__in=list(motions)).select_related("seat").order_by("id"):
        last[v.motion_id][v.seat_id] = CountedVote(v.seat_id, v.seat.partner, VoteChoice(v.choice), v.why)
    return defaultdict(list, {number: list(votes.values()) for number, votes in last.items()})


def _answers(requests: Iterable[int]) -> Mapping[int, list[DiscloserReply]]:
    last: dict[int, dict[str, DiscloserReply]] = defaultdict(dict)
    for a in DiscloserAnswer.objects.filter(request__in=list(requests)).order_by("id"):
        last[a.request_id][a.partner] = DiscloserReply(
            a.partner, DiscloserAnswerKind(a.answer), a.reason, a.day
        )
    return defaultdict(list, {number: list(said.values()) for number, said in last.items()})


def body_of(row: GovernanceBody) -> Body:
    return Body(
        row.id, row.name, BodyKind(row.kind), row.charter, tuple(map(MotionKind, row.decides)), VotingRule(row.rule), row.quorum,
        row.partner or None,
    )  # fmt: skip


def seat_of(row: BodySeat) -> Seat:
    return Seat(
        row.pk, row.body_id, row.partner, row.holder, row.office, row.first, row.last, row.chair
    )  # fmt: skip


def meeting_of(row: BodyMeeting) -> Meeting:
    return Meeting(
        row.pk, row.body_id, row.day, row.place, row.note, frozenset(row.present), row.minutes
    )  # fmt: skip


def motion_of(row: BodyMotion, votes: Sequence[CountedVote]) -> Motion:
    return Motion(
        row.pk, row.body_id, row.meeting_id, MotionKind(row.kind), row.title, row.text, row.agreement, row.version,
        row.partner, row.request_id, row.moved_on, row.moved_by, row.due, row.is_open, tuple(votes),
    )  # fmt: skip


def _decision(row: LoggedDecision, followed: Sequence[DecisionEffect]) -> GovernanceDecision:
    return GovernanceDecision(
        row.pk, row.day, row.body or None, row.body_name, row.motion, MotionKind(row.kind), row.title, MotionResult(row.result),
        row.reason, tuple(row.citations), tuple(row.votes), row.minutes, row.agreement, row.request, row.partner, row.by,
        tuple(followed),
    )  # fmt: skip


def request_of(row: DataRequestRow, answers: Sequence[DiscloserReply] = ()) -> DataRequest:
    return DataRequest(
        row.pk, row.asker, row.partner, row.role, request_from_json(row.wanted), RequestState(row.state), row.asked_on, row.since,
        row.missing, row.reason, tuple(row.citations), row.license, tuple(answers),
    )  # fmt: skip
