"""A note about a contact: its three fields, and how its versions are shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from throughway.agreements.enums import AuthorCapacity
from throughway.casework.typed_entries.versions import entries_of
from throughway.core.refusals import Refused

TABLE = "contact_note"
LONGEST = 5_000  # characters
FIRST_DAY = date(2000, 1, 1)


class ContactKind(StrEnum):
    """The codes of `contact_note.contact_kind`, in the order of the form."""

    CALL = "call"
    MESSAGE = "message"
    MEETING = "meeting"
    VISIT = "visit"
    LETTER = "letter"
    NO_ANSWER = "no_answer"


KIND_WORDS: Mapping[ContactKind, str] = {
    ContactKind.CALL: "Telephone call",
    ContactKind.MESSAGE: "Text message",
    ContactKind.MEETING: "Meeting",
    ContactKind.VISIT: "Visit at home",
    ContactKind.LETTER: "Letter or e-mail",
    ContactKind.NO_ANSWER: "Tried, no answer",
}


@dataclass(frozen=True)
class NoteText:
    """What one version says. Refused (usage) where it says nothing, is too long, or is of a day to come."""

    on: date
    kind: ContactKind
    text: str

    def check(self, today: date) -> None:
        if not self.text.strip():
            raise Refused("Write what was said, or that nobody answered.", code="usage")
        if len(self.text) > LONGEST:
            raise Refused(
                f"A note has at most {LONGEST:,} characters; write the rest in a second note.", code="usage"
            )
        if not FIRST_DAY <= self.on <= today:
            raise Refused("Give the day of the contact, today or earlier.", code="usage")


@dataclass(frozen=True)
class NoteVersion:
    """One version as the gate showed it. `said` is empty where the purpose does not show the text."""

    version: int
    on: date
    kind: str
    said: str
    author: str
    partner: str
    capacity: str

    @property
    def kind_words(self) -> str:
        return KIND_WORDS[ContactKind(self.kind)] if self.kind in set(ContactKind) else "Contact"


@dataclass(frozen=True)
class ShownNote:
    """One note: the version that stands, and the earlier ones, newest first. `own`: of the reader's own team, who may edit it."""

    id: str
    now: NoteVersion
    earlier: Sequence[NoteVersion]
    own: bool


def notes_of(
    rows: Iterable[Mapping[str, Any]], *, names: Mapping[str, str], reader: str | None
) -> list[ShownNote]:
    """The notes in rows of `contact_note`, newest contact first. `names`: partners by id; `reader`: the reader's partner."""
    found = [
        ShownNote(
            entry.id,
            _version(entry.newest, names),
            [_version(row, names) for row in entry.earlier],
            entry.own,
        )
        for entry in entries_of(rows, reader=reader)
    ]
    return sorted(found, key=lambda note: (note.now.on, note.id), reverse=True)


def _version(row: Mapping[str, Any], names: Mapping[str, str]) -> NoteVersion:
    partner = str(row.get("author_partner") or "")
    on = row.get("contact_date")
    return NoteVersion(
        version=int(row.get("version") or 0),
        on=on if isinstance(on, date) else FIRST_DAY,
        kind=str(row.get("contact_kind") or ""),
        said=str(row.get("contact_text") or ""),
        author=str(row.get("author") or ""),
        partner=names.get(partner, partner),
        capacity="as a school official"
        if row.get("author_capacity") == AuthorCapacity.SCHOOL_OFFICIAL
        else "",
    )
