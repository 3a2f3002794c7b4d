"""The register of extracts: who has which copy, under which agreement, and until when. No value of a record."""

from django.db import models


class Extract(models.Model):
    """One extract, written in one transaction with its ledger entry, before any byte is handed out. `files` and `written_at` are set
    when all files are in place; without them the extract was interrupted and nobody received it."""

    id = models.CharField(primary_key=True, max_length=12)  # its name for people
    agreement = models.CharField(max_length=100, db_index=True)
    version = models.CharField(max_length=64)
    purpose = models.CharField(max_length=100)
    disclosers = models.JSONField(default=list)
    partner = models.CharField(max_length=100)  # who has it
    by = models.CharField(max_length=254)
    at = models.DateTimeField()
    disclosure = models.CharField(max_length=36)  # the ledger entry
    ends = models.DateField()  # the last day of use
    destroy_by = models.DateField()
    files = models.JSONField(default=list)  # [{"name", "sha256", "bytes", "rows"?}]
    written_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.id} of {self.agreement}"

    @property
    def rows(self) -> int:
        return sum(file.get("rows", 0) for file in self.files if file["name"].endswith(".csv"))
