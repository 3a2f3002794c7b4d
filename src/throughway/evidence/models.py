"""Registered studies, their findings, and what people decided because of them. Every table is append-only (`triggers.py`).

A finding's figures are in its release (`publication`); nothing here is about one student.
"""

from django.db import models


class RegisteredStudy(models.Model):
    """A study as it was written down. `question`: the hash of what is asked, which two specifications of one question share;
    `outcomes_read`: what the ledger said of earlier reading of the outcome, in sentences; `smallest`: the smallest effect that mattered to
    the community then, None in a study of an earlier version; `again`: how often the same text was registered and taken back before; `decision`: of the council, that opened a second specification."""

    id = models.CharField(primary_key=True, max_length=8)
    title = models.CharField(max_length=200)
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    again = models.PositiveIntegerField(default=0)
    question = models.CharField(max_length=64, db_index=True)
    program = models.CharField(max_length=300)
    purpose = models.CharField(max_length=100)
    outcomes_read = models.JSONField(default=list)
    smallest = models.JSONField(null=True)
    decision = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("sha256", "again"), name="evidence_text_once"),)


class StudyReading(models.Model):
    """A run of a study that began to read outcomes, written before the first one is read: from then on the study is not taken back."""

    study = models.ForeignKey(RegisteredStudy, on_delete=models.PROTECT, related_name="readings")
    at = models.DateTimeField()
    by = models.CharField(max_length=254)


class StudyTakenBack(models.Model):
    """That a study was taken back before any of its outcomes was read: it is never run, and stands in the way of no other."""

    study = models.OneToOneField(RegisteredStudy, on_delete=models.PROTECT, related_name="taken_back")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)


class StudyFinding(models.Model):
    """One result of a study: its release. `p`: of its estimate, never shown, for the findings that come after it; None where there is no
    estimate; `reply_until`: the last day on which the program's reply is awaited."""

    study = models.ForeignKey(RegisteredStudy, on_delete=models.PROTECT, related_name="findings")
    release = models.CharField(max_length=8, unique=True)
    verdict = models.CharField(max_length=30)
    p = models.FloatField(null=True)
    program_partner = models.CharField(max_length=100)
    reply_until = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)


class ProgramReply(models.Model):
    """What the program says of a finding; it is printed with it, and the last one counts."""

    finding = models.ForeignKey(StudyFinding, on_delete=models.PROTECT, related_name="replies")
    text = models.TextField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)


class FindingDecision(models.Model):
    """What a meeting decided because of a finding. `meeting`: the number of a meeting of `governance`, or None; `owner`: the address of
    the user who carries it out, of the partner `owner_partner`, until the day `due`."""

    finding = models.ForeignKey(StudyFinding, on_delete=models.PROTECT, related_name="decisions")
    meeting = models.BigIntegerField(null=True)
    met_on = models.DateField()
    text = models.TextField()
    owner = models.CharField(max_length=254)
    owner_partner = models.CharField(max_length=100)
    due = models.DateField()
    measure_again_on = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)


class DecisionProgress(models.Model):
    """What came of a decision: carried out, not carried out, or measured again by a later finding. The last of each counts."""

    decision = models.ForeignKey(FindingDecision, on_delete=models.PROTECT, related_name="progress")
    what = models.CharField(max_length=20)
    words = models.TextField(blank=True)
    finding = models.ForeignKey(StudyFinding, on_delete=models.PROTECT, null=True, related_name="measured")
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)
