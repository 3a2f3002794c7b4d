"""What if a leader moved own seats or hours: a form, and the answer beside its assumptions. Nothing is stored."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from throughway.core.refusals import Refused
from throughway.insight.reach.selectors import REACH, programs_in
from throughway.insight.reach.what_if import WhatIf, what_if
from throughway.insight.reports.selectors import newest_of
from throughway.partners.actor import Role
from throughway.partners.page_access import ActingRequest, screen
from throughway.supports.selectors import ended_programs, free_seats_by_program

UNITS = (("seats", "seats"), ("hours", "staff hours a week"))


@screen(Role.LEADER, Role.PROGRAM_MANAGER)
@require_safe
def ask(request: ActingRequest) -> HttpResponse:
    """The form; with a question, its answer."""
    release = newest_of(REACH)
    today = date.today()
    every = (
        [each for each in programs_in(release) if each.partner == request.actor.partner] if release else []
    )
    ended = ended_programs(today)
    own = [each for each in every if each.id not in ended]
    asked = {name: request.GET.get(name, "") for name in ("giving", "gaining", "amount", "unit")}
    answer: WhatIf | None = None
    refused = ""
    if len(own) > 1 and any(asked.values()):
        try:
            number = _number(asked["amount"])
            hours = asked["unit"] == "hours"
            answer = what_if(
                own, free_seats_by_program(today), giving=asked["giving"], gaining=asked["gaining"],
                seats=None if hours else _whole(number), hours=number if hours else None,
            )  # fmt: skip
        except Refused as found:
            refused = found.message
    context = {
        "release": release, "programs": own, "ended": [each.name for each in every if each.id in ended], "asked": asked, "units": UNITS, "answer": answer, "refused": refused,
    }  # fmt: skip
    return render(request, "insight/what_if.html", context, status=400 if refused else 200)


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise Refused("Write how much to move as a number above zero, such as 10.", code="what_if")
    return found


def _whole(number: float) -> int:
    if number != int(number):
        raise Refused("A seat cannot be divided; write a whole number of seats.", code="what_if")
    return int(number)
