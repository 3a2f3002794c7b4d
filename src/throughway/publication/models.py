"""The registry of releases: what was published, exactly as it was published, and every act on it.

A release has only its protected tables, and no withheld figure. Releases and acts are never changed (`triggers.py`): a correction is a
new release, and a withdrawn release keeps its figures for the audit.
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
    on_day = models.DateField()  # the day that the figures describe
    agreements = models.JSONField(default=list)  # [[id, version], ...]
    minimum_cell = models.PositiveIntegerField()
    disclosures = models.JSONField(default=list)  # ids of the ledger's entries for what was read
    tables = models.JSONField()
    # What the page needs besides figures: {"report", "page", ...}; headings, definitions, names of partners.
    about = models.JSONField(default=dict)
    # Days of review by its disclosers before it is public.
    review_days = models.PositiveIntegerField(default=0)
    disclosers = models.JSONField(default=list)  # ids of the partners whose records it counts
    # An agreement asks that a second person agrees before it is public.
    two_people = models.BooleanField(default=False)
    # `certificate.certificate_of`; empty in releases from before there were certificates.
    certificate = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minimum_cell__gte=1), name="release_has_a_minimum_cell"
            ),
            models.CheckConstraint(condition=~models.Q(purpose=""), name="release_has_a_purpose"),
        ]


class ReleaseMembers(models.Model):
    """The persons whom the figures of a release count (`members.FigureMembers`), for the audit of later releases. Unlike the release
    it can change and go: students and agreements are forgotten."""

    release = models.OneToOneField(
        Release, on_delete=models.PROTECT, primary_key=True, related_name="members"
    )
    packed = models.BinaryField()


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


class OutsideTable(models.Model):
    """A table about our students that somebody else has published, such as a State's report card. Later releases are audited together
    with it. It never changes; one that was entered wrongly is removed, and stays here."""

    id = models.CharField(primary_key=True, max_length=12)
    title = models.CharField(max_length=200)
    publisher = models.CharField(max_length=200)
    source = models.CharField(max_length=500)  # the address or the paper in which it is found
    on_day = models.DateField()  # the day that the figures describe
    question = models.TextField(blank=True)  # whom it counts, in SQL; empty: as the pipeline counts
    figures = models.JSONField()  # `outside_tables.OutsideFigure`
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100, blank=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=254, blank=True)
    removal_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True, removed_by="", removal_reason="")
                | models.Q(removed_at__isnull=False)
                & ~models.Q(removed_by="")
                & ~models.Q(removal_reason=""),
                name="outside_table_removed_by_whom_and_why",
            )
        ]


class OutsideMembers(models.Model):
    """The persons whom our own counts have at the places of a table from outside, as a purpose shows them (`members.FigureMembers`), and
    what is printed of each count. Students and agreements are forgotten in it."""

    table = models.ForeignKey(OutsideTable, on_delete=models.PROTECT, related_name="members")
    purpose = models.TextField()
    agreements = models.JSONField(default=list)  # ids
    disclosers = models.JSONField(default=list)  # ids of the partners whose records were counted
    figures = models.JSONField()  # `outside_counts.PlacedFigure`
    packed = models.BinaryField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "purpose"], name="outside_table_counted_once_for_a_purpose"
            )
        ]


class PreviewedFigures(models.Model):
    """The persons of the figures that a preview told of for the first time (`members.FigureMembers`), and whether each was told as shown:
    a later preview of nearly the same persons tells the same (`previews`). Students and agreements are forgotten in it."""

    at = models.DateTimeField()
    agreements = models.JSONField(default=list)  # ids
    disclosers = models.JSONField(default=list)  # ids of the partners whose records were counted
    packed = models.BinaryField()

    class Meta:
        ordering = ["id"]
