"""After an agreement has ended: what was received is gone, here and with each who received it, and the agreement closes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.effective_document import effective
from throughway.agreements.enums import PartyRole
from throughway.agreements.membership import ever_joined
from throughway.agreements.states import AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.text_versions import TextVersion


@dataclass(frozen=True)
class Ending:
    """`state`: None while it has not ended; `reason`: what follows the agreement's id in a sentence."""

    state: AgreementState | None
    reason: str
    certified: tuple[str, ...]
    uncertified: tuple[str, ...]
    certificate: str


def ending(texts: Sequence[TextVersion], events: Sequence[LifecycleEvent], on: date) -> Ending:
    own = [event for event in events if event.day <= on]
    first = {act: next((e for e in own if e.act is act), None) for act in AgreementAct}
    certified = tuple(dict.fromkeys(e.partner for e in own if e.act is AgreementAct.CERTIFY and e.partner))
    uncertified = tuple(p for p in receivers(texts, events) if p not in certified)
    ended, winding = (
        first[AgreementAct.TERMINATE],
        first[AgreementAct.WIND_DOWN] or first[AgreementAct.DESTROY],
    )
    destroyed = first[AgreementAct.DESTROY]
    state, reason = None, ""
    if closed := first[AgreementAct.CLOSE]:
        state, reason = AgreementState.CLOSED, f"was closed on {closed.day}."
    elif destroyed and not uncertified:
        last = max(e.day for e in own if e.act in (AgreementAct.DESTROY, AgreementAct.CERTIFY))
        state, reason = (
            AgreementState.DESTROYED,
            f"has ended, and what was received under it was destroyed by {last}.",
        )
    elif winding:
        state = AgreementState.WINDING_DOWN
        reason = f"is being wound down since {winding.day}; nothing comes in or is read under it."
    elif ended:
        state, reason = AgreementState.TERMINATED, f"was terminated on {ended.day}."
    certificate = destroyed.said("certificate") if destroyed else ""
    return Ending(state, reason, certified, uncertified, certificate)


def receivers(texts: Sequence[TextVersion], events: Sequence[LifecycleEvent]) -> tuple[str, ...]:
    """Whoever received or housed records under any text that was in effect, also who has left since."""
    joined = ever_joined(events)
    found: dict[str, None] = {}
    for line in texts:
        if line.activated:
            document = effective(line.document, joined)
            for role in (PartyRole.RECIPIENT, PartyRole.STEWARD):
                found.update(dict.fromkeys(document.parties_with(role)))
    return tuple(found)
