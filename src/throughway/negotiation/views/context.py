"""What the screens of one negotiation ask, for one reader."""

from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from throughway.agreements.agreement_list import may_see
from throughway.agreements.diff.sentences import Wording
from throughway.agreements.document import AgreementDocument, document_values
from throughway.agreements.labels import day
from throughway.agreements.selectors import context, lifecycle_of, wider
from throughway.agreements.states import AgreementState
from throughway.core.refusals import Refused
from throughway.negotiation.change_impact import Consequences, consequences
from throughway.negotiation.permissions import can_negotiate
from throughway.negotiation.proposal_presenter import (
    ProposalEventLine,
    ProposalForReader,
    present_proposal,
    who,
)
from throughway.negotiation.proposals import Proposal, Status, overtaken
from throughway.negotiation.selectors import Comment, comments, proposals
from throughway.partners.page_access import ActingRequest
from throughway.partners.selectors import partners


class NegotiationContext:
    """Everything that the screens of one negotiation ask, for one reader; Http404 for who may not see the agreement."""

    def __init__(self, request: ActingRequest, id: str) -> None:
        self.actor, self.id = request.actor, id
        self.register = partners()
        try:
            life = lifecycle_of(id)
        except Refused:
            raise Http404 from None
        self.found = life.prepared
        if not any(may_see(self.actor, s.document, self.register) for s in (self.found, life.current)):
            raise Http404
        self.names = {p: facts.name for p, facts in self.register.items()}
        self.document = self.found.signed_text
        self.parties = self.found.document.partners
        self.values = document_values(self.document)
        self.text = Wording(self.values, self.names)
        self.is_open = self.found.state is AgreementState.NEGOTIATION
        self.may_act = self.is_open and can_negotiate(self.actor, self.found.document)

    @cached_property
    def proposals(self) -> list[ProposalForReader]:
        return [self.seen(one) for one in proposals(self.id)]

    @cached_property
    def open(self) -> list[ProposalForReader]:
        return [
            one
            for one in self.proposals
            if one.state and one.proposal.status is Status.OPEN and one.tag.kind != "past"
        ]

    @cached_property
    def ended(self) -> list[ProposalForReader]:
        return [one for one in reversed(self.proposals) if one not in self.open]

    @cached_property
    def comments(self) -> list[Comment]:
        return comments(self.id)

    def seen(self, one: Proposal) -> ProposalForReader:
        why = "" if one.status is not Status.OPEN else overtaken(one, self.document)
        if not why and one.status is Status.OPEN and not self.is_open:
            why = "The text is no longer in negotiation."
        return present_proposal(one, self.values, self.names, self.parties, self.actor, self.may_act, why)

    def said(self, of: list[Comment]) -> list[ProposalEventLine]:
        return [ProposalEventLine(day(c.day), who(c.partner, c.role, self.names), "", c.text) for c in of]

    def consequences(self, after: AgreementDocument) -> Consequences:
        above = wider(self.found, date.today())
        against = context(apart_from=self.id, sees=lambda d: may_see(self.actor, d, self.register))
        return consequences(self.document, after, self.names, above, against)

    def page(self) -> dict[str, object]:
        return {
            "id": self.id,
            "document": self.document,
            "version": self.found.version,
            "may_act": self.may_act,
        }


def within(path: str, of: str) -> bool:
    return path == of or path.startswith((f"{of}.", f"{of}["))


def href_to(id: str, path: str) -> str:
    return f"{reverse('negotiation:propose', args=[id])}?{urlencode({'at': path})}"
