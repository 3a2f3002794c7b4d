"""Events about families' rights: never changed; the current state is computed from all of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class RightsSubject(StrEnum):
    """What an event is about."""

    INSPECT = "inspect"  # a request to inspect and review (34 CFR 99.10)
    AMEND = "amend"  # a request to amend, its hearing and statement (99.20 to 99.22)
    LIMIT = "limit"  # what a court or a legally binding document takes from an adult (99.4)
    WINDOW = "window"  # in which families may opt out of the directory (99.37(a)(3))
    NOTICE = "notice"  # a notice that families read before they decide, and its languages
    CUSTODY = "custody"  # rows that were housed by a consent, removed after it ended
    INCIDENT = "incident"  # records that got to where they should not be
    FORM = "form"  # a consent form: sent to a family, and what came of it (99.30)
    WORDS = "words"  # of consent forms in another language, approved by the discloser (99.30(b))


@dataclass(frozen=True)
class RightsRecord:
    """One event. `code` names what it belongs to; `partner` whose records; `record` the student's number, None where it is about
    no one student; `other` the partner or agreement that this step concerns, else empty. `facts` hold days, numbers and words of
    closed lists; `words` what people wrote, empty once the student's records are destroyed."""

    code: str
    about: RightsSubject
    step: str
    partner: str
    record: int | None
    other: str
    day: date
    facts: Mapping[str, Any]
    words: Mapping[str, str]
    by: str
    role: str
    at: datetime

    def day_of(self, name: str) -> date | None:
        """A day among the facts."""
        written = self.facts.get(name)
        return date.fromisoformat(written) if written else None

    def word(self, name: str) -> str:
        return str(self.words.get(name, ""))

    @property
    def holder(self) -> int:
        """The number of the adult, or of the student, among those of the record who signed or asked."""
        return int(self.facts.get("holder", 0))


def by_code(events: Iterable[RightsRecord]) -> dict[str, list[RightsRecord]]:
    """In the order in which each began."""
    found: dict[str, list[RightsRecord]] = defaultdict(list)
    for event in events:
        found[event.code].append(event)
    return dict(found)
