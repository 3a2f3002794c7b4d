"""Person ids, runs of linkage, the history of persons, and readers' verdicts on pairs.

Numbers only: no name, and no partner's record key.
"""

from django.db import models

from throughway.identity.person_ids import PersonEventKind


class Person(models.Model):
    """A person id. The row stays after the person's last record has left, so that the id is never used again."""

    id = models.BigIntegerField(primary_key=True)
    first_seen_at = models.DateTimeField()
    retired = models.BooleanField(default=False)


class IdentityRun(models.Model):
    """One run of linkage. `shares`: the m and u of each level that it used. `taught`: what it learned from readers' answers, in a sentence."""

    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    full = models.BooleanField()
    records = models.PositiveIntegerField()
    persons = models.PositiveIntegerField()
    new_persons = models.PositiveIntegerField()
    merged = models.PositiveIntegerField()
    split = models.PositiveIntegerField()
    for_review = models.PositiveIntegerField()
    seconds = models.FloatField()
    disclosures = models.JSONField(default=list)
    shares = models.JSONField(default=dict)
    taught = models.CharField(max_length=200, default="")


class IdentityEvent(models.Model):
    """A merge, a split, records that left or came back, or the undoing of an earlier event.

    `before` and `after` map person ids to record numbers. `undoes`: the event that this one undid. Records that that event joined stay apart
    from then on, and records that it split stay together.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    persons = models.JSONField()
    before = models.JSONField()
    after = models.JSONField()
    by = models.CharField(max_length=254)
    reason = models.CharField(
        max_length=20, default="linkage"
    )  # review: `by` is the reader who settled the pair; own_numbers: a partner's system numbers them as two students
    run = models.ForeignKey(IdentityRun, null=True, on_delete=models.PROTECT, related_name="events")
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")

    @property
    def is_undone(self) -> bool:
        return hasattr(self, "undone_by")

    @property
    def can_be_undone(self) -> bool:
        return self.kind in (PersonEventKind.MERGED, PersonEventKind.SPLIT) and not self.is_undone


class ReviewPair(models.Model):
    """Two records (`one` < `other`) for a reader to review, or drawn into a sample. It has no value of either.

    `rungs`: the pair's level on each comparison; `pattern`: the same as one word. `joined`: one person by the last run. `hanging`: the
    number of records of both persons. `teaches`: its rank in the queue, ignoring patterns. `queued`: doubtful at the last run.
    `state` and `verdict` follow from the labels alone.
    """

    one = models.BigIntegerField()
    other = models.BigIntegerField()
    one_partner = models.CharField(max_length=100)
    other_partner = models.CharField(max_length=100)
    weight = models.FloatField()
    posterior = models.FloatField()
    rungs = models.JSONField()
    pattern = models.CharField(max_length=40, db_index=True)
    joined = models.BooleanField()
    hanging = models.PositiveIntegerField()
    teaches = models.FloatField()
    queued = models.BooleanField()
    state = models.CharField(max_length=10, default="unread")
    verdict = models.CharField(max_length=12, default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=254, default="")
    run = models.ForeignKey(IdentityRun, on_delete=models.PROTECT, related_name="pairs")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="identity_pair_once")]
        indexes = [models.Index(fields=["queued", "state", "-teaches"], name="identity_queue")]

    @property
    def partners(self) -> tuple[str, str]:
        return self.one_partner, self.other_partner


class Label(models.Model):
    """One reader's verdict on a pair, or its withdrawal (`takes_back`). Rows are only added.

    `disclosure`: the ledger entry under which the reader saw the pair. `blind`: the reader did not know of others' verdicts.
    """

    pair = models.ForeignKey(ReviewPair, on_delete=models.PROTECT, related_name="labels")
    verdict = models.CharField(max_length=12)
    by = models.CharField(max_length=254)
    at = models.DateTimeField()
    purpose = models.CharField(max_length=80)
    disclosure = models.CharField(max_length=64)
    blind = models.BooleanField()
    takes_back = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="taken_back_by"
    )


class QualityDraw(models.Model):
    """One sample of pairs, drawn at a run. `strata`: for each, its lowest posterior, whether linkage joined the pairs, how many pairs there
    are, and how many were drawn. `left_out`: compared pairs that are too unlikely to be drawn."""

    run = models.OneToOneField(IdentityRun, on_delete=models.PROTECT, related_name="draw")
    at = models.DateTimeField()
    strata = models.JSONField()
    left_out = models.PositiveBigIntegerField()


class SampledPair(models.Model):
    """A pair of one sample. `joined`: at the time of drawing. `twice`: two readers read it, so that their answers can be compared."""

    draw = models.ForeignKey(QualityDraw, on_delete=models.PROTECT, related_name="pairs")
    pair = models.ForeignKey(ReviewPair, on_delete=models.PROTECT, related_name="drawn")
    stratum = models.PositiveSmallIntegerField()
    joined = models.BooleanField()
    twice = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draw", "pair"], name="identity_drawn_once")]


class SampledNamePair(models.Model):
    """A pair of one name that was drawn by lot, so that people measure the rule by which names alone join records of two partners.

    `verdict` is theirs as of the last run, and stays once the pair is forgotten: what was measured was. The partners by id, the lower first.
    """

    one_partner = models.CharField(max_length=100)
    other_partner = models.CharField(max_length=100)
    pair = models.OneToOneField(
        ReviewPair, null=True, on_delete=models.SET_NULL, related_name="drawn_by_name"
    )
    verdict = models.CharField(max_length=12, default="")
    at = models.DateTimeField()


class ConfirmedLink(models.Model):
    """Two records that their partners' people know to be one person, such as a student whom one referred to the other. Linkage obeys it
    like a reader's verdict, and a later undoing of the merge ends it."""

    one = models.BigIntegerField()
    other = models.BigIntegerField()
    reason = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="identity_confirmed_once")]
