"""The public register: the agreements that are or were in effect, without sign-in. It reads no student data."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag

from throughway.agreements.public_register.listing import PublicAgreement, as_json, public_agreement
from throughway.agreements.selectors import agreement_lifecycles, past_acts
from throughway.partners.request_cache import request_cache
from throughway.partners.selectors import partner_names
from throughway.partners.signatories.selectors import signing_registers
from throughway.store.selectors import current_community

FRESH = "public, max-age=300"  # seconds in the cache: changes appear soon, and many visitors cost little
LANGUAGES = ("en", "es")
DAYS = {"en": "j F Y", "es": r"j \d\e F \d\e Y"}  # date format

View = Callable[..., HttpResponse]


def public_page(setting: str) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Public, in the visitor's language, cached briefly. 404 in a community that turns it off by `[site]` of its settings, such as
    `register = false`."""

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, **named: Any) -> HttpResponseBase:
            if not getattr(current_community().settings.site, setting):
                raise Http404
            with translation.override(chosen_language(request)), request_cache():
                response = view(request, **named)
            response.headers["Content-Language"] = chosen_language(request)
            response.headers["Cache-Control"] = FRESH
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
            set_response_etag(response)
            return get_conditional_response(request, etag=response["ETag"], response=response) or response

        return answer

    return decorate


open_page = public_page("register")


@open_page
def all_listed(request: HttpRequest) -> HttpResponse:
    found = _listed()
    now, over = [f for f in found if not f.is_over], [f for f in found if f.is_over]
    return render(request, "register/list.html", {"now": now, "over": over, **language_context(request)})


@open_page
def one_listed(request: HttpRequest, id: str) -> HttpResponse:
    found = next((f for f in _listed() if f.document.id == id), None)
    if found is None:
        raise Http404
    return render(request, "register/detail.html", {"found": found, **language_context(request)})


@open_page
def as_file(request: HttpRequest) -> HttpResponse:
    """The same as JSON."""
    name = current_community().settings.community.name
    agreements = [as_json(found) for found in _listed()]
    return JsonResponse(
        {"community": name, "format": "throughway/register/1", "agreements": agreements},
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )


def _listed() -> list[PublicAgreement]:
    today = date.today()
    names, registers = partner_names(), signing_registers()
    return [
        found
        for life in agreement_lifecycles(today)
        if (found := public_agreement(life, names, today, past_acts(life.current.document.id), registers))
    ]


def chosen_language(request: HttpRequest) -> str:
    """The language in the URL, so that links keep it; otherwise that of the visitor's browser."""
    chosen = request.GET.get("language", "")
    return chosen if chosen in LANGUAGES else translation.get_language_from_request(request)


def language_context(request: HttpRequest) -> dict[str, str]:
    """What a public page shows of its language: the form of its days, and the link to the other language."""
    language = translation.get_language() or "en"
    other = "en" if language == "es" else "es"
    return {
        "day": DAYS.get(language, DAYS["en"]),
        "other": other,
        "in_other": f"?{urlencode({'language': other})}",
        # Links keep the language that the address chose.
        "kept": f"?{urlencode({'language': language})}" if "language" in request.GET else "",
    }
