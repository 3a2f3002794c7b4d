"""The page *Getting started*: what stands between the community and its first published figure, each step with the form that does it.
`?next` leads straight to the page of the next step."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render

from throughway.partners.actor import CUSTODIANS, Role
from throughway.partners.page_access import ActingRequest, screen
from throughway.site.readiness.selectors import facts
from throughway.site.readiness.steps import missing, steps


@screen(*CUSTODIANS)
def start(request: ActingRequest) -> HttpResponse:
    known, role = facts(request.actor, date.today()), Role(request.actor.role)
    found = steps(known)
    open_ = missing(found)
    next_page = open_[0].page_for(role) if open_ else ""
    if next_page and "next" in request.GET:
        return redirect(f"{next_page}?then=start")
    return render(
        request,
        "readiness/start.html",
        {
            "steps": [(step, step.page_for(role)) for step in found],
            "open": open_,
            "next": open_[0] if open_ else None,
            "next_page": next_page,
            "release": known.release,
            "asks": not open_ and known.question is not None and known.question.may_ask,
            "alone": known.stewards == 1,
        },
    )
