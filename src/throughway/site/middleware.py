"""What is done around every request: its channel, JSON for the API, limits of size and session, second factor, error pages."""

import time
from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from throughway.core.disk_full import is_full
from throughway.core.refusals import Refused
from throughway.gate.actions.query_limits import tied_to_connection
from throughway.ledger.access_channels import API, PAGE, using_channel
from throughway.partners.api_endpoints import TOO_LARGE, refusal
from throughway.partners.page_access import ENDS_AFTER
from throughway.partners.tokens.selectors import SIGN_ON_HOLDS
from throughway.site import errors, event_log, sign_in_tries

API_ROOT = "/api/"
IDLE = 15 * 60  # seconds without a request
LONGEST = 12 * 3600  # seconds since signing in
WRITE_EVERY = 60  # seconds: the time of the last request is written at most this often
UPLOAD_LIMIT = 210 * 1024 * 1024  # bytes of a request: the largest file that a form accepts, and its envelope
ANONYMOUS_LIMIT = 64 * 1024  # bytes of a request from somebody who is not signed in
WITHOUT_SECOND_FACTOR = ("/account/", "/sign-in/", "/sign-out/", "/language/", "/static/")
REFUSALS = {
    400: Refused("The request cannot be read; see docs/api.md for the format.", code="bad_request"),
    413: TOO_LARGE,
    503: Refused("The site is busy; nothing was lost. Wait a minute, then try again.", code="busy"),
}

DISK_FULL = Refused(
    "The disk of the site is full; nothing was disclosed. Tell its operator, then try again.",
    code="disk_full",
)


class Middleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response


class RecordChannel(Middleware):
    """Tells the ledger whether a page or the API reads, and stops a query when its connection is closed."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        channel = API if request.path_info.startswith(API_ROOT) else PAGE
        with using_channel(channel), tied_to_connection(request.META.get("gunicorn.socket")):
            return self.get_response(request)


class JsonOnly(Middleware):
    """Answers the API in JSON, whatever went wrong, and without cookies: a cookie could make a browser ask in somebody's name."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(API_ROOT):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        try:
            response = self.get_response(request)
        except Exception as error:
            response = api_error(request, error)
        if not response.headers.get("Content-Type", "").startswith("application/json"):
            response = _in_json(response)
        response.cookies.clear()
        response.headers.pop("Vary", None)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answers for an endpoint that failed, before Django makes a page of it."""
        return api_error(request, error) if request.path_info.startswith(API_ROOT) else None


def api_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """503 while the database is busy or the disk is full, so that the same request works later; otherwise 500 with the log's
    reference."""
    reference = event_log.broken(request, error)
    if is_full(error):
        return refusal(DISK_FULL, 503, Retry_After="60")
    if isinstance(error, OperationalError):
        return refusal(REFUSALS[503], 503, Retry_After="60")
    message = "Something went wrong on our side, and nothing was handed out; tell the operator this reference"
    return refusal(Refused(f"{message}: {reference}.", code="internal"), 500)


def _in_json(page: HttpResponseBase) -> HttpResponse:
    """The JSON answer in place of a page; a redirect stays one."""
    status = page.status_code
    if 300 <= status < 400:
        return HttpResponse(status=status, headers={"Location": page.headers["Location"]})
    other = REFUSALS[400] if status < 500 else Refused("Something went wrong on our side.", code="internal")
    response = refusal(REFUSALS.get(status, other), status)
    if "Retry-After" in page.headers:
        response["Retry-After"] = page.headers["Retry-After"]
    return response


class ErrorPages(Middleware):
    """Turns remaining errors, and plain responses of the framework, into pages."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _length(request) > UPLOAD_LIMIT:
            return errors.too_large(request)
        try:
            response = self.get_response(request)
        except Exception as error:
            return errors.plain_page(event_log.broken(request, error))
        if response.status_code == 405 and not getattr(response, "content", b"-"):
            return errors.wrong_way(request, response)
        return response


class LimitAnonymousRequests(Middleware):
    """Refuses a large request of somebody who is not signed in before its body is read."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        from_program = request.path_info.startswith(API_ROOT)  # its token is checked before its body
        if _length(request) > ANONYMOUS_LIMIT and not from_program and not request.user.is_authenticated:
            return errors.too_large(request)
        return self.get_response(request)


class SessionLimits(Middleware):
    """Ends a session that has been idle too long, or has lasted too long."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = time.time()
            began = request.session.get("began", now)
            seen = request.session.get("seen", now)
            if now - began > _longest(request) or now - seen > IDLE:
                logout(request)
                request.session["ended"] = True
            elif now - seen > WRITE_EVERY or "began" not in request.session:
                request.session["began"], request.session["seen"] = began, now
        return self.get_response(request)


def _longest(request: HttpRequest) -> int:
    records = get_authentication_records(request, request.user)
    longest = SIGN_ON_HOLDS.seconds if any(each["method"] == "socialaccount" for each in records) else LONGEST
    return min(longest, int(request.session.get(ENDS_AFTER, longest)))


class KnownBrowser(Middleware):
    """Makes a browser known for the account that was opened in it."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        sign_in_tries.set_cookie(request, response)
        return response


class SecondFactor(Middleware):
    """Where the community requires a second factor, redirects users without one to the page where it is set up."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._is_missing(request):
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _is_missing(self, request: HttpRequest) -> bool:
        if not settings.COMMUNITY.settings.site.requires_second_factor or request.path.startswith(
            WITHOUT_SECOND_FACTOR
        ):
            return False
        if not request.user.is_authenticated or request.session.get("second_factor"):
            return False
        from allauth.mfa.models import Authenticator

        has = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists()
        if has:
            request.session["second_factor"] = True
        return not has


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
