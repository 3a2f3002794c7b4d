"""The table of acts on an agreement: who may do each, what people read before and after it, and its line in the history.

It is used by the agreement's page, the confirmation page, the history, open steps, permissions and the command line. The states in
which an act is possible, and the states that follow, are in `states.TRANSITIONS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from throughway.agreements.states import AgreementAct
from throughway.partners import Role
from throughway.partners.permissions import SIGNERS

STEWARDS = frozenset({Role.DATA_STEWARD, Role.PRIVACY_OFFICER})
# Who may act for a partner; of SIGNERS, those sign whom `signing_authority.py` names.
BINDING = SIGNERS | STEWARDS


@dataclass(frozen=True)
class ActDefinition:
    """One act.

    Who and when. `verb`: the act's name in a refusal, before the agreement. `roles`: the roles of a party's people who may do it;
    `former_parties`: also those of a partner that has left. `prepares`: it applies to the text in preparation, otherwise to the one in
    effect. `unblocked`: impossible while a finding of the review blocks the text. `moves_on`: it brings the agreement closer to effect
    or, after its end, to being closed. `asks_passphrase`: requires the passphrase, because the act binds a partner, or opens or closes
    records to their readers.

    On pages. `button`: on the agreement's page, empty where the act has no page. `title`, `consequences`, `confirm` (a button) and
    `done`: on the confirmation page, and after it. They may use attributes of a `ConfirmationContext` as `{facts.own}`; empty
    consequences are left out. `step`: its name as the next step. `history`: the text after the partner's name in the history.

    On the command line. `outcome`: the text after the agreement's id once it is done. `help`: empty where it has no command.
    """

    verb: str
    roles: frozenset[Role]
    history: str
    former_parties: bool = False
    prepares: bool = False
    unblocked: bool = False
    moves_on: bool = False
    asks_passphrase: bool = False
    button: str = ""
    title: str = ""
    consequences: tuple[str, ...] = ()
    confirm: str = ""
    done: str = ""
    step: str = ""
    outcome: str = ""
    help: str = ""


_BESIDE_THE_ONE_IN_EFFECT = (
    "The text in effect stays in effect until every party has signed the later one and it is put into "
    "effect.",
    "Earlier disclosures remain under the text that was in effect on their day.",
)

# In the order in which a page offers them: first the acts that move the agreement forward.
ACTS: Mapping[AgreementAct, ActDefinition] = {
    AgreementAct.ADD: ActDefinition("add", BINDING, "added the text"),
    AgreementAct.SUBMIT: ActDefinition(
        "submit", BINDING, "submitted it to review", prepares=True, moves_on=True,
        button="Submit it to review", title="Submit it to review", confirm="Submit it",
        consequences=(
            "From now on this text takes the full process: review, negotiation, approvals, signatures.",
            "Only {facts.own} can change it until it is offered to the other parties.",
            "The findings of the review are shown at each clause, with what resolves them.",
        ),
        done="Submitted. Cure what the review found, then offer it to the other parties.",
        step="Submit it to review",
        outcome="is submitted to review.",
        help="Take the full process: review, negotiation, approvals (the author's partner).",
    ),
    AgreementAct.OFFER: ActDefinition(
        "offer", BINDING, "offered it to the other parties", prepares=True, unblocked=True, moves_on=True,
        button="Offer it", title="Offer it to the other parties", confirm="Offer it",
        consequences=(
            "{facts.others} can now propose changes, comment, accept and refuse, element by element.",
            "Nobody is bound yet.",
        ),
        done="Offered. The other parties can answer now.",
        step="Offer it to the other parties",
        outcome="is offered to its parties.",
        help="Open a reviewed text to the other parties' proposals (the author's partner).",
    ),
    AgreementAct.AGREE: ActDefinition(
        "settle", BINDING, "settled the text", prepares=True, unblocked=True, moves_on=True,
        button="Settle the text", title="Settle the text", confirm="The text is settled",
        consequences=(
            "{facts.approvers} are asked to approve exactly this text.",
            "{facts.boards_are_asked}",
            "If a word changes, it goes back to negotiation, and every approval is requested again.",
        ),
        done="Settled. Those who must approve it are asked now.",
        step="Settle the text",
        outcome="is settled.",
        help="Settle the text; those who must approve it are asked (the author's partner).",
    ),
    AgreementAct.APPROVE: ActDefinition(
        "approve", BINDING, "approved it", prepares=True, unblocked=True, moves_on=True, asks_passphrase=True,
        button="Read it and approve", title="Approve it for {facts.own}", confirm="Approve it",
        consequences=(
            "You confirm that, in your capacity, nothing keeps {facts.own} from signing exactly this text.",
            "{facts.why_board_is_asked}",
            "This does not bind anyone yet. The parties sign after every approval is given.",
        ),
        done="Approved.",
        step="Approve it as {capacity}",
        outcome="is approved by your partner.",
        help="Approve a settled text in one capacity for your own partner.",
    ),
    AgreementAct.SIGN: ActDefinition(
        "sign", SIGNERS, "signed", prepares=True, unblocked=True, moves_on=True, asks_passphrase=True,
        button="Read it and sign", title="Sign for {facts.own}", confirm="Sign for {facts.own}",
        consequences=(
            "You bind {facts.own} to exactly this text, from {facts.first_day} until {facts.last_day}.",
            "{facts.who_must_still_sign}",
            "If one word of the text changes, every party must sign again.",
            "Your name, your address, your office, the day and the exact text are kept with the signature, and stand on the signed paper.",
        ),
        done="Signed for {facts.own}. {facts.who_must_still_sign}",
        step="Sign it",
        outcome="is signed for your partner.",
        help="Sign for your own partner (whom it registered; otherwise its leader), or enter a paper that was signed by hand.",
    ),
    AgreementAct.ACTIVATE: ActDefinition(
        "activate", STEWARDS, "put it into effect", prepares=True, unblocked=True, moves_on=True, asks_passphrase=True,
        button="Put it into effect", title="Put it into effect", confirm="Put it into effect",
        consequences=(
            "From now on, files may be loaded and people may read, exactly as it says and no more.",
            "It ends automatically on {facts.last_day}.",
        ),
        done="It is in effect now.",
        step="Put it into effect",
        outcome="is activated.",
        help="Put a signed agreement, or its amendment, into effect (data steward or privacy officer of a party).",
    ),
    AgreementAct.DECIDE: ActDefinition(
        "decide on", STEWARDS, "decided that it takes effect once every party has signed", prepares=True
    ),
    AgreementAct.TAKE_BACK: ActDefinition(
        "decide on", STEWARDS, "took back that it takes effect by itself", prepares=True
    ),
    AgreementAct.RESUME: ActDefinition(
        "resume", BINDING, "lifted its suspension", moves_on=True, asks_passphrase=True,
        button="Lift the suspension", title="Lift the suspension of {facts.own}", confirm="Lift the suspension",
        consequences=("Everything it allows is allowed again at once, unless another partner keeps it "
            "suspended.",),
        done="{facts.own} has lifted its suspension.",
        step="Lift the suspension, or end the agreement",
        outcome="is resumed by your partner.",
        help="Lift your own suspension.",
    ),
    AgreementAct.WIND_DOWN: ActDefinition(
        "wind down", STEWARDS, "began to wind it down", former_parties=True, moves_on=True,
        button="Wind it down", title="Wind it down", confirm="Begin to wind it down",
        consequences=(
            "Nothing can be loaded or read under it.",
            "{facts.who_must_still_certify}",
            "Data stored here only under it is destroyed by a separate order.",
        ),
        done="It is being wound down.",
        step="Wind it down",
        outcome="is winding down.",
        help="Begin to wind down an agreement that has ended (data steward or privacy officer of a party).",
    ),
    AgreementAct.CERTIFY: ActDefinition(
        "certify for", BINDING, "certified what happened to the records", former_parties=True, moves_on=True,
        asks_passphrase=True,
        button="Certify", title="Certify for {facts.own}", confirm="Certify",
        consequences=(
            "You certify what {facts.own} held under this agreement, including copies and derived data, and "
            "what happened to it.",
            "The agreement requires: {facts.destruction_method}.",
            "Every party reads the certificate, and it cannot be changed. Name no student.",
        ),
        done="Certified for {facts.own}.",
        step="Certify what happened to the records",
        outcome="is certified by your partner.",
        help="Certify what happened to the records that your partner received.",
    ),
    AgreementAct.CLOSE: ActDefinition(
        "close", STEWARDS, "closed it", former_parties=True, moves_on=True, asks_passphrase=True,
        button="Close it", title="Close it", confirm="Close it",
        consequences=("Only its record remains, and all its parties can read it.",),
        done="It is closed.",
        step="Close it",
        outcome="is closed.",
        help="Close an agreement once none of its data is left (data steward or privacy officer of a party).",
    ),
    AgreementAct.OBJECT: ActDefinition(
        "object to", BINDING, "objected, and took it back to negotiation", prepares=True,
        button="Object", title="Object for {facts.own}", confirm="Object",
        consequences=(
            "The text goes back to negotiation, and every party reads your reason.",
            "Approvals must be given again.",
            "Signatures on exactly this text remain valid if it is settled unchanged.",
        ),
        done="It is back in negotiation.",
        outcome="is objected to by your partner.",
        help="Take a settled text back to negotiation, with a reason.",
    ),
    AgreementAct.RENEW: ActDefinition(
        "renew", BINDING, "drafted a renewal",
        button="Renew it", title="Renew it", confirm="Draft the renewal",
        consequences=(
            "It runs until {facts.last_day}. Only its last day changes.",
            *_BESIDE_THE_ONE_IN_EFFECT,
        ),
        done="The renewal is drafted. Like every text, it must now be signed by every party.",
        step="Renew it, or let it end",
        outcome="has a renewal in preparation.",
        help="Add a later text that changes only the last day.",
    ),
    AgreementAct.AMEND: ActDefinition(
        "amend", BINDING, "drafted an amendment",
        button="Amend it", title="Draft an amendment", confirm="Add the later text",
        consequences=(*_BESIDE_THE_ONE_IN_EFFECT, "Change the words below. The id stays the same."),
        done="The later text is added. Like every text, it must now be signed by every party.",
        outcome="has a later text in preparation.",
        help="Add a later text while the present one stays in effect.",
    ),
    AgreementAct.SUSPEND: ActDefinition(
        "suspend", BINDING, "suspended it", asks_passphrase=True,
        button="Suspend it", title="Suspend it for {facts.own}", confirm="Suspend it",
        consequences=(
            "From now on, nobody can read under it, and no file can be loaded under it.",
            "Nothing is destroyed.",
            "Only {facts.own} can lift this suspension.",
        ),
        done="It is suspended. Nobody reads under it now.",
        outcome="is suspended.",
        help="Suspend an agreement as a discloser; no other party has to agree.",
    ),
    AgreementAct.TERMINATE: ActDefinition(
        "terminate", STEWARDS, "ended it", asks_passphrase=True,
        button="End it", title="End it for good", confirm="End it for good",
        consequences=(
            "From now on, nobody can read under it. This cannot be undone.",
            "Data shared only under it must be destroyed within {facts.destroyed_within}.",
            "To share again, a new agreement must be written and signed.",
        ),
        done="It has ended. Data shared only under it must be destroyed within {facts.destroyed_within}.",
        outcome="is terminated.",
        help="End an agreement (data steward or privacy officer of a party). Of three parties or more, one alone leaves instead.",
    ),
    AgreementAct.JOIN: ActDefinition(
        "join", SIGNERS, "joined by signing",
        outcome="is joined by your partner.",
        help="Join an open agreement by signing its text (whom your partner registered; otherwise its leader).",
    ),
    AgreementAct.LEAVE: ActDefinition(
        "leave", BINDING, "gave notice that it leaves",
        outcome="is left by your partner, with notice.",
        help="Give notice that your partner leaves (its leader, data steward or privacy officer).",
    ),
    AgreementAct.ABSTAIN: ActDefinition("record an abstention from", BINDING, "recorded an abstention"),
    AgreementAct.DESTROY: ActDefinition(
        "order destruction under", STEWARDS, "had what is stored here destroyed", former_parties=True
    ),
}  # fmt: skip
