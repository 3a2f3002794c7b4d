"""Enters a student in a program's own records, and ends the stay: landed by `intake` as a load of the program itself."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from throughway.casework.program_entry.entered_student import EnteredStudent, ProgramStay, rows_of
from throughway.casework.program_entry.models import ProgramEntry
from throughway.casework.program_entry.selectors import (
    OwnStudent,
    entered_lines,
    of_referral,
    of_walk_in,
    own_record_of,
    program_of,
)
from throughway.casework.referrals.models import Referral
from throughway.casework.referrals.selectors import OpenedReferral, opened_referrals, side_of
from throughway.casework.referrals.transitions import STATES, ReferralSide, ReferralState
from throughway.casework.sessions.actions import match_walk_in
from throughway.casework.sessions.walk_in import WalkIn
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.identity.actions.confirming import confirm_link, record_confirmed_link
from throughway.intake.actions import enter_rows
from throughway.intake.selectors import learner_key
from throughway.partners.actor import Actor


def enter_referred(
    *, referral: str, purpose: str, since: date, said: EnteredStudent | None = None, listed: OwnStudent | None = None, by: Actor
) -> ProgramEntry:  # fmt: skip
    """Makes the program's own record of a student whom it accepted: a new one of what is `said`, or a stay of one whom its records list
    already. The record is linked to the one from which the student was referred. Refused where the reader may not answer the referral
    now (`purpose`), or the student was not accepted. Entered once, however often the form is sent."""
    opened = _accepted(referral, purpose, by)
    row = Referral.objects.get(pk=referral)
    program = program_of(opened, by)

    def within(record: int) -> None:
        locked = Referral.objects.select_for_update().get(pk=referral)
        if not STATES[ReferralState(locked.state)].holds_seat:
            raise _not_accepted()
        record_confirmed_link(one=record, other=row.record, reason="referral", by=by)

    entry = _enter(
        of_referral(referral), program, since, said, own_record_of(by, listed) if listed else None, by,
        received=row.sent, within=within,
    )  # fmt: skip
    confirm_link(one=entry.record, other=row.record, reason="referral", by=by)
    return entry


def enter_walk_in(
    *, walk_in: WalkIn, purpose: str, said: EnteredStudent | None = None, listed: OwnStudent | None = None, by: Actor
) -> ProgramEntry:  # fmt: skip
    """Makes the program's own record of a walk-in whom no record fits (`said`), or a new stay of one whom its records name already, such as
    a former student (`listed`), since that session; and matches the name to it. `walk_in`: as the gate showed it to this reader. Refused
    where the name is no longer on the list."""
    record = own_record_of(by, listed) if listed else None
    entry = _enter(of_walk_in(walk_in.id), walk_in.program, walk_in.on, said, record, by)
    try:
        match_walk_in(entry=walk_in.id, person=entry.record, purpose=purpose, by=by)
    except Refused as refused:
        raise Refused(
            f"The student is in your records now, but the name from the door is not matched yet: {refused.message}",
            code=refused.code,
            citations=refused.citations,
        ) from None
    return entry


def end_stay(*, entry: int, until: date, purpose: str, by: Actor) -> None:
    """Says which day was the last one of a stay that was entered here; its earlier version stays in the history of the records. Refused
    where the purpose does not show the reader this student now."""
    _end(_shown_entry(entry, purpose, by), until, by)


def end_with_referral(*, referral: str, on: date, by: Actor) -> None:
    """Ends the stay with the referral, where one was entered and goes on: on that day, or on its first one if that is later."""
    found = ProgramEntry.objects.filter(origin=of_referral(referral), partner=by.partner, until=None).first()
    if found is not None:
        _end(found, max(on, found.since), by)


def same_student(*, entry: int, listed: OwnStudent, by: Actor) -> None:
    """Says that a student who was entered here is one whom the program's own file brought later under another number. Both records are
    linked, and the stay entered here ends where the other record takes part too, so that a roster has the student once. Refused where the
    purpose does not show the reader both."""
    found = _shown_entry(entry, listed.purpose, by)
    other = own_record_of(by, listed, apart_from=found.record)
    takes_part = listed.person in _takes_part(by, listed.purpose, found.program)
    confirm_link(one=found.record, other=other, reason="own records", by=by)
    if found.until is None and takes_part:
        _end(found, max(found.since, date.today() - timedelta(days=1)), by)


def forget_entries(gone: Gone) -> int:
    """Deletes the register's lines about records that were destroyed."""
    return sum(
        ProgramEntry.objects.filter(partner=partner, record__in=sorted(numbers)).delete()[0]
        for partner, numbers in gone.records.items()
    )


def records_with_entries(partner: str) -> QuerySet[ProgramEntry, tuple[int]]:
    """The record numbers of the partner's students of whom it entered a stay on the site."""
    return ProgramEntry.objects.filter(partner=partner).values_list("record")


def _accepted(referral: str, purpose: str, by: Actor) -> OpenedReferral:
    """The referral as the gate shows it to the receiver now. Refused where it does not, or the student has no seat."""
    row = Referral.objects.filter(pk=referral).first()
    side = side_of(row, by) if row else None
    opened = next(iter(opened_referrals(by, [purpose], only=referral)), None)
    if side is not ReferralSide.RECEIVER or opened is None:
        raise Refused(
            "There is no such referral, or your organization cannot enter its student; go back to the list.",
            code="unknown_referral",
        )
    if not STATES[opened.shown.state].holds_seat:
        raise _not_accepted()
    return opened


def _not_accepted() -> Refused:
    return Refused(
        "Accept the referral first: only a student who has a seat is entered in your records. Nothing was stored.",
        code="not_accepted",
    )


def _shown_entry(entry: int, purpose: str, by: Actor) -> ProgramEntry:
    found = ProgramEntry.objects.filter(pk=entry, partner=by.partner or "").first()
    if found is None or entry not in {line.id for line in entered_lines(by, purpose)}:
        raise Refused("Your organization entered no such student; go back to the list.", code="unknown_entry")
    return found


def _enter(
    origin: str, program: str, since: date, said: EnteredStudent | None, record: int | None, by: Actor, *,
    received: date | None = None, within: Callable[[int], None] = lambda record: None,
) -> ProgramEntry:  # fmt: skip
    already = ProgramEntry.objects.filter(origin=origin).first()
    if already is not None:
        return already
    today, partner = date.today(), by.partner or ""
    stay = ProgramStay(uuid4().hex, program, since, received)
    stay.check(today)
    if said is not None:
        said.check(today)
        person = said.own_number or f"here-{uuid4().hex[:12]}"
    else:
        person = learner_key(partner, record or 0)

    def store(number: int) -> None:
        try:
            with transaction.atomic():
                ProgramEntry.objects.create(
                    origin=origin, partner=partner, record=number, program=program, row_key=stay.key, since=since,
                    received=received, is_new=said is not None, at=timezone.now(), by=by.email,
                )  # fmt: skip
        except IntegrityError:
            raise Refused(
                "Somebody of your organization entered this student in the same moment; open the list again.",
                code="already_entered",
            ) from None
        within(number)

    enter_rows(partner=partner, rows=rows_of(person, said, stay), within=store, by=by)
    return ProgramEntry.objects.get(origin=origin)


def _end(entry: ProgramEntry, until: date, by: Actor) -> None:
    stay = ProgramStay(entry.row_key, entry.program, entry.since, entry.received, until)
    stay.check(date.today())

    def store(number: int) -> None:
        ProgramEntry.objects.filter(pk=entry.pk).update(until=until)

    person = learner_key(entry.partner, entry.record)
    enter_rows(partner=entry.partner, rows=rows_of(person, None, stay), within=store, by=by)


def _takes_part(by: Actor, purpose: str, program: str) -> set[int]:
    """The ids and record numbers of who is in the program's group today, as the purpose shows them."""
    access = enter(actor=by, purpose=purpose)
    rows = access.group(program, {"person": "SELECT DISTINCT person_id FROM person"}).tables["person"]
    return {int(number) for number in rows["person_id"].to_pylist()}
