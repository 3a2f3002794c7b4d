"""How many of those who needed help, and of those who had the same help twice, the reports count, person by person against the truth.

`python -m tests.demo.help_found FOLDER...` prints it of folders that `throughway demo` has made.

Two recalls are told. `of_all`: of everybody of whom a partner wrote the need or the stays down. `of_linked`: of those among them whose
records the identity room recognized as one person's, and nobody else's; nobody could find the others.
"""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Container, Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.demo.truth import Truth, day, read
from throughway.insight.needs.statuses import NeedStatus
from throughway.insight.overlaps.queries import SEVERAL
from throughway.vocabulary.school_calendar import school_year_of

FAMILY, PAGES, MENTORS, BRIGHT = "family-services", "page-by-page", "long-walk-mentors", "bright-futures"
# By need of the truth: its name in the report, and the partner that keeps who asked for it.
NEEDS = {
    "food": ("Food", FAMILY), "housing": ("Housing, rent or utilities", FAMILY), "counseling": ("Counseling", FAMILY),
    "reading": ("Tutoring", PAGES), "mentor": ("Mentoring of students", MENTORS),
}  # fmt: skip
WITHOUT = {
    "Enrolled": NeedStatus.WAITING,  # has not begun
    "WaitingList": NeedStatus.WAITING,
    "ParentDeclined": NeedStatus.DECLINED,
    "Other": NeedStatus.ENDED,
    "": NeedStatus.UNANSWERED,
}
# By the state of a referral in the site's register; a draft is a need of which no record tells what became.
AT_SITE = {
    "asked": NeedStatus.UNKNOWN, "sent": NeedStatus.UNANSWERED, "asked_back": NeedStatus.UNANSWERED, "accepted": NeedStatus.WAITING,
    "tried_once": NeedStatus.WAITING, "waitlisted": NeedStatus.WAITING, "full": NeedStatus.WAITING, "started": NeedStatus.SERVED,
}  # fmt: skip
NOTHING = {
    str(NeedStatus.NEVER): str(NeedStatus.UNKNOWN)
}  # nothing was asked of anybody yet: told apart by other records
OF_KIND = {
    "food": "food",
    "housing": "housing",
    "mental_health": "counseling",
    "tutoring": "reading",
    "mentoring": "mentor",
}
CLUB, TUTORING = "Homework Club", "Tutoring"
FEWEST_DAYS = 14


@dataclass(frozen=True)
class Against:
    """What was found, against what is true: `found` and `true` of the things that were to be found, `linked` of those that links allow."""

    found: frozenset[Hashable]
    true: frozenset[Hashable]
    linked: frozenset[Hashable]

    @property
    def precision(self) -> float:
        return _share(self.found & self.true, self.found)

    @property
    def of_all(self) -> float:
        return _share(self.found & self.true, self.true)

    @property
    def of_linked(self) -> float:
        return _share(self.found & self.linked, self.linked)

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f} of {len(self.found)}, recall {self.of_all:.3f} of {len(self.true)}, "
            f"{self.of_linked:.3f} of {len(self.linked)} that links allow"
        )


def _share(part: frozenset[Hashable], whole: frozenset[Hashable]) -> float:
    return len(part) / len(whole) if whole else 1.0


@dataclass(frozen=True)
class HelpFound:
    """A community's truth beside what the reports count of it, as `finding_help` tells it."""

    truth: Truth
    counted: Mapping[str, Any]

    def __post_init__(self) -> None:
        mine: dict[int, Counter[str]] = defaultdict(Counter)
        where: dict[tuple[str, str], set[int]] = defaultdict(set)
        for partner, key, person in self.counted["records"]:
            of = self.truth.records.get((partner, key))
            if of is not None:
                mine[person][of] += 1
                where[of, partner].add(person)
        # The person of the report stands for whom most of its records are; two such persons for one are two.
        self.__dict__["stands_for"] = {person: of.most_common(1)[0][0] for person, of in mine.items()}
        self.__dict__["where"] = where

    def is_linked(self, person: str, *partners: str) -> bool:
        """Whether these partners' records of the person are one person in the links, whose records are this one's."""
        of = set().union(*(self.__dict__["where"].get((person, partner), {None}) for partner in partners))
        return len(of) == 1 and self.__dict__["stands_for"].get(next(iter(of))) == person

    def _against(self, found: Iterable[tuple[int, Hashable]], true: Iterable[tuple[str, Hashable, tuple[str, ...]]]) -> Against:  # fmt: skip
        """`found`: person of the report, and what; `true`: person of the truth, what, and the partners whose records tell it."""
        true = [*true]
        stands_for = self.__dict__["stands_for"]
        return Against(
            frozenset((stands_for.get(person, person), what) for person, what in found),
            frozenset((person, what) for person, what, _ in true),
            frozenset((person, what) for person, what, where in true if self.is_linked(person, *where)),
        )

    def needs(self, *, with_status: bool) -> Against:
        """Everybody who was referred or applied for help, by need and school year; `with_status`: and what became of it."""
        names = {name for name, _ in NEEDS.values()}
        found = (
            (person, (name, year, NOTHING.get(status, status) if with_status else ""))
            for name, year, status, person in self.counted["needs"]
            if name in names
        )
        rows = read(self.truth.folder / "truth" / "needs.csv")
        served = {at for row in rows if row["served_from"] for at in _years_served(row, self.counted["on"])}
        best: dict[tuple[str, str, int], NeedStatus] = {}
        for row in rows:
            if row["referred_on"]:
                at = row["person"], row["need"], school_year_of(day(row["referred_on"]))
                status = NeedStatus.SERVED if at in served else WITHOUT[row["outcome"]]
                best[at] = min(best.get(at, status), status, key=[*NeedStatus].index)
        for partner, key, kind, on, state in self.counted[
            "site"
        ]:  # referrals made on the site, of which the simulated lives know nothing
            at = self.truth.records[partner, key], OF_KIND[kind], school_year_of(day(on))
            status = NeedStatus.SERVED if at in served else AT_SITE[state]
            best[at] = min(best.get(at, status), status, key=[*NeedStatus].index)
        true = (
            (person, (NEEDS[need][0], year, str(status) if with_status else ""), (NEEDS[need][1],))
            for (person, need, year), status in best.items()
        )
        return self._against(found, true)

    def overlaps(self) -> Against:
        """Everybody who was tutored and in the homework club at once for as many days of a school year as the rules ask."""
        found = (
            (person, year)
            for year, programs, person in self.counted["overlaps"]
            if (CLUB in programs and TUTORING in programs) or programs == SEVERAL
        )
        going_on = {(row["person"], row["program"]) for row in self.truth.places if not row["last_day"]}
        true = (
            (row["person"], school_year_of(day(row["from"])), (PAGES, BRIGHT))
            for row in read(self.truth.folder / "truth" / "duplicates.csv")
            if (day(self._last(row, going_on)) - day(row["from"])).days + 1 >= FEWEST_DAYS
        )
        return self._against(found, true)

    def _last(self, row: Mapping[str, str], going_on: Container[tuple[str, str]]) -> str:
        """The last day of an overlap. The truth ends with the last day of its records, and the report goes on until the day of counting."""
        both = all((row["person"], row[each]) in going_on for each in ("one", "other"))
        return str(self.counted["on"]) if both else row["to"]


def _years_served(row: Mapping[str, str], on: str) -> list[tuple[str, str, int]]:
    """The school years in which the student was helped, whatever a referral of that year says."""
    first, last = (school_year_of(day(row[each] or on)) for each in ("served_from", "served_to"))
    return [(row["person"], row["need"], year) for year in range(first, last + 1)]


def main(folders: Iterable[str]) -> None:
    for folder in map(Path, folders):
        environment = os.environ | {"THROUGHWAY_COMMUNITY": str(folder)}
        words = [sys.executable, "-m", "tests.demo.finding_help", "steward@riverbend-backbone.example"]
        done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, check=True)
        of = HelpFound(Truth(folder), json.loads(done.stdout))
        print(f"{folder}\n  needs: {of.needs(with_status=False)}")  # noqa: T201
        print(f"  needs and what became of them: {of.needs(with_status=True)}\n  overlaps: {of.overlaps()}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
