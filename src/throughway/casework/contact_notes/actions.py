"""Writes notes about contacts."""

from datetime import date

from throughway.casework.contact_notes.note import NoteText
from throughway.casework.contact_notes.selectors import NOTES
from throughway.casework.typed_entries.actions import save_entry
from throughway.partners.actor import Actor


def save_note(*, person: int, purpose: str, note: str, based_on: int, said: NoteText, by: Actor) -> None:
    """Writes one version of a note about the student; see `save_entry`. Refused (usage) where the note says nothing."""
    said.check(date.today())
    values = {"contact_date": said.on, "contact_kind": str(said.kind), "contact_text": said.text}
    save_entry(NOTES, person=person, purpose=purpose, entry=note, based_on=based_on, values=values, by=by)
