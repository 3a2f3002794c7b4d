"""Every write of a negotiation: propose, comment, accept, refuse, withdraw; and what is accepted by all is taken into a new text.

Each act locks the agreement's texts first, so that of two simultaneous acts the second sees what the first did.
"""

from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from throughway.agreements.actions import add
from throughway.agreements.actions.common import locked
from throughway.agreements.diff import DocumentChange, apply_changes
from throughway.agreements.document import document_values
from throughway.agreements.document_paths import NoSuchPath, at, path_text, read_path
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.negotiation import permissions
from throughway.negotiation.models import PartyComment, ProposalAnswer, ProposedChange
from throughway.negotiation.proposals import Proposal, ProposalAct, Status, change_of, overtaken
from throughway.negotiation.selectors import proposal, proposals
from throughway.partners import Actor

LONGEST = 4_000  # characters of a reason or a comment


@transaction.atomic
def propose(*, id: str, version: str, path: str, value: Any, why: str, by: Actor) -> Proposal:
    """Proposes one change of one element of the text `version`: another value, an added entry, or (None) a removal.

    Refused when the text was replaced, when the change gives no readable document or changes nothing, or when the same change is
    already proposed.
    """
    found = _negotiable(id, by)
    _check_current(found, version)
    reason = _words(why, "Say why you propose it; the other parties decide based on that.")
    change, _ = change_of(found.signed_text, path, value)
    for other in proposals(id):
        if _same(other, change) and other.status is Status.OPEN:
            raise Refused(
                f"{other.partner} has already proposed exactly this; answer that proposal.",
                code="already_proposed",
            )
    made = ProposedChange.objects.create(
        agreement=id, version=found.version, path=change.path, kind=change.kind, before=change.before,
        after=change.after, why=reason, by=by.email, partner=by.partner or "", role=by.role, at=_now(), day=date.today(),
    )  # fmt: skip
    return _taken_if_all_accept(found, proposal(made.id), by)


@transaction.atomic
def comment(*, id: str, text: str, by: Actor, path: str = "", proposal: int | None = None) -> None:
    """Comments on one place of the text, on the whole text, or on a proposal. A comment must name no student."""
    found = _negotiable(id, by)
    written = _words(text, "Write the comment first.")
    place = ""
    if proposal is not None:
        path = _of_agreement(proposal, id).path
    elif path:
        values = document_values(found.signed_text)
        try:
            steps = read_path(path, values)
            at(values, steps)
        except NoSuchPath:
            raise Refused(
                "The text has no such place; choose one of its elements.", code="unknown_place"
            ) from None
        place = path_text(steps)
    PartyComment.objects.create(
        agreement=id, version=found.version, path=place or path, proposal=proposal, text=written, by=by.email,
        partner=by.partner or "", role=by.role, at=_now(), day=date.today(),
    )  # fmt: skip


@transaction.atomic
def accept(*, proposal: int, by: Actor) -> Proposal:
    """Accepts for the actor's own partner. When every other party has, the proposal is taken into a new text."""
    found, proposed = _held(proposal, by)
    permissions.check_can_answer(by, proposed)
    _check_still_fits(found, proposed)
    if by.partner not in proposed.accepted_by:
        _answer(proposed, ProposalAct.ACCEPT, by)
    return _taken_if_all_accept(found, _reloaded(proposed), by)


@transaction.atomic
def refuse(*, proposal: int, why: str, by: Actor) -> Proposal:
    """Refuses for the actor's own partner, with the reason, and so ends the proposal: a text needs every party."""
    found, proposed = _held(proposal, by)
    permissions.check_can_answer(by, proposed)
    _check_still_fits(found, proposed)
    _answer(
        proposed,
        ProposalAct.REFUSE,
        by,
        why=_words(why, "Say why; the partner that proposed it needs to know what would be acceptable."),
    )
    return _reloaded(proposed)


@transaction.atomic
def withdraw(*, proposal: int, by: Actor, why: str = "") -> Proposal:
    """Withdraws a proposal of the actor's own partner."""
    _, proposed = _held(proposal, by)
    permissions.check_can_withdraw(by, proposed)
    _answer(proposed, ProposalAct.WITHDRAW, by, why=why.strip()[:LONGEST])
    return _reloaded(proposed)


@transaction.atomic
def take(*, proposal: int, by: Actor) -> Proposal:
    """Takes a proposal that every other party has accepted into a new text; Refused while one has not."""
    found, proposed = _held(proposal, by)
    permissions.check_is_open(proposed)
    _check_still_fits(found, proposed)
    waiting = proposed.waits_for(found.document.partners)
    if waiting:
        raise Refused(f"{' and '.join(waiting)} must still answer this proposal.", code="not_accepted")
    return _taken(found, proposed, by)


def _taken_if_all_accept(found: AgreementStatus, proposed: Proposal, by: Actor) -> Proposal:
    return proposed if proposed.waits_for(found.document.partners) else _taken(found, proposed, by)


def _taken(found: AgreementStatus, proposed: Proposal, by: Actor) -> Proposal:
    """The new text, and after it every other open proposal whose place it changed is overtaken."""
    values = apply_changes(document_values(found.signed_text), [proposed.change])
    text = add(text=as_yaml(values), by=by, agreed=True)
    _answer(proposed, ProposalAct.TAKE, by, version=text.version)
    for other in proposals(proposed.agreement):
        if other.status is Status.OPEN:
            why = overtaken(other, text.signed_text)
            if why:
                _answer(other, ProposalAct.OVERTAKE, None, why=why, version=text.version)
    return _reloaded(proposed)


def _negotiable(id: str, by: Actor) -> AgreementStatus:
    """The text in negotiation, locked until this transaction ends; Refused when the actor may not negotiate, or the text is not in negotiation."""
    found = locked(id).prepared
    permissions.check_can_negotiate(by, found.document)
    permissions.check_may_negotiate(found)
    return found


def _held(number: int, by: Actor) -> tuple[AgreementStatus, Proposal]:
    found = _negotiable(proposal(number).agreement, by)
    return found, proposal(number)  # read again: somebody may have ended it before the texts were locked


def _of_agreement(number: int, id: str) -> Proposal:
    found = proposal(number)
    if found.agreement != id:
        raise Refused(f"No proposal has the number {number}.", code="unknown_proposal")
    return found


def _reloaded(proposed: Proposal) -> Proposal:
    return proposal(proposed.number)


def _check_current(found: AgreementStatus, version: str) -> None:
    if version != found.version:
        raise Refused(
            f"The text of {found.document.id} changed while you were writing; read the new text, and "
            f"propose again if your change still applies.",
            code="changed",
        )


def _check_still_fits(found: AgreementStatus, proposed: Proposal) -> None:
    why = overtaken(proposed, found.signed_text)
    if why:
        raise Refused(f"This proposal is no longer open: it was overtaken. {why}", code="is_overtaken")


def _same(other: Proposal, change: DocumentChange) -> bool:
    return (other.path, other.kind, other.after) == (change.path, change.kind, change.after)


def _answer(
    proposed: Proposal, what: ProposalAct, by: Actor | None, *, why: str = "", version: str = ""
) -> None:
    ProposalAnswer.objects.create(
        proposal=proposed.number, agreement=proposed.agreement, what=what.value, version=version, why=why,
        by=by.email if by else "", partner=by.partner if by else None, role=by.role if by else "", at=_now(),
        day=date.today(),
    )  # fmt: skip


def _words(text: str, lacking: str) -> str:
    written = text.strip()
    if not written:
        raise Refused(lacking, code="no_reason")
    if len(written) > LONGEST:
        raise Refused(f"Write it in at most {LONGEST:,} characters.", code="too_long")
    if "\x00" in written:
        raise Refused("The text contains a character that cannot be stored; delete it.", code="too_long")
    return written


def _now() -> datetime:
    return datetime.now(UTC)
