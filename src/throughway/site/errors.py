"""Error pages: what happened, and what to do. None shows a URL, a query or a value."""

import sys
from html import escape

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from throughway.core.disk_full import is_full
from throughway.site import event_log, language

PAGES = {
    "bad_request": (
        400,
        _("This request cannot be read"),
        _("Go back, load the page again and try once more."),
    ),
    "not_allowed": (
        403,
        _("You do not have access to this page"),
        _("Ask your privacy officer if you need it for your work."),
    ),
    "open_too_long": (
        403,
        _("The page was open too long"),
        _("Nothing was saved. Go back, load the page again and send it once more."),
    ),
    "unknown": (
        404,
        _("Page not found"),
        _("The address may be mistyped, or the page is not open to your role."),
    ),
    "wrong_way": (
        405,
        _("This page does not accept that kind of request"),
        _("Go to your home page and start from there."),
    ),
    "too_large": (
        413,
        _("The request is too large"),
        _("A file may be up to 200 MB. Split it, or ask the operator to load it in the folder."),
    ),
    "broken": (
        500,
        _("Something went wrong on our side"),
        _("Nothing was lost. Tell the operator this reference."),
    ),
    "full": (
        503,
        _("The disk of this site is full"),
        _("Nothing can be saved now, and nothing that was saved is lost. Tell the operator, then try again."),
    ),
    "busy": (
        503,
        _("The site is busy"),
        _("Nothing was lost. Wait a minute, then load the page again."),
    ),
}
STANDALONE = frozenset(
    {"too_large", "broken", "busy", "full"}
)  # these ask nothing of the session or the database


def page(request: HttpRequest, name: str, **context: str) -> HttpResponse:
    """One sentence and one link, in the visitor's language."""
    status, title, sentence = PAGES[name]
    with override(language.of(request)):
        text = render_to_string(
            "site/error.html",
            {"title": title, "sentence": sentence, **context},
            None if name in STANDALONE else request,
        )
    return HttpResponse(text, status=status, headers={"Cache-Control": "no-store"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    too_much = isinstance(exception, (RequestDataTooBig, TooManyFilesSent, TooManyFieldsSent))
    return page(request, "too_large" if too_much else "bad_request")


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "not_allowed")


def open_too_long(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(request, "open_too_long")


def unknown(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "unknown")


def too_many(request: HttpRequest) -> HttpResponse:
    event_log.throttled(request)
    return render(request, "429.html", status=429)


def wrong_way(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    found = page(request, "wrong_way")
    if "Allow" in response.headers:
        found.headers["Allow"] = response.headers["Allow"]
    return found


def too_large(request: HttpRequest) -> HttpResponse:
    return page(request, "too_large")


def broken(request: HttpRequest) -> HttpResponse:
    """500; and 503 while the database is busy or the disk is full, so that the same request works later."""
    error = sys.exc_info()[1] or Exception()
    later = "full" if is_full(error) else "busy" if isinstance(error, OperationalError) else ""
    found = page(request, later or "broken", reference=event_log.broken(request, error))
    if later:
        found.headers["Retry-After"] = "60"
    return found


def plain_page(reference: str) -> HttpResponse:
    """The page for when a template fails too."""
    text = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Something went wrong</title></head><body>'
        f"<h1>Something went wrong on our side</h1><p>Nothing was lost. Reference {escape(reference)}.</p></body></html>"
    )
    return HttpResponse(text, status=500, headers={"Cache-Control": "no-store"})
