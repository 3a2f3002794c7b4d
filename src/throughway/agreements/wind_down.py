"""After an agreement has ended: what was received is gone, here and with each who received it, and the agreement closes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.effective_document import effective
from throughway.agreements.enums import PartyRole
from throughway.agreements.event import Event
from throughway.agreements.membership import ever_joined
from throughway.agreements.states import Act, State
from throughway.agreements.text_versions import Line


@dataclass(frozen=True)
class Ending:
    """`state`: None while it has not ended; `reason`: what follows the agreement's id in a sentence."""

    state: State | None
    reason: str
    certified: tuple[str, ...]
    uncertified: tuple[str, ...]
    certificate: str


def ending(texts: Sequence[Line], events: Sequence[Event], on: date) -> Ending:
    own = [event for event in events if event.day <= on]
    first = {act: next((e for e in own if e.act is act), None) for act in Act}
    certified = tuple(dict.fromkeys(e.partner for e in own if e.act is Act.CERTIFY and e.partner))
    uncertified = tuple(p for p in receivers(texts, events) if p not in certified)
    ended, winding = first[Act.TERMINATE], first[Act.WIND_DOWN] or first[Act.DESTROY]
    destroyed = first[Act.DESTROY]
    state, reason = None, ""
    if closed := first[Act.CLOSE]:
        state, reason = State.CLOSED, f"was closed on {closed.day}."
    elif destroyed and not uncertified:
        last = max(e.day for e in own if e.act in (Act.DESTROY, Act.CERTIFY))
        state, reason = State.DESTROYED, f"has ended, and what was received under it was destroyed by {last}."
    elif winding:
        state = State.WINDING_DOWN
        reason = f"is being wound down since {winding.day}; nothing comes in or is read under it."
    elif ended:
        state, reason = State.TERMINATED, f"was terminated on {ended.day}."
    certificate = destroyed.said("certificate") if destroyed else ""
    return Ending(state, reason, certified, uncertified, certificate)


def receivers(texts: Sequence[Line], events: Sequence[Event]) -> tuple[str, ...]:
    """Whoever received or housed records under any text that was in effect, also who has left since."""
    joined = ever_joined(events)
    found: dict[str, None] = {}
    for line in texts:
        if line.activated:
            document = effective(line.document, joined)
            for role in (PartyRole.RECIPIENT, PartyRole.STEWARD):
                found.update(dict.fromkeys(document.parties_with(role)))
    return tuple(found)
