"""The registry of releases: what has left the house, exactly as it was published, and what was done with each.

The true values of withheld figures are kept nowhere: a release holds its protected tables and nothing else. Neither table is ever
changed (`triggers.py`): a correction is a release of its own, and a withdrawn release keeps its figures for the audit.
"""

from django.db import models


class Release(models.Model):
    """One publication."""

    id = models.CharField(primary_key=True, max_length=12)
    title = models.CharField(max_length=200)
    at = models.DateTimeField(db_index=True)
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100, blank=True)
    purpose = models.TextField()
    on_day = models.DateField()  # the day the figures speak of
    agreements = models.JSONField(default=list)  # [[id, version], ...]
    minimum_cell = models.PositiveIntegerField()
    disclosures = models.JSONField(default=list)  # ids of the ledger's entries for what was read
    tables = models.JSONField()
    # What is needed to draw the figures and is none itself: {"report", "page", ...}; headings, definitions, names of partners.
    about = models.JSONField(default=dict)
    review_days = models.PositiveIntegerField(default=0)  # for how long its disclosers look at it first
    disclosers = models.JSONField(default=list)  # ids of the partners whose records it counts

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minimum_cell__gte=1), name="release_has_a_minimum_cell"
            ),
            models.CheckConstraint(condition=~models.Q(purpose=""), name="release_has_a_purpose"),
        ]


class ReleaseEvent(models.Model):
    """One act on a release: who agreed, objected, answered or withdrew it, when and why (`states.Act`)."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="events")
    act = models.CharField(max_length=20)
    partner = models.CharField(max_length=100, blank=True)  # empty for the operator
    by = models.CharField(max_length=254)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(act__in=["object", "answer", "withdraw"]) | ~models.Q(reason=""),
                name="release_event_has_its_reason",
            ),
        ]
