"""What stands around the API: no cookie goes in or out, nothing is kept, and every answer is JSON, whatever went wrong."""

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from throughway.core.disk_full import is_full
from throughway.core.refusals import Refused
from throughway.partners.api_endpoints import TOO_LARGE, refusal
from throughway.site import event_log

Get = Callable[[HttpRequest], HttpResponseBase]
ROOT = "/api/"
SAID = {
    400: Refused("The request cannot be read; see docs/api.md for how one is written.", code="bad_request"),
    413: TOO_LARGE,
    503: Refused("The site is busy; nothing was lost. Wait a minute, then ask again.", code="busy"),
}


class OnlyJson:
    """A cookie could make a browser ask in somebody's name, so the API knows none."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(ROOT):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        try:
            response = self.get_response(request)
        except Exception as error:
            response = broken(request, error)
        if not response.headers.get("Content-Type", "").startswith("application/json"):
            response = _in_json(response)
        response.cookies.clear()
        response.headers.pop("Vary", None)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What an endpoint did not foresee; Django asks this before it makes a page of it."""
        return broken(request, error) if request.path_info.startswith(ROOT) else None


def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """503 where the same request works later, for the database is busy or the disk is full; else 500, with the journal's
    reference."""
    reference = event_log.broken(request, error)
    if isinstance(error, OperationalError) or is_full(error):
        return refusal(SAID[503], 503, Retry_After="60")
    message = "Something on our side broke, and nothing was handed out; tell the operator this reference"
    return refusal(Refused(f"{message}: {reference}.", code="internal"), 500)


def _in_json(page: HttpResponseBase) -> HttpResponse:
    """What the site would say as a page; a redirect stays one."""
    status = page.status_code
    if 300 <= status < 400:
        kept = HttpResponse(status=status)
        kept["Location"] = page.headers["Location"]
        return kept
    said = SAID.get(
        status, SAID[400] if status < 500 else Refused("Something on our side broke.", code="internal")
    )
    response = refusal(said, status)
    if "Retry-After" in page.headers:
        response["Retry-After"] = page.headers["Retry-After"]
    return response
