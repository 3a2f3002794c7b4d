"""Rows of typed tables, and the keys of their texts.

Rows are versions and are never changed; an edit is a further version. Free text is sealed (`store.sealed_text`). A row belongs to a
partner's record of a student, and is housed by one agreement: with either it is deleted.
"""

from django.db import models

from throughway.agreements.enums import AuthorCapacity


class TextKey(models.Model):
    """The data key of everything typed about one record under one agreement; the key itself is in `keys/`."""

    id = models.CharField(primary_key=True, max_length=32)
    agreement = models.CharField(max_length=100)
    partner = models.CharField(max_length=100)
    record = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "partner", "record"], name="one_key_of_a_record")
        ]


class TypedRow(models.Model):
    """One version of one typed entry. `partner` and `record`: whose record it is; `disclosure`: the ledger's entry of the writing."""

    entry_id = models.CharField(max_length=32)
    version = models.PositiveIntegerField()
    partner = models.CharField(max_length=100)
    record = models.BigIntegerField()
    agreement = models.CharField(max_length=100)
    key = models.CharField(max_length=32)
    author = models.CharField(max_length=254)
    author_partner = models.CharField(max_length=100)
    author_capacity = models.CharField(max_length=20, choices=[(c.value, c.value) for c in AuthorCapacity])
    disclosure = models.CharField(max_length=36)
    at = models.DateTimeField()

    class Meta:
        abstract = True

    def place_of(self, column: str) -> str:
        """What is authenticated with a sealed text: a text cannot be moved to another row, version or column."""
        return f"{self._meta.db_table}.{column}:{self.entry_id}:{self.version}"
