"""Writes marks of attendance and names of walk-ins: through the gate, which decides and records each act."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date

from django.conf import settings
from django.db import IntegrityError, transaction

from throughway.casework.sessions.groups import planned_hours
from throughway.casework.sessions.mark import (
    TABLE,
    Mark,
    MarkEffect,
    SavedRoster,
    SentMark,
    StandingMark,
    check_day,
    check_not_fed,
    check_was_marked,
    effect,
    is_earlier,
)
from throughway.casework.sessions.models import SessionMark, WalkInName
from throughway.casework.sessions.selectors.entries import MARKS, WALK_INS, newest_marks
from throughway.casework.sessions.walk_in import TABLE as WALK_IN
from throughway.casework.sessions.walk_in import checked_name
from throughway.casework.typed_entries.actions import (
    AlreadySaved,
    add_version,
    keys_of,
    new_entry_id,
    new_version,
)
from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess, RowPlace, enter
from throughway.partners.actor import Actor
from throughway.partners.request_cache import own_request_cache
from throughway.store.sealed_text import TextSealer
from throughway.supports.selectors import entries


def save_roster(
    *, program: str, on: date, sent: Mapping[int, SentMark], purpose: str, by: Actor
) -> SavedRoster:
    """Saves the marks of one session, by the ids of students that queries show, in one act under one entry of the ledger.

    Of an earlier day marks that stand are corrected, and none is added. What stands already is not written again. What somebody else marked otherwise since the sender opened the roster stays, and the
    answer names it. Refused where the gate refuses, for another day, and where the program's attendance comes by a feed.
    """
    with own_request_cache():
        access = _may_type(program, on, purpose, by)
        planned = planned_hours(entries(), program, on)
    differ: dict[int, StandingMark] = {}
    marked: Counter[Mark] = Counter()
    before: dict[int, SessionMark] = {}

    def choose(places: Mapping[int, RowPlace]) -> Collection[int]:
        differ.clear()
        marked.clear()
        before.clear()
        for partner in sorted({place.partner for place in places.values()}):
            records = [place.record for place in places.values() if place.partner == partner]
            before.update(newest_marks(partner, records, program, on))
        corrects = is_earlier(on, date.today())
        if corrects:
            check_was_marked(on, len(before))
        chosen = []
        for person, place in places.items():
            stands = _standing(before.get(place.record))
            if corrects and stands is None:
                continue
            what = effect(sent[person], stands, by=by.email)
            if what is MarkEffect.WRITE:
                chosen.append(person)
            if what is MarkEffect.DIFFERS and stands is not None:
                differ[person] = stands
            else:
                marked[sent[person].mark] += 1
        return chosen

    def write(places: Mapping[int, RowPlace], entry: str) -> None:
        _add_marks(
            {place: sent[person].mark for person, place in places.items()},
            before,
            program,
            on,
            planned,
            entry,
            by,
        )

    written = access.write_several(TABLE, list(sent), choose=choose, within=write)
    return SavedRoster(dict(marked), differ, written.refused)


def note_walk_in(*, entry: str, program: str, on: date, name: str, purpose: str, by: Actor) -> None:
    """Notes the name of somebody who came and is not on the list. A form that is sent twice is one name."""
    if is_earlier(on, date.today()):
        check_was_marked(on, 0)
    values = {"walk_in_name": checked_name(name), "program_identifier": program, "session_date": on, "walk_in_closed": False}  # fmt: skip
    access = _may_type(program, on, purpose, by)
    _write_walk_in(access, entry, 0, values, by)


def close_walk_in(*, entry: str, based_on: int, purpose: str, by: Actor) -> None:
    """Says that the program keeps no record of this visitor: the name leaves the list, and stays the program's own record."""
    access = enter(actor=by, purpose=purpose)
    _write_walk_in(access, entry, based_on, {"walk_in_closed": True}, by)


def match_walk_in(*, entry: str, person: int, purpose: str, by: Actor) -> None:
    """Says whose name it is: the student was present in that session. The name becomes a part of the student's mark, and the walk-in
    is deleted in the same transaction. A mark that stands already is kept in its earlier version."""
    access = enter(actor=by, purpose=purpose)

    def write(place: RowPlace, disclosure: str) -> None:
        walk_in = WALK_INS.newest(entry)
        if not isinstance(walk_in, WalkInName) or walk_in.author_partner != place.author_partner:
            raise _unknown()
        sealer = TextSealer(settings.COMMUNITY)
        name = str(WALK_INS.values(walk_in, sealer)["walk_in_name"])
        before = newest_marks(place.partner, [place.record], walk_in.program, walk_in.on)
        stands = _standing(before.get(place.record))
        mark = stands.mark if stands and stands.mark is not Mark.ABSENT else Mark.PRESENT
        planned = planned_hours(entries(), walk_in.program, walk_in.on)
        _add_marks({place: mark}, before, walk_in.program, walk_in.on, planned, disclosure, by, name)
        WalkInName.objects.filter(entry_id=entry).delete()

    access.write(TABLE, person, within=write)


def _may_type(program: str, on: date, purpose: str, by: Actor) -> GovernedAccess:
    check_day(on, date.today())
    if program.partition("/")[0] != by.partner:
        raise Refused(
            "This program is not one of your organization’s; open one of its own sessions.",
            code="unknown_program",
        )
    access = enter(actor=by, purpose=purpose)
    check_not_fed(access.last_fed(program), date.today())
    return access


def _write_walk_in(
    access: GovernedAccess, entry: str, based_on: int, values: Mapping[str, object], by: Actor
) -> None:
    def write(place: RowPlace, disclosure: str) -> None:
        if based_on and WALK_INS.newest(entry) is None:
            raise _unknown()
        add_version(WALK_INS, place, disclosure, entry=entry, based_on=based_on, values=values, by=by)

    try:
        access.write_of_nobody_known(WALK_IN, within=write)
    except AlreadySaved:
        return


def _unknown() -> Refused:
    return Refused(
        "This name is no longer on the list; somebody may have matched it. Open the list again.",
        code="unknown_walk_in",
    )


def _standing(row: SessionMark | None) -> StandingMark | None:
    return StandingMark(Mark(row.mark), row.version, row.author) if row else None


def _add_marks(
    marks: Mapping[RowPlace, Mark],
    before: Mapping[int, SessionMark],
    program: str,
    on: date,
    planned: float | None,
    entry: str,
    by: Actor,
    walk_in_name: str = "",
) -> None:
    """Adds a version of each mark, all at once; `planned`: the hours of the session. Refused (edited_meanwhile) where another process added one in the same moment."""
    by_agreement: dict[tuple[str, str], list[RowPlace]] = {}
    for place in marks:
        by_agreement.setdefault((place.agreement, place.partner), []).append(place)
    sealer = TextSealer(settings.COMMUNITY)
    rows = []
    for places in by_agreement.values():
        keys = keys_of(places)
        for place in places:
            stands = before.get(place.record)
            said = MARKS.values(stands, sealer) if stands else {}
            values = {
                "program_identifier": program,
                "session_date": on,
                "session_mark": marks[place],
                # A correction keeps the hours of the session as it was planned when it was marked first, and what was typed at the door.
                "session_hours": planned if said.get("session_hours") is None else said["session_hours"],
                "walk_in_name": walk_in_name or said.get("walk_in_name"),
            }
            id, version = (stands.entry_id, stands.version + 1) if stands else (new_entry_id(), 1)
            rows.append(new_version(MARKS, place, keys[place.record], entry, id, version, values, by, sealer))
    try:
        with transaction.atomic():
            MARKS.model._default_manager.bulk_create(rows)
    except IntegrityError:
        raise Refused(
            "Somebody saved this session in the same moment, and nothing of yours was saved yet; save again.",
            code="edited_meanwhile",
        ) from None
