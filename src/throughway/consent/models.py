"""Families' decisions as events, never changed: a withdrawal is another event. The student is the record's number and the
signer a number within that record; keys and names are in the vault.
"""

from django.db import models

from throughway.consent.enums import ConsentDecision


class ConsentEvent(models.Model):
    """One decision about one student's records of one discloser (34 CFR 99.30; ISO/IEC TS 27560)."""

    code = models.CharField(unique=True, max_length=12)  # the consent's id for people
    partner = models.CharField(max_length=100)  # the discloser
    record = models.BigIntegerField()
    agreement = models.CharField(max_length=100)
    purpose = models.TextField()  # or * for all
    decision = models.CharField(max_length=10, choices=[(d.value, d.value) for d in ConsentDecision])
    holder = models.BigIntegerField()
    relation = models.CharField(max_length=20)
    right_checked = (
        models.BooleanField()
    )  # whether the discloser's records showed that the signer held the right that day
    signed_on = models.DateField()
    method = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=100, blank=True)
    notice_version = models.CharField(max_length=200, blank=True)
    expires = models.DateField(null=True)
    withdraws = models.CharField(max_length=12, blank=True)  # the code of the event that it reverses
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    class Meta:
        indexes = [
            models.Index(fields=["partner", "record"], name="consents_of_record"),
            models.Index(fields=["partner", "agreement", "id"], name="consents_of_agreement"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.decision} {self.signed_on}"


class RightEvent(models.Model):
    """One step about families' rights (`rights_events.RightsRecord`). Like the ledger it holds no value of a record, and is
    kept."""

    code = models.CharField(max_length=12)
    about = models.CharField(max_length=10)
    step = models.CharField(max_length=20)
    partner = models.CharField(max_length=100)
    record = models.BigIntegerField(null=True)
    other = models.CharField(max_length=100, blank=True)
    day = models.DateField()
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    role = models.CharField(max_length=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "step", "other"], name="each_step_about_a_right_once")
        ]
        indexes = [models.Index(fields=["about", "partner", "record"], name="rights_of_record")]

    def __str__(self) -> str:
        return f"{self.code} {self.about} {self.step}"


class RightWords(models.Model):
    """What people wrote at one step; destroyed with the student's records."""

    event = models.OneToOneField(RightEvent, on_delete=models.PROTECT, primary_key=True, related_name="said")
    words = models.JSONField()

    def __str__(self) -> str:
        return f"words of {self.event_id}"


class SignedConsentForm(models.Model):
    """The picture of one signed consent form, and the signer's name, sealed under a data key of its own. `code` and `attempt`: of the
    consent form (`consent_form.SentForm`); `record`: the student's number, at first one that the sender knows, and from the
    confirmation on the discloser's. It is destroyed with the records, and with its agreement."""

    code = models.CharField(max_length=12)
    attempt = models.PositiveSmallIntegerField()
    agreement = models.CharField(max_length=100)
    record = models.BigIntegerField(db_index=True)
    key = models.CharField(max_length=32)
    kind = models.CharField(max_length=20)  # media type
    signer = models.BinaryField()
    content = models.BinaryField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "attempt"], name="one_paper_of_an_attempt")]
        indexes = [models.Index(fields=["agreement"], name="papers_of_agreement")]

    def __str__(self) -> str:
        return f"{self.code} {self.attempt}"

    def place_of(self, column: str) -> str:
        """What is authenticated with a sealed value, so that it cannot be moved to another form."""
        return f"{self._meta.db_table}.{column}:{self.code}:{self.attempt}"
