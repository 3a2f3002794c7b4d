"""What people type about students, by table of the vocabulary; see `typed_entries`."""

from django.db import models

from throughway.casework.contact_notes.note import ContactKind
from throughway.casework.needs.need import NeedSource, NeedState
from throughway.casework.program_entry.models import ProgramEntry
from throughway.casework.referrals.models import Referral, ReferralEvent
from throughway.casework.sessions.models import SessionMark, WalkInName
from throughway.casework.student_tasks.task import TaskKind, TaskState
from throughway.casework.typed_entries.models import TextKey, TypedRow

__all__ = [
    "ContactNote",
    "ProgramEntry",
    "Referral",
    "ReferralEvent",
    "SessionMark",
    "StudentNeed",
    "Task",
    "TextKey",
    "WalkInName",
]


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


class Task(TypedRow):
    """One version of a task about a student. `owner`: the address of the user who does it."""

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in TaskKind])
    due = models.DateField()
    owner = models.CharField(max_length=254)
    state = models.CharField(max_length=20, choices=[(state.value, state.value) for state in TaskState])
    text = models.BinaryField()
    reason = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry_id", "version"], name="one_version_of_a_task")]
        indexes = [
            models.Index(fields=["partner", "record"], name="tasks_of_record"),
            models.Index(fields=["agreement"], name="tasks_of_agreement"),
            models.Index(fields=["author_partner", "state", "due"], name="tasks_by_day"),
        ]


class StudentNeed(TypedRow):
    """One version of a need of a student. `kind`: a kind of support that may answer it."""

    kind = models.CharField(max_length=40)
    since = models.DateField()
    source = models.CharField(max_length=20, choices=[(source.value, source.value) for source in NeedSource])
    state = models.CharField(max_length=20, choices=[(state.value, state.value) for state in NeedState])
    text = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry_id", "version"], name="one_version_of_a_need")]
        indexes = [
            models.Index(fields=["partner", "record"], name="needs_of_record"),
            models.Index(fields=["agreement"], name="needs_of_agreement"),
        ]
