"""Who joined, left or abstained, by the record and on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.effective_document import Joined
from throughway.agreements.states import SIGNING_ACTS, AgreementAct, LifecycleEvent
from throughway.agreements.text_versions import TextVersion

Leaving = tuple[str, date]  # a partner, and the first day on which it is no party


@dataclass(frozen=True)
class Membership:
    joined: tuple[Joined, ...]
    left: tuple[Leaving, ...]
    leaving: tuple[Leaving, ...]
    abstaining: tuple[str, ...]


def membership(line: TextVersion, events: Sequence[LifecycleEvent], on: date) -> Membership:
    """For one text. One who left is a party again of a text that was written after and names it; an abstention holds until
    that partner signs a text that was written after."""
    joined: dict[str, Joined] = {}
    left: dict[str, date] = {}
    abstaining: dict[str, None] = {}
    for place, event in enumerate(events):
        if event.day > on:
            continue
        later_text = line.texted > place
        if event.act is AgreementAct.JOIN and event.partner and event.partner not in line.document.partners:
            left.pop(event.partner, None)
            joined[event.partner] = Joined(
                event.partner, event.said("model"), event.said("title"), event.said("authority")
            )
        elif (
            event.act is AgreementAct.LEAVE
            and event.partner
            and not (later_text and event.partner in line.document.partners)
        ):
            left[event.partner] = date.fromisoformat(event.said("out"))
        elif event.act is AgreementAct.ABSTAIN:
            partner = event.said("partner")
            if not (later_text and signed(line.version, partner, events)):
                abstaining[partner] = None
    out = {partner for partner, day in left.items() if day <= on}
    return Membership(
        tuple(one for one in joined.values() if one.partner not in out),
        tuple((partner, day) for partner, day in left.items() if partner in out),
        tuple((partner, day) for partner, day in left.items() if partner not in out),
        tuple(abstaining),
    )


def ever_joined(events: Sequence[LifecycleEvent]) -> tuple[Joined, ...]:
    return tuple(
        Joined(e.partner, e.said("model")) for e in events if e.act is AgreementAct.JOIN and e.partner
    )


def signed(version: str, partner: str, events: Sequence[LifecycleEvent]) -> bool:
    """A partner that joined did so by signing."""
    return any(e.act in SIGNING_ACTS and e.version == version and e.partner == partner for e in events)
