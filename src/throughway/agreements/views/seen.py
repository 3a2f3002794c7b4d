"""One agreement as a reader meets it: how it stands, what the review finds, what the reader may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.http import Http404

from throughway.agreements.findings import Finding
from throughway.agreements.lifecycle import OPEN, Act, Life, Standing
from throughway.agreements.listing import count_blocking, sees
from throughway.agreements.possible import Setting, open_to
from throughway.agreements.progress import Deed
from throughway.agreements.reading import deeds, findings_on, lives, setting, today
from throughway.partners import Actor, PartnerFacts
from throughway.partners.reading import partners


@dataclass(frozen=True)
class Seen:
    actor: Actor
    life: Life
    register: Mapping[str, PartnerFacts]
    today: date

    @cached_property
    def names(self) -> Mapping[str, str]:
        return {id: facts.name for id, facts in self.register.items()}

    @cached_property
    def done(self) -> list[Deed]:
        return deeds(self.life.current.document.id)

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
    for life in lives(on):
        if life.current.document.id == id and sees(actor, life.current, register):
            return Seen(actor, life, register, on)
    raise Http404
