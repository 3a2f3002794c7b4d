"""`tutoring-progress` is settled and approved by all but one: the privacy officer of Riverbend Schools."""

from collections.abc import Callable
from datetime import date, timedelta

from throughway.demo.cast import BACKBONE, LEADERS, PAGES, PRESIDENT, RIVERBEND, STEWARD
from throughway.demo.scenes.governing import BOARD

Say = Callable[[str], None]

ID = "tutoring-progress"
# Where nobody holds the role, the leader approves in its place.
APPROVALS = (
    (LEADERS[PAGES], "steward"),
    (LEADERS[PAGES], "privacy_officer"),
    (STEWARD, "steward"),
    (LEADERS[BACKBONE], "privacy_officer"),
    (LEADERS[RIVERBEND], "steward"),
)


def play(today: date, say: Say) -> None:
    from throughway.agreements.actions import approve
    from throughway.agreements.selectors import one
    from throughway.partners.selectors import actor

    for address, capacity in APPROVALS:
        approve(id=ID, capacity=capacity, by=actor(address))
    _board_approves(today - timedelta(days=6), today)
    [missing] = one(ID).missing
    say(f"  {ID} is approved by all but the {missing.capacity.replace('_', ' ')} of {missing.partner}")


def _board_approves(held: date, today: date) -> None:
    """By a vote, which the agreement then keeps as the board's approval."""
    from throughway.governance.actions import call_meeting, close_vote, move, record_meeting, vote
    from throughway.governance.selectors import seats
    from throughway.partners.selectors import actor

    president = actor(PRESIDENT)
    meeting = call_meeting(
        body=BOARD, day=held, place="Board room", note="Reading levels for tutors.", by=president
    )
    present = [seat.number for seat in seats() if seat.body == BOARD]
    record_meeting(
        number=meeting.number, present=present, minutes=f"Board minutes {held}, item 7", by=president
    )
    motion = move(
        body=BOARD, kind="approve", agreement=ID, meeting=meeting.number, due=today, by=president,
        title="Reading levels for the tutors of students whose families agreed",
    )  # fmt: skip
    for address in (PRESIDENT, LEADERS[RIVERBEND]):
        vote(number=motion.number, choice="yes", by=actor(address))
    close_vote(number=motion.number, by=president)
