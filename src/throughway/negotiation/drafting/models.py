"""Drafts in the database: the working values, and every act on them."""

from django.db import models

from throughway.negotiation.drafting.draft import (
    AgreementDraft,
    DraftAct,
    DraftHistoryEntry,
    DraftSection,
    DraftState,
)


class DraftRow(models.Model):
    """The current state of a draft; its history is in `DraftEvent`."""

    partner = models.CharField(max_length=100)
    values = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20, default=DraftState.OPEN.value)
    template = models.CharField(max_length=100, blank=True)
    amends = models.CharField(max_length=100, blank=True)
    base = models.CharField(max_length=64, blank=True)
    shared = models.BooleanField(default=False)
    begun_by = models.CharField(max_length=254)
    begun_at = models.DateTimeField()
    changed_by = models.CharField(max_length=254)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["partner", "state"], name="drafts_of_partner"),
            models.Index(fields=["shared", "state"], name="shared_drafts"),
        ]

    def draft(self) -> AgreementDraft:
        return AgreementDraft(
            number=self.pk,
            partner=self.partner,
            values=self.values,
            revision=self.revision,
            state=DraftState(self.state),
            template=self.template,
            amends=self.amends,
            base=self.base,
            shared=self.shared,
            begun_by=self.begun_by,
            begun_at=self.begun_at,
            changed_by=self.changed_by,
            changed_at=self.changed_at,
        )


class DraftEvent(models.Model):
    """One act on a draft; never changed. `before` and `after`: the section's fields."""

    draft = models.ForeignKey(DraftRow, on_delete=models.PROTECT, related_name="events")
    revision = models.PositiveIntegerField()
    what = models.CharField(max_length=20)
    section = models.CharField(max_length=20, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    by = models.CharField(max_length=254)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "revision"], name="one_deed_of_a_draft_at_a_revision")
        ]

    def done(self) -> DraftHistoryEntry:
        return DraftHistoryEntry(
            revision=self.revision,
            act=DraftAct(self.what),
            section=DraftSection(self.section) if self.section else None,
            before=self.before,
            after=self.after,
            by=self.by,
            at=self.at,
        )
