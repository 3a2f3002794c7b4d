"""Every write to the register of partners and users, and of who is barred from whose records."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.text import slugify

from throughway.core.refusals import Refused, did_you_mean
from throughway.partners.actor import Actor, Role
from throughway.partners.debarment import FIVE_YEARS, Debarment, least
from throughway.partners.kinds import PartnerFacts, PartnerKind
from throughway.partners.members import AccountEventKind, Invitation, LinkAsked
from throughway.partners.models import (
    BarEvent,
    Partner,
    User,
    UserEvent,
    check_valid,
)
from throughway.partners.permissions import (
    SIGNERS,
    check_can_keep_people,
    check_can_keep_registers,
    check_may_add_kind,
    check_may_agree_to_link,
    may_open_alone,
)
from throughway.partners.selectors import (
    bars,
    check_acts_for,
    check_keeps,
    gives_alone,
    known,
    link_asked,
    own_kind,
    second_people,
)
from throughway.partners.signatories.actions import end_with_account
from throughway.partners.tokens.actions import end_all

# Codes of refusals by Django's codes of what is wrong with a field.
PARTNER_CODES = {
    "invalid": "bad_id",
    "blank": "missing_name",
    "invalid_choice": "unknown_kind",
    "unique": "exists",
}
USER_CODES = {"invalid": "bad_email", "blank": "bad_email", "unique": "exists"}
NEEDS_TWO = (
    "This account is another partner's, or may sign for its partner, so you alone cannot open it: ask for a link on the site, to which a "
    "second person of that partner agrees, or let the operator of the folder give it (without --as)."
)


@transaction.atomic
def add_partner(
    *, id: str, name: str, kind: str, legal: Iterable[str] = (), signer: str = "", by: Actor
) -> PartnerFacts:
    """Adds a partner to the register, with the leader who signs for it where `signer`, an e-mail address, is given. Refused when the id is
    taken, or the kind or a status is unknown, or as `add_user`; nothing is added then."""
    check_can_keep_registers(by)
    check_may_add_kind(by, own_kind(by), kind)
    partner = Partner(id=id, name=name.strip(), kind=kind, stated=sorted(set(legal)), added_by=by.email)
    check_valid(partner, PARTNER_CODES)
    partner.save(force_insert=True)
    if signer:
        try:
            _add_user(email=signer, partner=id, role=Role.LEADER, by=by)
        except Refused as refused:
            raise Refused(f"{refused.message} The partner was not added.", code="bad_signer") from None
    return partner.facts()


@transaction.atomic
def found_community(
    *, organizations: Sequence[tuple[str, str, str]], own_signer: str = "", by: Actor
) -> list[Invitation]:
    """Adds organizations, each (name, kind, e-mail address of its leader), and the leader of the actor's own partner where one is given; and
    gives each leader the first link. All of them or, where one is refused, nothing. Ids are made of the names."""
    leaders = [own_signer] if own_signer else []
    if own_signer:
        _add_user(email=own_signer, partner=by.partner or "", role=Role.LEADER, by=by)
    for name, kind, email in organizations:
        try:
            add_partner(id=slugify(name)[:100] or "partner", name=name, kind=kind, signer=email, by=by)
        except Refused as refused:
            raise Refused(f"{name}: {refused.message} Nothing was added.", code=refused.code) from None
        leaders.append(email)
    return [invite(email=email, by=by) for email in leaders]


def add_user(
    *,
    email: str,
    partner: str,
    role: str,
    password: str | None = None,
    last_day: date | None = None,
    by: Actor,
) -> Actor:
    """Adds a user who acts for a partner. `last_day`: after it the account is closed; None where it has none. Refused when the address
    is taken, the role is unknown, or the last day has passed. A passphrase is hashed before the transaction, since that takes long."""
    hashed = None if password is None else make_password(password)
    return _add_user(
        email=email, partner=partner, role=role, password=password, hashed=hashed, last_day=last_day, by=by
    )


@transaction.atomic
def _add_user(
    *, email: str, partner: str, role: str, password: str | None = None, hashed: str | None = None, last_day: date | None = None,
    by: Actor,
) -> Actor:  # fmt: skip
    """`hashed`: the passphrase as it is stored; without it the account has none."""
    known(partner)
    check_can_keep_people(by, own_kind(by), partner)
    if role not in set(Role):
        cure = did_you_mean(role, Role, f"choose {', '.join(Role)}.")
        raise Refused(f"{role!r} is not a role; {cure}", code="unknown_role")
    if last_day is not None and last_day < date.today():
        raise Refused("The last day has passed; give today or a later day.", code="bad_day")
    user = User(email=email.lower(), partner_id=partner, role=role, last_day=last_day, added_by=by.email)
    if hashed is None:
        user.set_unusable_password()
    else:
        user.password = hashed
    check_valid(user, USER_CODES)
    if password is not None:
        if not may_open_alone(by, partner, role):
            raise Refused(NEEDS_TWO, code="second_person")
        _check_passphrase(password, user)
    user.save()
    _record(user, AccountEventKind.ADDED, by)
    return user.actor()


@transaction.atomic
def add_users(
    *, emails: Sequence[str], partner: str, role: str, last_day: date | None = None, by: Actor
) -> list[Invitation]:
    """Adds several users in one role, as those whom a program takes on for a season, and gives each a link: all of them or, where one is
    refused, nobody. Of another partner's people a link is requested for each instead, and none is returned. Refused for a role that may
    sign: there a second person agrees to each link."""
    if role in SIGNERS:
        raise Refused(
            "Those who may sign are added one by one: a second person agrees to each link.",
            code="second_person",
        )
    invitations = []
    for place, email in enumerate(emails, 1):
        try:
            added = _add_user(email=email, partner=partner, role=role, last_day=last_day, by=by)
        except Refused as refused:
            if refused.code not in USER_CODES.values():
                raise
            raise Refused(
                f"Address {place}: {refused.message} Nobody was added.", code=refused.code
            ) from None
        if may_open_alone(by, partner, role):
            invitations.append(invite(email=added.email, by=by))
        else:
            ask_for_link(email=added.email, by=by)
    return invitations


@transaction.atomic
def add_first_steward(*, organization: str, email: str, by: Actor) -> Invitation:
    """Adds the organization that runs the community, of kind backbone, and its data steward, who is given a link. Its id is made of its
    name."""
    partner = add_partner(
        id=slugify(organization)[:100] or "backbone", name=organization, kind=PartnerKind.BACKBONE, by=by
    )
    _add_user(email=email, partner=partner.id, role=Role.DATA_STEWARD, by=by)
    return invite(email=email, by=by)


@transaction.atomic
def invite(*, email: str, by: Actor) -> Invitation:
    """Makes a link with which its holder chooses a passphrase, once, within three days.

    It ends the old passphrase, the second factor, every earlier link and every token. No link is mailed: the address of a new account is
    what somebody typed. Whoever makes it hands it over, so only the account's own partner does (`gives_alone`); others request it, and a
    second person of that partner agrees.
    """
    user = kept_account(email, by)
    if not gives_alone(user, by):
        raise Refused(NEEDS_TWO, code="second_person")
    return _give_link(user, by)


@transaction.atomic
def ask_for_link(*, email: str, by: Actor) -> LinkAsked:
    """Requests a link to an account that one does not open alone; a second person of its partner agrees within three days, or declines.
    Until then the account stays as it is. Refused where nobody of the partner could agree.
    """
    user = kept_account(email, by)
    _check_open(user)
    if not second_people(user.pk, by.email):
        raise Refused(
            "That partner has nobody else who may agree to this link; ask the operator of the folder to give it with "
            "`throughway user invite`.",
            code="nobody_second",
        )
    _record(user, AccountEventKind.LINK_ASKED, by)
    requested = link_asked(user.pk)
    assert requested is not None
    return requested


@transaction.atomic
def agree_to_link(*, number: int, by: Actor) -> Invitation:
    """The second person agrees, and receives the link to hand over."""
    user, requested = _asked(number, by)
    return _give_link(user, by, asked_by=requested.by)


@transaction.atomic
def decline_link(*, number: int, by: Actor) -> None:
    user, _ = _asked(number, by)
    _record(user, AccountEventKind.LINK_DECLINED, by)


def _asked(number: int, by: Actor) -> tuple[User, LinkAsked]:
    user = User.objects.select_for_update().filter(pk=number).first()
    requested = link_asked(number)
    if user is None or requested is None:
        raise Refused(
            "Nobody has requested a link for that account, or it was already given; reload the page.",
            code="unknown_link",
        )
    check_may_agree_to_link(by, requested.partner, requested.people)
    return user, requested


def check_not_closed(user: User) -> None:
    if not user.is_active:
        raise Refused("That account is closed; open it again first.", code="closed")


def _check_open(user: User) -> None:
    check_not_closed(user)
    if user.has_lapsed:
        raise Refused(
            "The last day of that account has passed; give it a later one, or take it away, first.",
            code="closed",
        )


def _give_link(user: User, by: Actor, asked_by: str = "") -> Invitation:
    _check_open(user)
    user.set_unusable_password()  # random each time, so that earlier links and sessions end
    user.save()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    end_all(user=user, by=by)
    _record(user, AccountEventKind.INVITED, by, asked_by)
    number = urlsafe_base64_encode(force_bytes(user.pk))
    return Invitation(user.email, number, default_token_generator.make_token(user))


@transaction.atomic
def bind_identity(*, email: str, subject: str, by: Actor) -> None:
    """Records, at the first single sign-on of an account, which subject of its partner's provider it belongs to; from then on no other
    opens it, and it has no passphrase. A new link ends this. Refused for another subject, or one that has another account."""
    user = User.objects.select_for_update().get(email=email)
    bound = SocialAccount.objects.filter(provider=user.partner_id, user=user).first()
    if bound is None and not SocialAccount.objects.filter(provider=user.partner_id, uid=subject).exists():
        SocialAccount.objects.create(provider=user.partner_id, uid=subject, user=user)
        user.set_unusable_password()
        user.save()
    elif bound is None or bound.uid != subject:
        raise Refused(
            f"That account belongs to another identity at its organization; give its holder a new link. (Asked by {by.email}.)",
            code="other_identity",
        )


@transaction.atomic
def reopen_user(*, email: str, by: Actor) -> None:
    """Opens a closed account again, with its old passphrase. A last day that has passed is taken away."""
    user = kept_account(email, by)
    check_acts_for(by, user.partner_id, unattended=True)
    if not user.is_open:
        if user.has_lapsed:
            user.last_day = None
            end_what_rested_on(user, by)
        user.is_active = True
        user.save()
        _record(user, AccountEventKind.REOPENED, by)


def end_what_rested_on(user: User, by: Actor) -> None:
    """What an account held ends with it, and does not come back when it is opened again: its tokens, and that its holder signs."""
    end_all(user=user, by=by)
    end_with_account(user, by)


def kept_account(email: str, by: Actor) -> User:
    """The user of that address, closed or not. Refused when unknown, or when the actor does not keep that account."""
    user = User.objects.select_for_update().filter(email__iexact=email.strip()).first()
    if user is None:
        raise Refused("No user has that e-mail address; see `throughway user list`.", code="unknown_user")
    check_can_keep_people(by, own_kind(by), user.partner_id)
    return user


def _check_passphrase(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(
            f"That passphrase is not good enough: {' '.join(error.messages)}", code="passphrase"
        ) from None


def _record(user: User, what: AccountEventKind, by: Actor, asked_by: str = "") -> None:
    UserEvent.objects.create(user=user, what=what, at=datetime.now(UTC), by=by.email, asked_by=asked_by)


@transaction.atomic
def bar(
    *, party: str, agency: str, finding: str, found_on: date, until: date | None = None, by: Actor
) -> Debarment:
    """Debars a party from an agency's records after a finding of the Department, for five years or longer (`until`). `finding`
    refers to the finding, such as its number, and names no person. Recorded by the keepers of the agency or of the backbone.
    """
    known(party)
    known(agency)
    check_keeps(by, agency, unattended=True)
    if party == agency:
        raise Refused("An agency cannot be barred from its own records; name another party.", code="same")
    if not finding.strip():
        raise Refused("Say which finding of the Department bars it, such as its number.", code="no_finding")
    if found_on > date.today():
        raise Refused(f"{found_on} is still to come; give the day of the finding.", code="bad_day")
    soonest = least(found_on)
    if until is not None and until < soonest:
        raise Refused(
            f"A bar lasts at least five years, and {until} is before {soonest}; leave the day out, or give a later one.",
            code="too_short",
            citations=(FIVE_YEARS,),
        )
    event = BarEvent.objects.create(
        party_id=party, agency_id=agency, finding=finding.strip(), found_on=found_on, until=until or soonest,
        at=datetime.now(UTC), by=by.email,
    )  # fmt: skip
    return Debarment(event.pk, party, agency, event.finding, event.found_on, event.until)


@transaction.atomic
def end_bar(*, number: int, why: str, by: Actor) -> Debarment:
    """Ends a debarment early, because the Department withdrew its finding. The record stays."""
    found = next((b for b in bars() if b.number == number), None)
    if found is None:
        raise Refused(f"There is no bar {number}; see `throughway partner bars`.", code="unknown_bar")
    check_keeps(by, found.agency, unattended=True)
    if by.partner == found.party:
        raise Refused(
            "Your own partner is barred, so you cannot end the bar; ask the agency's keepers of the register or the operator.",
            code="not_allowed",
        )
    if found.ended:
        raise Refused(f"The bar {number} was ended before; nothing was changed.", code="ended")
    if not why.strip():
        raise Refused("Say why the bar ends, such as the Department's letter.", code="no_reason")
    BarEvent.objects.create(
        party_id=found.party, agency_id=found.agency, finding=why.strip(), found_on=found.found_on,
        until=found.until, ends_id=number, at=datetime.now(UTC), by=by.email,
    )  # fmt: skip
    return next(b for b in bars() if b.number == number)
