"""Access to a page: signed in, in one of the page's roles; 404 for everyone else."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.vary import vary_on_headers
from django.views.generic import FormView
from django.views.generic import View as DjangoView
from django_htmx.middleware import HtmxDetails

from throughway.core.refusals import Refused
from throughway.partners.actor import Actor, Role
from throughway.partners.models import User
from throughway.partners.request_cache import request_cache

P = ParamSpec("P")
AGAIN_LATER = {"question_running": 429, "busy": 503}
ENDS_AFTER = "ends_after"  # in a session: the seconds since signing in after which it ends
turned_away = Signal()  # with `request`: a role asked for a screen that does not name it


class ActingRequest(HttpRequest):
    """The request of a signed-in user: `actor`, and `htmx`, whether only a part of the page is requested."""

    actor: Actor
    htmx: HtmxDetails


Screen = Callable[Concatenate[ActingRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The refusal as a page: 404 where something is unknown, 429 or 503 where a later attempt may work, otherwise 403."""
    status = 404 if refused.code.startswith("unknown_") else AGAIN_LATER.get(refused.code, 403)
    return render(request, "site/refused.html", {"refused": refused}, status=status)


@contextmanager
def refusal_at(form: forms.BaseForm, field: str | None = None) -> Iterator[None]:
    """Shows the refusal of an act at a field of its form; the rest of the block, which says that it was done, is then left out."""
    try:
        yield
    except Refused as refused:
        form.add_error(field, refused.message)


@contextmanager
def refusal_told(request: HttpRequest) -> Iterator[None]:
    """The same as a message at the head of the next page."""
    try:
        yield
    except Refused as refused:
        messages.error(request, refused.message)


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the page for signing in, and back; htmx, which requested a part of a page, is redirected as a whole."""
    if request.headers.get("HX-Request"):
        here = urlsplit(request.headers.get("HX-Current-URL", "/")).path
        return HttpResponse(status=204, headers={"HX-Redirect": redirect_to_login(here).url})
    return redirect_to_login(request.get_full_path())


def again(view: Screen[P]) -> Screen[P]:
    """Requires the passphrase or the second factor again, unless it was given a moment ago; of somebody who has neither here, a
    new sign-on at the partner's provider."""
    asked: Screen[P] = reauthentication_required(view)

    @wraps(view)
    def confirmed(request: ActingRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not _signed_on_long_ago(request):
            try:
                return asked(request, *args, **kwargs)
            except ReauthenticationRequired:
                # django-allauth sends a form once more only where the address to return to is its path alone; it keeps `GET` apart.
                if request.method == "POST" and request.GET:
                    request.META["QUERY_STRING"] = ""
                raise
        messages.info(
            request, "This needs a new sign-in at your organization. After it, send the form once more."
        )
        here = urlsplit(request.headers.get("Referer", "")).path or "/"
        return redirect(
            f"{reverse('openid_connect_login', args=[request.actor.partner])}?{urlencode({'next': here})}"
        )

    return confirmed


def again_for(
    view: Screen[P], request: ActingRequest, owner: str, /, *args: P.args, **kwargs: P.kwargs
) -> HttpResponseBase:
    """Answers by the view; where the request changes what belongs to another partner than the actor's, after the passphrase as in
    `again`."""
    asks = request.method == "POST" and owner != request.actor.partner
    return (again(view) if asks else view)(request, *args, **kwargs)


def _signed_on_long_ago(request: ActingRequest) -> bool:
    """Whether the user has neither passphrase nor second factor here (django-allauth would ask them for nothing), and signed on at
    the partner's provider longer ago than a confirmation holds."""
    if request.actor.partner not in settings.COMMUNITY.settings.sign_on or get_reauthentication_flows(
        request.user
    ):
        return False
    records = get_authentication_records(request, request.user)
    return not records or time.time() - records[-1]["at"] >= app_settings.REAUTHENTICATION_TIMEOUT


def screen(
    *roles: Role, person: bool = False, ends_after: int | None = None, only_reads: bool = False
) -> Callable[[Screen[P]], View[P]]:
    """Makes a screen of a view `(request: ActingRequest, …)`.

    Without roles every signed-in role may open it. A stranger is sent to sign in and comes back; a role that is not named
    gets the page of an address that does not exist. `person` keeps a page about one person out of every cache. `ends_after`:
    seconds since signing in after which the session of whoever opens this page ends, for a page on a telephone that several share. `only_reads`: a form
    that is sent asks for something and changes no register.
    """
    allowed = frozenset(roles or Role)

    def decorate(view: Screen[P]) -> View[P]:
        # Otherwise Back shows the part of a page that htmx fetched from the same address.
        @vary_on_headers("HX-Request", "HX-History-Restore-Request")
        @wraps(view)
        def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, User) or not user.is_open:
                return _to_sign_in(request)
            if user.role not in allowed:
                turned_away.send(sender=guarded, request=request)
                raise Http404
            if ends_after is not None and not _begins_short_session(request, ends_after):
                return _to_sign_in(request)
            request.actor = user.actor()
            try:
                # Only a page that writes nothing may cache what it reads.
                reads = only_reads or request.method in ("GET", "HEAD")
                with request_cache() if reads else nullcontext():
                    response = view(request, *args, **kwargs)
            except Refused as refused:
                response = refusal(request, refused)
            response.headers.setdefault("Cache-Control", "no-store" if person else "private, no-cache")
            return response

        guarded.allowed = allowed  # type: ignore[attr-defined]
        return guarded

    return decorate


def _begins_short_session(request: HttpRequest, seconds: int) -> bool:
    """Makes this session end so long after the user signed in; False where that is over already, and the session ends."""
    longest = min(seconds, request.session.get(ENDS_AFTER, seconds))
    if request.session.get(ENDS_AFTER) != longest:
        request.session[ENDS_AFTER] = longest
    if time.time() - request.session.get("began", time.time()) <= longest:
        return True
    logout(request)
    request.session["ended"] = True
    return False


class ScreenView(DjangoView):
    """Makes a screen of a generic view, as `screen` does of a function. `again`: to send it requires the passphrase or the second
    factor again; so it does where what it changes belongs to another partner (`owner`)."""

    roles: Collection[Role] = ()
    person = False
    again = False

    @classmethod
    def as_view(cls, **options: Any) -> View[...]:
        return screen(*cls.roles, person=cls.person)(super().as_view(**options))

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer: Screen[...] = super().dispatch
        if request.method == "POST" and (self.again or self.owner() not in ("", self.actor.partner)):
            answer = again(answer)
        return answer(request, *args, **kwargs)

    def owner(self) -> str:
        """The partner to which belongs what a request changes; empty where it is always the actor's own."""
        return ""

    @property
    def actor(self) -> Actor:
        found: Actor = self.request.actor  # type: ignore[attr-defined]
        return found


class FormScreen(ScreenView, FormView):  # type: ignore[type-arg]
    """A form that is given to one action, by `act`."""

    refused_at: str | None = None

    def act(self, form: Any) -> HttpResponseBase:
        """Calls the action with the values of a valid form, and answers with what comes next."""
        raise NotImplementedError

    def field_of(self, refused: Refused) -> str | None:
        """The field at which a refusal of the action is shown; None: above the form."""
        return self.refused_at

    def form_valid(self, form: forms.BaseForm) -> Any:
        try:
            return self.act(form)
        except Refused as refused:
            form.add_error(self.field_of(refused), refused.message)
        return self.form_invalid(form)

    def form_invalid(self, form: forms.BaseForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


def done(request: HttpRequest, message: str, to: str, *args: Any) -> HttpResponse:
    """Leads to the page `to`, which shows that something was done; whoever came from *Getting started*, to its next step; from the pairs,
    back to them."""
    messages.success(request, message)
    if request.GET.get("then") == "start":
        return redirect(f"{reverse('readiness:start')}?next")
    if request.GET.get("then") == "pairs":
        return redirect(f"{reverse('identity:review')}?then=start")
    return redirect(to, *args)
