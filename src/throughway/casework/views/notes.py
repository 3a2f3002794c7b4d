"""To note a contact, and to edit a note."""

from throughway.casework.contact_notes.actions import save_note
from throughway.casework.contact_notes.forms import NoteForm
from throughway.casework.contact_notes.note import TABLE, ShownNote, notes_of
from throughway.casework.views.entries import EntryScreens
from throughway.casework.views.students import WORKERS
from throughway.partners.page_access import screen


def _initial(shown: ShownNote) -> dict[str, object]:
    return {"text": shown.now.said, "kind": shown.now.kind, "on": shown.now.on}


NOTES = EntryScreens(
    table=TABLE,
    template="casework/note.html",
    form=NoteForm,
    save=save_note,
    noun="note",
    saved="Your note is saved.",
    find=lambda record, names: notes_of(record.tables.get(TABLE, ()), names=names, reader=record.reader),
    version=lambda shown: shown.now.version,
    initial=_initial,
)
new = screen(*WORKERS, person=True)(NOTES.new)
edit = screen(*WORKERS, person=True)(NOTES.edit)
