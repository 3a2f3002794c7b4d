"""Writes versions of typed entries: through the gate, which decides and records each writing; and forgets them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from throughway.casework.typed_entries.models import TextKey, TypedRow
from throughway.casework.typed_entries.selectors import ENTRY_TABLES, EntryTable, gone_keys
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.gate.actions import RowPlace, enter
from throughway.partners.actor import Actor
from throughway.store.sealed_text import TextSealer, destroy_key, new_key

Values = Mapping[str, object]  # by column of the vocabulary
# Called with what the newest version says, None for a new entry, and with what the next version is to say. Raises Refused.
Check = Callable[[Values | None, Values], None]


class AlreadySaved(Exception):
    """The same form was sent a second time: there is nothing to write, and nothing to record."""


def new_entry_id() -> str:
    """A random id, drawn when the form is shown, so that a form sent twice is one entry."""
    return uuid4().hex


def save_entry(
    entries: EntryTable,
    *,
    person: int,
    purpose: str,
    entry: str,
    based_on: int,
    values: Values,
    by: Actor,
    check: Check = lambda before, after: None,
) -> None:
    """Writes one version of an entry about the student. `based_on`: the version that the author had before them, 0 for a new entry;
    `values`: what the version says, and what an edit leaves out stays as it is.

    Refused where the gate or `check` refuses, and (edited_meanwhile) where somebody saved a later version; nothing is written then. A
    form that is sent twice is one version.
    """
    access = enter(actor=by, purpose=purpose)
    try:
        access.write(
            entries.table,
            person,
            within=lambda place, disclosure: add_version(
                entries, place, disclosure, entry=entry, based_on=based_on, values=values, by=by, check=check
            ),
        )
    except AlreadySaved:
        return


def add_version(
    entries: EntryTable,
    place: RowPlace,
    disclosure: str,
    *,
    entry: str,
    based_on: int,
    values: Values,
    by: Actor,
    check: Check = lambda before, after: None,
) -> None:
    """Writes one version, within `GovernedAccess.write`. An entry is edited by its author's own team, about the same record. Raises
    AlreadySaved where this author's same version stands already."""
    sealer = TextSealer(settings.COMMUNITY)
    newest = entries.newest(entry)
    version = newest.version if newest else 0
    before = None
    if newest is not None:
        _check_of_team(newest, place, entries)
        before = entries.values(newest, sealer)
    after = {**(before or {}), **values}
    if newest is not None and version == based_on + 1 and after == before and newest.author == by.email:
        raise AlreadySaved
    if version != based_on:
        raise _edited_meanwhile(entries)
    check(before, after)
    row = new_version(entries, place, key_of(place), disclosure, entry, version + 1, after, by, sealer)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise _edited_meanwhile(entries) from None


def new_version(
    entries: EntryTable,
    place: RowPlace,
    key: str,
    disclosure: str,
    entry: str,
    version: int,
    values: Values,
    by: Actor,
    sealer: TextSealer,
) -> TypedRow:
    """A version that says these values, its texts sealed with that data key; it is not saved yet."""
    row = entries.model(
        entry_id=entry, version=version, partner=place.partner, record=place.record, agreement=place.agreement, key=key, author=by.email,
        author_partner=place.author_partner, author_capacity=place.capacity, disclosure=disclosure, at=timezone.now(),
    )  # fmt: skip
    for column, field in entries.columns.items():
        value = values[column]
        if column in entries.sealed and value is not None:
            value = sealer.seal(str(value), agreement=row.agreement, key=row.key, place=row.place_of(field))
        setattr(row, field, value)
    return row


def _check_of_team(newest: TypedRow, place: RowPlace, entries: EntryTable) -> None:
    """To anybody but the author's own team the entry does not exist."""
    if (newest.partner, newest.record, newest.author_partner) != (
        place.partner,
        place.record,
        place.author_partner,
    ):
        raise Refused(
            f"There is no such {entries.noun} about this student; open the student’s page again.",
            code=f"unknown_{entries.noun}",
        )


def _edited_meanwhile(entries: EntryTable) -> Refused:
    return Refused(
        f"Somebody saved this {entries.noun} while you were writing. Both texts are kept: theirs is on the student’s page, yours is"
        " still here. Save again to add yours as the newest version.",
        code="edited_meanwhile",
    )


def key_of(place: RowPlace) -> str:
    """The id of the data key for this record under this agreement, which is made if needed."""
    return keys_of([place])[place.record]


def keys_of(places: Sequence[RowPlace]) -> dict[int, str]:
    """By record, the ids of the data keys of these records of one partner under one agreement, which are made if needed."""
    if not places:
        return {}
    agreement, partner = places[0].agreement, places[0].partner
    assert {(place.agreement, place.partner) for place in places} == {(agreement, partner)}
    of = {"agreement": agreement, "partner": partner}
    wanted = sorted({place.record for place in places})
    held = TextKey.objects.filter(**of, record__in=wanted).values_list("record", "id")
    found: dict[int, str] = {record: str(id) for record, id in held}
    missing = [record for record in wanted if record not in found]
    if not missing:
        return found
    with ExitStack() as kept:
        made = {record: kept.enter_context(new_key(settings.COMMUNITY, agreement)) for record in missing}
        rows = [TextKey(**of, record=record, id=id) for record, id in made.items()]
        TextKey.objects.bulk_create(rows, ignore_conflicts=True)
        found |= {record: str(id) for record, id in held.all().filter(record__in=missing)}
    for record, id in made.items():
        if found[record] != str(id):  # another process was faster
            destroy_key(settings.COMMUNITY, agreement, id)
    return found


def forget(gone: Gone) -> Mapping[str, int]:
    """Deletes what was typed and is gone, with the keys of its texts."""
    found: dict[str, int] = {}
    for key in gone_keys(gone):
        destroy_key(settings.COMMUNITY, key.agreement, key.id)
        for entries in ENTRY_TABLES.values():
            rows = entries.of_key(key).delete()[0]
            if rows:
                found[entries.counted] = found.get(entries.counted, 0) + rows
        key.delete()
    return found
