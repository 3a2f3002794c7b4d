"""The directory's state: each entry in its current statement, and its history. No row says anything about a student."""

import uuid

from django.db import models

from throughway.partners.models import Partner
from throughway.supports.entry import MAX_LINE, SupportStatement, from_json


class DirectoryEventKind(models.TextChoices):
    ADDED = "added", "Entered"
    CHANGED = "changed", "Changed"
    SEATS = "seats", "Seats brought up to date"
    CONFIRMED = "confirmed", "Confirmed"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Opened again"


class DirectoryEntry(models.Model):
    """One support of a partner. `said`: the statement as `entry.as_json` makes it; `name` repeats its name for the constraint."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="supports")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    name = models.CharField(max_length=MAX_LINE)
    said = models.JSONField(default=dict)
    confirmed = models.DateField(null=True, blank=True)
    closed = models.DateField(null=True, blank=True)
    changed = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "name"],
                name="support_of_one_name",
                violation_error_code="exists",
                violation_error_message="That partner has a support of this name in the directory already, open or closed; change that "
                "one, or choose another name.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def statement(self) -> SupportStatement:
        return from_json(self.said)


class DirectoryEvent(models.Model):
    """One event in an entry's history, with the statement that applies from then on; never changed."""

    entry = models.ForeignKey(DirectoryEntry, on_delete=models.PROTECT, related_name="events")
    what = models.CharField(max_length=20, choices=DirectoryEventKind.choices)
    said = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
