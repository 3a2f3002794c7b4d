"""What the register of signatories answers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from throughway.partners.actor import CUSTODIANS
from throughway.partners.models import SignatoryEvent, User
from throughway.partners.open_step import OpenStep
from throughway.partners.permissions import SIGNERS
from throughway.partners.request_cache import cached_per_request
from throughway.partners.selectors import second_people
from throughway.partners.signatories.signatory import (
    AuthorityKind,
    Signatory,
    SignatoryAsked,
    SignatoryEventKind,
    SigningRegister,
)


@cached_per_request
def _events() -> tuple[SignatoryEvent, ...]:
    return tuple(SignatoryEvent.objects.select_related("user").order_by("id"))


@cached_per_request
def signing_registers() -> Mapping[str, SigningRegister]:
    """The register of each partner that ever registered somebody. Whose account has a last day signs until then."""
    found: dict[str, list[Signatory]] = {}
    lapse: dict[str, date | None] = {}
    for e in _events():
        if e.what not in (SignatoryEventKind.REGISTERED, SignatoryEventKind.ENDED):
            continue
        own = found.setdefault(e.user.partner_id, [])
        day = e.at.astimezone().date()
        for place, before in enumerate(own):
            if before.email == e.user.email and before.last is None:
                own[place] = replace(before, last=day)
        if e.what == SignatoryEventKind.REGISTERED:
            own.append(
                Signatory(
                    e.user.partner_id, e.user.email, e.name, e.office, e.authority, AuthorityKind(e.kind), day, e.by, e.asked_by
                )
            )  # fmt: skip
            lapse[e.user.email] = e.user.last_day + timedelta(days=1) if e.user.last_day else None
    for own in found.values():
        for place, one in enumerate(own):
            if one.last is None and (last := lapse[one.email]):
                own[place] = replace(one, last=last)
    return {partner: SigningRegister(partner, tuple(own)) for partner, own in found.items() if own}


def signing_register(partner: str) -> SigningRegister:
    return signing_registers().get(partner, SigningRegister(partner))


def signatories_asked(on: date) -> list[SignatoryAsked]:
    """Every signatory to whom a second person may still agree on that day, oldest first."""
    last: dict[int, SignatoryEvent] = {}
    for event in _events():
        last[event.user_id] = event
    found = [
        SignatoryAsked(
            number=e.user_id, partner=e.user.partner_id, by=e.by, on=e.at.astimezone().date(), people=second_people(e.user_id, e.by),
            email=e.user.email, name=e.name, office=e.office, authority=e.authority, kind=AuthorityKind(e.kind),
        )
        for e in last.values()
        if e.what == SignatoryEventKind.ASKED
    ]  # fmt: skip
    return [asked for asked in found if on <= asked.until]


def signatory_asked(number: int) -> SignatoryAsked | None:
    return next((asked for asked in signatories_asked(date.today()) if asked.number == number), None)


def who_could(partner: str) -> list[User]:
    """The open accounts of a partner that can be registered: leaders and privacy officers, whose links need two people."""
    return list(User.objects.open().filter(partner_id=partner, role__in=sorted(SIGNERS)).order_by("email"))


def open_steps(on: date) -> list[OpenStep]:
    """Signatories to whom a second person must agree."""
    return [
        OpenStep(
            "agree_to_signatory", f"Agree that {asked.email} signs for your partner, or decline", asked.partner, CUSTODIANS, asked.on,
            asked.until, "partners:agree_to_signatory", (str(asked.number),), people=asked.people, whom="others who may sign",
        )
        for asked in signatories_asked(on)
    ]  # fmt: skip
