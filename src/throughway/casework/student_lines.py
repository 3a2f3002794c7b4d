"""One student of a list: who, how things stand, what comes next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import combining, normalize

from throughway.casework.consent_banner import Consents
from throughway.casework.next_step import lapses
from throughway.casework.summary import Summary
from throughway.core.prose import day

CHIPS = {"": "All", "talk": "Missed much lately", "lapsing": "Consent ends soon", "ask": "Family to be asked"}


@dataclass(frozen=True)
class StudentLine:
    """`partners`: names by id."""

    person: int
    summary: Summary
    consents: Consents
    today: date
    partners: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.summary.who.shown

    @property
    def where(self) -> str:
        return self.summary.who.where

    @property
    def missed(self) -> int:
        """Days missed in the four weeks up to the last day of the data."""
        return self.summary.attendance.lately

    @property
    def talk(self) -> bool:
        return self.summary.attendance.talk

    @property
    def until(self) -> date | None:
        """The last day that the family allows; None where no consent is asked, or it has no end."""
        return self.consents.until

    @property
    def lapsing(self) -> bool:
        return lapses(self.consents, self.today)

    @property
    def to_ask(self) -> bool:
        return self.consents.to_ask

    @property
    def consent(self) -> tuple[str, str]:
        """A tag's kind and its words."""
        if not self.consents.asked:
            return "past", "no consent needed"
        if self.consents.given:
            until = f"until {day(self.until)}" if self.until else ""
            return ("wait" if self.lapsing else "ok"), f"family allows {until}".strip()
        if self.consents.refused:
            return "stop", "family said no"
        return ("wait", "consent has ended") if self.consents.ended else ("tip", "family not asked")

    @property
    def attendance(self) -> str:
        return self.summary.attendance.words(self.partners)

    @property
    def next(self) -> str:
        return self.summary.next.title if self.summary.next else ""


def narrowed(lines: Iterable[StudentLine], *, chip: str = "", words: str = "") -> list[StudentLine]:
    """Those of a chip whose name or school holds each of the words, in any order, accents apart."""
    wanted = [fold(word) for word in words.split()]
    return [
        line
        for line in lines
        if (chip != "talk" or line.talk)
        and (chip != "lapsing" or line.lapsing)
        and (chip != "ask" or line.to_ask)
        and all(word in fold(f"{line.name} {line.where}") for word in wanted)
    ]


def in_order(lines: Iterable[StudentLine]) -> list[StudentLine]:
    """Those with something to do first, then by name."""
    return sorted(
        lines,
        key=lambda line: (not line.lapsing, not line.talk, not line.to_ask, fold(line.name), line.person),
    )


def counts(lines: Sequence[StudentLine]) -> dict[str, int]:
    return {chip: len(narrowed(lines, chip=chip)) for chip in CHIPS}


def fold(text: str) -> str:
    return "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))
