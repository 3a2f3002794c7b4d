"""The page of commitments: what each partner promised, and the published figures of participation."""

from collections.abc import Sequence
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from throughway.core.prose import data_through
from throughway.insight.commitments.figures import PromiseFigures, method
from throughway.insight.commitments.selectors import (
    SERVICES,
    promises,
    promises_of,
)
from throughway.insight.counts.views import ask, shown_preview, told
from throughway.insight.reports.selectors import newest_of, release_of
from throughway.insight.selectors import askable, notes
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partners
from throughway.publication.selectors import Published
from throughway.publication.states import notice


@screen()
@require_safe
def services(request: ActingRequest) -> HttpResponse:
    """Every promise in effect that the reader may see, with the newest figures."""
    release = newest_of(SERVICES)
    return _page(request, promises(request.actor, date.today(), release), release, newest=True)


@screen()
@require_safe
def one(request: ActingRequest, release: str) -> HttpResponse:
    """The promises with the figures of one release."""
    found = release_of(SERVICES, release, request.actor)
    return _page(request, promises_of(request.actor, date.today(), found), found, newest=False)


@screen()
@require_POST
def count(request: ActingRequest) -> HttpResponse:
    """Asks for a count, for readers named in a purpose of form aggregate: first a preview of what would be shown and withheld, then the
    release."""
    return ask(request, SERVICES, start=reverse("services:list"))


@screen()
@require_safe
def preview(request: ActingRequest, number: int) -> HttpResponse:
    """What a count would show and withhold, before the button that publishes it."""
    return shown_preview(
        request, SERVICES, number, start=reverse("services:list"), post_to=reverse("services:count")
    )


def _page(
    request: ActingRequest, found: Sequence[PromiseFigures], release: Published | None, *, newest: bool
) -> HttpResponse:
    register = partners()
    by_partner: dict[str, list[PromiseFigures]] = {}
    for each in found:
        facts = register.get(each.promise.partner)
        by_partner.setdefault(facts.name if facts else each.promise.partner, []).append(each)
    context = {
        "partners": sorted(by_partner.items()),
        "promises": len(found),
        "release": release,
        "newest": newest,
        "method": method(),
        "notes": notes(release) if release else (),
        "data": data_through(release.data_through) if release else "",
        "notice": notice(release.standing) if release else "",
        "purposes": askable(request.actor, date.today()) if newest and found else [],
    } | (told(request, SERVICES, "services") if newest else {})
    return render(request, "insight/services.html", context)
