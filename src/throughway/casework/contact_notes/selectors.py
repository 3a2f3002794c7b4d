"""Where the rows of `contact_note` are."""

from throughway.casework.contact_notes.note import TABLE
from throughway.casework.models import ContactNote
from throughway.casework.typed_entries.selectors import EntryTable

NOTES = EntryTable(
    table=TABLE,
    model=ContactNote,
    columns={"contact_date": "on", "contact_kind": "kind", "contact_text": "text"},
    sealed=frozenset({"contact_text"}),
    noun="note",
    counted="versions of notes about contacts",
)
