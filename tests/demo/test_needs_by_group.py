"""Needs by group and by partner, and of how many the records tell them, equal a count from the districts' and the programs' own files."""

from collections import Counter, defaultdict
from datetime import datetime
from functools import cached_property
from typing import Any

import pytest

from tests.demo.help_found import AT_SITE
from tests.demo.test_help_counted import BEST, CLUB, cells, referrals, year_of
from tests.demo.test_needs_recounted import (
    ANSWERS,
    FAILED,
    FORM,
    KINDS,
    MATH,
    MISSED,
    READS,
    WAITS,
    FromFiles,
)
from tests.demo.test_published import RACES
from tests.demo.test_reach_recounted import APPLICATIONS, Reached
from tests.demo.truth import DISTRICTS, Truth, day, read
from throughway.insight.needs.statuses import HELPED_OF, Helped, NeedStatus
from throughway.insight.needs.tables import ANY_ASKED, ANY_RULE, OTHERWISE

RULES = (READS, MATH, MISSED, FAILED)
PLACES = {  # what a program's own lists of applications are for
    "Tutoring": ("page-by-page/tutoring", "tutoring"), "Mentoring of students": ("long-walk-mentors/mentoring", "mentoring"),
    "Career readiness": ("bright-futures/career-start", ""), "College access": ("next-step/summer-bridge", ""),
}  # fmt: skip
STANDING = {
    "took part": NeedStatus.SERVED, "waiting": NeedStatus.WAITING, "applied": NeedStatus.UNANSWERED, "declined": NeedStatus.DECLINED,
}  # fmt: skip
REFERRED = {"Closed": NeedStatus.SERVED, "Accepted": NeedStatus.WAITING, "Sent": NeedStatus.UNANSWERED}
ENDED = {"Family declined": NeedStatus.DECLINED, "Language not offered": NeedStatus.ENDED}
LANGUAGES = {"eng": "English", "spa": "Spanish", "hat": "Haitian", "English": "English", "Spanish": "Spanish"}
Standings = dict[str, NeedStatus]  # of each person


class NeedsByGroup:
    """The last whole school year: the status of each student at each need, and each student's groups."""

    def __init__(self, truth: Truth, counted: dict[str, Any]) -> None:
        self.truth, self.counted = truth, counted
        self.files = FromFiles(truth, day(counted["on"]))
        self.year = year_of(day(counted["on"])) - 1
        by_status = counted["needs"][0]["cells"]
        # Whether all programs that answer a need sent records of the year decides between two words for one who is in none of them.
        self.all_sent = {c["at"]["need"] for c in by_status
                         if c["at"]["school year"] == str(self.year) and c["at"].get("status") == NeedStatus.NEVER}  # fmt: skip

    def site(self, *kinds: str) -> list[tuple[str, NeedStatus]]:
        records = self.truth.records
        return [
            (records[partner, key], AT_SITE[state])
            for partner, key, kind, on, state in self.counted["site"]
            if kind in kinds and year_of(day(on)) == self.year
        ]

    def settled(self, need: str, rows: list[tuple[str, NeedStatus]], helped: set[str]) -> Standings:
        """The best of each student's standings; who was helped is served, and who asked nobody was never referred, or that is not known."""
        nothing = NeedStatus.NEVER if need in self.all_sent else NeedStatus.UNKNOWN
        found: Standings = {}
        for person, status in rows:
            told = (
                NeedStatus.SERVED if person in helped else nothing if status is NeedStatus.UNKNOWN else status
            )
            found[person] = min(found.get(person, told), told, key=[*BEST, NeedStatus.NEVER].index)
        return found

    def applied(self, program: str) -> list[tuple[str, NeedStatus]]:
        """Who applied for the year, by the days in the program's own file where it writes them, and what became of it by the truth."""
        days = Reached(self.truth.folder, self.files.on).applied(program) if program in APPLICATIONS else None
        return [
            (row["person"], STANDING[row["standing"]])
            for row in self.truth.places
            if row["program"] == program
            and int(row["school_year"]) == self.year
            and (days is None or any(who == row["person"] and year_of(on) == self.year for who, on in days))
        ]

    @cached_property
    def asked(self) -> dict[str, Standings]:
        found: dict[str, Standings] = {}
        of_agency: dict[str, list[tuple[str, NeedStatus]]] = defaultdict(list)
        for need, year, person, status, _ in referrals(self.truth):
            if year == self.year:
                of_agency[need].append((person, status))
        for need, rows in of_agency.items():
            found[need] = self.settled(need, rows, set())
        for need, (program, kind) in PLACES.items():
            rows = self.applied(program)
            found[need] = self.settled(
                need, [*rows, *self.site(kind)], self.files.helped((program,), self.year)
            )
        wanted = [(person, NeedStatus.UNKNOWN) for person in self.want_homework_help()]
        found["Help with homework"] = self.settled(
            "Help with homework", wanted, self.files.helped((CLUB,), self.year)
        )
        return {need: of for need, of in found.items() if of}

    def want_homework_help(self) -> set[str]:
        """By the newest answer of the year."""
        newest: dict[str, tuple[Any, bool]] = {}
        for row in read(self.truth.folder / "feeds" / "bright-futures" / "check-in.csv"):
            at, person = (
                datetime.strptime(row["Submitted"], FORM).date(),
                self.truth.records["bright-futures", row["Participant ID"]],
            )
            if year_of(at) == self.year:
                newest[person] = max(newest.get(person, (at, False)), (at, row["F1"] == "Yes"))
        return {person for person, (_, yes) in newest.items() if yes}

    @cached_property
    def by_rule(self) -> dict[str, Standings]:
        found = {}
        for need in RULES:
            site = self.site(*KINDS[need])
            helped = self.files.helped(ANSWERS[need], self.year) | {
                p for p, s in site if s is NeedStatus.SERVED
            }
            asked = {p for p, s in site if s is not NeedStatus.UNKNOWN} | {
                row["person"] for row in self.truth.places
                if row["program"] in ANSWERS[need] and int(row["school_year"]) == self.year and row["standing"] in WAITS
            }  # fmt: skip
            rows = [
                (p, NeedStatus.DECLINED if p in asked else NeedStatus.UNKNOWN)
                for p in self.files.has(need, self.year)
            ]
            found[need] = self.settled(need, rows, helped)
        return found

    def over_all(self, needs: dict[str, Standings]) -> dict[str, Helped]:
        """Not served at one need at least; else not known at one; else served."""
        worst = (Helped.NOT_SERVED, Helped.UNKNOWN, Helped.SERVED)
        found: dict[str, Helped] = {}
        for of in needs.values():
            for person, status in of.items():
                found[person] = min(found.get(person, Helped.SERVED), HELPED_OF[status], key=worst.index)
        return found

    @cached_property
    def languages(self) -> dict[str, set[str]]:
        """At home, as any partner wrote them."""
        found: dict[str, set[str]] = defaultdict(set)
        feeds = self.truth.folder / "feeds"
        for partner, file, key, column in (
            ("lakeside-schools", "students.csv", "Student", "Home Language"),
            ("bright-futures", "participants.csv", "Participant ID", "Home Language"),
            ("page-by-page", "enrollments.csv", "Reader No", "Speaks at Home"),
        ):
            for row in read(feeds / partner / file):
                if row[column] in LANGUAGES:
                    found[self.truth.records[partner, row[key]]].add(LANGUAGES[row[column]])
        for person, code in self.files.edfi_students(r"LanguageDescriptor#(\w+)"):
            found[person].add(LANGUAGES[code])
        return found

    @cached_property
    def homes(self) -> dict[str, tuple[str, str]]:
        """The district and the school of each student's last stay of the year."""
        stays = sorted(self.truth.stays, key=lambda s: s["first_day"])
        return {
            s["person"]: (DISTRICTS[s["district"]], s["school"])
            for s in stays
            if int(s["school_year"]) == self.year
        }

    def group(self, kind: str, person: str) -> str:
        if kind == "language at home":
            others = self.languages[person] - {"English"}
            return (
                "Another language"
                if len(others) > 1
                else next(iter(others or self.languages[person]), "Not recorded")
            )
        if person not in self.homes:
            return "Not recorded"
        row = self.truth.people[person]
        if kind == "race":
            return "Hispanic or Latino" if row["hispanic"] == "yes" else RACES[row["race"]]
        if kind == "low income":
            return "Families with low income" if row["low_income"] == "yes" else "No low income on record"
        return self.homes[person][kind == "school"]


@pytest.fixture(scope="module")
def by_group(truth: Truth, help_counted: dict[str, Any]) -> NeedsByGroup:
    return NeedsByGroup(truth, help_counted)


def test_each_need_that_was_asked_for(help_counted: dict[str, Any], by_group: NeedsByGroup) -> None:
    of = cells(help_counted["needs"][:1])
    rules = {
        c["at"]["need in the records"]
        for t in help_counted["needs"]
        for c in t["cells"]
        if "need in the records" in c["at"]
    }
    year = str(by_group.year)
    counted = {
        (at[1], at[2]): n
        for at, n in of.items()
        if len(at) == 3 and at[0] == year and at[1] not in rules and n
    }
    expected = Counter((need, str(status)) for need, who in by_group.asked.items() for status in who.values())
    assert counted == dict(expected)


def test_served_or_not_by_group(help_counted: dict[str, Any], by_group: NeedsByGroup) -> None:
    """Every figure: in all, and by partner, school, race, income and language, of those who asked and of those with a need in the records."""
    compared = Counter[str]()
    overall = {ANY_ASKED: by_group.over_all(by_group.asked), ANY_RULE: by_group.over_all(by_group.by_rule)}
    for cell in (c for t in help_counted["needs"] for c in t["cells"] if c["at"].get("need") in overall):
        at = dict(cell["at"])
        needs, year, helped = at.pop("need"), at.pop("school year"), at.pop("served or not", None)
        either = ("served", "not known") if helped == OTHERWISE else (helped,)
        found = [p for p, each in overall[needs].items() if helped is None or str(each) in either]
        for kind, name in at.items():
            found = [person for person in found if by_group.group(kind, person) == name]
        assert (cell["count"], year) == (len(found), str(by_group.year)), cell["at"]
        compared[next(iter(at), "all")] += len(found)
    assert compared.keys() == {"all", "partner", "race", "low income", "language at home", "school"}
    assert min(compared.values()) > 20


def test_what_became_of_those_who_asked_a_partner(
    help_counted: dict[str, Any], by_group: NeedsByGroup
) -> None:
    """By the furthest that any request to the partner came, whatever other records say. Of the demo's partners the agency alone is asked for
    several kinds of help; what became of those who asked another, the need says that it alone is asked for."""
    truth, furthest = by_group.truth, dict[str, NeedStatus]()
    for row in read(truth.folder / "feeds" / "family-services" / "referrals.csv"):
        if year_of(datetime.strptime(row["ReferredOn"], FORM).date()) == by_group.year:
            person, status = (
                truth.records["family-services", row["ClientID"]],
                ENDED.get(row["Outcome"]) or REFERRED[row["Status"]],
            )
            furthest[person] = min(furthest.get(person, status), status, key=BEST.index)
    [partner] = {
        c["at"]["asked at"] for t in help_counted["needs"] for c in t["cells"] if "asked at" in c["at"]
    }
    assert partner == "Riverbend Family Services"
    of = {
        c["at"].get("status"): c["count"]
        for t in help_counted["needs"]
        for c in t["cells"]
        if "asked at" in c["at"] and c["count"]
    }
    assert of == {None: len(furthest), **Counter(map(str, furthest.values()))}
    assert len(of) > 2


def test_of_how_many_the_records_are_asked(help_counted: dict[str, Any], by_group: NeedsByGroup) -> None:
    """All who are enrolled by the districts' own files, the same for each need."""
    year, told = by_group.year, [t for t in help_counted["needs"] if t["title"].startswith("Of how many")]
    of_year = f"{year - 1}-{year}"
    enrolled = {
        person for person, part in by_group.files.stays_in_edfi() if f"<SchoolYear>{of_year}<" in part
    } | {
        by_group.truth.records["lakeside-schools", row["Student"]]
        for row in read(by_group.truth.folder / "feeds" / "lakeside-schools" / "enrollment.csv")
        if row["School Year"] == str(year)
    }
    of = {
        tuple(c["at"].values()): c["count"]
        for t in told
        for c in t["cells"]
        if "the records say" not in c["at"]
    }
    assert of == {(str(year), need): len(enrolled) for need in RULES if (str(year), need) in of}
    assert len(of) > 2
