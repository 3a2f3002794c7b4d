"""The registry of releases: what has left the house, exactly as it was published.

The true values of withheld figures are kept nowhere: a release holds its protected tables and nothing else.
"""

from django.db import models


class Release(models.Model):
    """One publication. Never changed: a correction is a release of its own."""

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

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minimum_cell__gte=1), name="release_has_a_minimum_cell"
            ),
            models.CheckConstraint(condition=~models.Q(purpose=""), name="release_has_a_purpose"),
        ]
