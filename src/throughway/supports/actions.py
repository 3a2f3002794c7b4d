"""Every write to the directory; each records an event with the statement that applies from then on."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction

from throughway.agreements.document import OWN_RECORDS
from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.intake.actions import record_directory_load
from throughway.intake.load_report import Counts, Loaded
from throughway.partners.actor import Actor
from throughway.partners.models import Partner, check_valid
from throughway.partners.selectors import check_acts_for, known, own_kind
from throughway.supports.entry import SupportEntry, SupportStatement, as_json, checked, merged
from throughway.supports.hsds.files import DirectoryFile, read
from throughway.supports.hsds.statements import ReadSupport, read_support
from throughway.supports.models import DirectoryEntry, DirectoryEvent, DirectoryEventKind
from throughway.supports.own_records import RecordedProgram, programs_of, questions
from throughway.supports.permissions import check_can_keep_entries
from throughway.supports.selectors import entry_of, forget_recent_entries


@transaction.atomic
def add_support(*, partner: str, said: SupportStatement, by: Actor) -> SupportEntry:
    """Enters a support, which is confirmed by being entered. Refused when something is missing, or the partner has one of that name."""
    _check(partner, by)
    today = date.today()
    row = DirectoryEntry(partner_id=partner, confirmed=today)
    return _write(row, checked(said), DirectoryEventKind.ADDED, today, by)


@transaction.atomic
def change_support(*, number: int, said: SupportStatement, by: Actor) -> SupportEntry:
    """Replaces the statement, which is confirmed with it."""
    row = _kept(number, by)
    today, said = date.today(), checked(said)
    if row.statement == said:
        return confirm_support(number=number, by=by)
    if _seats(row.statement) != _seats(said):
        said = replace(said, seats_on=today)
    row.confirmed = today
    return _write(row, said, DirectoryEventKind.CHANGED, today, by)


@transaction.atomic
def confirm_support(*, number: int, by: Actor) -> SupportEntry:
    """Says that the statement is still right; twice on a day is recorded once."""
    row = _kept(number, by)
    if row.closed:
        raise Refused("A closed entry cannot be confirmed; open it again first.", code="closed")
    today = date.today()
    if row.confirmed != today:
        row.confirmed = today
        row.save()
        _record(row, DirectoryEventKind.CONFIRMED, by)
    return entry_of(row)


@transaction.atomic
def close_support(*, number: int, by: Actor) -> SupportEntry:
    """Takes a support out of the directory; its history stays."""
    return _set_closed(number, date.today(), DirectoryEventKind.CLOSED, by)


@transaction.atomic
def reopen_support(*, number: int, by: Actor) -> SupportEntry:
    """Opens a closed entry again, as it was last stated and confirmed."""
    return _set_closed(number, None, DirectoryEventKind.REOPENED, by)


def _set_closed(number: int, closed: date | None, what: DirectoryEventKind, by: Actor) -> SupportEntry:
    row = _kept(number, by)
    if (row.closed is None) != (closed is None):
        row.closed = closed
        row.save()
        _record(row, what, by)
    return entry_of(row)


@transaction.atomic
def take_seat(*, number: int, by: Actor) -> None:
    """Takes one of the free seats for a student whom the program accepts; where the number of free seats is not known nothing is counted.
    Refused (no_seat, closed, not_allowed) where none is free, the entry is closed, or the actor is of another partner."""
    row = DirectoryEntry.objects.select_for_update().filter(pk=number).first()
    if row is None or by.partner != row.partner_id:
        raise Refused("Only people of the program give its seats.", code="not_allowed")
    if row.closed:
        raise Refused(
            "This program is closed in the directory; open it again first, or decline.", code="closed"
        )
    ends = row.statement.ends
    if ends is not None and ends < date.today():
        raise Refused(
            f"The season of this program ended on {day(ends)}; bring its days in the directory up to date first, or decline.",
            code="closed",
        )
    free = row.statement.seats_open
    if free == 0:
        raise Refused(
            "No seat is free any more. Answer with the waiting list or full, or bring the seats in the directory up to date.",
            code="no_seat",
        )
    if free is not None:
        _write_seats(row, free - 1, by)


@transaction.atomic
def give_seat_back(*, number: int, by: Actor) -> None:
    """Counts a seat as free again that a student had; never more than there are in all."""
    row = DirectoryEntry.objects.select_for_update().filter(pk=number).first()
    free = row.statement.seats_open if row else None
    if row is None or free is None:
        return
    most = row.statement.seats_all
    _write_seats(row, free + 1 if most is None else min(free + 1, most), by)


def _write_seats(row: DirectoryEntry, free: int, by: Actor) -> None:
    today = date.today()
    said = replace(row.statement, seats_open=free, seats_on=today)
    _write(row, said, DirectoryEventKind.SEATS, today, by)


@dataclass(frozen=True)
class EntriesTaken:
    """What a feed made of the directory. `new`, `changed`, `unchanged`: numbers of entries. `refused`: a sentence for each support that
    was left as it was."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: tuple[str, ...] = ()


def take_from_records(*, partner: str, by: Actor) -> EntriesTaken:
    """Enters the partner's programs as its own loaded records have them, and brings their seats and ages up to date. The records are
    read through the gate by one of the partner's people, as its own. New entries wait to be confirmed. A program that the directory may
    not show as it is, such as one that chooses by a protected class, is left as it was."""
    check_can_keep_entries(by, own_kind(by), partner)
    if by.partner != partner:
        raise Refused(
            f"Only people of {partner} can read its own records; ask its program manager, or load a directory file.",
            code="not_allowed",
        )
    access, today = enter(actor=by, purpose=OWN_RECORDS), date.today()
    programs, waiting = (access.query(sql) for sql in questions(today))
    found = programs_of(programs.columns, programs.rows, waiting.rows, today=today)
    return _take(partner, found, by)


@transaction.atomic
def _take(partner: str, found: Collection[RecordedProgram], by: Actor) -> EntriesTaken:
    _check(partner, by)
    rows = list(DirectoryEntry.objects.filter(partner_id=partner))
    by_program = {row.statement.program: row for row in rows if row.statement.program}
    by_name = {row.name.casefold(): row for row in rows}
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    refused: list[str] = []
    for program in found:
        row = by_program.get(program.said.program) or by_name.get(program.said.name.casefold())
        try:
            counts[_enter(partner, row, program.said, program.given, by, what=DirectoryEventKind.SEATS)] += 1
        except Refused as fault:
            refused.append(fault.message)
    return EntriesTaken(**counts, refused=tuple(refused))


def load_directory(*, path: Path, partner: str, by: Actor) -> Loaded:
    """Enters the services of an HSDS file, package or folder as supports of the partner. A service that is not active closes its entry. A
    service that cannot be entered, and each cell that cannot be read, stands in the list of problems. Refused when nobody may, or the
    file is no HSDS; repeated, it changes nothing."""
    _check_keeps(partner, by)
    known(partner)
    if not path.exists():
        raise Refused(f"No file or folder {path.name} exists there; check the path.", code="no_file")
    found = read(path)
    return _enter_services(found, path, partner, by)


@transaction.atomic
def _enter_services(found: DirectoryFile, path: Path, partner: str, by: Actor) -> Loaded:
    _check(partner, by)
    counts = {"new": 0, "changed": 0, "unchanged": 0, "set aside": found.broken}
    for record in found.services:
        problem = partial(found.problem, record.file, record.row)
        try:
            with transaction.atomic():
                counts[
                    _enter_service(read_support(record.service, partner, date.today(), problem), partner, by)
                ] += 1
        except Refused as fault:
            counts["set aside"] += 1
            problem("", fault.message.rstrip("."), "mend the service and load the file again")
    service = Counts(
        read=sum(counts.values()), landed=counts["new"] + counts["changed"], changed=counts["changed"],
        unchanged=counts["unchanged"], quarantined=counts["set aside"],
    )  # fmt: skip
    unread = {kind: Counts(read=number, not_read=number) for kind, number in sorted(found.unread.items())}
    return record_directory_load(
        partner=partner, path=path, counts={"service": service} | unread, problems=found.problems, by=by
    )


def _enter_service(service: ReadSupport, partner: str, by: Actor) -> str:
    row = DirectoryEntry.objects.filter(key=service.key).first()
    if row is not None and row.partner_id != partner:
        raise Refused(
            "A service of this id is in the directory of another partner; give it an id of its own.",
            code="exists",
        )
    row = row or DirectoryEntry.objects.filter(partner_id=partner, name=service.said.name).first()
    became = _enter(partner, row, service.said, service.given, by, key=service.key, confirmed=service.assured)
    row = row or DirectoryEntry.objects.get(key=service.key)
    if (row.closed is None) != service.open:
        row.closed = None if service.open else date.today()
        row.save()
        _record(row, DirectoryEventKind.REOPENED if service.open else DirectoryEventKind.CLOSED, by)
        return became if became == "new" else "changed"
    return became


def _enter(
    partner: str, row: DirectoryEntry | None, said: SupportStatement, given: Collection[str], by: Actor,
    *, what: DirectoryEventKind = DirectoryEventKind.CHANGED, key: UUID | None = None, confirmed: date | None = None,
) -> str:  # fmt: skip
    """Enters or updates one support from a feed: what the feed does not speak of stays. Returns new, changed or unchanged."""
    today = date.today()
    if row is None:
        row = DirectoryEntry(partner_id=partner, key=key or uuid4(), confirmed=confirmed)
        _write(row, checked(said), DirectoryEventKind.ADDED, today, by)
        return "new"
    later = confirmed is not None and (row.confirmed is None or confirmed > row.confirmed)
    if later:
        row.confirmed = confirmed
    after = checked(merged(row.statement, said, given))
    if after == row.statement:
        if later:
            row.save()
            _record(row, DirectoryEventKind.CONFIRMED, by)
        return "changed" if later else "unchanged"
    _write(row, after, what, today, by)
    return "changed"


def _seats(said: SupportStatement) -> tuple[int | None, ...]:
    return said.seats_open, said.seats_all, said.waiting


def _check_keeps(partner: str, by: Actor) -> None:
    check_can_keep_entries(by, own_kind(by), partner)
    check_acts_for(by, partner, unattended=True)


def _check(partner: str, by: Actor) -> None:
    """Checks the actor's permission, and locks the partner's row against concurrent writes."""
    known(partner)
    _check_keeps(partner, by)
    Partner.objects.select_for_update().get(id=partner)


def _kept(number: int, by: Actor) -> DirectoryEntry:
    row = DirectoryEntry.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise Refused("The directory has no such entry; go back to the list.", code="unknown_support")
    _check_keeps(row.partner_id, by)
    return row


def _write(
    row: DirectoryEntry, said: SupportStatement, what: DirectoryEventKind, today: date, by: Actor
) -> SupportEntry:
    row.name, row.said, row.changed = said.name, as_json(said), today
    check_valid(row)
    row.save()
    _record(row, what, by)
    return entry_of(row)


def _record(row: DirectoryEntry, what: DirectoryEventKind, by: Actor) -> None:
    DirectoryEvent.objects.create(entry=row, what=what, said=row.said, at=datetime.now(UTC), by=by.email)
    transaction.on_commit(forget_recent_entries)
