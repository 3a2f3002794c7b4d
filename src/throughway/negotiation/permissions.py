"""Who may negotiate: a leader, privacy officer or data steward of a party, for that party, while the text is in negotiation.

Example: the leader of a district that is not a party may not propose; a case worker of a party reads what is proposed and asks
one of these to answer.
"""

from throughway.agreements.acts import BINDING
from throughway.agreements.document import AgreementDocument
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.negotiation.proposals import Proposal, Status
from throughway.partners import Actor


def check_can_negotiate(actor: Actor, document: AgreementDocument) -> None:
    if actor.partner is None:
        raise Refused(
            "The operator of the folder cannot negotiate; somebody who acts for a party must (--as EMAIL).",
            code="not_allowed",
        )
    if actor.partner not in document.partners:
        raise Refused(
            f"{actor.partner} is not a party to {document.id}, so its people cannot negotiate it.",
            code="not_allowed",
        )
    if actor.role not in BINDING:
        raise Refused(
            f"Your role cannot negotiate; ask a leader, privacy officer or data steward of {actor.partner}.",
            code="not_allowed",
        )


def can_negotiate(actor: Actor, document: AgreementDocument) -> bool:
    try:
        check_can_negotiate(actor, document)
    except Refused:
        return False
    return True


def check_may_negotiate(found: AgreementStatus) -> None:
    """Only while the text is in negotiation."""
    if found.state is not AgreementState.NEGOTIATION:
        raise Refused(f"The text is not in negotiation: {found.reason}", code=f"is_{found.state}")


def check_can_answer(actor: Actor, proposal: Proposal) -> None:
    """Another party's people, once, while it is open."""
    if actor.partner == proposal.partner:
        raise Refused(
            "Your own partner proposed this; the other parties answer it, and you may withdraw it.",
            code="own_proposal",
        )
    check_is_open(proposal)


def check_can_withdraw(actor: Actor, proposal: Proposal) -> None:
    if actor.partner != proposal.partner:
        raise Refused(f"Only {proposal.partner}, which proposed this, may withdraw it.", code="not_allowed")
    check_is_open(proposal)


def check_is_open(proposal: Proposal) -> None:
    end = proposal.end
    if end is not None:
        reason = f" {end.why}" if proposal.status is Status.OVERTAKEN else ""
        raise Refused(
            f"This proposal is no longer open: it was {proposal.status}.{reason} Nothing was changed.",
            code=f"is_{proposal.status}",
        )
