"""Reach in Riverbend: every figure, before protection, equals a count from the truth and from the partners' own files, made here in plain
Python; and the published figures hold what was counted."""

import csv
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.demo.conftest import Riverbend
from tests.demo.test_published import RACES, in_program, shown_beside_true
from tests.demo.truth import Truth, day, read
from throughway.publication.shown_figures import count_between
from throughway.vocabulary.school_calendar import school_year_of

# The directory's grades of each program, as its partner wrote them.
LISTED = Path(__file__).parents[2] / "src" / "throughway" / "demo" / "words"
# The files with days of application: partner's file, its delimiter, column of the key, of the day, and how the day is written.
APPLICATIONS = {
    "page-by-page/tutoring": ("enrollments.csv", ",", "Reader No", "Sent", "%m/%d/%y"),
    "long-walk-mentors/mentoring": ("matches.csv", ";", "Mentee ID", "Referred On", "%d-%b-%Y"),
    "bright-futures/career-start": ("enrollments.csv", ",", "Participant ID", "Applied", "%m/%d/%Y"),
    "next-step/summer-bridge": ("participants.csv", ",", "NS ID", "Timestamp", "%m/%d/%Y %H:%M:%S"),
}

CIRCLE = "bright-futures/reading-circle"
QUARTERS = ("January to March", "April to June", "July to September", "October to December")
BY_TIME = (
    "month of application",
    "waiting since the month",
    "quarter of application",
    "waiting since",
)


def words(name: str) -> dict[str, dict[str, str]]:
    with (LISTED / name).open(encoding="utf-8", newline="") as file:
        return {row["program"]: row for row in csv.DictReader(file)}


def labels(folder: Path) -> dict[str, str]:
    """The identifier of each program by its name in the release."""
    partners = {"page-by-page": "Page by Page Tutoring", "long-walk-mentors": "Long Walk Mentors",
                "bright-futures": "Bright Futures After School", "next-step": "Next Step College Access"}  # fmt: skip
    return {
        f"{row['name']}, {partners[id.partition('/')[0]]}": id
        for id, row in words("programs.csv").items()
        if id.partition("/")[0] in partners
    } | {"Reading Circle, Bright Futures After School": CIRCLE}


class Reached:
    """The recount of one figure of one Riverbend."""

    def __init__(self, folder: Path, on: date) -> None:
        self.truth, self.on, self.labels = Truth(folder), on, labels(folder)
        self._taking: dict[tuple[str, int], tuple[set[str], Counter[str]]] = {}
        self._enrolled: dict[int, set[str]] = {}

    def taking(self, program: str, year: int) -> tuple[set[str], Counter[str]]:
        if (program, year) not in self._taking:
            stays, others = in_program(self.truth, program, year, self.on)
            self._taking[program, year] = (
                set(stays) | (self.in_circle(year) if program == CIRCLE else set()),
                others,
            )
        return self._taking[program, year]

    def in_circle(self, year: int) -> set[str]:
        """Those of the reading circle, which keeps a list of its own and whose stays have no end."""
        rows = read(self.truth.folder / "feeds" / "bright-futures" / "reading-circle.csv")
        begun = {
            r["Participant ID"]
            for r in rows
            if school_year_of(datetime.strptime(r["Since"], "%m/%d/%Y").date()) <= year
        }
        return {self.truth.records["bright-futures", key] for key in begun}

    def could_come(self, program: str, year: int) -> set[str]:
        row = words("supports.csv")[program]
        low, high = int(row["lowest"]), int(row["highest"])
        return {
            s["person"]
            for s in self.truth.stays
            if int(s["school_year"]) == year and low <= int(s["grade"]) <= high
        }

    def group(self, kind: str, year: int, person: str) -> str:
        """The group of a person."""
        row = self.truth.people[person]
        if person not in self.enrolled(year):
            return "Not recorded"
        if kind == "low income":
            return "Families with low income" if row["low_income"] == "yes" else "No low income on record"
        if kind == "disability":
            return "Students with disabilities" if row["disability"] else "No disability on record"
        if kind == "english learner":
            return "English learners" if person in self.english_learners else "Not English learners"
        return "Hispanic or Latino" if row["hispanic"] == "yes" else RACES[row["race"]]

    @cached_property
    def english_learners(self) -> set[str]:
        """By the districts' own files."""
        feeds = self.truth.folder / "feeds"
        listed = read(feeds / "lakeside-schools" / "students.csv")
        found = {
            self.truth.records["lakeside-schools", row["Student"]] for row in listed if row["ELL"] == "Y"
        }
        text = (feeds / "riverbend-schools" / "edfi" / "StudentEnrollment.xml").read_text(encoding="utf-8")
        for part in text.split("<StudentEducationOrganizationAssociation>")[1:]:
            if "LimitedEnglishProficiencyDescriptor#Limited<" in part:
                found.add(
                    self.truth.records["riverbend-schools", part.split("<StudentUniqueId>")[1].split("<")[0]]
                )
        return found

    def with_a_record(self, program: str, year: int, *standings: str) -> set[str]:
        """Who has a record of the program in the year, and one of these standings where some are given."""
        return {
            row["person"] for row in self.truth.places
            if row["program"] == program and int(row["school_year"]) == year and (not standings or row["standing"] in standings)
        }  # fmt: skip

    def enrolled(self, year: int) -> set[str]:
        """Everybody enrolled in a year."""
        if year not in self._enrolled:
            self._enrolled[year] = {s["person"] for s in self.truth.stays if int(s["school_year"]) == year}
        return self._enrolled[year]

    def applied(self, program: str) -> list[tuple[str, date]]:
        """Everybody in a program's own file with a day of application: person and day."""
        file, delimiter, key, column, form = APPLICATIONS[program]
        partner, name = program.partition("/")[0], words("programs.csv")[program]["name"]
        text = (self.truth.folder / "feeds" / partner / file).read_bytes()
        rows = csv.DictReader(
            text.decode("cp1252" if delimiter == ";" else "utf-8-sig").splitlines(), delimiter=delimiter
        )
        return [
            (self.truth.records[partner, row[key]], datetime.strptime(row[column].strip(), form).date())
            for row in rows
            if row[column].strip() and row.get("Program", name) == name
        ]

    def count(self, at: Mapping[str, str]) -> int | None:
        """The recount of one figure; None of those that no file here tells."""
        program = self.labels.get(at["program"])
        if program is None:
            return None
        if "school year of enrollment" in at:
            year = int(at["school year of enrollment"])
            persons = self.could_come(program, year)
        else:
            year = int(at["school year"])
            took_part, others = self.taking(program, year)
            if at.keys() & {*BY_TIME}:
                return None
            if at.get("standing") not in (None, "took part"):
                return others[at["standing"]]
            if "standing" not in at:
                return len(took_part) + sum(others.values())
            persons = took_part
        kinds = at.keys() - {"program", "school year", "school year of enrollment", "standing"}
        for kind in kinds:
            persons = {person for person in persons if self.group(kind, year, person) == at[kind]}
        return len(persons)


def compared(folder: Path, counted: Mapping[str, Any]) -> tuple[list[Any], Counter[str]]:
    """Figures that differ from the recount, and how many were compared of each table."""
    recount, seen, wrong = Reached(folder, day(counted["on"])), Counter[str](), []
    for table in counted["reach"]:
        for cell in table["cells"]:
            found = recount.count(cell["at"])
            if found is not None:
                seen[table["title"]] += 1
                if found != cell["count"]:
                    wrong.append((cell["at"], cell["count"], found))
    return wrong, seen


def applications(folder: Path, counted: Mapping[str, Any]) -> tuple[list[Any], Counter[str]]:
    """Applicants of this year by quarter and month, and those who wait by the same, recounted from the programs' own files: figures that differ, and how many students were compared of each."""
    recount = Reached(folder, day(counted["on"]))
    year, wrong, seen = school_year_of(recount.on), [], Counter[str]()
    for cell in (c for t in counted["reach"] for c in t["cells"]):
        at, program = cell["at"], recount.labels.get(cell["at"]["program"])
        name = next((name for name in BY_TIME if name in at), "")
        if not name or program not in APPLICATIONS:
            continue
        first: dict[str, date] = {}
        took_part = recount.taking(program, year)[0]
        for who, on in recount.applied(program):
            if school_year_of(on) == year or who in took_part:
                first[who] = min(first.get(who, on), on)
        every = recount.with_a_record(program, year) | took_part
        waits = recount.with_a_record(program, year, "waiting") - took_part
        among = waits if name.startswith("waiting since") else every
        period = quarter if name in ("quarter of application", "waiting since") else month
        persons = [who for who in among if period(first.get(who), year) == at[name]]
        seen[name] += len(persons)
        if len(persons) != cell["count"]:
            wrong.append((at, cell["count"], len(persons)))
    return wrong, seen


def quarter(on: date | None, year: int) -> str:
    return when(on, year, lambda day: f"{QUARTERS[(day.month - 1) // 3]} {day.year}")


def month(on: date | None, year: int) -> str:
    return when(on, year, lambda day: f"{day:%B %Y}")


def when(on: date | None, year: int, words: Callable[[date], str]) -> str:
    if on is None:
        return "no day recorded"
    return words(on) if school_year_of(on) == year else "before the school year"


def test_reach_equals_the_truth(riverbend: Riverbend, reach_counted: dict[str, Any]) -> None:
    wrong, seen = compared(riverbend.folder, reach_counted)
    assert wrong == []
    assert len(seen) >= 10, seen
    assert min(seen.values()) > 5


def test_who_applied_and_waits_by_quarter_and_month_equals_the_files(
    riverbend: Riverbend, reach_counted: dict[str, Any]
) -> None:
    wrong, seen = applications(riverbend.folder, reach_counted)
    assert wrong == []
    on = day(reach_counted["on"])
    recount, year = Reached(riverbend.folder, on), school_year_of(on)
    every = waiting = 0
    for program in APPLICATIONS:
        took_part = recount.taking(program, year)[0]
        every += len(recount.with_a_record(program, year) | took_part)
        waiting += len(recount.with_a_record(program, year, "waiting") - took_part)
    assert (seen["quarter of application"], seen["waiting since"]) == (every, waiting)
    if on >= date(year - 1, 11, 1):  # before, hardly anybody has applied for a place of the school year
        assert every > 5
        assert waiting
        assert (
            seen["month of application"] > 5
        )  # of those who applied before the school year no month is told
        assert seen["waiting since the month"]


def test_what_would_be_shown_of_reach_holds_what_was_counted(reach_counted: dict[str, Any]) -> None:
    true = {tuple(sorted(c["at"].items())): c["count"] for t in reach_counted["reach"] for c in t["cells"]}
    shown = [c for t in reach_counted["protected"] for c in t["cells"] if c["shown"] is not None]
    assert len(shown) > 5
    for cell in shown:
        low, high = count_between(cell["shown"])
        number = true[tuple(sorted(cell["at"].items()))]
        assert low <= number <= high
        assert low == high or high - low >= 11
        assert low < high or number >= 10


def test_the_published_reach_equals_the_counts(riverbend: Riverbend, reach_counted: dict[str, Any]) -> None:
    """What the demo published of reach beside the pipeline, the services, the needs and the overlaps, within what is withheld."""
    shown = shown_beside_true(riverbend, "Whom each program reaches", reach_counted["reach"])
    assert len(shown) > 10
    assert [each for each in shown if not each[1] <= each[3] <= each[2]] == []
    assert all(low == high or high - low >= 11 for _, low, high, _ in shown)
