"""One agreement as a reader meets it: how it stands, what the review finds, what the reader may do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.http import Http404

from throughway.agreements.agreement_list import count_blocking, may_see, sees, sees_later
from throughway.agreements.available_acts import Setting, open_to
from throughway.agreements.findings import Finding
from throughway.agreements.lifecycle import OPEN, Act, Life, Standing
from throughway.agreements.selectors import deeds, findings_on, lives, setting, today
from throughway.agreements.status_summary import Deed
from throughway.partners import Actor, PartnerFacts
from throughway.partners.selectors import partners

BEGINNING = frozenset({Act.ADD, Act.AMEND, Act.RENEW, Act.SIGN, Act.JOIN, Act.ACTIVATE})


@dataclass(frozen=True)
class Seen:
    actor: Actor
    life: Life
    register: Mapping[str, PartnerFacts]
    today: date
    hidden: str = ""  # the version of a later text that is not the reader's to see

    @cached_property
    def names(self) -> Mapping[str, str]:
        return {id: facts.name for id, facts in self.register.items()}

    @cached_property
    def done(self) -> list[Deed]:
        """What was done with the texts that the reader sees; to one that might join, how the text came to be in effect."""
        found, texts = deeds(self.life.current.document.id), [self.life.current, self.life.pending]
        if self.hidden:
            found = [deed for deed in found if deed.version != self.hidden]
        if any(self.actor.partner in text.ever_parties for text in texts if text) or may_see(
            self.actor, self.life.current.document, self.register
        ):
            return found
        return [d for d in found if d.act in BEGINNING and d.version == self.life.current.version]

    @cached_property
    def setting(self) -> Setting:
        return setting(self.life, self.actor, self.done)

    @cached_property
    def review(self) -> list[Finding]:
        """Of the text that is being prepared; of the one in effect where none is."""
        return findings_on(self.life.prepared.signed_text)

    @cached_property
    def blocking(self) -> int:
        return count_blocking(self.review)

    @cached_property
    def open_to(self) -> tuple[Act, ...]:
        """What the reader may do today, the act that moves it on first."""
        return open_to(self.actor, self.life, self.blocking, self.today, self.setting)

    def review_of(self, found: Standing) -> list[Finding]:
        return self.review if found is self.life.prepared else findings_on(found.signed_text)

    def blocks(self, found: Standing) -> int:
        """How many findings keep this text from being signed."""
        return self.blocking if found.state in OPEN else 0


def seen(actor: Actor, id: str) -> Seen:
    """The agreement, when the reader may see it; else an address that does not exist."""
    register, on = partners(), today()
    life = next((life for life in lives(on) if life.current.document.id == id), None)
    if life is None:
        raise Http404
    if life.pending is not None and sees_later(actor, life.current, life.pending, register):
        return Seen(actor, life, register, on)
    if not sees(actor, life.current, register):
        raise Http404
    hidden = life.pending.version if life.pending else ""
    return Seen(actor, replace(life, pending=None), register, on, hidden)
