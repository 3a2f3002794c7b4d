"""Who may sign for a partner, in which office and by what authority, and whether its board must have voted first.

Where a partner registered its signatories, only they sign for it, in the office and by the authority that the partner itself recorded; otherwise
its leader signs, by role. A privacy officer signs only where registered. Where the recorded authority is a board's vote, or a board of the
partner decides here on texts, that board must have approved exactly this text: minutes that somebody types are no vote.
"""

from dataclasses import dataclass
from datetime import date

from throughway.agreements.document_sections import SigningOffice
from throughway.agreements.status import AgreementStatus
from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.partners import Actor, Role
from throughway.partners.permissions import SIGNERS
from throughway.partners.signatories.signatory import AuthorityKind, Signatory, SigningRegister

REGISTERED, BY_ROLE = "registered", "by_role"  # on what a signature stands, as recorded with it


@dataclass(frozen=True)
class BoardVote:
    """What the boards of a partner decided on one text. `boards`: those that decide on texts here, by name. `decision`: how a history
    names the votes by which every one of them approved it; empty where one has not. A vote that only the signer cast is none."""

    boards: tuple[str, ...] = ()
    decision: str = ""


NO_BOARD = BoardVote()


def check_may_sign(by: Actor, register: SigningRegister, id: str, on: date) -> Signatory | None:
    """The signatory as whom the actor signs; None for a leader, by role. Refused for everybody else."""
    if by.role not in SIGNERS:
        raise _refused(f"Your role {by.role} may not sign {id}; ask {who_signs(register, on)}.")
    if register.since is not None:
        found = register.of(by.email, on)
        if found is None:
            raise _refused(
                f"Only whom {register.partner} registered signs for it: ask {who_signs(register, on)}."
            )
        return found
    if by.role != Role.LEADER:
        raise _refused(
            f"A {by.role.replace('_', ' ')} signs {id} only where {register.partner} registered it as signatory: ask a leader to sign, or "
            "register who signs (`throughway signatory register`)."
        )
    return None


def who_signs(register: SigningRegister, on: date) -> str:
    """Whom to ask, by office."""
    if register.since is None:
        return f"a leader of {register.partner}"
    offices = dict.fromkeys(one.office for one in register.in_force(on))
    if not offices:
        return f"for a signatory to be registered, since {register.partner} has none now (`throughway signatory register`)"
    return f"the {' or the '.join(offices)}"


def needs_vote(signatory: Signatory | None, vote: BoardVote) -> bool:
    return bool(vote.boards) or (signatory is not None and signatory.kind is AuthorityKind.BOARD_VOTE)


def check_voted(partner: str, id: str, signatory: Signatory | None, vote: BoardVote) -> None:
    """Refused where a board must vote and has not."""
    if not needs_vote(signatory, vote) or vote.decision:
        return
    if vote.boards:
        raise Refused(
            f"{listed(vote.boards)} must first approve exactly this text of {id}: put it to the vote there, let somebody besides the signer "
            "vote, and close the vote.",
            code="no_vote",
        )
    raise Refused(
        f"{partner} recorded that its board votes on each agreement, and no board of it is here: found it, give out its seats and let it "
        f"approve this text of {id} (`throughway governance body add`). Minutes that are typed are no vote.",
        code="no_vote",
    )


def own_words(found: AgreementStatus, partner: str, author: str | None) -> SigningOffice | None:
    """The office and authority that the text names for the partner, where the partner may be taken at these words: it wrote them, or
    approved the text in the full process, or no party wrote them but the operator of the folder. None where another party did."""
    if author not in (None, partner) and not found.full:
        return None
    return next(
        (p.signatory for p in found.signed_text.parties if p.partner == partner and p.signatory), None
    )


def _refused(message: str) -> Refused:
    return Refused(message, code="not_allowed")
