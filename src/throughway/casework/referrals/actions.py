"""Every write to a referral: through the gate, which decides and records it; one event, and where the referral stands from then on.

Row locks, the number of each event and the constraint on open referrals decide between two who act at once: one is told in a sentence.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date

from django.conf import settings
from django.db import IntegrityError, transaction

from throughway.casework.program_entry.actions import end_with_referral
from throughway.casework.referrals.models import Referral, ReferralEvent
from throughway.casework.referrals.referral import TABLE, ReferralDetails, details_of
from throughway.casework.referrals.selectors import side_of
from throughway.casework.referrals.transitions import (
    STATES,
    MoveAnswer,
    ReferralMove,
    ReferralSide,
    ReferralState,
    Transition,
    checked_transition,
    due_day,
)
from throughway.casework.referrals.typed_table import EVENTS
from throughway.casework.typed_entries.actions import AlreadySaved, key_of, new_version
from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.gate.actions import RowPlace, Sending, enter
from throughway.partners.actor import Actor
from throughway.store.sealed_text import TextSealer
from throughway.supports.actions import give_seat_back, take_seat
from throughway.supports.entry import SupportEntry
from throughway.supports.selectors import entry as support_entry

EMPTY = ReferralDetails("").values()
# What is shown of every event; the details come on top.
STRUCTURE = frozenset(EVENTS.columns) - EMPTY.keys() | {"entry_id", "version", "author_partner"}


def check_may_refer(entry: SupportEntry, sender: str, on: date) -> None:
    """Refused (closed, unconfirmed, own_support) where nobody may be referred to this support today."""
    name = entry.said.name
    if entry.partner == sender:
        raise Refused(
            f"{name} is your own organization’s: nobody needs to be asked. Enter the student there.",
            code="own_support",
        )
    if entry.closed:
        raise Refused(f"{name} closed on {day(entry.closed)}; choose another support.", code="closed")
    if entry.said.ends and entry.said.ends < on:
        raise Refused(
            f"The season of {name} ended on {day(entry.said.ends)}; choose another support.", code="closed"
        )
    if not entry.is_confirmed(on):
        raise Refused(
            f"Nobody has confirmed lately that {name} still exists; ask {entry.partner_name} to confirm it first.",
            code="unconfirmed",
        )


def ask(
    *, person: int, purpose: str, referral: str, based_on: int, support: int, details: ReferralDetails, by: Actor
) -> None:  # fmt: skip
    """Keeps what the family asked for, before it is sent: nobody but the sender's team reads it. `based_on`: 0 for a new referral, else the
    number of the event that the author had before them. Refused where the gate refuses, where nobody may be referred to the support,
    where something may not be shared, and (already_open) where the student is referred to it already. The same form twice is one event."""
    today, entry = date.today(), support_entry(support)
    check_may_refer(entry, by.partner or "", today)
    access = enter(actor=by, purpose=purpose)
    _, basis = access.receiving_basis(TABLE, person, entry.partner)
    details.check(basis.elements)
    _check_shared(details, basis.elements)

    def within(place: RowPlace, disclosure: str) -> None:
        row = Referral.objects.select_for_update().filter(pk=referral).first()
        if row is not None:
            _check_place(row, place, support)
            if _repeated(row, based_on + 1, ReferralMove.ASK, by, details):
                raise AlreadySaved
        start = ReferralState(row.state) if row else None
        found = checked_transition(start, ReferralMove.ASK, ReferralSide.SENDER, MoveAnswer(), today=today)
        if row is None:
            row = Referral(
                id=referral, partner=place.partner, record=place.record, support=support, sender=place.author_partner,
                receiver=entry.partner, author=by.email, version=0, state=found.end, since=today, due=today,
            )  # fmt: skip
            try:
                with transaction.atomic():
                    row.save(force_insert=True)
            except IntegrityError:
                raise _already_open(entry) from None
        _check_version(row, based_on)
        _add(row, place, disclosure, found, MoveAnswer(), by, today, details=details)

    _once(lambda: access.write(TABLE, person, within=within))


def send(*, person: int, purpose: str, referral: str, based_on: int, by: Actor) -> None:
    """Sends what the author has checked: from now on the receiver's people read it. Refused as `ask` is; what was typed stays."""
    today = date.today()
    row = _known(referral)
    if side_of(row, by) is not ReferralSide.SENDER:
        raise _unknown()
    if not _was_sent_by(row, based_on + 2, by):
        check_may_refer(support_entry(row.support), row.sender, today)

    def within(place: RowPlace, disclosure: str) -> None:
        locked = Referral.objects.select_for_update().get(pk=referral)
        _check_place(locked, place, locked.support)
        if _was_sent_by(locked, based_on + 2, by):
            raise AlreadySaved
        _check_version(locked, based_on)
        if _details_of(locked) != details:
            raise _changed()
        for move in (ReferralMove.CHECK, ReferralMove.SEND):
            start = ReferralState(locked.state)
            if (start, move) == (ReferralState.CHECKED, ReferralMove.CHECK):
                continue
            found = checked_transition(start, move, ReferralSide.SENDER, MoveAnswer(), today=today)
            sent = details if move is ReferralMove.SEND else None
            _add(locked, place, disclosure, found, MoveAnswer(), by, today, details=sent)

    details = _details_of(row)
    to = Sending(row.receiver, STRUCTURE | details.filled)
    _once(lambda: enter(actor=by, purpose=purpose).write(TABLE, person, within=within, to=to))


def move(
    *, referral: str, purpose: str, kind: ReferralMove, based_on: int, said: MoveAnswer, by: Actor, person: int | None = None
) -> None:  # fmt: skip
    """Makes any later move. `person`: the student's id, for the sender. A seat is taken when a student is accepted, and is free again
    when the student does not come. With an end that the receiver records, the stay ends that it entered in its own records. Refused
    where the table of moves, the gate or the number of seats refuses."""
    today = date.today()
    row = _known(referral)
    side = side_of(row, by)
    if side is None or kind in (ReferralMove.ASK, ReferralMove.SEND):
        raise _unknown()

    def within(place: RowPlace, disclosure: str) -> None:
        locked = Referral.objects.select_for_update().get(pk=referral)
        _check_place(locked, place, locked.support)
        if _repeated(locked, based_on + 1, kind, by, None, said.words):
            raise AlreadySaved
        _check_version(locked, based_on)
        found = checked_transition(
            ReferralState(locked.state), kind, side, said, today=today, tried=locked.tried
        )
        before, after = (STATES[ReferralState(each)].holds_seat for each in (locked.state, found.end))
        if after and not before:
            take_seat(number=locked.support, by=by)
        elif before and not after:
            give_seat_back(number=locked.support, by=by)
        _add(locked, place, disclosure, found, said, by, today)

    access = enter(actor=by, purpose=purpose)
    if side is ReferralSide.SENDER:
        assert person is not None
        # An answer adds words for the receiver; other moves of the sender share nothing that was not sent before.
        filled = STRUCTURE | ({"event_text"} if said.words.strip() else frozenset())
        to = Sending(row.receiver, filled) if kind is ReferralMove.ANSWER else None
        _once(lambda: access.write(TABLE, person, within=within, to=to))
    else:
        protected = side is ReferralSide.PROTECTED_RECEIVER
        _once(
            lambda: access.answer(
                TABLE, row.partner, row.record, referral, protected=protected, within=within
            )
        )
        if not STATES[ReferralState(_known(referral).state)].holds_seat:
            _end_own_stay(referral, said.on or today, by)


def _end_own_stay(referral: str, on: date, by: Actor) -> None:
    """The answer stands already: who reads a refusal must know that."""
    try:
        end_with_referral(referral=referral, on=on, by=by)
    except Refused as refused:
        raise Refused(
            f"Your answer is saved, but the last day is not in your own records yet: {refused.message} End the stay under Students entered"
            " here.",
            code=refused.code,
            citations=refused.citations,
        ) from None


def forget_ended() -> None:
    """Deletes the rows of referrals whose events were destroyed."""
    Referral.objects.exclude(pk__in=ReferralEvent.objects.values("entry_id")).delete()


def _once(write: Callable[[], object]) -> None:
    try:
        write()
    except AlreadySaved:
        return


def _add(
    row: Referral, place: RowPlace, disclosure: str, found: Transition, said: MoveAnswer, by: Actor, today: date, *, details: ReferralDetails | None = None
) -> None:  # fmt: skip
    """Writes the event, and where the referral stands after it."""
    due = due_day(found.end, said, today)
    is_sent = row.sent is not None or found.move is ReferralMove.SEND
    values: Mapping[str, object] = {
        **(details.values() if details else {**EMPTY, "event_text": said.words}),
        "event_date": said.on or today,
        "event_kind": found.move,
        "referral_state": found.end,
        "due_date": due,
        "event_reason": said.reason,
        "support_id": str(row.support),
        "sending_partner": row.sender,
        "receiving_partner": row.receiver if is_sent else "",
    }
    sealer = TextSealer(settings.COMMUNITY)
    event = new_version(EVENTS, place, key_of(place), disclosure, row.pk, row.version + 1, values, by, sealer)
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        raise _changed() from None
    row.version, row.state, row.since, row.due = event.version, found.end, today, due
    row.is_open = not STATES[found.end].is_final
    if found.move is ReferralMove.SEND:
        row.sent = today
    if found.by is not ReferralSide.SENDER and row.answered is None:
        row.answered = today
    if found.move is ReferralMove.TRY:
        row.tried = said.on
    row.save()


def _known(referral: str) -> Referral:
    row = Referral.objects.filter(pk=referral).first()
    if row is None:
        raise _unknown()
    return row


def _check_place(row: Referral, place: RowPlace, support: int) -> None:
    """To anybody but the two sides, and about another record, the referral does not exist."""
    if (row.partner, row.record, row.support) != (place.partner, place.record, support):
        raise _unknown()
    if place.author_partner not in (row.sender, row.receiver):
        raise _unknown()


def _check_version(row: Referral, based_on: int) -> None:
    if row.version != based_on:
        raise _changed()


def _check_shared(details: ReferralDetails, shared: Collection[str]) -> None:
    more = sorted(details.filled - frozenset(shared))
    if more:
        raise Refused(
            f"The agreement does not let the receiver read {more[0].replace('_', ' ')}; leave it empty.",
            code="not_shared",
            citations=["34 CFR 99.30(a)"],
        )


def _newest(row: Referral) -> ReferralEvent | None:
    return ReferralEvent.objects.filter(entry_id=row.pk).order_by("-version").first()


def _values_of(event: ReferralEvent) -> Mapping[str, object]:
    return EVENTS.values(event, TextSealer(settings.COMMUNITY))


def _details_of(row: Referral) -> ReferralDetails:
    """What the newest event with details tells."""
    asked = ReferralEvent.objects.filter(entry_id=row.pk, kind=ReferralMove.ASK).order_by("-version")
    event = asked.first()
    if event is None:
        raise _unknown()
    return details_of(_values_of(event))


def _repeated(
    row: Referral, version: int, kind: ReferralMove, by: Actor, details: ReferralDetails | None, words: str = ""
) -> bool:  # fmt: skip
    """Whether this author's same event stands already as the newest."""
    event = _newest(row)
    if event is None or (event.version, event.kind, event.author) != (version, kind, by.email):
        return False
    found = _values_of(event)
    wanted = details.values() if details else {"event_text": words}
    return all(found[name] == value for name, value in wanted.items())


def _was_sent_by(row: Referral, version: int, by: Actor) -> bool:
    event = _newest(row)
    return event is not None and (event.kind, event.author) == (ReferralMove.SEND, by.email) and event.version in (version, version - 1)  # fmt: skip


def _already_open(entry: SupportEntry) -> Refused:
    return Refused(
        f"Somebody of your organization refers this student to {entry.said.name} already. Open it on the student’s page; nothing is sent"
        " twice.",
        code="already_open",
    )


def _changed() -> Refused:
    return Refused(
        "Something happened to this referral while you had it open. Look at what happened, then answer again; nothing was saved or sent.",
        code="edited_meanwhile",
    )


def _unknown() -> Refused:
    return Refused(
        "There is no such referral, or it is not your organization’s; go back to the list.",
        code="unknown_referral",
    )
