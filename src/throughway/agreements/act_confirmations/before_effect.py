"""What each act means that brings a text nearer to being in effect, in words."""

from throughway.agreements.act_confirmations.confirmation import ActConfirmation, ConfirmationContext
from throughway.agreements.approvals import ApprovalPolicy, board_matters, required
from throughway.agreements.labels import day, listed, partner_labels
from throughway.agreements.states import AgreementAct


def submit(reader: ConfirmationContext) -> ActConfirmation:
    return ActConfirmation(
        AgreementAct.SUBMIT, "Submit it to review", "Submit it",
        (
            "From here on this text takes the long way: review, negotiation, approvals, signatures.",
            f"It stays with {reader.own} until it is offered to the others.",
            "What the review finds stands beside each clause, with its cure.",
        ),
        "Submitted. Cure what the review found, then offer it to the other parties.",
    )  # fmt: skip


def offer(reader: ConfirmationContext) -> ActConfirmation:
    return ActConfirmation(
        AgreementAct.OFFER, "Offer it to the other parties", "Offer it",
        (
            f"{reader.others} can now propose changes, comment, accept and refuse, element by element.",
            "Nobody is bound by anything yet.",
        ),
        "Offered. The other parties can answer now.",
    )  # fmt: skip


def agree(reader: ConfirmationContext) -> ActConfirmation:
    document = reader.found.signed_text
    asked = listed(
        partner_labels(dict.fromkeys(n.partner for n in required(document, ApprovalPolicy())), reader.names)
    )
    boards = dict.fromkeys(partner for partner, _ in board_matters(document))
    board = (f"The board of {listed(partner_labels(boards, reader.names))} is asked too.",) if boards else ()
    return ActConfirmation(
        AgreementAct.AGREE, "Settle the text", "The text is settled",
        (
            f"{asked} are asked to approve exactly this text.",
            *board,
            "A changed word takes it back to negotiation, and every approval is asked for anew.",
        ),
        "Settled. Those who must approve it are asked now.",
    )  # fmt: skip


def approve(reader: ConfirmationContext) -> ActConfirmation:
    asks = [
        matter for partner, matter in board_matters(reader.found.signed_text) if partner == reader.partner
    ]
    board = (f"The board is asked because the text touches {listed(asks)}.",) if asks else ()
    return ActConfirmation(
        AgreementAct.APPROVE, f"Approve it for {reader.own}", "Approve it",
        (
            f"You say that, in your capacity, nothing keeps {reader.own} from signing exactly this text.",
            *board,
            "It binds nobody yet. Once every approval is given, the parties sign.",
        ),
        "Approved.",
    )  # fmt: skip


def object_to(reader: ConfirmationContext) -> ActConfirmation:
    return ActConfirmation(
        AgreementAct.OBJECT, f"Object for {reader.own}", "Object",
        (
            "The text goes back to negotiation, and every party reads your reason.",
            "Approvals that were given are asked for anew.",
            "Signatures on exactly this text stay, should it be settled unchanged.",
        ),
        "It is back in negotiation.",
        grave=True,
    )  # fmt: skip


def sign(reader: ConfirmationContext) -> ActConfirmation:
    terms, own = reader.found.document.terms, reader.own
    waiting = partner_labels((p for p in reader.found.waits_for if p != reader.partner), reader.names)
    then = f"{listed(waiting)} must still sign." if waiting else "Yours is the last signature."
    return ActConfirmation(
        AgreementAct.SIGN, f"Sign for {own}", f"Sign for {own}",
        (
            f"You bind {own} to exactly this text, from {day(terms.effective)} until {day(terms.expires)}.",
            then,
            "If one word of the text changes, every party signs anew.",
            "Your address, your office, the day and the exact text are kept with the signature.",
        ),
        f"Signed for {own}. {then}",
    )  # fmt: skip


def activate(reader: ConfirmationContext) -> ActConfirmation:
    return ActConfirmation(
        AgreementAct.ACTIVATE, "Put it into effect", "Put it into effect",
        (
            "From now on files may come in and people may read, exactly as it says and no more.",
            f"It ends by itself on {day(reader.found.document.terms.expires)}.",
        ),
        "It is in effect now.",
    )  # fmt: skip
