"""Person ids given out, runs of linkage, and what became of persons. Numbers only: no name, no key of a partner."""

from django.db import models


class Person(models.Model):
    """An id given out; it stays here when the person's last record has left, so that it is never given out again."""

    id = models.BigIntegerField(primary_key=True)
    first_seen_at = models.DateTimeField()
    retired = models.BooleanField(default=False)


class IdentityRun(models.Model):
    """One run of linkage; `shares` are the m and u of each agreement that it learned."""

    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    full = models.BooleanField()
    records = models.PositiveIntegerField()
    persons = models.PositiveIntegerField()
    new_persons = models.PositiveIntegerField()
    merged = models.PositiveIntegerField()
    split = models.PositiveIntegerField()
    for_review = models.PositiveIntegerField()
    seconds = models.FloatField()
    disclosures = models.JSONField(default=list)
    shares = models.JSONField(default=dict)


class IdentityEvent(models.Model):
    """A merge, a split, records that left or came back, or the undoing of an earlier event.

    `before` and `after` map person ids to record numbers. `undoes` points to the event that this one undid: from then on
    what the undone event brought together stays apart, and what it took apart stays together.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    persons = models.JSONField()
    before = models.JSONField()
    after = models.JSONField()
    by = models.CharField(max_length=254)
    run = models.ForeignKey(IdentityRun, null=True, on_delete=models.PROTECT, related_name="events")
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
