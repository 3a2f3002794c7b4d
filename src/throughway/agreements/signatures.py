"""Signatures on one text: who signed, in which office, and how the signer was identified, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from throughway.agreements.approvals import Capacity
from throughway.agreements.labels import day
from throughway.agreements.signing_authority import BY_ROLE, REGISTERED
from throughway.agreements.states import SIGNING_ACTS, AgreementAct, LifecycleEvent
from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.partners.actor import OPERATOR, Role
from throughway.partners.members import AccountOrigin

# How a signer was identified, as recorded with the signature. Other acts record it where the operator names the person acting.
ON_SITE = "signed in to the site, passphrase or second factor entered once more"
BY_COMMAND = "named on the command line"
ON_PAPER = "on paper"
ALONE = "one person"  # who opened a signer's account; its name is with the signature
OPERATORS_WORD = "on the word of the operator of the folder"
BY_OPERATORS_COMMAND = f"{OPERATORS_WORD}, who named the signer on the command line"

SMALLEST, LARGEST = 500, 10_000_000  # bytes of a signed paper


def check_paper(paper: bytes) -> None:
    """Refused unless it is a complete PDF of an allowed size."""
    if len(paper) > LARGEST:
        raise Refused(
            f"The signed paper is larger than {LARGEST // 1_000_000} MB; scan it in black and white.",
            code="too_large",
        )
    if len(paper) < SMALLEST or not paper.startswith(b"%PDF-") or b"%%EOF" not in paper[-2_048:]:
        raise Refused(
            "The signed paper is not a whole PDF; scan or save it as PDF and give that.", code="not_pdf"
        )


@dataclass(frozen=True)
class PartySignature:
    """A partner's signature on exactly one text. `details`: recorded with it, by name. `by`: the account that entered it; `joined`:
    the partner joined the agreement later. `also`: in which other capacities the same person acted for the partner on this text."""

    partner: str
    on: date
    by: str
    details: Mapping[str, str] = field(default_factory=dict)
    joined: bool = False
    also: tuple[str, ...] = ()

    @property
    def signer(self) -> str:
        """Who signed, by name; by address where no name was given."""
        known = self.details.get("signer") or self.details.get("person") or self.by
        return "" if known == OPERATOR.email else known

    @property
    def one_person(self) -> str:
        """One person is signatory, privacy officer and data steward; empty where the signer had no other part in it."""
        return f"one person is {listed(('signatory', *self.also))}" if self.also else ""

    @property
    def title(self) -> str:
        """The office that signed."""
        return self.details.get("title", "")

    @property
    def authority(self) -> str:
        return self.details.get("authority", "")

    @property
    def paper(self) -> str:
        """SHA-256 of the signed paper; empty where there is none."""
        return self.details.get("paper", "")

    @property
    def day(self) -> str:
        return day(self.on)

    @property
    def known(self) -> tuple[str, ...]:
        """On what the signature stands, and how the signer was identified, in phrases."""
        return (*filter(None, (self.one_person,)), *how_known(self.details, self.by))

    @property
    def known_openly(self) -> tuple[str, ...]:
        """The same without the names of those who opened accounts or entered papers."""
        return (*filter(None, (self.one_person,)), *how_known_openly(self.details, self.by))

    def to_json(self) -> dict[str, Any]:
        details = self.details
        return {
            "partner": self.partner, "on": self.on.isoformat(), "by": self.by, "title": self.title, "authority": self.authority,
            "signer": details.get("signer", ""), "known": "; ".join(self.known), "on_operators_word": on_operators_word(details, self.by),
            "paper": self.paper or None, "joined": self.joined, "stands": details.get("stands") or None,
            "board_vote": details.get("vote") or None, "also": list(self.also),
        }  # fmt: skip


def given_of(events: Iterable[LifecycleEvent], version: str) -> tuple[PartySignature, ...]:
    """The signatures on exactly this text, including those who joined later, oldest first; the last one of each partner."""
    done = [event for event in events if event.version == version and event.partner]
    found = {
        event.partner: PartySignature(
            event.partner, event.day, event.by, event.details, joined=event.act is AgreementAct.JOIN, also=_also(event, done)
        )
        for event in done
        if event.act in SIGNING_ACTS and event.partner
    }  # fmt: skip
    return tuple(found.values())


OFFICER, STEWARD = "privacy officer", "data steward"
STEWARDS_ACTS = frozenset({AgreementAct.ACTIVATE, AgreementAct.DECIDE})
CAPACITIES: Mapping[str, str] = {
    Capacity.PRIVACY_OFFICER: OFFICER, Capacity.COUNSEL: OFFICER, Capacity.STEWARD: STEWARD,
}  # fmt: skip


def _also(signing: LifecycleEvent, done: Sequence[LifecycleEvent]) -> tuple[str, ...]:
    """In which capacities besides signing the same person acted for the partner on this text, by account: the role of the account, what it
    approved, and that it put the text into effect, as a steward does."""
    person = signing.detail("person") or ("" if signing.detail("how") == ON_PAPER else signing.by)
    own = [e for e in done if e.by == person and e.partner == signing.partner]
    if not person or not own:
        return ()
    acted = {OFFICER for e in own if e.role == Role.PRIVACY_OFFICER}
    acted |= {STEWARD for e in own if e.act in STEWARDS_ACTS}
    acted |= {CAPACITIES[c] for e in own if (c := e.detail("capacity")) in CAPACITIES}
    return tuple(each for each in (OFFICER, STEWARD) if each in acted)


def on_operators_word(details: Mapping[str, str], by: str) -> bool:
    """Whether only the operator vouches for the signer's identity."""
    return details.get("how") == BY_COMMAND or by == OPERATOR.email


def how_known(details: Mapping[str, str], by: str) -> tuple[str, ...]:
    """Phrases: on what the signature stands, how the signer was identified, who vouches for it, and how the account was opened."""
    how, stands = details.get("how", ""), _stands(details, details.get("registered", ""))
    if how == BY_COMMAND:
        return (*stands, BY_OPERATORS_COMMAND)
    if how == ON_PAPER:
        signer = f" by {details['signer']}" if details.get("signer") else ""
        entered = "the operator of the folder" if by == OPERATOR.email else by
        return (
            *stands,
            f"on paper{signer}, entered by {entered}",
            f"signed paper, SHA-256 {details.get('paper', '')}",
        )
    return (*stands, *filter(None, (how, details.get("account", ""))))


def _stands(details: Mapping[str, str], registered: str) -> tuple[str, ...]:
    """By role, not registered; or as registered, in words. Empty for a signature of before there was a register."""
    words = {BY_ROLE: "by role, not registered", REGISTERED: registered}.get(details.get("stands", ""), "")
    vote = f"approved by the board: {details['vote']}" if details.get("vote") else ""
    return tuple(filter(None, (words, vote)))


def how_known_openly(details: Mapping[str, str], by: str) -> tuple[str, ...]:
    """As `how_known`, without anyone's name or address."""
    alone = ", by the operator of the folder" if details.get("registered_by") == OPERATOR.email else ""
    stands = _stands(details, f"registered to sign{alone}")
    if details.get("how") == ON_PAPER:
        entered = " entered by the operator of the folder" if by == OPERATOR.email else ""
        paper = f"signed paper, SHA-256 {details.get('paper', '')}"
        return (*stands, f"on paper{entered and ',' + entered}", paper)
    if details.get("how") == BY_COMMAND:
        return (*stands, BY_OPERATORS_COMMAND)
    opened_by = {OPERATOR.email: "the operator of the folder", ALONE: "one person alone"}.get(
        details.get("account_by", "")
    )
    account = f"account opened by {opened_by}" if opened_by else ""
    return (*stands, *filter(None, (details.get("how", ""), account)))


def account_of(opened: AccountOrigin | None) -> dict[str, str]:
    """How a signer's account was opened, as recorded with the signature; empty for an account that is not in the register."""
    if opened is None:
        return {}
    words = opened.words
    by = ("" if len(opened.by) > 1 else ALONE) if opened.by else OPERATOR.email
    return {"account": words[:1].lower() + words[1:], "account_by": by}
