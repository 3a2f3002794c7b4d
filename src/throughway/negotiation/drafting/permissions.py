"""Who may write a draft, and who may read it.

Leaders, privacy officers and data stewards write the drafts of their own partner. Once a draft is shared, the same roles of
the partners named as its parties read it; they change nothing in it, for they negotiate later.
"""

from throughway.core.refusals import Refused
from throughway.negotiation.drafting.draft import AgreementDraft
from throughway.partners import Actor, Role

WRITERS = frozenset({Role.LEADER, Role.PRIVACY_OFFICER, Role.DATA_STEWARD})


def check_can_begin(actor: Actor) -> None:
    """A draft belongs to a partner, so the operator of the folder has none."""
    if actor.is_operator or actor.role not in WRITERS:
        raise Refused(
            "Only a leader, privacy officer or data steward of a partner writes drafts; sign in as one of them.",
            code="not_allowed",
        )


def check_can_write(actor: Actor, draft: AgreementDraft) -> None:
    check_can_begin(actor)
    if actor.partner != draft.partner:
        raise Refused(
            "This draft belongs to another partner; you may read it, and propose changes once it is negotiated.",
            code="not_allowed",
        )
    if not draft.is_open:
        raise Refused(f"This draft was {draft.state} and cannot be changed anymore.", code="closed")


def can_write(actor: Actor, draft: AgreementDraft) -> bool:
    try:
        check_can_write(actor, draft)
    except Refused:
        return False
    return True


def can_read(actor: Actor, draft: AgreementDraft) -> bool:
    """The own partner; of an open draft that is shared, the partners named as parties too."""
    if actor.role not in WRITERS or actor.partner is None:
        return False
    return actor.partner == draft.partner or (
        draft.shared and draft.is_open and actor.partner in draft.parties
    )
