"""Counts of reports that people ask for on the site. The reports themselves are releases (`publication`)."""

from django.db import models
from django.db.models import Q


class AskedCount(models.Model):
    """A count that somebody asked for on the site, and what came of it: `waiting`, `done`, or `refused` with the reason.

    `kind`: the report; `publish`: register it, otherwise a preview. `task`: the task of the background process; `starts`: how often it
    began, more than once where the process was killed. `preview`: which figures would be shown and withheld, without one figure;
    `release`: what was registered.
    """

    kind = models.CharField(max_length=30)
    purpose = models.CharField(max_length=100)
    publish = models.BooleanField()
    state = models.CharField(max_length=10)
    message = models.TextField(blank=True)
    preview = models.JSONField(default=dict)
    release = models.CharField(max_length=8, blank=True)
    task = models.CharField(max_length=36, blank=True)
    starts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    by = models.CharField(max_length=254)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "purpose"], condition=Q(state="waiting"), name="one_count_at_a_time"
            )
        ]
