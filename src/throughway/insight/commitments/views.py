"""The page of commitments: what each partner promised, and the published figures of participation."""

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from throughway.core.prose import data_through
from throughway.core.refusals import Refused
from throughway.insight.commitments.actions import preview_services, report_services
from throughway.insight.commitments.figures import PromiseFigures, method
from throughway.insight.commitments.selectors import newest_services, promises, promises_of, services_of
from throughway.insight.selectors import askable, notes
from throughway.insight.views import preview_page
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partners
from throughway.publication.selectors import Published
from throughway.publication.states import notice


@screen()
@require_safe
def services(request: ActingRequest) -> HttpResponse:
    """Every promise in effect that the reader may see, with the newest figures."""
    release = newest_services()
    return _page(request, promises(request.actor, date.today(), release), release, newest=True)


@screen()
@require_safe
def one(request: ActingRequest, release: str) -> HttpResponse:
    """The promises with the figures of one release."""
    found = services_of(release, request.actor)
    return _page(request, promises_of(request.actor, date.today(), found), found, newest=False)


@screen()
@require_POST
def count(request: ActingRequest) -> HttpResponse:
    """Counts for readers named in a purpose of form aggregate: first a preview of what would be shown and withheld, then the
    release."""
    purposes = askable(request.actor, date.today())
    if not purposes:
        raise Http404
    chosen = next((each for each in purposes if each.purpose == request.POST.get("purpose")), None)
    if chosen is None:
        messages.error(request, "Choose a purpose to count under.")
        return redirect("services:list")
    try:
        if "publish" not in request.POST:
            preview = preview_services(actor=request.actor, purpose=chosen.purpose)
            return preview_page(
                request, preview, chosen, back=reverse("services:list"), post_to=reverse("services:count")
            )
        made = report_services(actor=request.actor, purpose=chosen.purpose)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("services:list")
    messages.success(
        request, "The figures are counted and registered. Figures that could identify a child are withheld."
    )
    return redirect("services:release", release=made["release"])


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
    }
    return render(request, "insight/services.html", context)
