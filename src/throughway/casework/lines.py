"""One student of a list: who, how things stand, what comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from unicodedata import combining, normalize

from throughway.casework.banner import Consents
from throughway.casework.nextstep import LAPSES
from throughway.casework.story import CLUSTER
from throughway.prose import day

CHIPS = {"": "All", "talk": "Missed much lately", "lapsing": "Consent ends soon", "ask": "Family to be asked"}


@dataclass(frozen=True)
class StudentLine:
    """`missed`: days in the four weeks up to `last_day`, None where attendance is not shown."""

    person: int
    name: str
    where: str
    missed: int | None
    last_day: date | None
    consents: Consents
    today: date

    @property
    def until(self) -> date | None:
        """The last day that the family allows; None where no consent is asked, or it has no end."""
        return self.consents.until

    @property
    def talk(self) -> bool:
        return (self.missed or 0) >= CLUSTER

    @property
    def lapsing(self) -> bool:
        return self.until is not None and self.until <= self.today + timedelta(days=LAPSES)

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
    def to_ask(self) -> bool:
        """Whether the family's yes would show more, and nobody has said no."""
        return self.consents.asked and not self.consents.given and not self.consents.refused

    @property
    def attendance(self) -> str:
        if self.missed is None or self.last_day is None:
            return ""
        days = "no day" if not self.missed else "1 day" if self.missed == 1 else f"{self.missed} days"
        return f"Missed {days} in the four weeks to {day(self.last_day)}"

    @property
    def next(self) -> str:
        if self.lapsing and self.until is not None:
            return f"Ask the family again before {day(self.until)}"
        if self.talk:
            return "Talk about the days missed"
        return "Ask the family about the school’s records" if self.to_ask else ""


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
