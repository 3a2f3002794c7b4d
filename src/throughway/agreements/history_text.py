"""The history of an agreement: a sentence for each act, newest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.agreements.acts import ACTS
from throughway.agreements.approvals import CAPACITY_WORDS, Capacity
from throughway.agreements.labels import day
from throughway.agreements.signatures import ON_PAPER, OPERATORS_WORD, how_known, on_operators_word
from throughway.agreements.states import SIGNING_ACTS, TEXT_ACTS, AgreementAct, LifecycleEvent
from throughway.core.prose import capital
from throughway.partners.actor import OPERATOR


@dataclass(frozen=True)
class EventSentence:
    """`earlier`: about a text that has been replaced since. `notes`: further sentences."""

    when: str
    what: str
    who: str
    why: str
    earlier: bool
    notes: tuple[str, ...] = ()


def event_sentences(
    events: Sequence[LifecycleEvent], version: str, names: Mapping[str, str]
) -> list[EventSentence]:
    return [
        EventSentence(
            when=day(event.day),
            what=f"{_who(event, names)} {ACTS[event.act].history}",
            who=_by(event),
            why=event.why,
            earlier=event.version != version and _is_about_a_text(event.act),
            notes=tuple(_notes(event, names)),
        )
        for event in reversed(events)
    ]


GIVES_A_REASON = (
    AgreementAct.SUSPEND,
    AgreementAct.TERMINATE,
)  # the site requires it, the command line does not


def _is_about_a_text(act: AgreementAct) -> bool:
    """Whether the act concerns one text, not the agreement as a whole."""
    return ACTS[act].prepares or act in TEXT_ACTS | SIGNING_ACTS


def _notes(event: LifecycleEvent, names: Mapping[str, str]) -> Iterator[str]:
    details = event.details
    if event.act in GIVES_A_REASON and not event.why:
        yield "No reason was given."
    if event.act in SIGNING_ACTS and (signed := _signed(details, event.by)):
        yield signed
    if decided := details.get("decided"):
        yield f"Decided on {day(date.fromisoformat(decided))}, for when every party had signed."
    if capacity := details.get("capacity"):
        yield f"As {CAPACITY_WORDS[Capacity(capacity)]}"
    if out := details.get("out"):
        yield f"It stays until {day(date.fromisoformat(out) - timedelta(days=1))}."
    if partner := details.get("partner"):
        yield f"The records of {names.get(partner, partner)} stay out."
    for name, words in SAID.items():
        if text := details.get(name):
            yield f"{words}: {text}"


def _signed(details: Mapping[str, str], by: str) -> str:
    """Dana Diaz, as Superintendent (Board policy 1450); signed in to the site, …; account added on …"""
    office = " ".join(
        filter(None, (details.get("title"), details.get("authority") and f"({details['authority']})"))
    )
    # A paper's own words name its signer.
    name = "" if details.get("how") == ON_PAPER else details.get("signer", "")
    who = ", ".join(filter(None, (name, office and f"as {office}")))
    return capital("; ".join((*filter(None, (who,)), *how_known(details, by))))


SAID: Mapping[str, str] = {
    "minutes": "Minutes",
    "decision": "By",
    "copies": "Copies",
    "subcontractors": "With subcontractors",
    "method": "Method",
    "exceptions": "Kept",
    "certificate": "Certificate",
}


def _by(event: LifecycleEvent) -> str:
    """The role and address, and whether only the operator vouches for them; nothing more where the operator acted for no partner."""
    if not event.partner:
        return ""
    if event.by == OPERATOR.email:
        return "entered by the operator"
    who = f"{event.role.replace('_', ' ')}, {event.by}"
    # For a signature, the line about its office says this.
    vouched = event.act not in SIGNING_ACTS and on_operators_word(event.details, event.by)
    return f"{who}, {OPERATORS_WORD}" if vouched else who


def _who(event: LifecycleEvent, names: Mapping[str, str]) -> str:
    return names.get(event.partner, event.partner) if event.partner else "The operator of the folder"
