"""Signatures on one text: who gave each, in which office, and how the signer was known, in words for every place that shows one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from throughway.agreements.labels import day
from throughway.agreements.states import SIGNING_ACTS, AgreementAct, LifecycleEvent
from throughway.core.refusals import Refused
from throughway.partners.actor import OPERATOR
from throughway.partners.members import AccountOrigin

# How a signer was known, as it is kept with the signature. Any other act keeps it where the operator named who acts.
ON_SITE = "signed in to the site, passphrase or second factor entered once more"
BY_COMMAND = "named on the command line"
ON_PAPER = "on paper"
OPERATORS_WORD = "on the word of the operator of the folder"

SMALLEST, LARGEST = 500, 10_000_000  # bytes of a signed paper


def check_paper(paper: bytes) -> None:
    """Refused unless it is a whole PDF of a size that a signed paper has."""
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
    """A signature of a partner on exactly one text. `said`: what is kept beside it, by name. `by`: whose account, or the
    operator's, entered it; `joined`: by one that joined the agreement later."""

    partner: str
    on: date
    by: str
    said: Mapping[str, str] = field(default_factory=dict)
    joined: bool = False

    @property
    def title(self) -> str:
        """The office that signed."""
        return self.said.get("title", "")

    @property
    def authority(self) -> str:
        return self.said.get("authority", "")

    @property
    def paper(self) -> str:
        """SHA-256 of the signed paper; empty where there is none."""
        return self.said.get("paper", "")

    @property
    def day(self) -> str:
        return day(self.on)

    @property
    def known(self) -> tuple[str, ...]:
        """How the signer was known, a phrase each."""
        return how_known(self.said, self.by)

    @property
    def known_openly(self) -> tuple[str, ...]:
        """The same for papers and pages that travel: it names no person."""
        return how_known_openly(self.said, self.by)

    def to_json(self) -> dict[str, Any]:
        said = self.said
        return {
            "partner": self.partner, "on": self.on.isoformat(), "by": self.by, "title": self.title, "authority": self.authority,
            "signer": said.get("signer", ""), "known": "; ".join(self.known), "on_operators_word": on_operators_word(said, self.by),
            "paper": self.paper or None, "joined": self.joined,
        }  # fmt: skip


def given_of(events: Iterable[LifecycleEvent], version: str) -> tuple[PartySignature, ...]:
    """The signatures on exactly this text, also of those who joined it later, oldest first; the last of each partner."""
    found = {
        event.partner: PartySignature(
            event.partner, event.day, event.by, event.details, joined=event.act is AgreementAct.JOIN
        )
        for event in events
        if event.act in SIGNING_ACTS and event.version == version and event.partner
    }
    return tuple(found.values())


def on_operators_word(said: Mapping[str, str], by: str) -> bool:
    """Whether the operator of the folder alone vouches that this signer signed."""
    return said.get("how") == BY_COMMAND or by == OPERATOR.email


def how_known(said: Mapping[str, str], by: str) -> tuple[str, ...]:
    """A phrase each: the way, who stands beside it, and how the account came to be its holder's."""
    how = said.get("how", "")
    if how == BY_COMMAND:
        return (f"{OPERATORS_WORD}, who named the signer on the command line",)
    if how == ON_PAPER:
        signer = f" by {said['signer']}" if said.get("signer") else ""
        entered = "the operator of the folder" if by == OPERATOR.email else by
        return (f"on paper{signer}, entered by {entered}", f"signed paper, SHA-256 {said.get('paper', '')}")
    return tuple(filter(None, (how, said.get("account", ""))))


def how_known_openly(said: Mapping[str, str], by: str) -> tuple[str, ...]:
    """As `how_known`, without the name or address of anybody."""
    if said.get("how") == ON_PAPER:
        entered = " entered by the operator of the folder" if by == OPERATOR.email else ""
        return (f"on paper{entered and ',' + entered}", f"signed paper, SHA-256 {said.get('paper', '')}")
    if said.get("how") == BY_COMMAND:
        return how_known(said, by)
    account = (
        "account opened by the operator of the folder" if said.get("account_by") == OPERATOR.email else ""
    )
    return tuple(filter(None, (said.get("how", ""), account)))


def account_of(opened: AccountOrigin | None) -> dict[str, str]:
    """What is kept with a signature of how its account was opened; nothing for an account that the register has not."""
    if opened is None:
        return {}
    words = opened.words
    return {"account": words[:1].lower() + words[1:], "account_by": "" if opened.by else OPERATOR.email}
