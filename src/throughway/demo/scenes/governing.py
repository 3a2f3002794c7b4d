"""Governance: a steering committee of the partners, the board of Riverbend Schools, their meetings and votes; and data requests."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from throughway.agreements.enums import AccessForm, Basis
from throughway.demo.partners import (
    BACKBONE,
    BRIGHT,
    COLLEGE,
    EVALUATOR,
    FAMILIES,
    LAKESIDE,
    LEADERS,
    MENTORS,
    OFFICER,
    PRESIDENT,
    REGISTRAR,
    RIVERBEND,
    Say,
)
from throughway.governance import selectors as governance
from throughway.governance.actions.bodies import call_meeting, found_body, record_meeting, seat
from throughway.governance.actions.data_requests import (
    accept_request,
    answer_request,
    forward_request,
    put_to_vote,
    refuse_request,
    request_data,
)
from throughway.governance.actions.motions import close_vote, move, vote
from throughway.governance.data_request import RequestedData
from throughway.governance.selectors import meetings, seats
from throughway.partners.selectors import actor
from throughway.store import Community
from throughway.store.settings_file import SETTINGS
from throughway.vocabulary.school_calendar import school_year_of

STEERING, BOARD = "steering", "riverbend-board"
SEATS = {  # partner → its office; the first has the chair
    BACKBONE: "Director", RIVERBEND: "Superintendent", LAKESIDE: "Superintendent", BRIGHT: "Executive director",
    MENTORS: "Executive director", FAMILIES: "Director", COLLEGE: "President",
}  # fmt: skip
CHAIR = LEADERS[BACKBONE]
HELD, TO_COME = timedelta(days=21), timedelta(days=12)
SINCE = timedelta(days=400)  # since when seats are held


def govern(today: date, say: Say) -> None:
    """The steering committee has one past and one coming meeting, with a motion at each."""
    _found(today)
    held = _held_meeting(today)
    _refuse_a_motion(held, today)
    _set_smallest_effects(held, today)
    _open_a_motion(today)
    say("  the steering committee has met once, and meets again in twelve days; one motion is open")


def _found(today: date) -> None:
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
    held = today - HELD
    note = "A data request on career programs; small schools in the public report."
    return _meet(STEERING, held, "Falls Community College, room 12", note, f"Minutes of {held}", CHAIR)


def _meet(body: str, day: date, place: str, note: str, minutes: str, address: str) -> int:
    """The number of a meeting that was called and held, with every seat present."""
    by = actor(address)
    meeting = call_meeting(body=body, day=day, place=place, note=note, by=by)
    present = [seat.number for seat in seats() if seat.body == body]
    record_meeting(number=meeting.number, present=present, minutes=minutes, by=by)
    return meeting.number


def _refuse_a_motion(meeting: int, today: date) -> None:
    title = "Name schools with fewer than 50 students in the public report"
    number = _move(title, "So that families of small schools find theirs.", meeting, today)
    cast(number, {RIVERBEND: "no", LAKESIDE: "no", BRIGHT: "yes", MENTORS: "yes", FAMILIES: "no", COLLEGE: "abstain", BACKBONE: "no"})  # fmt: skip
    close(number, "In a small school a count soon points to a child.")


SMALLEST = {  # by outcome: value, scale, reason
    "reading": (0.10, "sd", "About a month of learning in grade 3."),
    "attendance": (1.0, "raw", "Nearly two school days a year."),
    "on_track": (0.05, "raw", "One ninth grader of twenty."),
    "college": (0.05, "raw", "One graduate of twenty."),
}


def _set_smallest_effects(meeting: int, today: date) -> None:
    """The committee decides from where on an effect matters, before any study; whoever runs the server writes it into the settings."""
    title = "The smallest effects of programs that matter to this community"
    text = "\n".join(
        f"{name}: {value:g} {'standard deviations' if scale == 'sd' else 'points' if value >= 1 else 'of the students'}. {reason}"
        for name, (value, scale, reason) in SMALLEST.items()
    )
    number = _move(title, text, meeting, today)
    cast(number, dict.fromkeys((RIVERBEND, LAKESIDE, BRIGHT, COLLEGE, BACKBONE), "yes"))
    close(number)
    decision = next(each for each in governance.decisions() if each.title == title)
    community: Community = settings.COMMUNITY
    sections = [
        f'\n[smallest_effects.{name}]\nvalue = {value}\nscale = "{scale}"\ndecision = {decision.number}\nreason = "{reason}"\n'
        for name, (value, scale, reason) in SMALLEST.items()
    ]
    with (community.root / SETTINGS).open("a", encoding="utf-8") as file:
        file.writelines(sections)
    community.__dict__.pop("settings", None)  # it is read anew


def _open_a_motion(today: date) -> None:
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
    return move(
        body=STEERING, kind="other", title=title, text=text, meeting=meeting, due=due, by=actor(CHAIR)
    ).number


def cast(motion: int, votes: Mapping[str, str], why: Mapping[str, str] | None = None) -> None:
    """Each partner's leader votes; `why`: reasons by partner."""
    for partner, choice in votes.items():
        vote(number=motion, choice=choice, why=(why or {}).get(partner, ""), by=actor(LEADERS[partner]))


def close(motion: int, reason: str = "") -> None:
    close_vote(number=motion, reason=reason, by=actor(CHAIR))


def board_approves(agreement: str, title: str, *, held: date, today: date) -> None:
    """The board approves by a vote, without which nobody signs for Riverbend Schools."""
    president = actor(PRESIDENT)
    minutes = f"Board minutes {held}, item 7"
    meeting = _meet(BOARD, held, "Board room", f"{title}.", minutes, PRESIDENT)
    motion = move(
        body=BOARD, kind="approve", agreement=agreement, meeting=meeting, due=today, by=president, title=title
    )
    for address in (PRESIDENT, LEADERS[RIVERBEND]):
        vote(number=motion.number, choice="yes", by=actor(address))
    close_vote(number=motion.number, by=president)


REPRESENTS = {
    "representative": "riverbend-backbone",
    "program": "The districts' State-supported programs of career readiness, evaluated as education programs",
    "program_owner": "riverbend-schools",
}


def ask_for_data(today: date, say: Say) -> None:
    """Three data requests: one granted, whose license is drafted; one refused; one that waits for Riverbend Schools."""
    until = date(school_year_of(today) + 1, 6, 30)
    license = _grant(today, until)
    _refused(until)
    _waiting(until)
    say(
        f"  of three data requests one is granted ({license} is drafted), one is refused, one waits for an answer"
    )


def _grant(today: date, until: date) -> str:
    """Long Walk Mentors says yes for its records and abstains in the vote: they stay out of the license."""
    request = _ask(
        title="Career programs and grade 9",
        question="Do students who won a seat in Career Start earn more credits in grade 9 than those who drew no seat?",
        why="Seats are drawn by lot, so the comparison is fair; the committee plans the next year's seats by it.",
        elements=("program_participation.*", "school_enrollment.*", "course_grade.*", "attendance_day.*"),
        necessity={
            "program_participation": "Who was drawn, and who has a mentor beside", "school_enrollment": "Who was in grade 9",
            "course_grade": "Credits are the outcome", "attendance_day": "Whether those who came still come",
        },
        of=(RIVERBEND, BRIGHT, MENTORS), under=("riverbend-data",), purpose="evaluation", basis=Basis.AUDIT_EVALUATION,
        details={**REPRESENTS, "activity": "The evaluator compares coded records of those who were drawn with those who were not"},
        method="Those who were drawn are compared with those who were not, by the lot; the difference is given with its uncertainty",
        publication="One page for the committee", until=until,
    )  # fmt: skip
    accept_request(number=request, by=actor(CHAIR))
    forward_request(number=request, by=actor(CHAIR))
    for address in (OFFICER, LEADERS[BRIGHT], LEADERS[MENTORS]):
        _say_yes(request, address)
    held = min(meetings(body=STEERING), key=lambda meeting: meeting.day)
    motion = put_to_vote(number=request, body=STEERING, meeting=held.number, due=today, by=actor(CHAIR))
    votes = dict.fromkeys((BACKBONE, RIVERBEND, LAKESIDE, BRIGHT, FAMILIES, COLLEGE), "yes")
    cast(motion.number, {**votes, MENTORS: "abstain"}, {MENTORS: "Our own board has not looked at it yet."})
    close(motion.number)
    return governance.request(request).license


def _refused(until: date) -> None:
    """The rule that forbids it is named: a study is for the schools whose records it uses."""
    request = _ask(
        title="Telephone numbers for a homework app",
        question="Would more families use a homework app if its maker could write to them?",
        why="The maker offers the app for nothing in the first year.",
        elements=("person_contact.telephone_number", "school_enrollment.entry_grade_level"),
        necessity={"person_contact": "To write to families", "school_enrollment": "The app is for grades 5 to 8"},
        of=(RIVERBEND, LAKESIDE), form=AccessForm.IDENTIFIED, outside="Bright Pencil, maker of an app", until=until,
        details={"purpose": "Find out whether families would use the app", "aim": "improve_instruction"},
        method="A message to each family, and a count of those who answer", publication="None",
    )  # fmt: skip
    refuse_request(
        number=request, by=actor(CHAIR), citations=("34 CFR 99.31(a)(6)(i)",),
        reason="A study serves the schools whose records it uses. This would sell a product to families; none asked for it.",
    )  # fmt: skip


def _waiting(until: date) -> None:
    request = _ask(
        title="Sleep and first lessons",
        question="Did students miss fewer first lessons after school began half an hour later?",
        why="Both districts think of beginning later, and would know what it brings.",
        elements=("attendance_day.*", "school_enrollment.*", "calendar_day.*"),
        necessity={
            "attendance_day": "Missed days and late mornings", "school_enrollment": "Grade and school",
            "calendar_day": "Days on which there was school",
        },
        of=(RIVERBEND, LAKESIDE), outside="Tallgrass University, School of Public Health", project="Late bell study",
        details={
            "purpose": "Find out whether a later bell lowers absence", "scope": "Grades 6 to 12 of both districts",
            "duration": f"Until {until}", "aim": "improve_instruction", "on_behalf_of": "riverbend-schools",
        },
        method="Schools that began later are compared with the others, before and after", publication="A paper that both districts see first",
        irb="TU-4471", irb_expires=until, until=until,
    )  # fmt: skip
    accept_request(number=request, by=actor(CHAIR))
    forward_request(number=request, by=actor(CHAIR))
    _say_yes(request, REGISTRAR)


def _ask(**wanted: Any) -> int:
    """Every request is brought by the backbone's evaluator, even for an organization that is no partner; returns its number."""
    usual: dict[str, Any] = {
        "form": AccessForm.PSEUDONYMOUS,
        "under": (),
        "purpose": "",
        "basis": Basis.STUDY,
        "irb": "",
        "irb_expires": None,
    }
    return request_data(wanted=RequestedData(**{**usual, **wanted}), by=actor(EVALUATOR)).number


def _say_yes(request: int, address: str) -> None:
    answer_request(number=request, answer="yes", by=actor(address))
