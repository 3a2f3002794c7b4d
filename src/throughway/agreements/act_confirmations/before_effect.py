"""What each act means that brings a text nearer to being in effect, in words."""

from throughway.agreements.act_confirmations.confirmation import Asking, Reader
from throughway.agreements.approvals import Policy, required, touched
from throughway.agreements.labels import called, day, listed
from throughway.agreements.lifecycle import Act


def submit(reader: Reader) -> Asking:
    return Asking(
        Act.SUBMIT, "Submit it to review", "Submit it",
        (
            "From here on this text takes the long way: review, negotiation, approvals, signatures.",
            f"It stays with {reader.own} until it is offered to the others.",
            "What the review finds stands beside each clause, with its cure.",
        ),
        "Submitted. Cure what the review found, then offer it to the other parties.",
    )  # fmt: skip


def offer(reader: Reader) -> Asking:
    return Asking(
        Act.OFFER, "Offer it to the other parties", "Offer it",
        (
            f"{reader.others} can now propose changes, comment, accept and refuse, element by element.",
            "Nobody is bound by anything yet.",
        ),
        "Offered. The other parties can answer now.",
    )  # fmt: skip


def agree(reader: Reader) -> Asking:
    document = reader.found.signed_text
    asked = listed(called(dict.fromkeys(n.partner for n in required(document, Policy())), reader.names))
    boards = dict.fromkeys(partner for partner, _ in touched(document))
    board = (f"The board of {listed(called(boards, reader.names))} is asked too.",) if boards else ()
    return Asking(
        Act.AGREE, "Settle the text", "The text is settled",
        (
            f"{asked} are asked to approve exactly this text.",
            *board,
            "A changed word takes it back to negotiation, and every approval is asked for anew.",
        ),
        "Settled. Those who must approve it are asked now.",
    )  # fmt: skip


def approve(reader: Reader) -> Asking:
    asks = [matter for partner, matter in touched(reader.found.signed_text) if partner == reader.partner]
    board = (f"The board is asked because the text touches {listed(asks)}.",) if asks else ()
    return Asking(
        Act.APPROVE, f"Approve it for {reader.own}", "Approve it",
        (
            f"You say that, in your capacity, nothing keeps {reader.own} from signing exactly this text.",
            *board,
            "It binds nobody yet. Once every approval is given, the parties sign.",
        ),
        "Approved.",
    )  # fmt: skip


def object_to(reader: Reader) -> Asking:
    return Asking(
        Act.OBJECT, f"Object for {reader.own}", "Object",
        (
            "The text goes back to negotiation, and every party reads your reason.",
            "Approvals that were given are asked for anew.",
            "Signatures on exactly this text stay, should it be settled unchanged.",
        ),
        "It is back in negotiation.",
        grave=True,
    )  # fmt: skip


def sign(reader: Reader) -> Asking:
    terms, own = reader.found.document.terms, reader.own
    waiting = called((p for p in reader.found.waits_for if p != reader.partner), reader.names)
    then = f"{listed(waiting)} must still sign." if waiting else "Yours is the last signature."
    return Asking(
        Act.SIGN, f"Sign for {own}", f"Sign for {own}",
        (
            f"You bind {own} to exactly this text, from {day(terms.effective)} until {day(terms.expires)}.",
            then,
            "If one word of the text changes, every party signs anew.",
            "Your address, your office, the day and the exact text are kept with the signature.",
        ),
        f"Signed for {own}. {then}",
    )  # fmt: skip


def activate(reader: Reader) -> Asking:
    return Asking(
        Act.ACTIVATE, "Put it into effect", "Put it into effect",
        (
            "From now on files may come in and people may read, exactly as it says and no more.",
            f"It ends by itself on {day(reader.found.document.terms.expires)}.",
        ),
        "It is in effect now.",
    )  # fmt: skip
