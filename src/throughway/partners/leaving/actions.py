"""Closing an account, its last day, and taking somebody off the register of who signs: at once or, where an office would be left empty, once a
second person of the partner agrees. The operator of the folder acts alone."""

from collections.abc import Collection
from datetime import UTC, date, datetime

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.partners.actions import check_not_closed, end_what_rested_on, kept_account
from throughway.partners.actor import OPERATOR, Actor
from throughway.partners.leaving.office import LeavingAsked, Office, office_words
from throughway.partners.leaving.selectors import emptied, emptied_by_closing, leaving_asked
from throughway.partners.members import AccountEventKind
from throughway.partners.models import User, UserEvent
from throughway.partners.permissions import check_can_keep_signatories, check_is_second_person
from throughway.partners.selectors import check_acts_for, who_answers
from throughway.partners.signatories.actions import end_with_account
from throughway.partners.signatories.selectors import signing_register


@transaction.atomic
def close_user(*, email: str, by: Actor) -> LeavingAsked | None:
    """Closes an account: its sessions end at the next request, its tokens are revoked, and its holder signs no more. Its history stays on record.
    What it answers is the request, where the last holder of an office would go."""
    user = kept_account(email, by)
    if user.email == by.email:
        raise Refused(
            "You cannot close your own account; ask another person who keeps the register.", code="own"
        )
    if not user.is_active:
        return None
    if not by.is_operator and (left := emptied_by_closing(user)):
        return _ask(user, AccountEventKind.CLOSE_ASKED, left, by)
    _close(user, by)
    return None


@transaction.atomic
def set_last_day(*, email: str, last_day: date | None, by: Actor) -> User | LeavingAsked:
    """Sets the day after which an account is closed, as of somebody who works for a season; None takes it away. A day that has passed
    closes the account now. What ended does not come back with a later day: its tokens are revoked. Where an office would be left empty
    afterwards, a request is answered instead."""
    user = kept_account(email, by)
    if user.email == by.email:
        raise Refused(
            "You cannot set the last day of your own account; ask another person who keeps the register.",
            code="own",
        )
    check_acts_for(by, user.partner_id, unattended=True)
    check_not_closed(user)
    if not by.is_operator and (left := emptied(user, last_day)):
        return _ask(user, AccountEventKind.LAST_DAY_ASKED, left, by, last_day)
    _set_last_day(user, last_day, by)
    return user


@transaction.atomic
def end_signatory(*, email: str, by: Actor) -> LeavingAsked | None:
    """Takes somebody off the register. The partner stays one that registers: nobody signs "by role" instead, so the last one is taken off by two
    people, and a request is answered."""
    user = User.objects.select_for_update().filter(email__iexact=email.strip()).first()
    if user is None:
        raise Refused("No user has that e-mail address; see `throughway user list`.", code="unknown_user")
    check_can_keep_signatories(by, user.partner_id)
    today = date.today()
    if signing_register(user.partner_id).of(user.email, today) is None:
        raise Refused("That person is not registered to sign; nothing was changed.", code="not_registered")
    if not by.is_operator and (left := emptied(user, date.min, {Office.SIGNATORY})):
        return _ask(user, AccountEventKind.SIGNING_END_ASKED, left, by)
    _end_signing(user, by)
    return None


@transaction.atomic
def agree_to_leaving(*, number: int, by: Actor) -> LeavingAsked:
    """The second person agrees, and what was asked is done. On the word of the operator, who named them on the command line, the operator
    stands with it."""
    user, asked = _asked(number, by)
    acts = OPERATOR if by.on_operators_word else by
    match asked.what:
        case AccountEventKind.CLOSE_ASKED:
            _close(user, acts, asked.by)
        case AccountEventKind.LAST_DAY_ASKED:
            _set_last_day(user, asked.last_day, acts, asked.by)
        case _:
            _end_signing(user, acts, asked.by)
    return asked


@transaction.atomic
def decline_leaving(*, number: int, by: Actor) -> None:
    user, _ = _asked(number, by)
    _record(user, AccountEventKind.LEAVING_DECLINED, by)


def _ask(
    user: User, what: AccountEventKind, left: Collection[Office], by: Actor, last_day: date | None = None
) -> LeavingAsked:
    if not who_answers(user.partner_id, apart_from=by.email):
        raise Refused(
            f"{user.email} is {office_words(left)} of {user.partner_id}, so a second person must agree, and it has nobody else who could; "
            f"ask the operator of the folder, or give the office to somebody else first. Nothing was changed.",
            code="nobody_second",
        )
    _record(user, what, by, last_day=last_day)
    found = leaving_asked(user.pk)
    assert found is not None
    return found


def _asked(number: int, by: Actor) -> tuple[User, LeavingAsked]:
    user = User.objects.select_for_update().filter(pk=number).first()
    asked = leaving_asked(number)
    if user is None or asked is None:
        raise Refused(
            "Nobody has asked for that, or it was settled already; reload the page.", code="not_asked"
        )
    check_is_second_person(by, asked.partner, asked.people)
    return user, asked


def _close(user: User, by: Actor, asked_by: str = "") -> None:
    user.is_active = False
    user.save()
    end_what_rested_on(user, by)
    _record(user, AccountEventKind.CLOSED, by, asked_by)


def _set_last_day(user: User, last_day: date | None, by: Actor, asked_by: str = "") -> None:
    if user.last_day == last_day:
        return
    lapsed = user.has_lapsed
    user.last_day = last_day
    user.save()
    if lapsed or user.has_lapsed:
        end_what_rested_on(user, by)
    _record(user, AccountEventKind.LAST_DAY, by, asked_by, last_day)


def _end_signing(user: User, by: Actor, asked_by: str = "") -> None:
    end_with_account(user, by)
    _record(user, AccountEventKind.SIGNING_ENDED, by, asked_by)


def _record(
    user: User, what: AccountEventKind, by: Actor, asked_by: str = "", last_day: date | None = None
) -> None:
    UserEvent.objects.create(
        user=user, what=what, at=datetime.now(UTC), by=by.email, asked_by=asked_by, last_day=last_day
    )
