"""Three data requests: one granted, whose license is drafted; one refused; one that waits for Riverbend Schools."""

from collections.abc import Callable
from datetime import date

from throughway.agreements.enums import AccessForm, Basis
from throughway.demo.cast import (
    BACKBONE,
    BRIGHT,
    COLLEGE,
    EVALUATOR,
    FAMILIES,
    LAKESIDE,
    LEADERS,
    MENTORS,
    OFFICER,
    REGISTRAR,
    RIVERBEND,
)
from throughway.demo.scenes.governing import CHAIR, STEERING, cast, close
from throughway.governance.data_request import RequestedData
from throughway.vocabulary.school_calendar import school_year_of

Say = Callable[[str], None]

REPRESENTS = {
    "representative": "riverbend-backbone",
    "program": "The districts' State-supported programs of career readiness, evaluated as education programs",
    "program_owner": "riverbend-schools",
}


def play(today: date, say: Say) -> None:
    until = date(school_year_of(today) + 1, 6, 30)
    license = _granted(today, until)
    _refused(until)
    _waiting(until)
    say(
        f"  of three data requests one is granted ({license} is drafted), one is refused, one waits for an answer"
    )


def _granted(today: date, until: date) -> str:
    """Long Walk Mentors says yes for its records and abstains in the vote: they stay out of the license."""
    from throughway.governance.actions import accept_request, forward_request, put_to_vote
    from throughway.governance.selectors import meetings, request
    from throughway.partners.selectors import actor

    asked = _ask(
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
    accept_request(number=asked, by=actor(CHAIR))
    forward_request(number=asked, by=actor(CHAIR))
    for address in (OFFICER, LEADERS[BRIGHT], LEADERS[MENTORS]):
        _say_yes(asked, address)
    held = min(meetings(body=STEERING), key=lambda meeting: meeting.day)
    motion = put_to_vote(number=asked, body=STEERING, meeting=held.number, due=today, by=actor(CHAIR))
    votes = dict.fromkeys((BACKBONE, RIVERBEND, LAKESIDE, BRIGHT, FAMILIES, COLLEGE), "yes")
    cast(motion.number, {**votes, MENTORS: "abstain"}, {MENTORS: "Our own board has not looked at it yet."})
    close(motion.number)
    return request(asked).license


def _refused(until: date) -> None:
    """The rule that stands in the way is named: a study is for the schools whose records it uses."""
    from throughway.governance.actions import refuse_request
    from throughway.partners.selectors import actor

    asked = _ask(
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
        number=asked, by=actor(CHAIR), citations=("34 CFR 99.31(a)(6)(i)",),
        reason="A study serves the schools whose records it uses. This would sell a product to families; none asked for it.",
    )  # fmt: skip


def _waiting(until: date) -> None:
    from throughway.governance.actions import accept_request, forward_request
    from throughway.partners.selectors import actor

    asked = _ask(
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
    accept_request(number=asked, by=actor(CHAIR))
    forward_request(number=asked, by=actor(CHAIR))
    _say_yes(asked, REGISTRAR)


def _ask(
    *, title: str, question: str, why: str, elements: tuple[str, ...], necessity: dict[str, str], of: tuple[str, ...],
    details: dict[str, str], method: str, publication: str, until: date, form: AccessForm = AccessForm.PSEUDONYMOUS,
    under: tuple[str, ...] = (), purpose: str = "", basis: Basis = Basis.STUDY, irb: str = "", irb_expires: date | None = None,
    outside: str = "", project: str = "",
) -> int:  # fmt: skip
    """Every request is brought by the backbone's evaluator, also for those who are no partner."""
    from throughway.governance.actions import request_data
    from throughway.partners.selectors import actor

    wanted = RequestedData(
        title=title, question=question, why=why, elements=elements, necessity=necessity, of=of, form=form, under=under,
        purpose=purpose, basis=basis, details=details, method=method, publication=publication, irb=irb, irb_expires=irb_expires,
        until=until, outside=outside, project=project,
    )  # fmt: skip
    return request_data(wanted=wanted, by=actor(EVALUATOR)).number


def _say_yes(asked: int, address: str) -> None:
    from throughway.governance.actions import answer_request
    from throughway.partners.selectors import actor

    answer_request(number=asked, answer="yes", by=actor(address))
