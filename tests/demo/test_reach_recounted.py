"""Reach in Riverbend: every figure, before protection, equals a count from the truth and from the partners' own files, made here in plain
Python; and the published figures hold what was counted."""

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.demo.conftest import Riverbend
from tests.demo.test_published import RACES, Truth, day, in_program, shown_beside_true
from throughway.publication.shown_figures import count_between

# The directory's grades of each program, as its partner wrote them.
LISTED = Path(__file__).parents[2] / "src" / "throughway" / "demo" / "words"
# The files with days of application: partner's file, its delimiter, column of the key, of the day, and how the day is written.
APPLICATIONS = {
    "page-by-page/tutoring": ("enrollments.csv", ",", "Reader No", "Sent", "%m/%d/%y"),
    "long-walk-mentors/mentoring": ("matches.csv", ";", "Mentee ID", "Referred On", "%d-%b-%Y"),
    "bright-futures/career-start": ("enrollments.csv", ",", "Participant ID", "Applied", "%m/%d/%Y"),
}

QUARTERS = ("January to March", "April to June", "July to September", "October to December")


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
    }


class Reached:
    """The recount of one figure of one Riverbend."""

    def __init__(self, folder: Path, on: date) -> None:
        self.truth, self.on, self.labels = Truth(folder), on, labels(folder)
        self._taking: dict[tuple[str, int], tuple[set[str], Counter[str]]] = {}
        self._enrolled: dict[int, set[str]] = {}

    def taking(self, program: str, year: int) -> tuple[set[str], Counter[str]]:
        if (program, year) not in self._taking:
            stays, others = in_program(self.truth, program, year, self.on)
            self._taking[program, year] = set(stays), others
        return self._taking[program, year]

    def could_come(self, program: str, year: int) -> set[str]:
        row = words("supports.csv")[program]
        low, high = int(row["lowest"]), int(row["highest"])
        return {
            s["person"]
            for s in self.truth.stays
            if int(s["school_year"]) == year and low <= int(s["grade"]) <= high
        }

    def group(self, kind: str, year: int, person: str) -> str | None:
        """The group of a person; None where the truth does not say it."""
        row = self.truth.people[person]
        if person not in self.enrolled(year):
            return "Not recorded"
        if kind == "low income":
            return "Families with low income" if row["low_income"] == "yes" else "No low income on record"
        if kind == "disability":
            return "Students with disabilities" if row["disability"] else "No disability on record"
        if kind == "race":
            return "Hispanic or Latino" if row["hispanic"] == "yes" else RACES[row["race"]]
        return None

    def enrolled(self, year: int) -> set[str]:
        """Everybody enrolled in a year."""
        if year not in self._enrolled:
            self._enrolled[year] = {s["person"] for s in self.truth.stays if int(s["school_year"]) == year}
        return self._enrolled[year]

    def applied(self, program: str) -> list[tuple[str, date]]:
        """Everybody in a program's own file with a day of application: person and day."""
        file, delimiter, key, column, form = APPLICATIONS[program]
        partner = program.partition("/")[0]
        text = (self.truth.folder / "feeds" / partner / file).read_bytes()
        rows = csv.DictReader(
            text.decode("cp1252" if delimiter == ";" else "utf-8-sig").splitlines(), delimiter=delimiter
        )
        return [
            (self.truth.records[partner, row[key]], datetime.strptime(row[column].strip(), form).date())
            for row in rows
            if row[column].strip() and row.get("Program", "Career Start") == "Career Start"
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
            if "quarter of application" in at or "waiting since" in at:
                return None
            if at.get("standing") not in (None, "took part"):
                return others[at["standing"]]
            if "standing" not in at:
                return len(took_part) + sum(others.values())
            persons = took_part
        kinds = at.keys() - {"program", "school year", "school year of enrollment", "standing"}
        for kind in kinds:
            groups = {person: self.group(kind, year, person) for person in persons}
            if None in groups.values():
                return None
            persons = {person for person in persons if groups[person] == at[kind]}
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


def applications(folder: Path, counted: Mapping[str, Any]) -> tuple[list[Any], int]:
    """Applicants of this year by quarter, recounted from the programs' own files: those that differ, and how many were compared."""
    recount = Reached(folder, day(counted["on"]))
    wrong, seen = [], 0
    cells = [c for t in counted["reach"] for c in t["cells"] if "quarter of application" in c["at"]]
    for cell in cells:
        program, quarter = recount.labels.get(cell["at"]["program"]), cell["at"]["quarter of application"]
        begins, _, year = quarter.rpartition(" ")
        if program in APPLICATIONS and begins in QUARTERS:
            persons = {
                who
                for who, on in recount.applied(program)
                if on.year == int(year) and QUARTERS[(on.month - 1) // 3] == begins
            }
            seen += 1
            if len(persons) != cell["count"]:
                wrong.append((cell["at"], cell["count"], len(persons)))
    return wrong, seen


@pytest.fixture(scope="module")
def counted(riverbend: Riverbend) -> dict[str, Any]:
    found: dict[str, Any] = riverbend.town.module("tests.demo.counting_reach", riverbend.who("data_steward"))
    return found


def test_reach_equals_the_truth(riverbend: Riverbend, counted: dict[str, Any]) -> None:
    wrong, seen = compared(riverbend.folder, counted)
    assert wrong == []
    assert len(seen) >= 8, seen
    assert min(seen.values()) > 5


def test_applicants_by_quarter_equal_the_files(riverbend: Riverbend, counted: dict[str, Any]) -> None:
    wrong, seen = applications(riverbend.folder, counted)
    assert wrong == []
    assert seen > 5


def test_what_would_be_shown_of_reach_holds_what_was_counted(counted: dict[str, Any]) -> None:
    true = {tuple(sorted(c["at"].items())): c["count"] for t in counted["reach"] for c in t["cells"]}
    shown = [c for t in counted["protected"] for c in t["cells"] if c["shown"] is not None]
    assert len(shown) > 5
    for cell in shown:
        low, high = count_between(cell["shown"])
        number = true[tuple(sorted(cell["at"].items()))]
        assert low <= number <= high
        assert low == high or high - low >= 11
        assert low < high or number >= 10


def test_the_published_reach_equals_the_counts(riverbend: Riverbend, counted: dict[str, Any]) -> None:
    """What the demo published of reach beside the pipeline, the services, the needs and the overlaps, within what is withheld."""
    shown = shown_beside_true(riverbend, "Whom each program reaches", counted["reach"])
    assert len(shown) > 10
    assert [each for each in shown if not each[1] <= each[3] <= each[2]] == []
    assert all(low == high or high - low >= 11 for _, low, high, _ in shown)
