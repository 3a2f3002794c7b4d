"""One student of a list: who, how things stand, what comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from unicodedata import combining, normalize

from throughway.casework.nextstep import LAPSES, said
from throughway.casework.story import CLUSTER

CHIPS = {"": "All", "talk": "Missed much lately", "lapsing": "Consent ends soon"}


@dataclass(frozen=True)
class StudentLine:
    """`missed`: days in the four weeks up to `last_day`, None where attendance is not shown. `until`: the last day that the
    family allows, None where no consent is asked or it has no end."""

    person: int
    name: str
    where: str
    missed: int | None
    last_day: date | None
    until: date | None
    by_consent: bool
    today: date

    @property
    def talk(self) -> bool:
        return (self.missed or 0) >= CLUSTER

    @property
    def lapsing(self) -> bool:
        return self.until is not None and self.until <= self.today + timedelta(days=LAPSES)

    @property
    def consent(self) -> tuple[str, str]:
        """A tag's kind and its words."""
        if not self.by_consent:
            return "past", "no consent needed"
        if self.until is None:
            return "ok", "family allows"
        return ("wait" if self.lapsing else "ok"), f"family allows until {said(self.until)}"

    @property
    def attendance(self) -> str:
        if self.missed is None or self.last_day is None:
            return ""
        days = "no day" if not self.missed else "1 day" if self.missed == 1 else f"{self.missed} days"
        return f"Missed {days} in the four weeks to {said(self.last_day)}"

    @property
    def next(self) -> str:
        if self.lapsing and self.until is not None:
            return f"Ask the family again before {said(self.until)}"
        return "Talk about the days missed" if self.talk else ""


def narrowed(lines: Iterable[StudentLine], *, chip: str = "", words: str = "") -> list[StudentLine]:
    """Those of a chip whose name or school holds each of the words, in any order, accents apart."""
    wanted = [fold(word) for word in words.split()]
    return [
        line
        for line in lines
        if (chip != "talk" or line.talk)
        and (chip != "lapsing" or line.lapsing)
        and all(word in fold(f"{line.name} {line.where}") for word in wanted)
    ]


def in_order(lines: Iterable[StudentLine]) -> list[StudentLine]:
    """Those with something to do first, then by name."""
    return sorted(lines, key=lambda line: (not line.next, fold(line.name), line.person))


def counts(lines: Sequence[StudentLine]) -> dict[str, int]:
    return {chip: len(narrowed(lines, chip=chip)) for chip in CHIPS}


def fold(text: str) -> str:
    return "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))
