"""What was done with an agreement, a sentence for each act, newest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.agreements.approvals import Capacity
from throughway.agreements.labels import day
from throughway.agreements.signatures import OPERATORS_WORD, how_known, on_operators_word
from throughway.agreements.states import AgreementAct, LifecycleEvent
from throughway.agreements.status_summary import CAPACITY_WORDS
from throughway.core.prose import capital
from throughway.partners.actor import OPERATOR

DONE: Mapping[AgreementAct, str] = {
    AgreementAct.ADD: "added the text",
    AgreementAct.SUBMIT: "submitted it to review",
    AgreementAct.OFFER: "offered it to the other parties",
    AgreementAct.AGREE: "settled the text",
    AgreementAct.APPROVE: "approved it",
    AgreementAct.OBJECT: "objected, and took it back to negotiation",
    AgreementAct.SIGN: "signed",
    AgreementAct.ACTIVATE: "put it into effect",
    AgreementAct.SUSPEND: "suspended it",
    AgreementAct.RESUME: "lifted its suspension",
    AgreementAct.AMEND: "drafted an amendment",
    AgreementAct.RENEW: "drafted a renewal",
    AgreementAct.JOIN: "joined by signing",
    AgreementAct.LEAVE: "gave notice that it leaves",
    AgreementAct.ABSTAIN: "recorded an abstention",
    AgreementAct.TERMINATE: "ended it",
    AgreementAct.WIND_DOWN: "began to wind it down",
    AgreementAct.CERTIFY: "certified what became of the records",
    AgreementAct.DESTROY: "had what is stored here destroyed",
    AgreementAct.CLOSE: "closed it",
}


@dataclass(frozen=True)
class EventSentence:
    """`earlier`: of a text that was replaced since. `beside`: what the act says beside, a sentence each."""

    when: str
    what: str
    who: str
    why: str
    earlier: bool
    beside: tuple[str, ...] = ()


def event_sentences(
    deeds: Sequence[LifecycleEvent], version: str, names: Mapping[str, str]
) -> list[EventSentence]:
    return [
        EventSentence(
            when=day(deed.day),
            what=f"{_who(deed, names)} {DONE[deed.act]}",
            who=_by(deed),
            why=deed.why,
            earlier=deed.version != version and deed.act in OF_A_TEXT,
            beside=tuple(_beside(deed, names)),
        )
        for deed in reversed(deeds)
    ]


OF_A_TEXT = frozenset({
    AgreementAct.ADD, AgreementAct.AMEND, AgreementAct.RENEW, AgreementAct.SUBMIT, AgreementAct.OFFER, AgreementAct.AGREE, AgreementAct.APPROVE, AgreementAct.OBJECT, AgreementAct.SIGN, AgreementAct.ACTIVATE, AgreementAct.JOIN,
})  # fmt: skip


SIGNING = frozenset({AgreementAct.SIGN, AgreementAct.JOIN})
GIVES_A_REASON = frozenset(
    {AgreementAct.SUSPEND, AgreementAct.TERMINATE}
)  # the site asks for it, the command line does not


def _beside(deed: LifecycleEvent, names: Mapping[str, str]) -> Iterator[str]:
    said = deed.details
    if deed.act in GIVES_A_REASON and not deed.why:
        yield "No reason was given."
    if deed.act in SIGNING and (signed := _signed(said, deed.by)):
        yield signed
    if capacity := said.get("capacity"):
        yield f"As {CAPACITY_WORDS[Capacity(capacity)]}"
    if out := said.get("out"):
        yield f"It stays until {day(date.fromisoformat(out) - timedelta(days=1))}."
    if partner := said.get("partner"):
        yield f"The records of {names.get(partner, partner)} stay out."
    for name, words in SAID.items():
        if text := said.get(name):
            yield f"{words}: {text}"


def _signed(said: Mapping[str, str], by: str) -> str:
    """As Superintendent (Board policy 1450); signed in to the site, …; account added on …"""
    office = " ".join(filter(None, (said.get("title"), said.get("authority") and f"({said['authority']})")))
    return capital("; ".join((*([f"as {office}"] if office else []), *how_known(said, by))))


SAID: Mapping[str, str] = {
    "minutes": "Minutes",
    "decision": "By",
    "copies": "Copies",
    "subcontractors": "With subcontractors",
    "method": "Method",
    "exceptions": "Kept",
    "certificate": "Certificate",
}


def _by(deed: LifecycleEvent) -> str:
    """The role and address, and whether the operator alone vouches for them; nothing more where the operator acted for nobody."""
    if not deed.partner:
        return ""
    if deed.by == OPERATOR.email:
        return "entered by the operator"
    who = f"{deed.role.replace('_', ' ')}, {deed.by}"
    # A signature says it beside its office.
    vouched = deed.act not in SIGNING and on_operators_word(deed.details, deed.by)
    return f"{who}, {OPERATORS_WORD}" if vouched else who


def _who(deed: LifecycleEvent, names: Mapping[str, str]) -> str:
    return names.get(deed.partner, deed.partner) if deed.partner else "The operator of the folder"
