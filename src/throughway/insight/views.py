"""The pages of the pipeline: the newest report, an older one, a sheet for the wall, and the making of a new one."""

from datetime import date
from functools import lru_cache

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from throughway.insight.actions import report_pipeline
from throughway.insight.reading import Report, askable, newest_report, report
from throughway.insight.screens import picture
from throughway.partners.screens import ActingRequest, screen


@require_safe
@screen()
def newest(request: ActingRequest) -> HttpResponse:
    """The newest published pipeline, or how there comes to be one."""
    made = newest_report()
    if made is None:
        return render(request, "insight/none.html", {"may_make": _may_make(request)})
    return _shown(request, made)


@require_safe
@screen()
def one(request: ActingRequest, release: str) -> HttpResponse:
    return _shown(request, report(release))


@require_safe
@screen()
def slide(request: ActingRequest, release: str) -> HttpResponse:
    """The finding and the river on one sheet."""
    made = report(release)
    return render(request, "insight/slide.html", {"page": made.page, "drawing": made.page.rivers[0]})


@require_safe
@screen()
def river(request: ActingRequest, release: str) -> HttpResponse:
    """The picture as a file."""
    made = report(release)
    response = HttpResponse(picture(made.page), content_type="image/svg+xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="pipeline-{made.release.id}.svg"'
    return response


@screen()
def new(request: ActingRequest) -> HttpResponse:
    """Makes a report, for those whom a purpose of form aggregate names."""
    purposes = askable(request.actor, date.today())
    if not purposes:
        raise Http404
    if request.method != "POST":
        return render(request, "insight/new.html", {"purposes": purposes})
    chosen = request.POST.get("purpose", "")
    if chosen not in {p.purpose for p in purposes}:
        return render(
            request, "insight/new.html", {"purposes": purposes, "error": "Choose a purpose."}, status=400
        )
    made = report_pipeline(actor=request.actor, purpose=chosen)
    return redirect("insight:release", release=made["release"])


def _shown(request: ActingRequest, made: Report) -> HttpResponse:
    context = {"page": made.page, "body": _body(made), "may_make": _may_make(request)}
    return render(request, "insight/pipeline.html", context)


@lru_cache(maxsize=16)
def _body(made: Report) -> SafeString:
    """The report below its headline: the same for everyone who reads it, and for good."""
    context = {"page": made.page, "release": made.release, "on_site": True}
    return render_to_string("insight/report.html", context)


def _may_make(request: ActingRequest) -> bool:
    return bool(askable(request.actor, date.today()))
