"""Access to an endpoint of the API: a program that presents a user's valid token, in one of the endpoint's roles. Nothing else
opens it: no cookie, no passphrase, no page of another site. Without a valid token every address gives the same answer; with
one, an unknown address and one that is not open to the role look the same.

The contract of an endpoint is its method, parameters and response; the API's description is generated from it.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Annotated, Any, Concatenate, Literal, ParamSpec, TypeVar

from allauth.core.internal import ratelimit
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from throughway.core.json_output import as_text
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor, Role
from throughway.partners.page_access import turned_away
from throughway.partners.request_cache import request_cache
from throughway.partners.tokens.actions import came
from throughway.partners.tokens.selectors import holder, known_handle

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _day(value: object) -> date:
    if isinstance(value, str) and DAY.fullmatch(value):
        return date.fromisoformat(value)
    raise ValueError("a day is written 2026-09-01")


def _flag(value: object) -> object:
    """Reads true and false from the text of a query string."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _writable(value: str) -> str:
    """Refuses the null character, which databases cannot store."""
    if "\0" in value:
        raise ValueError("a text may not contain the null character")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, AfterValidator(_writable)]
Flag = Annotated[bool, BeforeValidator(_flag)]


class RequestSchema(BaseModel):
    """The parameters of an endpoint; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Nothing(RequestSchema):
    """Nothing."""


class ResponseSchema(BaseModel):
    """The response of an endpoint, for its description only: the document is the same as on the command line."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Contract:
    """`title`: what it does, in a few words; `about`: the rest. `allowed`: the roles that may use it."""

    method: Literal["GET", "POST"]
    title: str
    about: str
    takes: type[RequestSchema]
    gives: type[ResponseSchema]
    allowed: frozenset[Role]


def from_text(takes: type[RequestSchema], text: bytes) -> RequestSchema:
    """The parameters in a request's body. The refusal repeats nothing that was sent."""
    try:
        return takes.model_validate_json(text or b"{}")
    except ValidationError as error:
        raise _refused(takes, error) from None


def from_parts(takes: type[RequestSchema], parts: Mapping[str, list[str]]) -> RequestSchema:
    """The parameters in a query string."""
    twice = sorted(name for name in takes.model_fields if len(parts.get(name, ())) > 1)
    if twice:
        raise _bad(f"{twice[0]} is given more than once; give it once.")
    try:
        return takes.model_validate({name: values[0] for name, values in parts.items()})
    except ValidationError as error:
        raise _refused(takes, error) from None


def _refused(takes: type[RequestSchema], error: ValidationError) -> Refused:
    first: Mapping[str, Any] = error.errors(include_url=False, include_context=False, include_input=False)[0]
    known = ", ".join(takes.model_fields) or "nothing"
    name = ".".join(str(part) for part in first["loc"] if part in takes.model_fields)
    match first["type"]:
        case "json_invalid":
            return _bad("The body is not JSON in UTF-8; send one object.", "not_json")
        case "model_type":
            return _bad(f"The body is not a JSON object; send one with {known}.", "not_json")
        case "missing":
            return _bad(f"{name} is missing; this takes {known}.")
        case "extra_forbidden":
            return _bad(f"An unknown parameter was sent; this takes {known}.")
        case "value_error":
            reason = str(first["msg"]).removeprefix("Value error, ")
            return _bad(f"{name} cannot be read: {reason}.")
    return _bad(f"{name} has the wrong type; see /api/openapi.json.")


def _bad(message: str, code: str = "bad_request") -> Refused:
    return Refused(message, code=code)


P = ParamSpec("P")
A = TypeVar("A", bound=RequestSchema)
LARGEST = 1024 * 1024  # bytes of a body
# Counted in the database as tries at the door are, so that every process of the server counts together. A school's programs
# share one address of the network: wrong tries from it never shut out a token that holds.
RATES = {"failed": "60/5m/ip", "asked": "300/m/key"}
asked_by = Signal()  # with `request`, `actor`, `handle`: a token came after a while without any request
# With `request`, `handle`: an invalid token was presented; `handle` is empty unless a token has it.
shut_out = Signal()
throttled = (
    Signal()
)  # with `request`, `who` where the token is valid: too many requests, or too many wrong tokens

NO_TOKEN = Refused(
    "Send a valid token in the header Authorization: Bearer tw_…; make one on the page My account.",
    code="no_token",
)
TOO_OFTEN = Refused("There were too many requests; wait a minute, then try again.", code="too_often")
TOO_LARGE = Refused("The body is larger than 1 MB; send less.", code="too_large")
NOT_JSON = Refused(
    "Send the body as JSON, with the header Content-Type: application/json.", code="wrong_type"
)
WRONG_WAY = Refused("This address does not accept that method; see /api/openapi.json.", code="wrong_method")
NOT_HERE = Refused(
    "Nothing was found: the address may be mistyped, or you may not have access to what it names.",
    code="not_found",
)
# Refusals of a malformed request (422); all others are 403.
AMISS = frozenset(
    [
        "bad_request",
        "not_json",
        "sql",
        "engine",
        "too_large",
        "bad_head",
        "cut_off",
        "other_ledger",
        "nothing_sealed",
        "not_sealed",
    ]
)
LATER = frozenset({"busy", "changed_meanwhile"})
ONE_AT_A_TIME = frozenset({"question_running"})

View = Callable[Concatenate[Actor, A, P], Mapping[str, Any]]


class Turned(Exception):
    """The answer to a request that goes no further."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status_code)
        self.response = response


def answer(document: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(as_text(document), status=status, content_type="application/json")


def refusal(refused: Refused, status: int | None = None, **headers: str) -> HttpResponse:
    """The error document, as on the command line; a 404 says no more than that."""
    if status is None:
        status = status_of(refused)
    shown = NOT_HERE if status == 404 else refused
    if refused.code in ONE_AT_A_TIME:
        headers = {"Retry_After": "30", **headers}
    response = answer({"error": shown.to_json()}, status)
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response


def status_of(refused: Refused) -> int:
    if refused.code.startswith("unknown_"):
        return 404
    if refused.code in AMISS:
        return 422
    if refused.code in ONE_AT_A_TIME:
        return 429
    return 503 if refused.code in LATER else 403


def endpoint(
    method: Literal["GET", "POST"],
    *,
    gives: type[ResponseSchema],
    takes: type[A] | None = None,
    roles: Collection[Role] = (),
) -> Callable[[View[A, P]], Callable[..., HttpResponse]]:
    """Makes an endpoint of a function `(actor, asked, **parts of the address) -> document`.

    Its docstring is its description: the first line, and the rest. Without `roles` every role may ask.
    """  # fmt: skip
    allowed = frozenset(roles or Role)

    def decorate(view: View[A, P]) -> Callable[..., HttpResponse]:
        title, _, about = (view.__doc__ or "").partition("\n")
        contract = Contract(method, title, " ".join(about.split()), takes or Nothing, gives, allowed)

        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: Any, **place: Any) -> HttpResponse:
            try:
                actor = admitted(request)
                if actor.role not in allowed:
                    turned_away.send(sender=guarded, request=request, who=actor.email)
                    return refusal(NOT_HERE, 404)
                if request.method != method:
                    return refusal(WRONG_WAY, 405, Allow=method)
                # No database keeps it, so nothing is called so.
                if any("\0" in str(part) for part in place.values()):
                    return refusal(NOT_HERE, 404)
                parameters: Any = _asked(request, contract)
                with request_cache():
                    return answer(view(actor, parameters, *args, **place))
            except Turned as turned:
                return turned.response
            except Http404:
                return refusal(NOT_HERE, 404)
            except Refused as refused:
                return refusal(refused)

        guarded.allowed = allowed  # type: ignore[attr-defined]
        guarded.contract = contract  # type: ignore[attr-defined]
        return guarded

    return decorate


@csrf_exempt
def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any other URL: 404 for a valid token."""
    try:
        admitted(request)
    except Turned as turned:
        return turned.response
    return refusal(NOT_HERE, 404)


def admitted(request: HttpRequest) -> Actor:
    """The user of the token in the header. Refused where it is invalid, or used too often."""
    text = _shown(request)
    found = holder(text)
    if found is None:
        if text:
            # Without a line of the journal for each: they could fill the disk.
            if not _within(request, "failed"):
                throttled.send(sender=None, request=request, who="")
                raise Turned(refusal(TOO_OFTEN, 429, Retry_After="300"))
            shut_out.send(sender=None, request=request, handle=known_handle(text))
        raise Turned(refusal(NO_TOKEN, 401, WWW_Authenticate='Bearer realm="Throughway"'))
    if not _within(request, "asked", found.token.handle):
        throttled.send(sender=None, request=request, who=found.actor.email)
        raise Turned(refusal(TOO_OFTEN, 429, Retry_After="60"))
    if found.visits:
        asked_by.send(sender=None, request=request, actor=found.actor, handle=found.token.handle)
    came(handle=found.token.handle, last=found.token.used)
    return found.actor


def _within(request: HttpRequest, what: str, key: str | None = None) -> bool:
    return bool(
        ratelimit.consume(
            request, app="throughway.tokens", action=what, config=RATES, key=key, limit_get=True
        )
    )


def _shown(request: HttpRequest) -> str:
    """The token after `Bearer` in the header; empty where there is none. An address never carries a token."""
    kind, _, rest = request.headers.get("Authorization", "").partition(" ")
    return rest.strip() if kind.lower() == "bearer" else ""


def _asked(request: HttpRequest, contract: Contract) -> RequestSchema:
    if contract.method == "GET":
        return from_parts(contract.takes, dict(request.GET.lists()))
    if _length(request) > LARGEST:
        raise Turned(refusal(TOO_LARGE, 413))
    if request.content_type != "application/json":
        raise Turned(refusal(NOT_JSON, 415))
    if request.GET:
        raise Refused("Send the parameters in the body, not in the address.", code="bad_request")
    return from_text(contract.takes, request.body)


def _length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        raise Refused("The header Content-Length is not a number of bytes.", code="bad_request")
    return int(length)
