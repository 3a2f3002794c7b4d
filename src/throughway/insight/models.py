"""Counts of reports that people ask for on the site, and the questions in SQL that they save. The reports themselves are releases (`publication`)."""

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


class SavedQuestion(models.Model):
    """A question in SQL that an evaluator saves to ask again. Its text singles out no student (`desk.saved_text`), and no answer is
    saved. `shared`: the other evaluators of the same partner see it too."""

    title = models.CharField(max_length=150)
    sql = models.TextField()
    purpose = models.CharField(max_length=100)
    partner = models.CharField(max_length=100, db_index=True)
    by = models.CharField(max_length=254)
    shared = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title
