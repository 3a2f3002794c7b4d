"""Meetings: called for a day, and afterwards who was there and where the minutes are."""

from collections.abc import Collection
from datetime import date

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.governance import selectors
from throughway.governance.actions.common import asked_for, check_governs, locked_body, record, short
from throughway.governance.bodies import Meeting
from throughway.governance.models import BodyMeeting
from throughway.partners import Actor


@transaction.atomic
def call_meeting(*, body: str, day: date, place: str, note: str = "", by: Actor) -> Meeting:
    """Calls a meeting for that day; `place` says where, or `remote`."""
    found = locked_body(body)
    check_governs(by, found)
    row = BodyMeeting.objects.create(
        body_id=body, day=day, place=asked_for(place, "place of the meeting, or remote"), note=short(note, "note")
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
        raise Refused("There is no meeting of that number.", code="unknown_meeting")
    check_governs(by, locked_body(row.body_id))
    if row.day > date.today():
        raise Refused(f"The meeting is on {row.day}; say then who was there.", code="too_early")
    seats = {seat.number for seat in selectors.in_office(row.day, row.body_id)}
    if not set(present) <= seats:
        raise Refused(
            "One of those seats was not in office on the day of the meeting; reload the page.",
            code="unknown_seat",
        )
    row.present, row.minutes = sorted(set(present)), short(minutes, "reference of the minutes")
    row.save(update_fields=["present", "minutes"])
    record("record_meeting", f"body:{row.body_id}", by, meeting=row.pk, present=row.present, minutes=row.minutes)  # fmt: skip
    return selectors.meeting_of(row)
