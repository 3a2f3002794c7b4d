"""The texts of agreements, and the acts on each; rows are never changed (`triggers.py`)."""

from django.db import models

from throughway.agreements.states import AgreementAct, LifecycleEvent


class AgreementVersion(models.Model):
    """One text of an agreement; `version` is the hash that parties sign, the highest `number` is the newest text.

    A text that is added again later has a new row with the same version.
    """

    agreement = models.CharField(max_length=100)
    version = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    text = models.TextField()
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "number"], name="one_text_current")]

    def __str__(self) -> str:
        return f"{self.agreement} {self.version[:12]}"


class SignedPaper(models.Model):
    """A paper that was signed elsewhere, as uploaded; signatures refer to it by its fingerprint."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    content = models.BinaryField()
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=254)

    def __str__(self) -> str:
        return self.sha256[:12]


class AgreementEvent(models.Model):
    """Who did what with which version, when and why. `details`: further facts of the act by name, all text.

    No foreign keys: the record is kept longer than the text, and must not block changes to live data.
    """

    agreement = models.CharField(max_length=100)
    version = models.CharField(max_length=64)
    what = models.CharField(max_length=20, choices=[(a.value, a.value) for a in AgreementAct])
    why = models.TextField(blank=True)
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100, null=True)  # noqa: DJ001  null is the operator, who has no partner
    role = models.CharField(max_length=30)
    at = models.DateTimeField()
    day = models.DateField()
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["agreement", "id"], name="events_of_agreement")]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "version", "partner"],
                condition=models.Q(what=AgreementAct.SIGN.value),
                name="a_party_signs_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.what} {self.day}"

    def event(self) -> LifecycleEvent:
        return LifecycleEvent(
            AgreementAct(self.what),
            self.day,
            self.version,
            self.partner,
            self.details,
            self.role,
            self.by,
            self.why,
        )
