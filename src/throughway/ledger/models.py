"""The ledger of disclosures: who asked for or received what, under which agreement, about which students.

Nothing here points to live data by a foreign key: the ledger outlives the agreements, users and rows that it names (34
CFR 99.32(a)(2) keeps it as long as the record). It holds no value of a record and no key of a record: students are the
platform's own random numbers. All tables are append-only by triggers (`triggers.py`).
"""

import uuid

from django.db import models


def new_id() -> str:
    """A random id without meaning."""
    return str(uuid.uuid4())


class LedgerEntry(models.Model):
    """One request or disclosure. Empty fields hold nothing."""

    id = models.CharField(primary_key=True, max_length=36, default=new_id)
    at = models.DateTimeField(db_index=True)
    outcome = models.CharField(max_length=20)
    actor_email = models.CharField(max_length=254)
    actor_partner = models.CharField(max_length=100, blank=True)
    actor_role = models.CharField(max_length=50)
    purpose = models.TextField()  # as requested, where any agreement has this purpose (known_words.py)
    interest = models.TextField(blank=True)
    basis = models.TextField(blank=True)
    on_day = models.DateField()
    agreements = models.JSONField(default=list)  # [[id, version], ...]
    disclosers = models.JSONField(default=list)
    recipients = models.JSONField(default=list)
    onward = models.JSONField(default=list)
    elements = models.JSONField(default=list)  # ["table.column", ...]
    sql_sha256 = models.CharField(max_length=64, blank=True)  # of entries written before `question` existed
    rows = models.BigIntegerField(null=True)
    students = models.BinaryField(default=bytes)  # store.compact
    students_sha256 = models.CharField(max_length=64)
    students_count = models.BigIntegerField()
    # Bounds of the set, to find the entries about one student without unpacking every set.
    students_low = models.BigIntegerField(null=True)
    students_high = models.BigIntegerField(null=True)
    exempt = models.TextField(blank=True)
    reasons = models.JSONField(default=list)
    threat = models.TextField(blank=True)  # of an emergency (34 CFR 99.32(a)(5))
    way = models.CharField(max_length=40, blank=True, default="")  # access_channels.py
    question = models.CharField(max_length=64, blank=True, default="")  # hmac_digests.py
    # Over everything that is sealed, so not sealed itself (hmac_digests.py); empty in entries sealed before MACs were introduced.
    mac = models.CharField(max_length=64, blank=True, default="")


class LedgerLeaf(models.Model):
    """The position of a sealed entry in the tree, assigned by the one sealer."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.CharField(unique=True, max_length=36)
    hash = models.CharField(max_length=64)


class LedgerHead(models.Model):
    """The signed root of the tree after one sealing. `peaks` let the next sealing continue from here."""

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    peaks = models.JSONField()
    at = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    sealed_by = models.CharField(max_length=254)


class LedgerSieve(models.Model):
    """The Bloom filter by which an entry is found from one of its students (`bloom_filter.py`); `check` compares it with the set."""

    entry = models.CharField(primary_key=True, max_length=36)
    low = models.BigIntegerField(null=True)
    high = models.BigIntegerField(null=True)
    w0 = models.BigIntegerField()
    w1 = models.BigIntegerField()
    w2 = models.BigIntegerField()
    w3 = models.BigIntegerField()
    w4 = models.BigIntegerField()
    w5 = models.BigIntegerField()
    w6 = models.BigIntegerField()
    w7 = models.BigIntegerField()


class FurtherEvent(models.Model):
    """One step concerning further disclosures between an authority and a discloser (34 CFR 99.32(b)(2)).

    The ledger entry written at the same time has the details; deadlines are computed from this row.
    """

    kind = models.CharField(max_length=20)  # passed_on, requested, answered
    entry = models.CharField(unique=True, max_length=36)
    authority = models.CharField(max_length=100)
    discloser = models.CharField(max_length=100)
    on_day = models.DateField()
    request = models.CharField(max_length=36, blank=True)  # the entry of the request that this step answers
    due = models.DateField(null=True)
    for_parent = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
