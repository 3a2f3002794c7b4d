"""The pages of the pipeline: the newest report, an older one, a slide, and the form that makes a new one."""

from datetime import date
from functools import lru_cache

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from throughway.insight.counts.views import count, told
from throughway.insight.pipeline.actions import REPORT
from throughway.insight.report_files import picture
from throughway.insight.selectors import Report, askable, newest_report, report
from throughway.partners import OPERATOR
from throughway.partners.page_access import ActingRequest, screen
from throughway.publication.states import notice


@require_safe
@screen()
def newest(request: ActingRequest) -> HttpResponse:
    """The newest published pipeline; without one, how to make one."""
    made = newest_report()
    if made is None:
        context = {"may_make": _may_make(request), **told(request, REPORT)}
        return render(request, "insight/no_report.html", context)
    return _shown(request, made, **told(request, REPORT))


@require_safe
@screen()
def one(request: ActingRequest, release: str) -> HttpResponse:
    return _shown(request, report(release, request.actor))


@require_safe
@screen()
def slide(request: ActingRequest, release: str) -> HttpResponse:
    """The finding and the chart on one page."""
    made = report(release, request.actor)
    return render(request, "insight/slide.html", {"page": made.page})


@require_safe
@screen()
def picture_file(request: ActingRequest, release: str) -> HttpResponse:
    """The chart as a picture file."""
    made = report(release, request.actor)
    response = HttpResponse(picture(made.page), content_type="image/svg+xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="pipeline-{made.release.id}.svg"'
    return response


@screen()
def new(request: ActingRequest) -> HttpResponseBase:
    """Makes a report for readers named in a purpose of form aggregate: first a preview of what would be shown and withheld, then the
    release."""
    purposes = askable(request.actor, date.today())
    if not purposes:
        raise Http404
    if request.method == "POST":
        if any(each.purpose == request.POST.get("purpose") for each in purposes):
            return count(request, kind=REPORT)
        error = {"purposes": purposes, "error": "Choose a purpose."}
        return render(request, "insight/new_report.html", error, status=400)
    context = {"purposes": purposes, **told(request, REPORT)}
    return render(request, "insight/new_report.html", context)


def _shown(request: ActingRequest, made: Report, **told: object) -> HttpResponse:
    context = told | {
        "page": made.page,
        "release": made.release,
        "notice": notice(made.release.standing),
        "body": _body(made.release.id),
        "may_make": _may_make(request),
    }
    return render(request, "insight/pipeline.html", context)


@lru_cache(maxsize=16)
def _body(id: str) -> SafeString:
    """The report below its headline, cached: it never changes and is the same for everyone who may read it."""
    made = report(id, OPERATOR)
    context = {"page": made.page, "release": made.release, "on_site": True}
    return render_to_string("insight/report.html", context)


def _may_make(request: ActingRequest) -> bool:
    return bool(askable(request.actor, date.today()))
