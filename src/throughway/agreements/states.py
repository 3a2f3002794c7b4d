"""The states of an agreement, the acts that change them, and the transitions, also as a diagram."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class AgreementState(StrEnum):
    DRAFT = "draft"  # no party has signed this text
    REVIEW = "review"  # submitted: the author's partner reviews it against the law
    NEGOTIATION = "negotiation"  # offered: each partner proposes, comments, accepts or refuses
    APPROVAL = "approval"  # the text is settled; some required approvals are missing
    APPROVED = "approved"  # all required approvals are given; no party has signed
    PARTLY_SIGNED = "partly_signed"
    SIGNED = "signed"  # by every party, not activated
    NOT_YET_EFFECTIVE = "not_yet_effective"  # activated, on a day before its first
    ACTIVE = "active"
    SUSPENDED = "suspended"  # by one discloser at least
    EXPIRED = "expired"  # the day after `expires` and later
    TERMINATED = "terminated"
    AMENDED = "amended"  # a text that was in effect, and that a later one has replaced
    WINDING_DOWN = "winding_down"  # received records are returned or destroyed
    DESTROYED = "destroyed"  # here, and certified by each recipient
    CLOSED = "closed"


class AgreementAct(StrEnum):
    """What changes a state: acts of people, and two of the calendar."""

    ADD = "add"  # a text: the first, or a revision, to be signed again
    SUBMIT = "submit"
    OFFER = "offer"
    AGREE = "agree"  # the text is settled
    APPROVE = "approve"
    OBJECT = "object"  # back to negotiation
    SIGN = "sign"
    DECIDE = "decide"  # that it takes effect by itself once every party has signed
    TAKE_BACK = "take_back"  # that decision
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    RESUME = "resume"
    AMEND = "amend"  # a later text while the present one is in effect
    RENEW = "renew"  # a later text that changes only the last day
    JOIN = "join"
    LEAVE = "leave"
    ABSTAIN = "abstain"
    TERMINATE = "terminate"
    WIND_DOWN = "wind_down"
    CERTIFY = "certify"  # a recipient's copies are gone
    DESTROY = "destroy"  # the platform's data are gone
    CLOSE = "close"
    BEGIN = "begin"
    EXPIRE = "expire"


TEXT_ACTS = frozenset({AgreementAct.ADD, AgreementAct.AMEND, AgreementAct.RENEW})  # they bring a text
SIGNING_ACTS = frozenset({AgreementAct.SIGN, AgreementAct.JOIN})  # they sign one: joining is by signing


@dataclass(frozen=True)
class LifecycleEvent:
    """One act on one text, as recorded. `partner`: of the person who acted, None for the operator. `details`: text entered with the
    act, such as the signing office. `role`, `by`, `why`: the person's role and address, and the reason given."""

    act: AgreementAct
    day: date
    version: str
    partner: str | None
    details: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    by: str = ""
    why: str = ""

    def detail(self, name: str) -> str:
        return self.details.get(name, "")


S, A = AgreementState, AgreementAct
SETTLED = (S.APPROVAL, S.APPROVED, S.PARTLY_SIGNED, S.SIGNED)
# Before activation: the text may still change; then all who have not signed exactly that text sign again.
OPEN = frozenset({S.DRAFT, S.REVIEW, S.NEGOTIATION, *SETTLED})
# Ended permanently: no new records are received; what it held already may still be sealed under its key, and dies with it.
OVER = frozenset({S.TERMINATED, S.WINDING_DOWN, S.DESTROYED, S.CLOSED})
# Records may have been received under it.
BEGUN = frozenset({S.ACTIVE, S.SUSPENDED, S.EXPIRED, S.AMENDED}) | OVER

SIGNING = frozenset({S.PARTLY_SIGNED, S.SIGNED})
HELD = frozenset({S.WINDING_DOWN, S.DESTROYED})
TRANSITIONS: Mapping[tuple[AgreementState, AgreementAct], frozenset[AgreementState]] = {
    # Before it is in effect. The short process goes directly from a draft to signing.
    (S.DRAFT, A.ADD): frozenset({S.DRAFT}) | SIGNING,
    (S.DRAFT, A.SUBMIT): frozenset({S.REVIEW}),
    (S.DRAFT, A.SIGN): SIGNING,
    (S.REVIEW, A.ADD): frozenset({S.REVIEW}),
    (S.REVIEW, A.OFFER): frozenset({S.NEGOTIATION}),
    (S.NEGOTIATION, A.ADD): frozenset({S.NEGOTIATION}),
    (S.NEGOTIATION, A.AGREE): frozenset(SETTLED),
    (S.APPROVAL, A.ADD): frozenset({S.NEGOTIATION}),
    (S.APPROVAL, A.APPROVE): frozenset(SETTLED),
    (S.APPROVAL, A.OBJECT): frozenset({S.NEGOTIATION}),
    (S.APPROVED, A.ADD): frozenset({S.NEGOTIATION}),
    (S.APPROVED, A.OBJECT): frozenset({S.NEGOTIATION}),
    (S.APPROVED, A.SIGN): SIGNING,
    (S.PARTLY_SIGNED, A.ADD): frozenset({S.DRAFT, S.NEGOTIATION}) | SIGNING,
    (S.PARTLY_SIGNED, A.OBJECT): frozenset({S.NEGOTIATION}),
    (S.PARTLY_SIGNED, A.SIGN): SIGNING,
    (S.SIGNED, A.ADD): frozenset({S.DRAFT, S.NEGOTIATION}) | SIGNING,
    (S.SIGNED, A.ACTIVATE): frozenset({S.ACTIVE}),
    **{(state, A.TERMINATE): frozenset({S.TERMINATED}) for state in AgreementState if state in OPEN},
    **{(state, act): frozenset({state}) for state in AgreementState if state in OPEN for act in (A.DECIDE, A.TAKE_BACK)},
    **{(state, A.ABSTAIN): frozenset({state}) for state in (S.NEGOTIATION, S.APPROVAL, S.APPROVED)},
    (S.DRAFT, A.ABSTAIN): frozenset({S.DRAFT}) | SIGNING,
    (S.PARTLY_SIGNED, A.ABSTAIN): SIGNING,
    (S.SIGNED, A.ABSTAIN): frozenset({S.SIGNED}),
    # In effect.
    (S.NOT_YET_EFFECTIVE, A.BEGIN): frozenset({S.ACTIVE}),
    (S.ACTIVE, A.SUSPEND): frozenset({S.SUSPENDED}),
    (S.ACTIVE, A.JOIN): frozenset({S.ACTIVE}),
    (S.ACTIVE, A.EXPIRE): frozenset({S.EXPIRED}),
    (S.SUSPENDED, A.SUSPEND): frozenset({S.SUSPENDED}),
    (S.SUSPENDED, A.RESUME): frozenset({S.SUSPENDED, S.ACTIVE}),
    (S.SUSPENDED, A.EXPIRE): frozenset({S.EXPIRED}),
    **{(state, act): frozenset({state}) for state in (S.ACTIVE, S.SUSPENDED) for act in (A.LEAVE, A.ABSTAIN, A.CERTIFY)},
    # A later text is prepared while the one in effect stays, until the later one is activated.
    **{
        (state, act): frozenset({state, S.AMENDED})
        for state in (S.ACTIVE, S.SUSPENDED, S.EXPIRED)
        for act in (A.AMEND, A.RENEW)
    },
    **{(state, A.TERMINATE): frozenset({S.TERMINATED}) for state in (S.ACTIVE, S.SUSPENDED, S.EXPIRED)},
    # After its end. The platform's data may be destroyed first, which starts the wind-down automatically.
    **{(state, A.WIND_DOWN): frozenset({S.WINDING_DOWN}) for state in (S.EXPIRED, S.TERMINATED)},
    **{(state, A.DESTROY): HELD for state in (S.EXPIRED, S.TERMINATED, S.WINDING_DOWN)},
    (S.WINDING_DOWN, A.CERTIFY): HELD,
    (S.TERMINATED, A.CLOSE): frozenset({S.CLOSED}),  # one that never took effect
    (S.DESTROYED, A.CLOSE): frozenset({S.CLOSED}),
}  # fmt: skip


def may(state: AgreementState, act: AgreementAct) -> bool:
    """Whether an agreement in this state allows the act."""
    return (state, act) in TRANSITIONS


FIRST, LAST = AgreementState.DRAFT, (AgreementState.AMENDED, AgreementState.CLOSED)


def mermaid() -> str:
    """A Mermaid state diagram: one arrow between two states, labeled with every act that leads there."""
    lines = ["stateDiagram-v2", f"    [*] --> {FIRST}: {AgreementAct.ADD}"]
    for (start, end), acts in arrows().items():
        lines.append(f"    {start} --> {end}: {', '.join(acts)}")
    lines += [f"    {state} --> [*]" for state in LAST]
    return "\n".join(lines)


def table() -> str:
    """The same as rows of a Markdown table: state, act, possible next states."""
    rows = [f"| `{state}` | {act.replace('_', ' ')} | {_targets(state, act)} |" for state, act in _ordered()]
    return "\n".join(["| state | act | possible next states |", "|---|---|---|", *rows])


def arrows() -> Mapping[tuple[AgreementState, AgreementState], list[AgreementAct]]:
    """The acts that lead from a state to another, or back to itself, in the order of the states."""
    found: dict[tuple[AgreementState, AgreementState], list[AgreementAct]] = defaultdict(list)
    for state, act in _ordered():
        for end in AgreementState:
            if end in TRANSITIONS[state, act]:
                found[state, end].append(act)
    return dict(sorted(found.items(), key=lambda one: [list(AgreementState).index(s) for s in one[0]]))


def _ordered() -> Iterator[tuple[AgreementState, AgreementAct]]:
    return ((state, act) for state in AgreementState for act in AgreementAct if (state, act) in TRANSITIONS)


def _targets(state: AgreementState, act: AgreementAct) -> str:
    return ", ".join(f"`{end}`" for end in AgreementState if end in TRANSITIONS[state, act])
