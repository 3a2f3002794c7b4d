"""What stands around every page: limits of a session, a second factor where it is required, and the last handler."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from throughway.gate.time_limits import tied_to_connection
from throughway.ledger.channels import API, PAGE, using_channel
from throughway.site import errors, event_log
from throughway.site.api.middleware import ROOT
from throughway.site.folder import second_factor_required

Get = Callable[[HttpRequest], HttpResponseBase]
IDLE = 15 * 60  # seconds without a request
LONGEST = 12 * 3600  # seconds since signing in
KEPT = 60  # the time of the last request is kept at most once a minute: reading a page seldom writes
UPLOAD = 210 * 1024 * 1024  # bytes of a request: the largest upload that a form takes, and its frame
STRANGER = 64 * 1024  # bytes of a request by one who is not signed in: a form to sign in is smaller
FREE = ("/account/", "/sign-in/", "/sign-out/", "/language/", "/static/")


class Way:
    """What is read meanwhile came by a page, or by the API, over this connection; the ledger says which, and a question is
    stopped when the connection is closed."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        way = API if request.path_info.startswith(ROOT) else PAGE
        with using_channel(way), tied_to_connection(request.META.get("gunicorn.socket")):
            return self.get_response(request)


class LastHandler:
    """Turns whatever still went wrong into a page, and bare answers of the framework into sentences."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _length(request) > UPLOAD:
            return errors.too_large(request)
        try:
            response = self.get_response(request)
        except Exception as error:
            return errors.plain_page(event_log.broken(request, error))
        if response.status_code == 405 and not getattr(response, "content", b"-"):
            return errors.wrong_way(request, response)
        return response


class StrangersSendLittle:
    """Whoever is not signed in sends no file: what they send is refused before it is read."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        of_a_program = request.path_info.startswith(ROOT)  # its token is looked at before its body
        if _length(request) > STRANGER and not of_a_program and not request.user.is_authenticated:
            return errors.too_large(request)
        return self.get_response(request)


class SessionLimits:
    """Ends a session that has been idle too long, or has lasted too long."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = time.time()
            began = request.session.get("began", now)
            seen = request.session.get("seen", now)
            if now - began > LONGEST or now - seen > IDLE:
                logout(request)
                request.session["ended"] = True
            elif now - seen > KEPT or "began" not in request.session:
                request.session["began"], request.session["seen"] = began, now
        return self.get_response(request)


class SecondFactor:
    """Where the community requires a second factor, nothing opens before it is set up."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._is_missing(request):
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _is_missing(self, request: HttpRequest) -> bool:
        if not second_factor_required(settings.COMMUNITY) or request.path.startswith(FREE):
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
