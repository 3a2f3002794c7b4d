"""Every write to the record of training."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.partners.permissions import check_can_keep_registers
from throughway.partners.selectors import actor, check_keeps
from throughway.training.course import Course, Marked, mark
from throughway.training.models import Attempt, Completion
from throughway.training.selectors import asked, of
from throughway.training.validity import Completed

COURSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")


@dataclass(frozen=True)
class Recorded:
    """`new`: whether anything was written. `asked`: whether some agreement requires the course of its readers."""

    completed: Completed
    new: bool
    asked: bool


@transaction.atomic
def record(*, email: str, course: str, on: date, by: Actor) -> Recorded:
    """Writes that the user completed the course on that day; repeating it changes nothing. Refused for a future day."""
    check_can_keep_registers(by)
    user = actor(email)
    check_keeps(by, user.partner or "")
    if not COURSE.fullmatch(course):
        raise Refused(
            "A course is a short word, such as ferpa-basics; write it as the agreements do.",
            code="bad_course",
        )
    if on > date.today():
        raise Refused(f"{on} is in the future; record the course once it is completed.", code="too_early")
    _, new = Completion.objects.get_or_create(
        email=user.email.lower(), course=course, on=on, defaults={"at": datetime.now(UTC), "by": by.email}
    )
    (completed,) = (each for each in of(user.email) if each.course == course and each.on == on)
    return Recorded(completed, new, course in asked())


@transaction.atomic
def answer(*, course: Course, answers: Mapping[int, int], by: Actor) -> Marked:
    """Marks the actor's own answers and keeps them as evidence; enough right ones complete the course today.

    Refused (operator) for the operator of the folder, who is no person with an account.
    """
    if by.is_operator:
        raise Refused(
            "A course is taken by a person with an account; sign in on the site, or record it with `training record`.",
            code="operator",
        )
    marked, now = mark(course, answers), datetime.now(UTC)
    email = by.email.lower()
    Attempt.objects.create(
        email=email, course=course.id, language=course.language, version=course.version, right=marked.right, of=marked.of,
        wrong=",".join(str(n + 1) for n in marked.wrong), passed=marked.passed, at=now,
    )  # fmt: skip
    if marked.passed:
        Completion.objects.get_or_create(
            email=email, course=course.id, on=date.today(), defaults={"at": now, "by": email}
        )
    return marked
