"""What was done with an agreement, a sentence for each act, newest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.agreements.approvals import Capacity
from throughway.agreements.labels import day
from throughway.agreements.lifecycle import Act
from throughway.agreements.signatures import OPERATORS_WORD, how_known, on_operators_word
from throughway.agreements.status_summary import CAPACITY_WORDS, Deed
from throughway.core.prose import capital
from throughway.partners.actor import OPERATOR

DONE: Mapping[Act, str] = {
    Act.ADD: "added the text",
    Act.SUBMIT: "submitted it to review",
    Act.OFFER: "offered it to the other parties",
    Act.AGREE: "settled the text",
    Act.APPROVE: "approved it",
    Act.OBJECT: "objected, and took it back to negotiation",
    Act.SIGN: "signed",
    Act.ACTIVATE: "put it into effect",
    Act.SUSPEND: "suspended it",
    Act.RESUME: "lifted its suspension",
    Act.AMEND: "drafted an amendment",
    Act.RENEW: "drafted a renewal",
    Act.JOIN: "joined by signing",
    Act.LEAVE: "gave notice that it leaves",
    Act.ABSTAIN: "recorded an abstention",
    Act.TERMINATE: "ended it",
    Act.WIND_DOWN: "began to wind it down",
    Act.CERTIFY: "certified what became of the records",
    Act.DESTROY: "had what is stored here destroyed",
    Act.CLOSE: "closed it",
}


@dataclass(frozen=True)
class Told:
    """`earlier`: of a text that was replaced since. `beside`: what the act says beside, a sentence each."""

    when: str
    what: str
    who: str
    why: str
    earlier: bool
    beside: tuple[str, ...] = ()


def told(deeds: Sequence[Deed], version: str, names: Mapping[str, str]) -> list[Told]:
    return [
        Told(
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
    Act.ADD, Act.AMEND, Act.RENEW, Act.SUBMIT, Act.OFFER, Act.AGREE, Act.APPROVE, Act.OBJECT, Act.SIGN, Act.ACTIVATE, Act.JOIN,
})  # fmt: skip


SIGNING = frozenset({Act.SIGN, Act.JOIN})
GIVES_A_REASON = frozenset({Act.SUSPEND, Act.TERMINATE})  # the site asks for it, the command line does not


def _beside(deed: Deed, names: Mapping[str, str]) -> Iterator[str]:
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


def _by(deed: Deed) -> str:
    """The role and address, and whether the operator alone vouches for them; nothing more where the operator acted for nobody."""
    if not deed.partner:
        return ""
    if deed.by == OPERATOR.email:
        return "entered by the operator"
    who = f"{deed.role.replace('_', ' ')}, {deed.by}"
    # A signature says it beside its office.
    vouched = deed.act not in SIGNING and on_operators_word(deed.details, deed.by)
    return f"{who}, {OPERATORS_WORD}" if vouched else who


def _who(deed: Deed, names: Mapping[str, str]) -> str:
    return names.get(deed.partner, deed.partner) if deed.partner else "The operator of the folder"
