"""Loads: what was loaded, when, by whom, under which agreements."""

from enum import StrEnum

from django.db import models
from django.dispatch import Signal


class IntakeBatch(models.Model):
    """One load, whether it landed or was refused. No value of any record is in it."""

    id = models.CharField(primary_key=True, max_length=100)
    partner = models.CharField(max_length=200)
    format = models.CharField(max_length=20)
    source = models.CharField(max_length=400)  # name of the file or folder
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    # [[id, version], ...] of agreements that needed something of it.
    agreements = models.JSONField(default=list)
    counts = models.JSONField(default=dict)  # table or kind of record → the fields of `Counts`
    cells_emptied = models.BigIntegerField(default=0)
    refused_columns = models.JSONField(default=list)
    unmapped = models.JSONField(
        null=True
    )  # those of them that nothing maps; null where an earlier version did not record it
    refusal = models.TextField(default="")  # the reason, when nothing was loaded
    # What was expected of the file: the crosswalk that says so; each difference; why it was accepted all the same.
    feed = models.CharField(max_length=200, default="", blank=True)
    findings = models.JSONField(default=list)  # [{rule, table, sentence, stops}, ...]
    accepted = models.TextField(default="", blank=True)
    withdrawn = models.JSONField(default=dict)  # table → stored rows that are deleted at the source
    row_keys = models.JSONField(
        default=dict
    )  # table → what told its rows of one student apart (`TableMap.row_key`)
    days = models.JSONField(default=dict)  # table → first and last day of the rows that it changed
    # Table → how many rows of the file were stored before; null where an earlier version did not record it.
    found = models.JSONField(null=True)
    # Of the file's bytes, under a key of the folder (`file_digest`); empty where an earlier version loaded it, or people entered it here.
    digest = models.CharField(max_length=64, default="", blank=True)
    # Once the load was taken back: {"certificate", "at", "by", "why"}.
    taken_back = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["partner", "at"], name="intake_batch_of_partner")]

    def __str__(self) -> str:
        return self.id


class UploadState(StrEnum):
    WAITING = "waiting"  # no worker has started it
    LOADING = "loading"  # an interrupted one is started again
    DONE = "done"
    REFUSED = "refused"
    BROKEN = "broken"  # an internal error


# Sent when a file that was sent on the site has landed, before its page says so: `sender` is its `Upload`.
LANDED = Signal()
# Sent when loads were taken back: `sender` is the partner's id, and `by` who took them back.
TAKEN_BACK = Signal()
OPEN = (UploadState.WAITING, UploadState.LOADING)  # all others are final


class Upload(models.Model):
    """A file sent through the site, until it is loaded; its row remains as the record of the outcome."""

    id = models.CharField(primary_key=True, max_length=32)
    partner = models.CharField(max_length=200)
    format = models.CharField(max_length=20)
    crosswalk = models.CharField(max_length=200, blank=True)  # a file's name in the community's folder
    school_year = models.IntegerField(null=True)  # its ending year
    name = models.CharField(max_length=400)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    state = models.CharField(max_length=20)
    batch = models.CharField(max_length=100, blank=True)
    refusal = models.TextField(blank=True)
    right = models.TextField(
        default="", blank=True
    )  # why it is right although it differs from what is expected

    class Meta:
        indexes = [models.Index(fields=["state", "at"], name="intake_upload_by_state")]

    def __str__(self) -> str:
        return self.id

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def label(self) -> str:
        """Its name with the crosswalk that reads it, by which somebody who sent several knows it again."""
        return (
            f"{self.name}, {self.crosswalk.removesuffix('.yaml').replace('-', ' ')}"
            if self.crosswalk
            else self.name
        )
