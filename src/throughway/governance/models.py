"""The state of governance. Votes, answers, decisions, their effects and every event are append-only (`triggers.py`)."""

from django.db import models


class GovernanceBody(models.Model):
    id = models.SlugField(primary_key=True, max_length=100)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    charter = models.TextField(blank=True)
    decides = models.JSONField(default=list)
    rule = models.CharField(max_length=20)
    quorum = models.PositiveIntegerField()
    partner = models.CharField(max_length=100, blank=True)  # whose board; empty: of the community


class BodySeat(models.Model):
    """`last` is the one thing that changes: the day on which the seat was given up."""

    body = models.ForeignKey(GovernanceBody, on_delete=models.PROTECT, related_name="seats")
    partner = models.CharField(max_length=100)
    holder = models.CharField(max_length=254)
    office = models.CharField(max_length=200)
    first = models.DateField()
    last = models.DateField(null=True)
    chair = models.BooleanField(default=False)


class BodyMeeting(models.Model):
    body = models.ForeignKey(GovernanceBody, on_delete=models.PROTECT, related_name="meetings")
    day = models.DateField()
    place = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    present = models.JSONField(default=list)  # numbers of seats
    minutes = models.CharField(max_length=500, blank=True)


class BodyMotion(models.Model):
    body = models.ForeignKey(GovernanceBody, on_delete=models.PROTECT, related_name="motions")
    meeting = models.ForeignKey(BodyMeeting, on_delete=models.PROTECT, null=True, related_name="motions")
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    agreement = models.CharField(max_length=100, blank=True)
    version = models.CharField(max_length=64, blank=True)
    partner = models.CharField(max_length=100, blank=True)
    request = models.ForeignKey("DataRequestRow", on_delete=models.PROTECT, null=True, related_name="motions")
    moved_on = models.DateField()
    moved_by = models.CharField(max_length=254)
    due = models.DateField()
    is_open = models.BooleanField(default=True)


class SeatVote(models.Model):
    """One vote as cast; for each seat the last one counts."""

    motion = models.ForeignKey(BodyMotion, on_delete=models.PROTECT, related_name="votes")
    seat = models.ForeignKey(BodySeat, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField(max_length=10)
    why = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)


class DataRequestRow(models.Model):
    """One data request; `wanted` is a `RequestedData` as JSON."""

    asker = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)
    role = models.CharField(max_length=30)
    wanted = models.JSONField()
    state = models.CharField(max_length=20)
    asked_on = models.DateField()
    since = models.DateField()
    missing = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    citations = models.JSONField(default=list)
    license = models.CharField(max_length=100, blank=True)


class DiscloserAnswer(models.Model):
    """A discloser's answer; for each discloser the last one counts."""

    request = models.ForeignKey(DataRequestRow, on_delete=models.PROTECT, related_name="answers")
    partner = models.CharField(max_length=100)
    answer = models.CharField(max_length=10)
    reason = models.TextField(blank=True)
    day = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)


class LoggedDecision(models.Model):
    """One line of the decision log. No foreign keys: it outlives what it names."""

    day = models.DateField()
    body = models.CharField(max_length=100, blank=True)
    body_name = models.CharField(max_length=200)
    motion = models.BigIntegerField(null=True, unique=True)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    result = models.CharField(max_length=20)
    reason = models.TextField()
    citations = models.JSONField(default=list)
    rule = models.CharField(max_length=20, blank=True)
    quorum = models.PositiveIntegerField(default=0)
    votes = models.JSONField(default=list)  # [{partner, office, choice, why}, …]
    minutes = models.CharField(max_length=500, blank=True)
    agreement = models.CharField(max_length=100, blank=True)
    version = models.CharField(max_length=64, blank=True)
    request = models.BigIntegerField(null=True)
    partner = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)


class DecisionFollowed(models.Model):
    """What came of a decision: done, or why not yet."""

    decision = models.BigIntegerField(db_index=True)
    day = models.DateField()
    done = models.BooleanField()
    words = models.TextField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)


class GovernanceEvent(models.Model):
    """Who did what, when: one for each act, whatever it changed. `about` is `kind:id`, such as `body:steering`."""

    what = models.CharField(max_length=30)
    about = models.CharField(max_length=120, db_index=True)
    details = models.JSONField(default=dict)
    day = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100, blank=True)  # empty: the operator
    role = models.CharField(max_length=30)
