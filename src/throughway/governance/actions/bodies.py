"""Bodies, their seats and their meetings."""

import re
from collections.abc import Collection
from datetime import date

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.governance import permissions, selectors
from throughway.governance.actions.transaction import (
    check_governs,
    locked_body,
    record,
    required_text,
    short_text,
)
from throughway.governance.bodies import Body, BodyKind, Meeting, MotionKind, Seat, VotingRule
from throughway.governance.models import BodyMeeting, BodySeat, GovernanceBody
from throughway.partners import Actor
from throughway.partners.selectors import actor, known, own_kind

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
MOST_SEATS = 200


@transaction.atomic
def found_body(
    *,
    id: str,
    name: str,
    kind: str,
    rule: str,
    quorum: int,
    decides: Collection[str] = (),
    charter: str = "",
    partner: str | None = None,
    by: Actor,
) -> Body:
    """Founds a body; Refused when the id is taken, a word unknown, or a board has no partner (another body has none)."""
    for word, words, what in ((kind, BodyKind, "kind of body"), (rule, VotingRule, "rule of decision")):
        if word not in set(words):
            raise Refused(f"{word!r} is no {what}; choose {', '.join(words)}.", code="unknown_word")
    unknown = sorted(set(decides) - set(MotionKind))
    if unknown:
        raise Refused(
            f"{unknown[0]!r} is nothing that a body decides; choose {', '.join(MotionKind)}.",
            code="unknown_word",
        )
    if (kind == BodyKind.BOARD) != bool(partner):
        raise Refused(
            "A board belongs to one partner, and every other body to the community; give a partner only for "
            "a board.",
            code="whose",
        )
    if partner:
        known(partner)
    permissions.check_can_found(by, own_kind(by), partner or None)
    if not ID.fullmatch(id):
        raise Refused(
            "That cannot be a body’s short name: use lowercase letters, digits and hyphens.", code="bad_id"
        )
    if not 1 <= quorum <= MOST_SEATS:
        raise Refused(f"A quorum is a number of seats, from 1 to {MOST_SEATS}.", code="bad_quorum")
    if GovernanceBody.objects.filter(pk=id).exists():
        raise Refused("A body with that short name already exists; nothing was changed.", code="exists")
    order = [kind for kind in MotionKind if kind in decides] or list(MotionKind)
    row = GovernanceBody.objects.create(
        id=id, name=required_text(name, "name of the body"), kind=kind, charter=short_text(charter, "charter"),
        decides=order, rule=rule, quorum=quorum, partner=partner or "",
    )  # fmt: skip
    record("found", f"body:{id}", by, name=row.name, rule=rule, quorum=quorum)
    return selectors.body_of(row)


@transaction.atomic
def seat(
    *,
    body: str,
    partner: str,
    holder: str,
    office: str,
    first: date | None = None,
    last: date | None = None,
    chair: bool = False,
    by: Actor,
) -> Seat:
    """Gives a partner's seat to one of its users, by office. In a body of the community a partner has one seat at a time.

    Refused when the user is not of that partner, holds a seat there already, or another has the chair.
    """
    found = locked_body(body)
    check_governs(by, found)
    known(partner)
    if found.partner and partner != found.partner:
        raise Refused(
            f"Only people of {found.partner} may sit on {found.name}; choose one of them.",
            code="other_partner",
        )
    user = actor(holder)
    if user.partner != partner:
        raise Refused(
            f"That user does not act for {partner}; a partner’s seat must be held by one of its own people.",
            code="other_partner",
        )
    begins = first or date.today()
    if last is not None and last < begins:
        raise Refused("The last day of the seat is before its first day; correct the days.", code="bad_days")
    standing = [s for s in selectors.seats() if s.body == body and (s.last is None or s.last >= begins)]
    if any(s.holder == user.email for s in standing):
        raise Refused(f"That user already has a seat in {found.name}.", code="seated")
    if not found.partner and any(s.partner == partner for s in standing):
        raise Refused(
            f"{partner} already has its seat in {found.name}; end it first, then give it to another.",
            code="seated",
        )
    if chair and any(s.chair for s in standing):
        raise Refused(f"{found.name} already has a chair; end that seat first.", code="chair")
    row = BodySeat.objects.create(
        body_id=body, partner=partner, holder=user.email, office=required_text(office, "office that holds the seat"),
        first=begins, last=last, chair=chair,
    )  # fmt: skip
    record(
        "seat", f"body:{body}", by, seat=row.pk, partner=partner, holder=user.email, office=row.office, chair=chair
    )  # fmt: skip
    return selectors.seat_of(row)


@transaction.atomic
def unseat(*, number: int, last: date | None = None, by: Actor) -> Seat:
    """Ends a seat on that day, today where none is given; votes of open motions count only while their seat is held."""
    row = BodySeat.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise Refused("There is no seat with that number.", code="unknown_seat")
    check_governs(by, locked_body(row.body_id))
    ends = last or date.today()
    if ends < row.first:
        raise Refused("A seat cannot end before it begins; correct the day.", code="bad_days")
    if row.last is None or row.last > ends:
        row.last = ends
        row.save(update_fields=["last"])
        record("unseat", f"body:{row.body_id}", by, seat=row.pk, last=ends.isoformat())
    return selectors.seat_of(row)


@transaction.atomic
def call_meeting(*, body: str, day: date, place: str, note: str = "", by: Actor) -> Meeting:
    """Calls a meeting for that day; `place` says where, or `remote`."""
    found = locked_body(body)
    check_governs(by, found)
    row = BodyMeeting.objects.create(
        body_id=body, day=day, place=required_text(place, "place of the meeting, or remote"), note=short_text(note, "note")
    )  # fmt: skip
    record("call_meeting", f"body:{body}", by, meeting=row.pk, on=day.isoformat())
    return selectors.meeting_of(row)


@transaction.atomic
def record_meeting(*, number: int, present: Collection[int], minutes: str = "", by: Actor) -> Meeting:
    """Writes who was present (numbers of seats in office that day) and where the minutes are kept.

    Refused before the day of the meeting, and for a seat that was not in office.
    """
    row = BodyMeeting.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise Refused("There is no meeting with that number.", code="unknown_meeting")
    check_governs(by, locked_body(row.body_id))
    if row.day > date.today():
        raise Refused(f"The meeting is on {row.day}; record attendance then.", code="too_early")
    seats = {seat.number for seat in selectors.in_office(row.day, row.body_id)}
    if not set(present) <= seats:
        raise Refused(
            "One of those seats was not in office on the day of the meeting; reload the page.",
            code="unknown_seat",
        )
    row.present, row.minutes = sorted(set(present)), short_text(minutes, "reference of the minutes")
    row.save(update_fields=["present", "minutes"])
    record("record_meeting", f"body:{row.body_id}", by, meeting=row.pk, present=row.present, minutes=row.minutes)  # fmt: skip
    return selectors.meeting_of(row)
