"""Every write about tokens. Each leaves an event in the history of the account, and signals the event log."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.dispatch import Signal

from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.partners.members import AccountEventKind
from throughway.partners.models import AccessToken, User, UserEvent
from throughway.partners.tokens.selectors import digest, lacks_factor
from throughway.partners.tokens.token import (
    MOST,
    TokenScope,
    check_days,
    check_name,
    drawn,
    written,
)

token_changed_signal = Signal()  # with `what`, `who`, `handle`, `by`: a token was made or taken back
EVERY = timedelta(minutes=1)  # how often at most the time of last use is written


@dataclass(frozen=True)
class CreatedToken:
    """A token at the moment it is made: `text` is shown this once and kept nowhere."""

    token: AccessToken
    text: str


@transaction.atomic
def make(*, email: str, name: str, days: int, by: Actor) -> CreatedToken:
    """Makes a token that reads in the name of a user, until so many days from now. Its text is in the answer and nowhere else.

    Refused unless the user makes it, or the operator of the folder; where the community requires a second factor, unless the
    user has one.
    """
    kept, length = check_name(name), check_days(days)
    user = _own(email, by)
    if lacks_factor(user):
        raise Refused(
            "This community requires a second factor; set it up on the page My account, then make the token.",
            code="second_factor",
        )
    now = datetime.now(UTC)
    if AccessToken.objects.filter(user=user, ended=None, until__gt=now).count() >= MOST:
        raise Refused(f"This account has {MOST} tokens already; end one that is not in use.", code="too_many")
    handle, secret = drawn()
    row = AccessToken.objects.create(
        user=user, handle=handle, digest=digest(secret), name=kept, scope=TokenScope.READ, partner=user.partner_id,
        role=user.role, made=now, until=now + timedelta(days=length), made_by=by.email,
    )  # fmt: skip
    _record(user, AccountEventKind.TOKEN_MADE, handle, by)
    return CreatedToken(row, written(handle, secret))


@transaction.atomic
def end(*, email: str, handle: str, by: Actor) -> AccessToken:
    """Revokes a token permanently; repeating it changes nothing."""
    user = _own(email, by)
    row = AccessToken.objects.select_for_update().filter(user=user, handle=handle).first()
    if row is None:
        raise Refused("This account has no such token; see the list of its tokens.", code="unknown_token")
    _end(row, user, by)
    return row


@transaction.atomic
def end_all(*, user: User, by: Actor) -> None:
    """Takes back every token of an account that is closed, or whose passphrase and second factor were lost."""
    for row in AccessToken.objects.select_for_update().filter(user=user, ended=None):
        _end(row, user, by)


def came(*, handle: str, last: datetime | None) -> None:
    """Writes when the token was last used, once a minute at most."""
    now = datetime.now(UTC)
    if last is None or now - last > EVERY:
        AccessToken.objects.filter(handle=handle).update(used=now)


def _end(row: AccessToken, user: User, by: Actor) -> None:
    if row.ended is None:
        row.ended = datetime.now(UTC)
        row.save(update_fields=["ended"])
        _record(user, AccountEventKind.TOKEN_ENDED, row.handle, by)


@transaction.atomic
def check_own(email: str, by: Actor) -> str:
    """The address as the register has it. Refused for all but the user and the operator."""
    return _own(email, by).email


def _own(email: str, by: Actor) -> User:
    """The user of that address. Refused as unknown for everybody but that user and the operator."""
    user = User.objects.open().select_for_update().filter(email__iexact=email.strip()).first()
    if user is None or not (by.is_operator or by.email == user.email):
        raise Refused(
            "Tokens are made and ended by their own user, or by the operator of the folder.",
            code="unknown_user",
        )
    return user


def _record(user: User, what: AccountEventKind, handle: str, by: Actor) -> None:
    UserEvent.objects.create(user=user, what=what, at=datetime.now(UTC), by=by.email)
    transaction.on_commit(
        lambda: token_changed_signal.send(
            sender=None, what=LOG_WORDS[what], who=user.email, handle=handle, by=by.email
        )
    )


LOG_WORDS = {AccountEventKind.TOKEN_MADE: "token made", AccountEventKind.TOKEN_ENDED: "token ended"}
