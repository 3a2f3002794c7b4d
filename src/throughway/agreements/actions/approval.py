"""The steps before signing, in communities with the full process: submit, offer, agree, approve, object."""

from django.db import transaction

from throughway.agreements import apps, permissions
from throughway.agreements.actions.common import check_nothing_blocks, check_state, locked, record
from throughway.agreements.approvals import Capacity, Needed
from throughway.agreements.selectors import author_of, held_capacities, lacks_vote, prepared_status
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import Actor


@transaction.atomic
def submit(*, id: str, by: Actor, version: str | None = None) -> AgreementStatus:
    """The author's partner starts the full process: the text is reviewed, offered, settled and approved before it is signed."""
    return _by_author(AgreementAct.SUBMIT, id, by, version)


@transaction.atomic
def offer(*, id: str, by: Actor, version: str | None = None) -> AgreementStatus:
    """Opens the text to the other parties' proposals; Refused while a finding blocks."""
    return _by_author(AgreementAct.OFFER, id, by, version, unblocked="offered")


@transaction.atomic
def agree(*, id: str, by: Actor, version: str | None = None) -> AgreementStatus:
    """Settles the text and sends it to those who must approve it; Refused while a finding blocks it or another package has an
    objection (`apps.checks_before_agree`)."""
    return _by_author(AgreementAct.AGREE, id, by, version, unblocked="settled", held=True)


@transaction.atomic
def approve(
    *, id: str, capacity: str, by: Actor, minutes: str = "", decision: str = "", version: str | None = None
) -> AgreementStatus:
    """Approves the settled text for the actor's own partner in one capacity (`approvals.Capacity`).

    A board's approval is recorded by a leader with the minutes' reference; where the board is here, or the partner recorded that it votes on
    each agreement, only after its vote here.
    """
    found = locked(id).prepared
    _check_version(found, version)
    as_what = _capacity(capacity)
    permissions.check_can_approve(by, found.document, as_what, held_capacities(by.partner))
    needed = Needed(by.partner or "", Capacity.PRIVACY_OFFICER if as_what is Capacity.COUNSEL else as_what)
    check_state(found, AgreementAct.APPROVE)
    if needed not in found.missing:
        given = any(
            one.partner == by.partner and one.capacity in (as_what, needed.capacity) for one in found.approved
        )
        why = "it has already been given" if given else "this text does not need that approval"
        raise Refused(
            f"{id} is not waiting for approval by {by.partner} as {as_what.replace('_', ' ')}: {why}.",
            code="not_needed",
        )
    if as_what is Capacity.BOARD:
        _check_board_voted(found, by.partner or "")
    if as_what is Capacity.BOARD and not (minutes.strip() or decision.strip()):
        raise Refused(
            "A board's approval needs a reference to its minutes, such as Board minutes 2026-05-12, item 7.",
            code="no_minutes",
        )
    check_nothing_blocks(found.signed_text, "approved")
    record(
        AgreementAct.APPROVE,
        found,
        by,
        details={"capacity": as_what.value, "minutes": minutes, "decision": decision},
    )
    return prepared_status(id)


@transaction.atomic
def object_to(*, id: str, by: Actor, reason: str, version: str | None = None) -> AgreementStatus:
    """Returns a settled text to negotiation, with a reason. Open to any party's people who may approve or sign."""
    found = locked(id).prepared
    _check_version(found, version)
    permissions.check_can_do(by, AgreementAct.OBJECT, found)
    check_state(found, AgreementAct.OBJECT)
    if not reason.strip():
        raise Refused("An objection needs a reason, so that the others can answer it.", code="no_reason")
    record(AgreementAct.OBJECT, found, by, why=reason)
    return prepared_status(id)


def _by_author(
    act: AgreementAct, id: str, by: Actor, version: str | None, *, unblocked: str = "", held: bool = False
) -> AgreementStatus:
    found = locked(id).prepared
    _check_version(found, version)
    permissions.check_can_do(by, act, found, author_of(id))
    check_state(found, act)
    if unblocked:
        check_nothing_blocks(found.signed_text, unblocked)
    for check in apps.checks_before_agree if held else ():
        if holds := check(id):
            raise Refused(holds, code="held")
    record(act, found, by)
    return prepared_status(id)


def _check_board_voted(found: AgreementStatus, partner: str) -> None:
    if lacks_vote(found, partner):
        raise Refused(
            f"The board of {partner} has not approved this text of {found.document.id} by a vote here, and minutes that are typed are no vote: "
            "put it to the vote, and close it.",
            code="no_vote",
        )


def _check_version(found: AgreementStatus, version: str | None) -> None:
    if version is not None and version != found.version:
        raise Refused(
            f"The text of {found.document.id} changed while you were reading it; read the new text first.",
            code="changed",
        )


def _capacity(word: str) -> Capacity:
    try:
        return Capacity(word)
    except ValueError:
        raise Refused(
            f"That is not a capacity; write one of {', '.join(Capacity)}.", code="unknown_capacity"
        ) from None
