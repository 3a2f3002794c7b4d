"""What waits for this partner, and what was answered."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render

from throughway.agreements.naming import day
from throughway.consent.reading import limits_of
from throughway.partners.screens import ActingRequest
from throughway.rights import reading, telling
from throughway.rights.views.showing import officers


@officers
def requests(request: ActingRequest) -> HttpResponse:
    """What waits for this partner, the most pressing first; and what was answered."""
    today, own = date.today(), request.actor.partner or ""
    rows = [
        *(telling.of_inspection(each, today) for each in reading.inspections(own)),
        *(telling.of_amendment(each, today) for each in reading.amendments(own)),
        *(telling.of_correction(each, own, today) for each in reading.corrections(own)),
        *(telling.of_incident(each, today) for each in reading.incidents(own)),
    ]
    waiting = sorted((r for r in rows if r.open), key=lambda r: (r.due is None, r.due or today, r.code))
    orders = [each for each in limits_of(own) if each.on(today)]
    return render(
        request,
        "rights/list.html",
        {"waiting": waiting, "first": waiting[0] if waiting else None, "done": [r for r in reversed(rows) if not r.open],
         "limits": [{"code": x.code, "takes": telling.TAKES[x.kind], "reference": x.reference, "since": day(x.since)} for x in orders]},
    )  # fmt: skip
