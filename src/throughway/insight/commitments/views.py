"""The page of commitments: what each partner promised, and the published figures of participation."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from throughway.insight.commitments.figures import PromiseFigures, method
from throughway.insight.commitments.selectors import promises, promises_of
from throughway.partners.page_access import ActingRequest
from throughway.partners.selectors import partners


def services(request: ActingRequest, context: dict[str, Any]) -> HttpResponse:
    """Every promise in effect that the reader may see, with the newest figures; or the promises with the figures of one release."""
    shown = promises if context["is_newest"] else promises_of
    found = shown(request.actor, date.today(), context["release"])
    register = partners()
    by_partner: dict[str, list[PromiseFigures]] = {}
    for each in found:
        facts = register.get(each.promise.partner)
        by_partner.setdefault(facts.name if facts else each.promise.partner, []).append(each)
    context |= {
        "partners": sorted(by_partner.items()),
        "promises": len(found),
        "method": method(),
        "purposes": context["purposes"] if found else [],
    }
    return render(request, "insight/services.html", context)
