"""Who holds the offices of a partner, what waits for a second person, and which partner has nobody to sign."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Max, Q

from throughway.partners.actor import CUSTODIANS, Role
from throughway.partners.leaving.office import ASKS, SETTLES, LeavingAsked, Office, OfficeHolder, left_empty
from throughway.partners.members import AccountEventKind
from throughway.partners.models import User, UserEvent
from throughway.partners.open_step import OpenStep
from throughway.partners.selectors import who_answers
from throughway.partners.signatories.selectors import signing_register, signing_registers

_DAY = timedelta(days=1)


def holders(partner: str) -> list[OfficeHolder]:
    """Who holds which office today. An account that nobody ever opened holds none by its role; whom two people registered to sign holds that."""
    people = User.objects.open().filter(partner_id=partner, role__in=sorted(CUSTODIANS))
    opened = [user for user in people if user.last_login is not None or user.has_usable_password()]
    found = [OfficeHolder(Office(user.role), user.email, user.last_day) for user in opened]
    return found + [
        OfficeHolder(Office.SIGNATORY, one.email, one.last and one.last - _DAY)
        for one in signing_register(partner).in_force(date.today())
    ]


def emptied_by_closing(user: User) -> frozenset[Office]:
    return emptied(user, date.today() - _DAY)


def emptied(user: User, last: date | None, offices: Collection[Office] = tuple(Office)) -> frozenset[Office]:
    """The offices that this person would leave empty if `last` were the last day in them."""
    return left_empty(holders(user.partner_id), user.email, last, offices)


def emptied_by(asked: LeavingAsked) -> frozenset[Office]:
    """The offices that the request would leave empty as things stand now."""
    user = User.objects.get(pk=asked.number)
    match asked.what:
        case AccountEventKind.CLOSE_ASKED:
            return emptied_by_closing(user)
        case AccountEventKind.LAST_DAY_ASKED:
            return emptied(user, asked.last_day)
        case _:
            return emptied(user, date.min, {Office.SIGNATORY})


def leaving_asked_of(on: date) -> list[LeavingAsked]:
    """Every request to which a second person may still agree on that day, oldest first."""
    last: dict[int, UserEvent] = {}
    for event in UserEvent.objects.filter(what__in=ASKS | SETTLES).select_related("user").order_by("id"):
        last[event.user_id] = event
    found = [
        LeavingAsked(
            number=e.user_id, partner=e.user.partner_id, by=e.by, on=e.at.astimezone().date(),
            people=who_answers(e.user.partner_id, apart_from=e.by), email=e.user.email, role=e.user.role, what=AccountEventKind(e.what),
            last_day=e.last_day,
        )
        for e in sorted(last.values(), key=lambda event: event.pk)
        if e.what in ASKS
    ]  # fmt: skip
    return [asked for asked in found if on <= asked.until]


def leaving_asked(number: int) -> LeavingAsked | None:
    return next((asked for asked in leaving_asked_of(date.today()) if asked.number == number), None)


def unable_to_sign(on: date) -> dict[str, date]:
    """The partners for which somebody could sign and nobody can any more, each with the day since when: nobody whom it registered is left or,
    where it never registered anybody, no leader."""
    registers = signing_registers()
    found = {
        partner: max(one.last for one in register.ever if one.last)
        for partner, register in registers.items()
        if register.since is not None and register.since <= on and not register.in_force(on)
    }
    leaders = User.objects.filter(role=Role.LEADER).exclude(partner__in=list(registers))
    leading = leaders.open(on).values("partner")
    closed = Max("events__at", filter=Q(events__what=AccountEventKind.CLOSED))
    gone = leaders.exclude(partner__in=leading).annotate(closed=closed)
    for partner, active, last, at in gone.values_list("partner_id", "is_active", "last_day", "closed"):
        days = [at.astimezone().date()] if not active and at else []
        if last is not None and last < on:
            days.append(last + _DAY)
        since = min(days, default=on)
        found[partner] = max(since, found.get(partner, since))
    return found


def open_steps(on: date) -> list[OpenStep]:
    """Requests to which a second person must agree, and partners for which nobody can sign."""
    agree = [
        OpenStep(
            "agree_to_leaving", f"Agree to {asked.words}, or decline", asked.partner, CUSTODIANS, asked.on, asked.until,
            "partners:agree_to_leaving", (str(asked.number),), people=asked.people, whom="others who answer for it",
        )
        for asked in leaving_asked_of(on)
    ]  # fmt: skip
    register = [
        OpenStep(
            "register_signatory", "Register who signs: nobody can sign for your partner now", partner, CUSTODIANS, since, None,
            "partners:signatories", (partner,),
        )
        for partner, since in unable_to_sign(on).items()
    ]  # fmt: skip
    return agree + register
