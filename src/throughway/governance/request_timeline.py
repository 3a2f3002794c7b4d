"""The steps of a request as its page draws them: done, where it is now, and to come."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from throughway.agreements.labels import day
from throughway.governance.data_request import DataRequest
from throughway.governance.request_states import RequestState

S = RequestState
ORDER = (S.RECEIVED, S.COMPLETE, S.WITH_DISCLOSERS, S.TO_VOTE, S.GRANTED)
TITLES = {
    S.RECEIVED: "Asked",
    S.COMPLETE: "Complete",
    S.WITH_DISCLOSERS: "Answered",
    S.TO_VOTE: "Voted on",
    S.GRANTED: "Granted",
    S.REFUSED: "Refused",
    S.WITHDRAWN: "Withdrawn",
}
# The act after which each step is done.
DONE_BY = {S.RECEIVED: "request", S.COMPLETE: "accept", S.WITH_DISCLOSERS: "put", S.TO_VOTE: "put"}


@dataclass(frozen=True)
class RequestTimelineStep:
    state: str
    title: str
    when: str


def progress(request: DataRequest, acts: Collection[str], today: date) -> list[RequestTimelineStep]:
    """`acts`: what was done with it so far."""
    now = request.state
    if now in (S.REFUSED, S.WITHDRAWN):
        passed = [s for s in ORDER[:-1] if DONE_BY[s] in acts and s is not S.TO_VOTE]
        said = [
            RequestTimelineStep("done", TITLES[s], day(request.asked_on) if s is S.RECEIVED else "")
            for s in passed
        ]
        return [*said, RequestTimelineStep("done", TITLES[now], day(request.since))]
    # A step is being done while the state before it lasts: asked at once, complete while it is received, and so on.
    doing = {S.RECEIVED: 1, S.COMPLETE: 2, S.WITH_DISCLOSERS: 2, S.TO_VOTE: 3, S.GRANTED: 5}[now]
    due = request.due
    return [
        RequestTimelineStep(
            "done" if n < doing else "now" if n == doing else "next",
            TITLES[step],
            day(request.asked_on) if n == 0
            else f"by {day(due)}" if n == doing and due
            else day(request.since) if now is S.GRANTED and n == len(ORDER) - 1
            else "",
        )
        for n, step in enumerate(ORDER)
    ]  # fmt: skip
