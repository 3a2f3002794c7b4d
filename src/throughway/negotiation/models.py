"""Proposals, comments and answers: each is written once and never changed; a proposal's state follows from its answers."""

from django.db import models
from django.db.models import Q

from throughway.negotiation.proposals import ENDS, Proposal, ProposalAct, ProposalResponse


class ProposedChange(models.Model):
    """One proposed change of one element. `before` and `after` are null where the field or entry is absent."""

    agreement = models.CharField(max_length=100)
    version = models.CharField(max_length=64)
    path = models.TextField()
    kind = models.CharField(max_length=10)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    why = models.TextField()
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)
    role = models.CharField(max_length=30)
    at = models.DateTimeField()
    day = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["agreement", "id"], name="proposals_of_agreement")]

    def __str__(self) -> str:
        return f"{self.agreement} {self.id}"

    def proposal(self, answers: list["ProposalAnswer"]) -> Proposal:
        return Proposal(
            self.id, self.agreement, self.version, self.path, self.kind, self.before, self.after, self.why, self.partner,
            self.role, self.by, self.day, tuple(answer.answer() for answer in answers),
        )  # fmt: skip


class ProposalAnswer(models.Model):
    """What a party, or the text itself, did with a proposal. No foreign key: the record outlives the rest."""

    proposal = models.BigIntegerField()
    agreement = models.CharField(max_length=100)
    what = models.CharField(max_length=10, choices=[(w.value, w.value) for w in ProposalAct])
    version = models.CharField(max_length=64, blank=True)
    why = models.TextField(blank=True)
    by = models.CharField(max_length=254, blank=True)
    partner = models.CharField(max_length=100, null=True)  # noqa: DJ001  null: overtaken by the text, by nobody
    role = models.CharField(max_length=30, blank=True)
    at = models.DateTimeField()
    day = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["agreement", "proposal"], name="answers_of_agreement")]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(what__in=sorted(what.value for what in ENDS)),
                name="a_proposal_ends_once",
            ),
            models.UniqueConstraint(
                fields=["proposal", "partner"],
                condition=Q(what=ProposalAct.ACCEPT.value),
                name="a_party_accepts_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.proposal} {self.what}"

    def answer(self) -> ProposalResponse:
        return ProposalResponse(
            ProposalAct(self.what), self.partner, self.role, self.by, self.why, self.day, self.version
        )


class PartyComment(models.Model):
    """A party's comment on a place of the text (`path`; empty: the whole text), or on the proposal of that number."""

    agreement = models.CharField(max_length=100)
    version = models.CharField(max_length=64)
    path = models.TextField(blank=True)
    proposal = models.BigIntegerField(null=True)
    text = models.TextField()
    by = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)
    role = models.CharField(max_length=30)
    at = models.DateTimeField()
    day = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["agreement", "id"], name="comments_of_agreement")]

    def __str__(self) -> str:
        return f"{self.agreement} {self.day}"
