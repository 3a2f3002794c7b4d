"""Every write to the register of signatories. Two people of a partner register one; the operator of the folder registers alone, and stands
beside each signature. How somebody is taken off it: `leaving/actions.py`."""

from datetime import UTC, date, datetime

from django.db import transaction

from throughway.core.refusals import Refused, did_you_mean
from throughway.partners.actor import OPERATOR, Actor
from throughway.partners.models import SignatoryEvent, User
from throughway.partners.permissions import (
    SIGNERS,
    check_can_keep_signatories,
    check_may_agree_to_signatory,
)
from throughway.partners.selectors import second_people
from throughway.partners.signatories.selectors import signatory_asked, signing_register
from throughway.partners.signatories.signatory import (
    LONGEST,
    AuthorityKind,
    Signatory,
    SignatoryAsked,
    SignatoryEventKind,
)


@transaction.atomic
def register_signatory(
    *, email: str, name: str, office: str, authority: str, kind: str, by: Actor
) -> Signatory | SignatoryAsked:
    """Registers who signs for a partner, where the operator acts; else asks, and a second person of the partner agrees within two weeks.
    What is registered for the same person is replaced. Refused for an account that may not sign, and where nobody could agree."""
    user = _account(email, by)
    words = {
        "name": _words(name, "the person's name, as on paper"),
        "office": _words(office, "the office that signs"),
        "authority": _words(authority, "what lets the office bind its partner, such as Board policy 1450"),
    }
    if kind not in set(AuthorityKind):
        cure = did_you_mean(kind, AuthorityKind, f"choose {', '.join(AuthorityKind)}.")
        raise Refused(f"{kind!r} is no kind of authority; {cure}", code="unknown_kind")
    if by.is_operator:
        _record(user, SignatoryEventKind.REGISTERED, by.email, words | {"kind": kind})
        return _registered(user)
    if not second_people(user.pk, by.email):
        raise Refused(
            "Your partner has nobody else who may sign and could agree to this; ask the operator of the folder to register it with "
            "`throughway signatory register`.",
            code="nobody_second",
        )
    _record(user, SignatoryEventKind.ASKED, by.email, words | {"kind": kind})
    found = signatory_asked(user.pk)
    assert found is not None
    return found


@transaction.atomic
def agree_to_signatory(*, email: str, by: Actor) -> Signatory:
    """The second person agrees. On the word of the operator, who named them on the command line, the operator stands with it."""
    user, found = _asked(email, by)
    words = {"name": found.name, "office": found.office, "authority": found.authority, "kind": found.kind}
    registers = OPERATOR.email if by.on_operators_word else by.email
    _record(user, SignatoryEventKind.REGISTERED, registers, words, asked_by=found.by)
    return _registered(user)


@transaction.atomic
def decline_signatory(*, email: str, by: Actor) -> None:
    user, _ = _asked(email, by)
    _record(user, SignatoryEventKind.DECLINED, by.email)


def end_with_account(user: User, by: Actor) -> None:
    """Takes the holder of a closed account off the register and ends what was asked. Whose account is opened again is registered again."""
    last = SignatoryEvent.objects.filter(user=user).order_by("-id").first()
    if last is not None and last.what != SignatoryEventKind.ENDED:
        _record(user, SignatoryEventKind.ENDED, by.email)


def _asked(email: str, by: Actor) -> tuple[User, SignatoryAsked]:
    user = User.objects.select_for_update().filter(email__iexact=email.strip()).first()
    found = signatory_asked(user.pk) if user else None
    if user is None or found is None:
        raise Refused(
            "Nobody has asked that this person sign, or it was settled already; see `throughway signatory list`.",
            code="not_asked",
        )
    check_may_agree_to_signatory(by, found.partner, found.people)
    return user, found


def _account(email: str, by: Actor) -> User:
    user = User.objects.select_for_update().filter(email__iexact=email.strip()).first()
    if user is None:
        raise Refused("No user has that e-mail address; see `throughway user list`.", code="unknown_user")
    check_can_keep_signatories(by, user.partner_id)
    if user.role not in SIGNERS:
        raise Refused(
            "Only a leader or privacy officer can be registered, because two people open such an account; add the person in one of these "
            "roles first.",
            code="wrong_role",
        )
    if not user.is_open:
        raise Refused("That account is closed; open it again first.", code="closed")
    return user


def _registered(user: User) -> Signatory:
    found = signing_register(user.partner_id).of(user.email, date.today())
    assert found is not None
    return found


def _words(text: str, what: str) -> str:
    plain = " ".join(text.split())
    if not plain:
        raise Refused(f"Give {what}.", code="missing")
    if len(plain) > LONGEST:
        raise Refused(f"Give {what}, in at most {LONGEST} characters.", code="too_long")
    return plain


def _record(
    user: User, what: SignatoryEventKind, by: str, words: dict[str, str] | None = None, asked_by: str = ""
) -> None:
    SignatoryEvent.objects.create(
        user=user, what=what, at=datetime.now(UTC), by=by, asked_by=asked_by, **(words or {})
    )
