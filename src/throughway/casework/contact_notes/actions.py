"""Writes notes about contacts: through the gate, which decides and records each writing; and forgets them."""

from collections.abc import Mapping
from datetime import date
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from throughway.casework.contact_notes.note import TABLE, NoteText
from throughway.casework.contact_notes.selectors import gone_keys
from throughway.casework.models import ContactNote, TextKey
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.gate.actions import RowPlace, enter
from throughway.partners.actor import Actor
from throughway.store.sealed_text import TextSealer, destroy_key, new_key


class AlreadySaved(Exception):
    """The same form was sent a second time: there is nothing to write, and nothing to record."""


def new_note_id() -> str:
    """A random id, drawn when the form is shown, so that a form sent twice is one note."""
    return uuid4().hex


def save_note(*, person: int, purpose: str, note: str, based_on: int, said: NoteText, by: Actor) -> None:
    """Writes one version of a note about the student. `based_on`: the version that the author had before them, 0 for a new note.

    Refused where the gate refuses, and (edited_meanwhile) where somebody saved a later version; nothing is written then. A form
    that is sent twice is one version.
    """
    said.check(date.today())
    access = enter(actor=by, purpose=purpose)
    try:
        access.write(
            TABLE, person, within=lambda place, entry: _write(place, entry, note, based_on, said, by)
        )
    except AlreadySaved:
        return


def _write(place: RowPlace, entry: str, note: str, based_on: int, said: NoteText, by: Actor) -> None:
    newest = ContactNote.objects.filter(entry_id=note).order_by("-version").first()
    if newest is not None:
        _check_of_team(newest, place)
    version = newest.version if newest else 0
    if newest is not None and version == based_on + 1 and _says(newest, said) and newest.author == by.email:
        raise AlreadySaved
    if version != based_on:
        raise _edited_meanwhile()
    row = ContactNote(
        entry_id=note,
        version=version + 1,
        partner=place.partner,
        record=place.record,
        agreement=place.agreement,
        key=_key_of(place),
        author=by.email,
        author_partner=place.author_partner,
        author_capacity=place.capacity,
        disclosure=entry,
        at=timezone.now(),
        on=said.on,
        kind=said.kind,
    )
    row.text = TextSealer(settings.COMMUNITY).seal(
        said.text, agreement=row.agreement, key=row.key, place=row.place_of("text")
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise _edited_meanwhile() from None


def _check_of_team(newest: ContactNote, place: RowPlace) -> None:
    """A note is edited by its author's own team, about the same record; to anybody else it does not exist."""
    if (newest.partner, newest.record, newest.author_partner) != (
        place.partner,
        place.record,
        place.author_partner,
    ):
        raise Refused(
            "There is no such note about this student; open the student’s page again.", code="unknown_note"
        )


def _says(newest: ContactNote, said: NoteText) -> bool:
    text = TextSealer(settings.COMMUNITY).open(
        bytes(newest.text), agreement=newest.agreement, key=newest.key, place=newest.place_of("text")
    )
    return (newest.on, newest.kind, text) == (said.on, said.kind, said.text)


def _edited_meanwhile() -> Refused:
    return Refused(
        "Somebody saved this note while you were writing. Both texts are kept: theirs is on the student’s page, yours is still here."
        " Save again to add yours as the newest version.",
        code="edited_meanwhile",
    )


def _key_of(place: RowPlace) -> str:
    """The id of the data key for this record under this agreement, which is made if needed."""
    of = {"agreement": place.agreement, "partner": place.partner, "record": place.record}
    known = TextKey.objects.filter(**of).first()
    if known is not None:
        return str(known.id)
    with new_key(settings.COMMUNITY, place.agreement) as id:
        key, created = TextKey.objects.get_or_create(**of, defaults={"id": id})
        if not created:  # another process was faster
            destroy_key(settings.COMMUNITY, place.agreement, id)
    return str(key.id)


def forget(gone: Gone) -> Mapping[str, int]:
    """Deletes what was typed and is gone, with the keys of its texts."""
    notes = 0
    for key in gone_keys(gone):
        destroy_key(settings.COMMUNITY, key.agreement, key.id)
        of = {"agreement": key.agreement, "partner": key.partner, "record": key.record}
        notes += ContactNote.objects.filter(**of).delete()[0]
        key.delete()
    return {"versions of notes about contacts": notes} if notes else {}
