"""A steering committee of the partners, with a meeting behind it and one to come; and the board of Riverbend Schools."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from throughway.demo.cast import (
    BACKBONE,
    BRIGHT,
    COLLEGE,
    FAMILIES,
    LAKESIDE,
    LEADERS,
    MENTORS,
    PRESIDENT,
    RIVERBEND,
)

Say = Callable[[str], None]

STEERING, BOARD = "steering", "riverbend-board"
SEATS = {  # partner → its office; the first has the chair
    BACKBONE: "Director", RIVERBEND: "Superintendent", LAKESIDE: "Superintendent", BRIGHT: "Executive director",
    MENTORS: "Executive director", FAMILIES: "Director", COLLEGE: "President",
}  # fmt: skip
CHAIR = LEADERS[BACKBONE]
HELD, TO_COME = timedelta(days=21), timedelta(days=12)
SINCE = timedelta(days=400)  # since when seats are held


def play(today: date, say: Say) -> None:
    _found(today)
    held = _held_meeting(today)
    _refuse_a_motion(held, today)
    _open_a_motion(today)
    say("  the steering committee has met once, and meets again in twelve days; one motion is open")


def minutes_of(today: date) -> str:
    return f"Minutes of {today - HELD}"


def _found(today: date) -> None:
    from throughway.governance.actions import found_body, seat
    from throughway.partners.selectors import actor

    chair, board = actor(CHAIR), actor(PRESIDENT)
    found_body(
        id=STEERING, name="Steering committee", kind="steering", rule="majority", quorum=4, by=chair,
        charter="One seat for each partner that signs the memorandum and asks for one. It decides what concerns all.",
    )  # fmt: skip
    for partner, office in SEATS.items():
        seat(body=STEERING, partner=partner, holder=LEADERS[partner], office=office, first=today - SINCE,
             chair=partner == BACKBONE, by=chair)  # fmt: skip
    found_body(
        id=BOARD, name="Board of Riverbend Schools", kind="board", partner=RIVERBEND, rule="majority", quorum=2, by=board,
        decides=("approve", "other"), charter="It decides where a text touches what families are told in public.",
    )  # fmt: skip
    for address, office in ((PRESIDENT, "President"), (LEADERS[RIVERBEND], "Secretary")):
        seat(body=BOARD, partner=RIVERBEND, holder=address, office=office, first=today - SINCE,
             chair=address == PRESIDENT, by=board)  # fmt: skip


def _held_meeting(today: date) -> int:
    from throughway.governance.actions import call_meeting, record_meeting
    from throughway.governance.selectors import seats
    from throughway.partners.selectors import actor

    chair = actor(CHAIR)
    meeting = call_meeting(
        body=STEERING, day=today - HELD, place="Falls Community College, room 12",
        note="A data request on career programs; small schools in the public report.", by=chair,
    )  # fmt: skip
    present = [seat.number for seat in seats() if seat.body == STEERING]
    record_meeting(number=meeting.number, present=present, minutes=minutes_of(today), by=chair)
    return meeting.number


def _refuse_a_motion(meeting: int, today: date) -> None:
    title = "Name schools with fewer than 50 students in the public report"
    number = _move(title, "So that families of small schools find theirs.", meeting, today)
    cast(number, {RIVERBEND: "no", LAKESIDE: "no", BRIGHT: "yes", MENTORS: "yes", FAMILIES: "no", COLLEGE: "abstain", BACKBONE: "no"})  # fmt: skip
    close(number, "In a small school a count soon points to a child.")


def _open_a_motion(today: date) -> None:
    from throughway.governance.actions import call_meeting
    from throughway.partners.selectors import actor

    day = today + TO_COME
    meeting = call_meeting(
        body=STEERING, day=day, place="remote", note="The smallest count.", by=actor(CHAIR)
    )
    title = "From the next school year on no count of fewer than 15 students is published"
    number = _move(
        title, "Today the smallest is 10. Small schools would be told together.", meeting.number, day
    )
    cast(number, {RIVERBEND: "yes", COLLEGE: "no"})


def _move(title: str, text: str, meeting: int, due: date) -> int:
    from throughway.governance.actions import move
    from throughway.partners.selectors import actor

    return move(
        body=STEERING, kind="other", title=title, text=text, meeting=meeting, due=due, by=actor(CHAIR)
    ).number


def cast(motion: int, votes: Mapping[str, str], why: Mapping[str, str] | None = None) -> None:
    """Each partner's vote, by who leads it; `why` by partner, where it says why."""
    from throughway.governance.actions import vote
    from throughway.partners.selectors import actor

    for partner, choice in votes.items():
        vote(number=motion, choice=choice, why=(why or {}).get(partner, ""), by=actor(LEADERS[partner]))


def close(motion: int, reason: str = "") -> None:
    from throughway.governance.actions import close_vote
    from throughway.partners.selectors import actor

    close_vote(number=motion, reason=reason, by=actor(CHAIR))
