"""The manifest of the store: its files, which of them are live, and the numbers issued."""

from django.db import models
from django.db.models import Q

LIVE, RETIRED, REMOVED = "live", "retired", "removed"


class StoredFile(models.Model):
    """One immutable file. Live until a later one supersedes it (retired); removed once its bytes are gone.

    The row outlives the file, so that its sha256 proves what was destroyed.
    """

    id = models.CharField(primary_key=True, max_length=32)  # the file's random name
    table = models.CharField(max_length=64)
    partner = models.CharField(max_length=200)  # '' for tables of the whole community
    school_year = models.IntegerField()
    batch = models.CharField(max_length=100)
    # Of a vault file with the free text of a plain file's rows: that file, with which it lives and dies. Otherwise empty.
    text_of = models.CharField(max_length=32, default="", db_index=True)
    sealed = models.BooleanField()
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    rows = models.BigIntegerField()
    # Learners' record numbers in the file (`compact`); empty once removed.
    records = models.BinaryField(default=b"")
    state = models.CharField(max_length=7, default=LIVE)
    landed_in = models.BigIntegerField()  # version of the store
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)
    retired_in = models.BigIntegerField(null=True)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.CharField(max_length=254, default="")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=254, default="")

    class Meta:
        indexes = [models.Index(fields=["state", "table", "partner"], name="store_file_state")]
        constraints = [
            models.CheckConstraint(
                name="store_file_state_has_its_moments",
                condition=Q(state=LIVE, retired_in=None, retired_at=None, removed_at=None)
                | Q(state=RETIRED, retired_in__isnull=False, retired_at__isnull=False, removed_at=None)
                | Q(
                    state=REMOVED,
                    retired_in__isnull=False,
                    retired_at__isnull=False,
                    removed_at__isnull=False,
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.id}"


class StoreVersion(models.Model):
    """One row: the number of landings, and a random token of the last one, by which readers recognize it.

    `store` is written in the store's folder too, so that a database is never used as the manifest of another store. It stays through a
    backup and its restoring; `database` is new for each database, and written in the folder too (`database_record`).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    store = models.CharField(max_length=32)
    database = models.CharField(max_length=32, default="")
    number = models.BigIntegerField(default=0)
    token = models.CharField(max_length=32, default="")

    class Meta:
        constraints = [models.CheckConstraint(name="store_version_is_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"version {self.number}"


class RecordCounter(models.Model):
    """One row: the next unused record number."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    next = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(name="store_counter_is_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"next {self.next}"


class BackupMade(models.Model):
    """One backup of the community, once both its archives were written; it never says where they are. `problems`: how many things it lacks."""

    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    problems = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.at}"
