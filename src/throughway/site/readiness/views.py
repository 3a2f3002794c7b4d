"""The page *Getting started*: what stands between the community and its first published figure, each step with the form that does it."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render

from throughway.partners.actor import CUSTODIANS
from throughway.partners.page_access import ActingRequest, screen
from throughway.site.readiness.selectors import facts
from throughway.site.readiness.steps import missing, steps


@screen(*CUSTODIANS)
def start(request: ActingRequest) -> HttpResponse:
    known = facts(request.actor, date.today())
    found = steps(known)
    open_ = missing(found)
    return render(
        request,
        "readiness/start.html",
        {
            "steps": found,
            "open": open_,
            "next": open_[0] if open_ else None,
            "release": known.release,
            "alone": known.stewards == 1,
        },
    )
