"""What a reader may do with an agreement today, and the text of the confirmation page."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from throughway.agreements import permissions
from throughway.agreements.acts import ACTS
from throughway.agreements.approvals import Capacity, board_matters, required
from throughway.agreements.labels import day, listed, partner_labels
from throughway.agreements.states import AgreementAct, AgreementState, may
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.core.prose import counted
from throughway.partners import Actor, Role


@dataclass(frozen=True)
class ActContext:
    """What a reader's acts depend on besides the status of one text. `author`: the partner whose people started the text in
    preparation. `held`: the roles of the reader's partner's people. `full`: the community requires the full process. `activated`: some
    text of it was in effect. `amending`: a later text is in preparation. `cannot_sign`: why the reader cannot sign what waits for the reader's
    partner: not registered, or no vote of the board."""

    author: str | None = None
    held: Collection[str] = frozenset(Role)
    full: bool = False
    activated: bool = True
    amending: bool = False
    cannot_sign: str = ""


NO_CONTEXT = ActContext()


def acts(
    actor: Actor, found: AgreementStatus, blocking: int, on: date, setting: ActContext = NO_CONTEXT
) -> tuple[AgreementAct, ...]:
    """What the reader may do with one text today, the next act first."""
    allowed = [
        act
        for act, row in ACTS.items()
        if row.button
        and may(found.state, act)
        and not (row.unblocked and blocking)
        and _may_do(actor, act, found, setting)
        and _is_time(actor, act, found, on, setting)
    ]
    # Where the community does not require the full process, submitting is an option and not the next step.
    if AgreementAct.SUBMIT in allowed and not setting.full:
        allowed.remove(AgreementAct.SUBMIT)
        allowed.append(AgreementAct.SUBMIT)
    return tuple(allowed)


def _may_do(actor: Actor, act: AgreementAct, found: AgreementStatus, setting: ActContext) -> bool:
    if act is AgreementAct.APPROVE:
        return bool(approvable(actor, found, setting.held))
    return permissions.can_do(actor, act, found, setting.author)


def _is_time(actor: Actor, act: AgreementAct, found: AgreementStatus, on: date, setting: ActContext) -> bool:
    """Conditions of the act besides the state of the text and the reader's permission."""
    terms = found.document.terms
    match act:
        case AgreementAct.SUBMIT:
            return not found.signed_by
        case AgreementAct.SIGN:
            is_draft = found.state is AgreementState.DRAFT
            unsigned = actor.partner not in found.signed_by
            return unsigned and not (setting.full and is_draft) and not setting.cannot_sign
        case AgreementAct.ACTIVATE:
            return terms.effective <= on <= terms.expires
        case AgreementAct.CERTIFY:
            has_left = actor.partner in dict(found.left)
            return actor.partner in found.uncertified and (
                found.state is AgreementState.WINDING_DOWN or has_left
            )
        case AgreementAct.WIND_DOWN:
            return setting.activated
        case AgreementAct.CLOSE:
            return found.state is AgreementState.DESTROYED or not setting.activated
        case AgreementAct.RENEW | AgreementAct.AMEND:
            return not setting.amending
        case AgreementAct.SUSPEND:
            return actor.partner not in found.suspended_by
    return True


def open_to(
    actor: Actor, life: AgreementLifecycle, blocking: int, on: date, setting: ActContext
) -> tuple[AgreementAct, ...]:
    """What the reader may do with the agreement today: acts on a later text first, then on the one in effect."""
    if life.pending is None:
        return acts(actor, life.current, blocking, on, setting)
    later = acts(actor, life.pending, blocking, on, setting)
    now = acts(actor, life.current, 0, on, setting)
    return (*(act for act in later if ACTS[act].prepares), *(act for act in now if not ACTS[act].prepares))


def text_of(act: AgreementAct, life: AgreementLifecycle) -> AgreementStatus:
    """The text that the act applies to."""
    return life.prepared if ACTS[act].prepares else life.current


def approvable(actor: Actor, found: AgreementStatus, held: Collection[str]) -> list[Capacity]:
    """The capacities in which the text waits for the reader's approval."""
    return [
        need.capacity
        for need in found.missing
        if need.partner == actor.partner
        and permissions.can_approve(actor, found.document, need.capacity, held)
    ]


def waits_for(
    actor: Actor, found: AgreementStatus, blocking: int, on: date, setting: ActContext = NO_CONTEXT
) -> bool:
    """Whether the text waits for the reader, on its way into effect or back into it."""
    return any(
        ACTS[act].moves_on
        and act not in (AgreementAct.WIND_DOWN, AgreementAct.CLOSE)
        and (act is not AgreementAct.SUBMIT or setting.full)
        for act in acts(actor, found, blocking, on, setting)
    )


@dataclass(frozen=True)
class ActConfirmation:
    """`consequences`: what will happen, one sentence each. `button`: the label of the button. `done`: the message afterwards."""

    act: AgreementAct
    title: str
    button: str
    consequences: tuple[str, ...]
    done: str


def confirmation_for(
    act: AgreementAct, found: AgreementStatus, partner: str, names: Mapping[str, str]
) -> ActConfirmation:
    """The confirmation of an act on this text by somebody of the partner."""
    row, facts = ACTS[act], ConfirmationContext(found, partner, names)
    sentences = (sentence.format(facts=facts) for sentence in row.consequences)
    return ActConfirmation(
        act,
        row.title.format(facts=facts),
        row.confirm.format(facts=facts),
        tuple(sentence for sentence in sentences if sentence),
        row.done.format(facts=facts),
    )


@dataclass(frozen=True)
class ConfirmationContext:
    """Values for the sentences of the table: about the text, and about the acting partner."""

    found: AgreementStatus
    partner: str
    names: Mapping[str, str]

    @property
    def own(self) -> str:
        return self.names.get(self.partner, self.partner)

    @property
    def others(self) -> str:
        return self._listed(p for p in self.found.document.partners if p != self.partner)

    @property
    def first_day(self) -> str:
        return day(self.found.document.terms.effective)

    @property
    def last_day(self) -> str:
        return day(self.found.document.terms.expires)

    @property
    def destroyed_within(self) -> str:
        return counted(self.found.document.terms.destruction.within_days, "day")

    @property
    def destruction_method(self) -> str:
        return self.found.document.terms.destruction.method

    @property
    def approvers(self) -> str:
        return self._listed(need.partner for need in required(self.found.signed_text))

    @property
    def boards_are_asked(self) -> str:
        boards = self._listed(partner for partner, _ in board_matters(self.found.signed_text))
        return f"The board of {boards} is asked too." if boards else ""

    @property
    def why_board_is_asked(self) -> str:
        matters = [
            matter for partner, matter in board_matters(self.found.signed_text) if partner == self.partner
        ]
        return f"The board is asked because the text touches {listed(matters)}." if matters else ""

    @property
    def who_must_still_sign(self) -> str:
        waiting = self._listed(p for p in self.found.waits_for if p != self.partner)
        return f"{waiting} must still sign." if waiting else "Yours is the last signature."

    @property
    def who_must_still_certify(self) -> str:
        certifying = self._listed(self.found.uncertified)
        if not certifying:
            return "No recipient still has to certify."
        return f"{certifying} must each certify what happened to the records that they received."

    def _listed(self, partners: Iterable[str]) -> str:
        """Partners by name, each once."""
        return listed(partner_labels(dict.fromkeys(partners), self.names))
