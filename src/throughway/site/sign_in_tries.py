"""How many wrong passphrases are looked at, so that guessing is hopeless and strangers' tries do not lock the right person out.

A browser in which somebody signed in is known for that account by a signed cookie, and counts its tries for itself. Every other try counts
for (account, address) and, slowly, for the account. So whoever tries from elsewhere uses up only the tries of strangers.

The arithmetic, for one account: strangers together have 100 tries a day (NIST SP 800-63B names 100 as the most), 36,500 a year; each known
browser has 50 a day. A passphrase of four of 7,776 words has 3.7e15 forms; one that people invent, of twelve characters and not on the
list of common ones, about 2**27 (the estimate of the first SP 800-63): a year of tries finds it with a chance of .03 %. Five in five
minutes, which any stranger could use up for the holder, would be 525,600 a year.
"""

from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import get_random_string, salted_hmac

from throughway.partners.models import User

COOKIE = "known_browser"
SALT = "throughway.site.sign_in_tries"
KEPT = 365 * 24 * 3600  # seconds
MOST_ACCOUNTS = 8  # that one browser is known for

FROM_ADDRESS = {"login_failed": "60/5m/ip"}
AT_ADDRESS = {"login_failed": "5/5m/key,20/d/key"}  # one account from one address
BY_STRANGERS = {"login_failed": "100/d/key"}  # one account from all addresses
IN_BROWSER = {"login_failed": "5/5m/key,50/d/key"}  # one account in a browser that is known for it


def count_try(request: HttpRequest, email: str) -> ratelimit.RateLimitUsage | None:
    """Counts a try to open that account; None where it is one too many, which is not looked at. What it returns is rolled back where
    the passphrase was right."""
    account = email.strip().lower()
    browser = _browser_of(request, account)
    limits = (
        [(IN_BROWSER, f"{account} in {browser}")]
        if browser
        else [(FROM_ADDRESS, ""), (AT_ADDRESS, f"{account} at {ratelimit.get_ip(request)}"), (BY_STRANGERS, account)]
    )  # fmt: skip
    counted = ratelimit.RateLimitUsage(usage=[])
    for config, key in limits:
        found = ratelimit.consume(
            request, app="throughway.site", action="login_failed", config=config, key=key
        )
        if found is None:
            return None
        counted.usage += found.usage
    return counted


def _browser_of(request: HttpRequest, account: str) -> str:
    """What this browser is counted under where it is known for the account: by its cookie, or because the account is open in it."""
    if request.user.is_authenticated and request.user.get_username() == account:
        return f"session of {request.user.pk}"
    browser, accounts = _known(request)
    return browser if _mark(account) in accounts else ""


def _known(request: HttpRequest) -> tuple[str, list[str]]:
    """The random name of the browser and the marks of its accounts; both empty where the cookie is not ours."""
    try:
        said = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return "", []
    return said["browser"], said["accounts"]


def _mark(account: str) -> str:
    """What stands for an account in the cookie; it tells nobody which account it is."""
    return salted_hmac(SALT, account).hexdigest()[:24]


@receiver(user_logged_in)
def remember(sender: object, request: HttpRequest, user: User, **_: object) -> None:
    request.signed_in_here = user.get_username().lower()  # type: ignore[attr-defined]


def set_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Makes the browser known for the account that was opened by this very request."""
    account = getattr(request, "signed_in_here", "")
    if not account:
        return
    browser, accounts = _known(request)
    accounts = [_mark(account), *(mark for mark in accounts if mark != _mark(account))][:MOST_ACCOUNTS]
    said: dict[str, Any] = {"browser": browser or get_random_string(22), "accounts": accounts}
    response.set_cookie(
        COOKIE, signing.dumps(said, salt=SALT), max_age=KEPT, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
