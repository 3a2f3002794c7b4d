"""Orders of destruction, and legal holds, which suspend destruction."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models

from throughway.core.personal_data import HIDDEN_REASON
from throughway.destruction.undo_requests.request import UndoEventKind
from throughway.store import process_locks

ORDERED, LANDED, FORGOTTEN, DONE = "ordered", "landed", "forgotten", "done"  # the steps of an order
PART = "part"  # the kind of an order for what of an ended agreement's data need not wait
CERTIFIED, UNDER_WAY, STOPPED, WAITS = "certified", "under way", "stopped", "waits"  # its progress


class Destruction(models.Model):
    """One order. `step`: how far it has come. `work`: what a later process needs to continue, without any value of a record: files,
    counts and, until the rooms have deleted theirs, the numbers of learners whose data is destroyed."""

    id = models.CharField(primary_key=True, max_length=12)  # the code of the order and of its certificate
    kind = models.CharField(
        max_length=10
    )  # agreement, part (of an agreement's), partner, person, consent, load
    subject = models.CharField(max_length=200)
    why = models.TextField(blank=True)
    asked_by = models.TextField(blank=True)
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)
    role = models.CharField(max_length=30)
    at = models.DateTimeField()
    step = models.CharField(max_length=10)
    work = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)
    certificate = models.JSONField(default=dict)  # as it was signed

    class Meta:
        indexes = [models.Index(fields=["kind", "subject"], name="destruction_of_subject")]

    def __str__(self) -> str:
        return f"{self.id} {self.kind} {self.step}"

    @property
    def body(self) -> Mapping[str, Any]:
        """The certificate's content, empty while it is unfinished."""
        found: Mapping[str, Any] = self.certificate.get("certificate", {})
        return found

    @property
    def partners(self) -> Sequence[str]:
        """Whose records it affects."""
        return tuple(self.work.get("partners", ()))

    @property
    def stopped(self) -> str:
        """Why it stopped, where its worker recorded it. What it waits for is told by its page to who may know it; an earlier version
        kept it here for everybody."""
        said = str(self.work.get("stopped", ""))
        before, waits, _ = said.partition(" must wait. ")
        return f"{before}{waits}{HIDDEN_REASON}" if waits else said

    @cached_property
    def stands(self) -> str:
        """Certified, under way, stopped or waiting to begin. Whoever carries an order out holds a lock, which ends with the
        process."""
        if self.step == DONE:
            return CERTIFIED
        if self.stopped:
            return STOPPED
        lock = settings.COMMUNITY.data / "destruction.turn"
        with process_locks.turn(lock, alone=False, patience=0) as nobody_has_it:
            if not nobody_has_it:
                return UNDER_WAY
        return WAITS if self.step == ORDERED else STOPPED

    @property
    def goes_on(self) -> bool:
        return self.stands in (WAITS, UNDER_WAY)


class UndoRequestEvent(models.Model):
    """That a load be taken back was asked for, or declined; never changed. What was agreed to is an order. `loads`, `rows`: what would go, as it
    was when it was asked. `settles`: the request that was declined."""

    what = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in UndoEventKind])
    load = models.CharField(max_length=200)
    partner = models.CharField(max_length=100)  # whose load it is
    loads = models.JSONField(default=list)
    rows = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    settles = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="settled_by")
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    def __str__(self) -> str:
        return f"{self.load} {self.what} {self.at:%Y-%m-%d}"


class HandOver(models.Model):
    """What a discloser receives of the ledger, sealed until it is collected. `file`: its name in the certificate's folder."""

    destruction = models.ForeignKey(Destruction, on_delete=models.PROTECT, related_name="hand_overs")
    partner = models.CharField(max_length=100)
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    entries = models.PositiveIntegerField()
    until = models.DateField()
    collected_at = models.DateTimeField(null=True)
    collected_by = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["destruction", "partner"], name="one_hand_over_for_each_discloser"
            )
        ]

    def __str__(self) -> str:
        return f"{self.destruction_id} {self.partner}"


class HoldEvent(models.Model):
    """A legal hold, or its lifting; never changed."""

    code = models.CharField(max_length=12)  # of the hold: its lifting has the same
    what = models.CharField(max_length=5)  # add, lift
    kind = models.CharField(max_length=10)
    subject = models.CharField(max_length=200)
    notice = models.CharField(max_length=200)  # the reference of the notice, as its sender wrote it
    why = models.TextField()
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)
    role = models.CharField(max_length=30)
    at = models.DateTimeField()
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "what"], name="a_hold_is_added_and_lifted_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.what}"


def subject_text(kind: str, subject: str) -> str:
    """The subject of a destruction in words; never a person's name or number."""
    return {
        "agreement": f"the data of {subject}",
        PART: f"a part of the data of {subject}",
        "partner": f"the records of {subject}",
        "person": "one person's records",
        "consent": "rows that a consent housed",
        "load": f"the load {subject}",
    }[kind]
