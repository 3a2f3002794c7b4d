"""What other rooms, and the screens, ask about drafts."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from throughway.agreements.document import AgreementDocument
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.legal_review.review import review_text
from throughway.agreements.selectors import context
from throughway.core.refusals import Refused
from throughway.negotiation.drafting.draft import AgreementDraft, DraftHistoryEntry, DraftState, Values
from throughway.negotiation.drafting.models import DraftEvent, DraftRow
from throughway.negotiation.drafting.permissions import WRITERS, can_read
from throughway.partners import Actor
from throughway.partners.open_step import OpenStep

Sees = Callable[[AgreementDocument], bool]


def drafts(actor: Actor) -> list[AgreementDraft]:
    """Every draft that the actor may read: those of the own partner, the closed ones too, and those shared with it; the one
    changed last comes first."""
    own = DraftRow.objects.filter(partner=actor.partner or "")
    shared = DraftRow.objects.filter(shared=True, state=DraftState.OPEN.value)
    found = [row.draft() for row in (own | shared).order_by("-changed_at", "-id")]
    return [draft for draft in found if can_read(actor, draft)]


def one(number: int, actor: Actor) -> AgreementDraft:
    """The draft of that number; Refused, as unknown, when the actor may not read it."""
    row = DraftRow.objects.filter(pk=number).first()
    if row is None or not can_read(actor, row.draft()):
        raise Refused("That draft does not exist; go back to the list.", code="unknown_draft")
    return row.draft()


def history(number: int) -> list[DraftHistoryEntry]:
    """Everything that was done to a draft, newest first."""
    return [event.done() for event in DraftEvent.objects.filter(draft_id=number).order_by("-revision")]


def reviewed(values: Values, sees: Sees = lambda document: True) -> list[ReviewFinding]:
    """The review of a draft's values, whatever they lack, gravest first."""
    return reviewed_each([values], sees)[0]


def reviewed_each(drafts: Sequence[Values], sees: Sees = lambda document: True) -> list[list[ReviewFinding]]:
    """The reviews of several drafts, with as many queries as for one."""
    against = context(sees=sees)
    found = []
    for values in drafts:
        others = {id: other for id, other in against.others.items() if id != values.get("id")}
        found.append(review_text(json.dumps(values), replace(against, others=others)))
    return found


def open_steps(on: date) -> list[OpenStep]:
    """Each open draft waits for those who write it."""
    rows = DraftRow.objects.filter(state=DraftState.OPEN.value).order_by("id")
    return [
        OpenStep(
            kind="draft",
            title=f"Finish the draft: {draft.title}",
            waits_for=draft.partner,
            roles=WRITERS,
            since=draft.changed_at.date(),
            due=None,
            href_name="drafting:one",
            href_args=(str(draft.number),),
            agreement=draft.id or None,
        )
        for draft in (row.draft() for row in rows)
    ]
