"""A reader of one release alone, who knows what its pages and the directory say of how its figures belong together, and how close such a
reader places what is withheld.

`python -m tests.insight.release_reader RELEASE.json...` says it of what `publish show` or `report` wrote.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import ceil, floor
from typing import Any

from tests.publication.attacker import ranges
from throughway.insight.needs.statuses import HELPED_OF, Helped, NeedStatus
from throughway.insight.needs.tables import ANY_ASKED, ANY_RULE, HAS

SMALLEST = 10  # minimum cell of the demo
At = dict[str, str]
Tables = Sequence[Mapping[str, Any]]
NO_SCHOOLS: Mapping[str, Sequence[str]] = {}
# What the directory of programs tells: these give no other help, and nobody else gives it.
GIVES = {
    "Page by Page Tutoring": ["Tutoring"], "Long Walk Mentors": ["Mentoring of students"], "Next Step College Access": ["College access"],
    "Riverbend Family Services": ["Food", "Housing, rent or utilities", "Counseling"],
}  # fmt: skip
OPEN = (NeedStatus.WAITING, NeedStatus.UNANSWERED, NeedStatus.ENDED, NeedStatus.DECLINED)


class ReaderOfTables:
    """What any reader of a release knows beside its sums. `equal`: (whole, parts); `at_most`: (these together, no more than those)."""

    def __init__(self, tables: Tables, schools: Mapping[str, Sequence[str]] = NO_SCHOOLS) -> None:
        self.places = [dict(c["at"]) for t in tables for c in t["cells"] if c["statistic"] == "students"]
        self.equal: list[tuple[At, list[At]]] = []
        self.at_most: list[tuple[list[At], list[At]]] = []
        if any("need" in at for at in self.places):
            self.of_needs()
            self.of_schools(schools)
        self.of_reach()

    def at(self, **where: Any) -> list[At]:
        """The places with exactly these dimensions; any value where None is given."""
        named = {name.replace("_", " "): value for name, value in where.items()}
        return [
            at
            for at in self.places
            if at.keys() == named.keys() and all(v in (None, at[k]) for k, v in named.items())
        ]

    def no_more(self, fewer: list[At], more: list[At]) -> None:
        if fewer and more:
            self.at_most.append((fewer, more))

    def of_needs(self) -> None:
        asked_of = self.at(school_year=None, need_in_the_records=None)
        year = asked_of[0]["school year"]
        for each in asked_of:
            self.equal.append((asked_of[0], [each]))
            [need] = self.at(school_year=year, need=each["need in the records"])
            self.equal.append((need, [each | {"the records say": HAS}]))
        by_rule = {each["need in the records"] for each in asked_of}
        named = {at["need"] for at in self.at(school_year=year, need=None)} - {ANY_ASKED, ANY_RULE}
        for every, needs in ((ANY_RULE, by_rule), (ANY_ASKED, named - by_rule)):
            self.over_all(year, every, sorted(needs))
        self.no_more(self.at(school_year=year, need=ANY_RULE), asked_of[:1])
        ended = [
            self.at(school_year=year, need=need, status=str(NeedStatus.ENDED))
            for need in sorted(named - by_rule)
        ]
        reasons = self.at(school_year=year, why_help_ended=None)
        for each in ended:
            self.no_more(each, reasons)
        self.no_more(reasons, [*chain(*ended)])
        for partner in self.at(school_year=year, asked_at=None):
            self.no_more([partner], self.at(school_year=year, need=ANY_ASKED))
        for partner, given in GIVES.items():
            self.of_partner(year, partner, [need for need in given if need in named])

    def of_schools(self, schools: Mapping[str, Sequence[str]]) -> None:
        """A partner's students are those of its schools."""
        by_school = {frozenset(at.items()) for at in self.places if "school" in at}
        for at in [at for at in self.places if "partner" in at]:
            rest = {name: value for name, value in at.items() if name != "partner"}
            own = [rest | {"school": name} for name in schools.get(at["partner"], ())]
            own = [each for each in own if frozenset(each.items()) in by_school]
            if own:
                self.equal.append((at, own))

    def of_partner(self, year: str, partner: str, needs: list[str]) -> None:
        """Who asked it has one of these needs; who has one and is not served asked it."""
        at, served = {"school_year": year, "asked_at": partner}, str(NeedStatus.SERVED)
        self.no_more(self.at(**at), [*chain(*(self.at(school_year=year, need=need) for need in needs))])
        self.no_more(
            self.at(**at, status=served),
            [*chain(*(self.at(school_year=year, need=need, status=served) for need in needs))],
        )
        for need in needs:
            unmet = [self.at(school_year=year, need=need, status=str(status)) for status in OPEN]
            self.no_more([*chain(*unmet)], self.at(**at))
            for status, each in zip(OPEN, unmet, strict=True) if len(needs) == 1 else ():
                self.no_more(each, self.at(**at, status=str(status)))

    def over_all(self, year: str, every: str, needs: list[str]) -> None:
        """Who has one need has any; not served at one is not served over all; and nobody is anything over all without a need where so."""
        whole, parts = (
            self.at(school_year=year, need=every),
            [self.at(school_year=year, need=need) for need in needs],
        )
        self.no_more(whole, [*chain(*parts)])
        for part in parts:
            self.no_more(part, whole)
        for helped in Helped:
            over_all = self.at(school_year=year, need=every, served_or_not=str(helped))
            of_each = [
                [
                    at
                    for s in NeedStatus
                    if HELPED_OF[s] is helped
                    for at in self.at(school_year=year, need=need, status=str(s))
                ]
                for need in needs
            ]
            self.no_more(over_all, [*chain(*of_each)])
            for each in of_each if helped is Helped.NOT_SERVED else ():
                self.no_more(each, over_all)

    def of_reach(self) -> None:
        """Who waits since a quarter applied in it."""
        for since in self.at(program=None, school_year=None, standing=None, waiting_since=None):
            applied = self.at(
                program=since["program"],
                school_year=since["school year"],
                quarter_of_application=since["waiting since"],
            )
            self.no_more([since], applied)


def placed_too_close(tables: Tables, schools: Mapping[str, Sequence[str]] = NO_SCHOOLS) -> list[str]:
    """The withheld figures that a reader of these tables places closer than the minimum cell, in words. `schools`: by partner."""
    reader = ReaderOfTables(tables, schools)
    found = ranges(tables, reader.equal, at_most=reader.at_most)
    return [
        f"{dict(at)} is {ceil(low - 1e-6)} to {floor(high + 1e-6)}"
        for at, (low, high) in found.items()
        if high - low < SMALLEST - 1e-6
    ]


def figures(tables: Tables) -> Iterator[dict[str, Any]]:
    return (cell for table in tables for cell in table["cells"] if cell["statistic"] == "students")


if __name__ == "__main__":
    for file in sys.argv[1:]:
        with open(file, encoding="utf-8") as document:
            tables = json.load(document)["tables"]
        hidden = sum(not isinstance(cell["shown"], int) for cell in figures(tables))
        close = placed_too_close(tables) or "none"
        print(f"{file}: {hidden} figures withheld or shown as a range; too close: {close}")  # noqa: T201
