"""The pages of the pipeline: the newest report, an older one, a slide, and the form that makes a new one."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from throughway.core.prose import data_through, listed
from throughway.core.refusals import Refused
from throughway.insight.actions import preview_pipeline, report_pipeline
from throughway.insight.report_files import picture
from throughway.insight.selectors import Askable, Report, askable, newest_report, report
from throughway.partners import OPERATOR
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partner_names
from throughway.publication.policy import rates_sentence
from throughway.publication.states import ReleaseState, notice


@require_safe
@screen()
def newest(request: ActingRequest) -> HttpResponse:
    """The newest published pipeline; without one, how to make one."""
    made = newest_report()
    if made is None:
        return render(request, "insight/no_report.html", {"may_make": _may_make(request)})
    return _shown(request, made)


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
def new(request: ActingRequest) -> HttpResponse:
    """Makes a report for readers named in a purpose of form aggregate: first a preview of what would be shown and withheld, then the
    release."""
    purposes = askable(request.actor, date.today())
    if not purposes:
        raise Http404
    if request.method != "POST":
        return render(request, "insight/new_report.html", {"purposes": purposes})
    chosen = next((p for p in purposes if p.purpose == request.POST.get("purpose")), None)
    if chosen is None:
        return render(
            request,
            "insight/new_report.html",
            {"purposes": purposes, "error": "Choose a purpose."},
            status=400,
        )
    try:
        if "publish" not in request.POST:
            preview = preview_pipeline(actor=request.actor, purpose=chosen.purpose)
            return preview_page(request, preview, chosen, back=reverse("insight:new"))
        made = report_pipeline(actor=request.actor, purpose=chosen.purpose)
    except Refused as refused:
        context = {"purposes": purposes, "chosen": chosen, "refused": refused.message}
        return render(request, "insight/new_report.html", context, status=409)
    return redirect("insight:release", release=made["release"])


def preview_page(
    request: ActingRequest, preview: Mapping[str, Any], chosen: Askable, *, back: str, post_to: str = ""
) -> HttpResponse:
    """What a report would show and withhold, before the button that publishes it."""
    context = preview_context(preview, chosen) | {"back": back, "post_to": post_to or back}
    return render(request, "insight/preview.html", context)


def preview_context(preview: Mapping[str, Any], chosen: Askable) -> dict[str, object]:
    """What every preview says: the figures shown and withheld, the rule, and when and how it becomes public."""
    names = partner_names()
    return {
        "preview": preview,
        "chosen": chosen,
        "waits": preview["state"] == ReleaseState.WAITING,
        "public_on": date.fromisoformat(preview["public_on"]),
        "on": date.fromisoformat(preview["as_of"]),
        "data": data_through(preview["data_through"]),
        "disclosers": listed(names.get(p, p) for p in preview["disclosers"]),
        "rule": rates_sentence(preview["rule"]),
    }


def _shown(request: ActingRequest, made: Report) -> HttpResponse:
    context = {
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
