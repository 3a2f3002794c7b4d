"""What waits for this partner, and what was answered."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render

from throughway.agreements.labels import day
from throughway.consent.selectors import limits_of
from throughway.families import request_text, selectors
from throughway.families.views.common import officers
from throughway.partners.page_access import ActingRequest


@officers
def requests(request: ActingRequest) -> HttpResponse:
    """What waits for this partner, the most pressing first; and what was answered."""
    today, own = date.today(), request.actor.partner or ""
    rows = [
        *(request_text.of_inspection(each, today) for each in selectors.inspections(own)),
        *(request_text.of_amendment(each, today) for each in selectors.amendments(own)),
        *(request_text.of_correction(each, own, today) for each in selectors.corrections(own)),
        *(request_text.of_incident(each, today) for each in selectors.incidents(own)),
    ]
    waiting = sorted((r for r in rows if r.open), key=lambda r: (r.due is None, r.due or today, r.code))
    orders = [each for each in limits_of(own) if each.on(today)]
    return render(
        request,
        "families/list.html",
        {"waiting": waiting, "first": waiting[0] if waiting else None, "done": [r for r in reversed(rows) if not r.open],
         "limits": [{"code": x.code, "takes": request_text.TAKES[x.kind], "reference": x.reference, "since": day(x.since)} for x in orders]},
    )  # fmt: skip
