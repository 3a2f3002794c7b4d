"""Rows of what is typed at a session of a program's group; see `typed_entries`."""

from django.db import models

from throughway.casework.sessions.mark import Mark
from throughway.casework.typed_entries.models import TypedRow


class SessionMark(TypedRow):
    """One version of one student's mark in one session of a program. `hours`: planned for the session; `walk_in_name`: what was typed at the door, for a student who
    was found in the records later."""

    program = models.CharField(max_length=200)
    on = models.DateField()
    mark = models.CharField(max_length=10, choices=[(mark.value, mark.value) for mark in Mark])
    hours = models.FloatField(null=True)
    walk_in_name = models.BinaryField(null=True)

    class Meta:
        constraints = [
            # Two who mark the same session at once: one of them is told.
            models.UniqueConstraint(
                fields=["partner", "record", "program", "on", "version"], name="one_version_of_a_mark"
            )
        ]
        indexes = [
            models.Index(fields=["partner", "program", "on"], name="marks_of_session"),
            models.Index(fields=["agreement"], name="marks_of_agreement"),
        ]


class WalkInName(TypedRow):
    """One version of a name of somebody who came and is not on the list; `record` is that of nobody. It goes when it is matched."""

    program = models.CharField(max_length=200)
    on = models.DateField()
    name = models.BinaryField()
    closed = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry_id", "version"], name="one_version_of_a_walk_in")
        ]
        indexes = [models.Index(fields=["partner", "record"], name="walk_ins_of_partner")]
