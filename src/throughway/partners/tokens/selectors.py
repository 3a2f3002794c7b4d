"""Reads of tokens: those of a user, and the holder of a token."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from throughway.partners.actor import Actor
from throughway.partners.models import AccessToken, User
from throughway.partners.tokens.token import parted

SALT = "throughway.partners.tokens"
# No hash is this one; compared with where there is no such token, so that both take the same time.
NOBODY = "0" * 64
# without a request: the next one counts as a new visit
VISIT = timedelta(minutes=15)
# Where a partner has a provider of its own, how long after its last word a session lasts and a token reads.
SIGN_ON_HOLDS = timedelta(hours=4)


@dataclass(frozen=True)
class Holder:
    """The holder of a token. `visits`: it was not used for a while, so the event log records a new visit."""

    actor: Actor
    token: AccessToken
    visits: bool


def digest(secret: str) -> str:
    """The keyed hash that is stored of a secret (HMAC-SHA256 under the site's own key, which is in `keys/`)."""
    return salted_hmac(SALT, secret, algorithm="sha256").hexdigest()


def tokens_of(email: str) -> QuerySet[AccessToken]:
    """Every token that a user ever made, newest first."""
    return AccessToken.objects.filter(user__email=email).order_by("-made", "-id")


def holder(text: str) -> Holder | None:
    """The holder of this token; None when it is invalid, expired or ended, when the account is closed, has another partner or
    role than when it was made, or lacks a required second factor or a recent single sign-on."""
    handle, secret = parted(text) or ("", "")
    row = AccessToken.objects.select_related("user").filter(handle=handle).first()
    fits = constant_time_compare(digest(secret), row.digest if row else NOBODY)
    if row is None or not fits:
        return None
    user, now = row.user, datetime.now(UTC)
    as_made = (user.partner_id, user.role) == (row.partner, row.role)
    if not (row.holds(now) and user.is_open and as_made) or lacks_factor(user) or lacks_sign_on(user, now):
        return None
    visits = row.used is None or now - row.used > VISIT
    return Holder(user.actor(), row, visits)


def known_handle(text: str) -> str:
    """The handle in an invalid token's text, where some token has it; otherwise empty. Never the text itself."""
    handle, _ = parted(text) or ("", "")
    return handle if handle and AccessToken.objects.filter(handle=handle).exists() else ""


def lacks_factor(user: User) -> bool:
    """Whether the community requires a second factor that the user has not set up."""
    if not settings.COMMUNITY.settings.site.requires_second_factor:
        return False
    return not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def lacks_sign_on(user: User, now: datetime) -> bool:
    """Whether the partner's own provider has not signed the user in for hours, so that it may have ended the account there."""
    if user.partner_id not in settings.COMMUNITY.settings.sign_on:
        return False
    return user.last_login is None or now - user.last_login > SIGN_ON_HOLDS
