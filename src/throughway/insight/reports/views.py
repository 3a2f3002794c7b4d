"""The pages of a kind of report: the newest release, an older one, and the form that counts again."""

from dataclasses import replace
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from throughway.core.prose import data_through
from throughway.insight.counts.views import ask, shown_preview, told
from throughway.insight.reports.actions import ReportKind
from throughway.insight.reports.selectors import newest_of, release_of
from throughway.insight.selectors import askable, notes
from throughway.partners.page_access import ActingRequest, screen
from throughway.publication.selectors import Published
from throughway.publication.states import notice


@screen()
@require_safe
def newest(request: ActingRequest, kind: ReportKind) -> HttpResponse:
    """The newest release; without one, what the report tells and how to make one."""
    return _page(request, kind, newest_of(kind.id), is_newest=True)


@screen()
@require_safe
def one(request: ActingRequest, kind: ReportKind, release: str) -> HttpResponse:
    return _page(request, kind, release_of(kind.id, release, request.actor), is_newest=False)


@screen()
@require_POST
def count(request: ActingRequest, kind: ReportKind) -> HttpResponse:
    """Asks for a count, for readers named in a purpose of form aggregate: first a preview of what would be shown and withheld, then the
    release."""
    return ask(request, kind.id, start=reverse(f"{kind.id}:newest"))


@screen()
@require_safe
def preview(request: ActingRequest, kind: ReportKind, number: int) -> HttpResponse:
    """What a count would show and withhold, before the button that publishes it."""
    return shown_preview(
        request, kind.id, number, start=reverse(f"{kind.id}:newest"), post_to=reverse(f"{kind.id}:count")
    )


def _page(
    request: ActingRequest, kind: ReportKind, release: Published | None, *, is_newest: bool
) -> HttpResponse:
    every = kind.page(release) if release else None
    if every and is_newest:
        every = replace(every, sections=[*every.sections, *kind.more(request.actor)])
    chosen = request.GET.get("only", "")
    context = {
        "kind": kind,
        "page": every.only(chosen) if every else None,
        "choices": [(section.id, section.title) for section in every.sections]
        if every and every.choose
        else [],
        "chosen": chosen,
        "beside": [(reverse(name), title) for name, title in kind.beside],
        "release": release,
        "is_newest": is_newest,
        "newest_page": reverse(f"{kind.id}:newest"),
        "post_to": reverse(f"{kind.id}:count"),
        "notes": notes(release) if release else (),
        "data": data_through(release.data_through) if release else "",
        "notice": notice(release.standing) if release else "",
        "purposes": askable(request.actor, date.today()) if is_newest else [],
    } | (told(request, kind.id, kind.id) if is_newest else {})
    return render(request, "insight/report_of_help.html", context)
