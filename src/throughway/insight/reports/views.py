"""The pages of a kind of report: the newest release, with the form that counts again, and an older one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from throughway.core.prose import data_through
from throughway.insight.counts.views import told
from throughway.insight.reports.actions import ReportKind
from throughway.insight.reports.selectors import newest_of, release_of
from throughway.insight.selectors import askable, notes
from throughway.partners.page_access import ActingRequest, screen
from throughway.publication.selectors import Published
from throughway.publication.states import notice
from throughway.publication.why_withheld import why_withheld

# A page, given what every page of a report shows (`_context`).
Show = Callable[[ActingRequest, dict[str, Any]], HttpResponse]


@screen()
@require_safe
def newest(request: ActingRequest, kind: ReportKind, show: Show) -> HttpResponse:
    """The newest release; without one, what the report tells and how to make one."""
    return show(request, _context(request, kind, newest_of(kind.id), is_newest=True))


@screen()
@require_safe
def one(request: ActingRequest, kind: ReportKind, show: Show, release: str) -> HttpResponse:
    found = release_of(kind.id, release, request.actor)
    return show(request, _context(request, kind, found, is_newest=False))


def _context(
    request: ActingRequest, kind: ReportKind, release: Published | None, *, is_newest: bool
) -> dict[str, Any]:
    return {
        "kind": kind,
        "release": release,
        "is_newest": is_newest,
        "newest_page": reverse(kind.address("newest")),
        "post_to": reverse(kind.address("count")),
        "notes": (*notes(release), *why_withheld(release.tables, release.minimum_cell)) if release else (),
        "data": data_through(release.data_through) if release else "",
        "notice": notice(release.standing) if release else "",
        "purposes": askable(request.actor, date.today()) if is_newest else [],
    } | (told(request, kind) if is_newest else {})


def page_of_help(request: ActingRequest, context: dict[str, Any]) -> HttpResponse:
    """A report that is a finding and sections."""
    kind, release = context["kind"], context["release"]
    every = kind.page(release) if release else None
    if every and context["is_newest"]:
        every = replace(every, sections=[*every.sections, *kind.more(request.actor)])
    chosen = request.GET.get("only", "")
    context |= {
        "page": every.only(chosen) if every else None,
        "choices": [(section.id, section.title) for section in every.sections]
        if every and every.choose
        else [],
        "chosen": chosen,
        "beside": [(reverse(name), title) for name, title in kind.beside],
    }
    return render(request, "insight/report_of_help.html", context)
