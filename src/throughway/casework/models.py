"""What people type about students, by table of the vocabulary; see `typed_entries`."""

from django.db import models

from throughway.casework.contact_notes.note import ContactKind
from throughway.casework.referrals.models import Referral, ReferralEvent
from throughway.casework.sessions.models import SessionMark, WalkInName
from throughway.casework.typed_entries.models import TextKey, TypedRow

__all__ = ["ContactNote", "Referral", "ReferralEvent", "SessionMark", "TextKey", "WalkInName"]


class ContactNote(TypedRow):
    """One version of a note about a contact with a student or family."""

    on = models.DateField()
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in ContactKind])
    text = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry_id", "version"], name="one_version_of_a_note")]
        indexes = [
            models.Index(fields=["partner", "record"], name="notes_of_record"),
            models.Index(fields=["agreement"], name="notes_of_agreement"),
        ]
