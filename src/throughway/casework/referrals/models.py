"""Referrals: each event as a typed row, and beside them where each referral stands, so that a rule can be a constraint."""

from django.db import models

from throughway.casework.referrals.transitions import ReferralMove, ReferralState
from throughway.casework.typed_entries.models import TypedRow


class ReferralEvent(TypedRow):
    """One event of a referral; `version` counts them. `receiver` is empty before the referral was sent. The texts are sealed."""

    on = models.DateField()
    kind = models.CharField(max_length=20, choices=[(each.value, each.value) for each in ReferralMove])
    state = models.CharField(max_length=20, choices=[(each.value, each.value) for each in ReferralState])
    due = models.DateField(null=True)
    reason = models.CharField(max_length=20, blank=True)
    support = models.CharField(max_length=20)
    sender = models.CharField(max_length=100)
    receiver = models.CharField(max_length=100, blank=True)
    interpreter = models.BooleanField(null=True)
    student_name = models.BinaryField()
    phone = models.BinaryField()
    language = models.BinaryField()
    best_time = models.BinaryField()
    way_there = models.BinaryField()
    text = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry_id", "version"], name="one_event_of_a_number")]
        indexes = [
            models.Index(fields=["partner", "record"], name="referral_events_of_record"),
            models.Index(fields=["agreement"], name="referral_events_of_agreement"),
        ]


class Referral(models.Model):
    """Where a referral stands: what its events say, for lists, days due and constraints. `partner` and `record`: whose record it belongs to;
    `author`: who asked for it; `since`: the day of the last event; `tried`: of the last try to reach the family."""

    id = models.CharField(primary_key=True, max_length=32)
    partner = models.CharField(max_length=100)
    record = models.BigIntegerField()
    support = models.BigIntegerField()
    sender = models.CharField(max_length=100)
    receiver = models.CharField(max_length=100)
    author = models.CharField(max_length=254)
    state = models.CharField(max_length=20, choices=[(each.value, each.value) for each in ReferralState])
    version = models.PositiveIntegerField()
    is_open = models.BooleanField(default=True)
    since = models.DateField()
    due = models.DateField(null=True)
    sent = models.DateField(null=True)
    answered = models.DateField(null=True)
    tried = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "record", "support"],
                condition=models.Q(is_open=True),
                name="one_open_referral",
            ),
            models.CheckConstraint(
                condition=models.Q(is_open=False, due__isnull=True)
                | models.Q(is_open=True, due__isnull=False),
                name="open_referral_is_due",
            ),
        ]
        indexes = [
            models.Index(fields=["receiver", "is_open"], name="referrals_of_receiver"),
            models.Index(fields=["sender", "is_open"], name="referrals_of_sender"),
        ]
