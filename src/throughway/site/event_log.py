"""The event log: sign-ins, refused pages and errors as lines of JSON in `data/log/`, with who, what and when in UTC, and no
value.

One file a day, for its owner alone. A line is written at once and whole, so that processes may write together; line breaks
inside a text are escaped by JSON.
"""

import hashlib
import json
import os
import secrets
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from allauth.account.signals import password_changed
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.cache import cache
from django.dispatch import receiver
from django.http import HttpRequest

from throughway.partners.actor import Actor
from throughway.partners.api_endpoints import asked_by, shut_out
from throughway.partners.api_endpoints import throttled as api_throttled
from throughway.partners.models import User
from throughway.partners.page_access import turned_away
from throughway.partners.tokens.actions import token_changed_signal

THROTTLED_EVERY = 300  # seconds
CODES_MADE_HERE = "codes_made_here"  # in a session: the recovery codes that came with the first authenticator


def write(what: str, *, request: HttpRequest | None = None, **more: Any) -> None:
    """Adds one line; a journal that cannot be written never stops a page."""
    now = datetime.now(UTC)
    line: dict[str, Any] = {"at": now.isoformat(timespec="milliseconds"), "what": what, **more}
    if request is not None:
        line["from"] = get_client_ip(request)
    folder: Path = settings.COMMUNITY.data / "log"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(folder / f"site-{now:%Y-%m-%d}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, json.dumps(line, ensure_ascii=True).encode() + b"\n")
        finally:
            os.close(handle)
    except OSError:
        return


def broken(request: HttpRequest, error: BaseException) -> str:
    """Logs where our code failed, never the error's message; returns the reference to show."""
    reference = secrets.token_hex(3).upper()
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{Path(f.filename).name}:{f.lineno}" for f in frames if "throughway" in f.filename]
    match = getattr(request, "resolver_match", None)
    page = match.view_name if match else None
    write(
        "broke", request=request, reference=reference, kind=type(error).__name__, where=ours[-3:], page=page
    )
    return reference


def failed_sign_in(request: HttpRequest, email: str) -> None:
    """A failed sign-in; only a known address is written, because people type passphrases into the wrong field."""
    known = User.objects.filter(email__iexact=email).exists()
    write("sign-in failed", request=request, who=email.lower() if known else "an address that nobody has")


def throttled(request: HttpRequest, who: str | None = None) -> None:
    """Tries that are no longer looked at. One line in five minutes for each account, or for each machine where no account is known:
    they cannot fill the disk."""
    who = account_tried(request) if who is None else who
    key = hashlib.sha256((who or get_client_ip(request) or "").encode()).hexdigest()
    if cache.add(f"throttled:{key}", True, THROTTLED_EVERY):
        write("throttled", request=request, who=who or "nobody that is known")


def account_tried(request: HttpRequest) -> str:
    """The account that somebody tries to open, or has open; empty where there is none."""
    if request.user.is_authenticated:
        return request.user.get_username()
    stage = getattr(request, "_login_stage", None)  # the passphrase was right, and a code is asked for
    if stage is not None:
        return str(stage.login.user.email)
    typed = User.objects.filter(email__iexact=request.POST.get("login", "")).first()
    return typed.email if typed else ""


@receiver(api_throttled)
def too_many_requests(sender: object, request: HttpRequest, who: str, **_: object) -> None:
    throttled(request, who)


@receiver(authenticator_added)
def factor_added(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **_: object
) -> None:
    write("second factor added", request=request, who=user.email, factor=authenticator.type)
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        request.session[CODES_MADE_HERE] = authenticator.pk


def set_up_here(request: HttpRequest) -> bool:
    """Whether the recovery codes that the user has now were made when this very session added the first authenticator."""
    made = request.session.get(CODES_MADE_HERE)
    return made is not None and Authenticator.objects.filter(user=request.user, pk=made).exists()


@receiver(authenticator_removed)
def factor_removed(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **_: object
) -> None:
    write("second factor removed", request=request, who=user.email, factor=authenticator.type)


@receiver(authenticator_reset)
def codes_renewed(sender: object, request: HttpRequest, user: User, **_: object) -> None:
    write("recovery codes renewed", request=request, who=user.email)


@receiver(authentication_failed)
def wrong_code(sender: object, request: HttpRequest, user: User, **_: object) -> None:
    write("code failed", request=request, who=user.email)


@receiver(password_changed)
def passphrase_changed(sender: object, request: HttpRequest, user: User, **_: object) -> None:
    write("passphrase changed", request=request, who=user.email)


@receiver(turned_away)
def denied(sender: object, request: HttpRequest, who: str = "", **_: object) -> None:
    """One who asked for a screen that is not open to their role."""
    match = request.resolver_match
    write(
        "turned away",
        request=request,
        who=who or request.user.get_username(),
        page=match.view_name if match else None,
    )


@receiver(asked_by)
def came_by_token(sender: object, request: HttpRequest, actor: Actor, handle: str, **_: object) -> None:
    """A program began to ask in a user's name, as a sign-in is written."""
    write("asked by token", request=request, who=actor.email, token=handle)


@receiver(shut_out)
def failed_token(sender: object, request: HttpRequest, handle: str, **_: object) -> None:
    """What was shown opens nothing. Of it only the handle is written, and only where a token has it."""
    write("token failed", request=request, token=handle or "a token that nobody has")


@receiver(token_changed_signal)
def token_changed(sender: object, what: str, who: str, handle: str, by: str, **_: object) -> None:
    write(what, who=who, token=handle, by=by)


@receiver(user_logged_in)
def signed_in(sender: object, request: HttpRequest, user: User, **_: object) -> None:
    from allauth.account.internal.flows.login import get_authentication_records

    factors = sorted(
        {str(r.get("type") or r.get("method")) for r in get_authentication_records(request, user)}
    )
    write("signed in", request=request, who=user.email, factors=factors)


@receiver(user_logged_out)
def signed_out(sender: object, request: HttpRequest, user: User | None, **_: object) -> None:
    if user is not None:
        write("signed out", request=request, who=user.email)
