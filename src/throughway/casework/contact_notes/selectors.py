"""The rows of `contact_note`, for the gate alone (`store.typed_rows`)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC

from django.conf import settings
from django.db.models import Count, Max, QuerySet

from throughway.casework.models import ContactNote, TextKey
from throughway.core.personal_data import Gone
from throughway.store.sealed_text import TextSealer

AT_ONCE = 500  # record numbers in one statement


class NoteRows:
    """`store.typed_rows.TypedTable` over the model."""

    def rows(self, partner: str, records: Collection[int] | None) -> Sequence[Mapping[str, object]]:
        sealer = TextSealer(settings.COMMUNITY)
        return [row for found in _found(partner, records) for row in _rows(found, sealer)]

    def records(self, partner: str) -> Sequence[int]:
        numbers = ContactNote.objects.filter(partner=partner).values_list("record", flat=True)
        return sorted(set(numbers.distinct()))

    def state(self) -> str:
        found = ContactNote.objects.aggregate(last=Max("id"), rows=Count("id"))
        return f"{found['last']}/{found['rows']}"


def gone_keys(gone: Gone) -> list[TextKey]:
    """The keys of what goes with a destruction: the texts under an agreement, about records, and of a partner that leaves, except
    under agreements that keep what its people typed."""
    return [
        key
        for key in TextKey.objects.order_by("id")
        if key.agreement == gone.agreement
        or key.record in gone.records.get(key.partner, ())
        or (key.agreement, key.partner, key.record) in gone.consents
        or (key.partner == gone.partner and key.agreement not in gone.keeping)
    ]


def typed_about(agreement: str, partner: str, records: Collection[int]) -> bool:
    """Whether anything was typed under the agreement about these records of the partner."""
    return TextKey.objects.filter(agreement=agreement, partner=partner, record__in=sorted(records)).exists()


def returned_notes(gone: Gone) -> Mapping[str, list[Mapping[str, object]]]:
    """By partner, its notes that go: they are returned to it first."""
    found: dict[str, list[Mapping[str, object]]] = {}
    sealer = TextSealer(settings.COMMUNITY)
    for key in gone_keys(gone):
        notes = ContactNote.objects.filter(
            agreement=key.agreement, partner=key.partner, record=key.record
        ).order_by("entry_id", "version")
        found.setdefault(key.partner, []).extend(_rows(notes, sealer))
    return found


def _found(partner: str, records: Collection[int] | None) -> Iterator[QuerySet[ContactNote]]:
    of_partner = ContactNote.objects.filter(partner=partner).order_by("entry_id", "version")
    if records is None:
        yield of_partner
        return
    numbers = sorted(records)
    for at in range(0, len(numbers), AT_ONCE):
        yield of_partner.filter(record__in=numbers[at : at + AT_ONCE])


def _rows(found: QuerySet[ContactNote], sealer: TextSealer) -> Iterator[Mapping[str, object]]:
    notes = list(found)
    newest = {note.entry_id: note.version for note in notes}  # in the order of versions
    for note in notes:
        yield {
            "record": note.pk,
            "person_record": note.record,
            "contact_date": note.on,
            "contact_kind": note.kind,
            "contact_text": sealer.open(
                bytes(note.text), agreement=note.agreement, key=note.key, place=note.place_of("text")
            ),
            "entry_id": note.entry_id,
            "version": note.version,
            "superseded": note.version < newest[note.entry_id],
            "author": note.author,
            "author_partner": note.author_partner,
            "author_capacity": note.author_capacity,
            "source_system": "throughway",
            "recorded_at": note.at.astimezone(UTC).replace(tzinfo=None),
        }
