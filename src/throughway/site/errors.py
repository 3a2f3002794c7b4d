"""Pages for what went wrong: what is so, and what to do. None shows an address, a query or a value."""

import sys
from html import escape

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from throughway.core.disk_full import is_full
from throughway.site import event_log, language


def page(
    request: HttpRequest,
    status: int,
    title: Promise,
    sentence: Promise,
    *,
    alone: bool = False,
    reference: str = "",
) -> HttpResponse:
    """One sentence and one way on. `alone`: the page asks nothing of the session or the database."""
    context = {"title": title, "sentence": sentence, "reference": reference}
    with override(language.of(request)):
        text = render_to_string("site/error.html", context, None if alone else request)
    return HttpResponse(text, status=status, headers={"Cache-Control": "no-store"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, (RequestDataTooBig, TooManyFilesSent, TooManyFieldsSent)):
        return too_large(request)
    return page(
        request,
        400,
        _("That request makes no sense here"),
        _("Go back, load the page again and try once more."),
    )


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(
        request,
        403,
        _("This is not open to you"),
        _("Ask your privacy officer if you need it for your work."),
    )


def open_too_long(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(
        request,
        403,
        _("The page was open too long"),
        _("Nothing was saved. Go back, load the page again and send it once more."),
    )


def unknown(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(
        request,
        404,
        _("There is no such page for you"),
        _("The address may be mistyped, or the page is not open to your role."),
    )


def wrong_way(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    found = page(
        request, 405, _("That page cannot be asked this way"), _("Go to your home page and start from there.")
    )
    if "Allow" in response.headers:
        found.headers["Allow"] = response.headers["Allow"]
    return found


def too_large(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        413,
        _("That is too large"),
        _("A file may have 200 MB. Split it, or ask the operator to load it in the folder."),
        alone=True,
    )


def broken(request: HttpRequest) -> HttpResponse:
    """500; and 503 where the database is busy or the disk is full, for then the same request works later."""
    error = sys.exc_info()[1] or Exception()
    reference = event_log.broken(request, error)
    if isinstance(error, OperationalError) or is_full(error):
        found = page(
            request,
            503,
            _("The site is busy"),
            _("Nothing was lost. Wait a minute, then load the page again."),
            alone=True,
            reference=reference,
        )
        found.headers["Retry-After"] = "60"
        return found
    return page(
        request,
        500,
        _("Something on our side broke"),
        _("Nothing was lost. Tell the operator this reference."),
        alone=True,
        reference=reference,
    )


def plain_page(reference: str) -> HttpResponse:
    """Without a template, for when even that fails."""
    text = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Something broke</title></head><body>'
        f"<h1>Something on our side broke</h1><p>Nothing was lost. Reference {escape(reference)}.</p></body></html>"
    )
    return HttpResponse(text, status=500, headers={"Cache-Control": "no-store"})
