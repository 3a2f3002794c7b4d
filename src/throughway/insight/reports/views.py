"""The pages of a kind of report: the newest release, an older one, and the form that counts again."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from throughway.core.prose import data_through
from throughway.core.refusals import Refused
from throughway.insight.reports.actions import ReportKind, make_report, preview_report
from throughway.insight.reports.selectors import newest_of, release_of
from throughway.insight.selectors import askable, notes
from throughway.insight.views import preview_page
from throughway.partners.page_access import ActingRequest, screen
from throughway.publication.selectors import Published
from throughway.publication.states import notice


@screen()
@require_safe
def newest(request: ActingRequest, kind: ReportKind) -> HttpResponse:
    """The newest release; without one, what the report tells and how to make one."""
    return _page(request, kind, newest_of(kind), is_newest=True)


@screen()
@require_safe
def one(request: ActingRequest, kind: ReportKind, release: str) -> HttpResponse:
    return _page(request, kind, release_of(kind, release, request.actor), is_newest=False)


@screen()
@require_POST
def count(request: ActingRequest, kind: ReportKind) -> HttpResponse:
    """Counts for readers named in a purpose of form aggregate: first a preview of what would be shown and withheld, then the
    release."""
    purposes = askable(request.actor, date.today())
    if not purposes:
        raise Http404
    start = reverse(f"{kind.id}:newest")
    chosen = next((each for each in purposes if each.purpose == request.POST.get("purpose")), None)
    if chosen is None:
        messages.error(request, "Choose a purpose to count under.")
        return redirect(start)
    try:
        if "publish" not in request.POST:
            preview = preview_report(kind, actor=request.actor, purpose=chosen.purpose)
            return preview_page(request, preview, chosen, back=start, post_to=reverse(f"{kind.id}:count"))
        made = make_report(kind, actor=request.actor, purpose=chosen.purpose)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(start)
    messages.success(
        request, "The figures are counted and registered. Figures that could identify a child are withheld."
    )
    return redirect(f"{kind.id}:release", release=made["release"])


def _page(
    request: ActingRequest, kind: ReportKind, release: Published | None, *, is_newest: bool
) -> HttpResponse:
    every = kind.page(release) if release else None
    chosen = request.GET.get("only", "")
    context = {
        "kind": kind,
        "page": every.only(chosen) if every else None,
        "choices": [(section.id, section.title) for section in every.sections]
        if every and every.choose
        else [],
        "chosen": chosen,
        "beside": [(reverse(f"{id}:newest"), title) for id, title in kind.beside],
        "release": release,
        "is_newest": is_newest,
        "newest_page": reverse(f"{kind.id}:newest"),
        "post_to": reverse(f"{kind.id}:count"),
        "notes": notes(release) if release else (),
        "data": data_through(release.data_through) if release else "",
        "notice": notice(release.standing) if release else "",
        "purposes": askable(request.actor, date.today()) if is_newest else [],
    }
    return render(request, "insight/report_of_help.html", context)
