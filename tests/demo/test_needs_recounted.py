"""Needs that the records show, and what students say in the check-in, equal a count from the districts' and the programs' own files, made
here in plain Python. Whose record it is, `truth/persons.csv` says, as perfect linkage would."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.demo.help_found import AT_SITE
from tests.demo.test_help_counted import CLUB, TUTORING, cells, year_of
from tests.demo.truth import Truth, day, read
from throughway.insight.needs.statuses import NeedStatus

READS, MATH, MISSED, FAILED = (
    "Reads below the State standard", "Is below the State standard in mathematics", "Missed 10 days of school or more in the school year",
    "Failed a course in the school year",
)  # fmt: skip
GOOD = (
    "Proficient",
    "Advanced",
)  # of the State's tests; no line of the community's table decides the screener of grade 2
OLDEST = 800  # days of a test
FORM = "%m/%d/%Y"
GRADES = {"Ninth grade": "09", "Tenth grade": "10", "Eleventh grade": "11", "Twelfth grade": "12"}
# The programs whose kind of support answers each need, by needs.yaml and the directory of programs.
ANSWERS = {
    READS: (TUTORING, CLUB), MATH: (TUTORING, CLUB), MISSED: ("long-walk-mentors/mentoring", CLUB), FAILED: (TUTORING, CLUB),
}  # fmt: skip
KINDS = {READS: ("tutoring",), MATH: ("tutoring",), MISSED: ("mentoring",), FAILED: ("tutoring",)}
WAITS = ("waiting", "applied", "declined")  # standings in which somebody asked and is not served


def last_day(year: int, on: date) -> date:
    return min(date(year, 6, 30), on)


class FromFiles:
    """Who has a need in a school year, by the districts' files."""

    def __init__(self, truth: Truth, on: date) -> None:
        self.truth, self.on = truth, on
        self.lakeside, self.riverbend = (
            truth.folder / "feeds" / each for each in ("lakeside-schools", "riverbend-schools")
        )
        self.tests, self.marks, self.absences = [*self._tests()], [*self._marks()], [*self._absences()]

    def _edfi(self, name: str, element: str) -> Iterator[tuple[str, str]]:
        """Each element of a file of the interchange as text, with the person whose it is."""
        text = (self.riverbend / "edfi" / name).read_text(encoding="utf-8")
        for part in re.findall(rf"<{element}>.*?</{element}>", text, re.DOTALL):
            found = re.search(r"<StudentUniqueId>(.*?)<", part)
            assert found
            yield self.truth.records["riverbend-schools", found[1]], part

    def edfi_students(self, pattern: str) -> Iterator[tuple[str, str]]:
        """What the pattern finds in the district's own description of each student."""
        for person, part in self._edfi("StudentEnrollment.xml", "StudentEducationOrganizationAssociation"):
            yield from ((person, found) for found in re.findall(pattern, part))

    def stays_in_edfi(self) -> Iterator[tuple[str, str]]:
        return self._edfi("StudentEnrollment.xml", "StudentSchoolAssociation")

    def _tests(self) -> Iterator[tuple[str, str, date, bool]]:
        """Person, subject, day and whether the level meets the standard, of each test of reading or mathematics."""
        for row in read(self.lakeside / "assessments.csv"):
            if row["Test"].startswith("STATE-"):
                on = datetime.strptime(row["Date"], FORM).date()
                yield (
                    self.truth.records["lakeside-schools", row["Student"]],
                    row["Subject"],
                    on,
                    row["Level"] in GOOD,
                )
        for person, part in self._edfi("StudentAssessment.xml", "StudentAssessment"):
            test = _between(part, "AssessmentIdentifier")
            if test.startswith("STATE-"):
                subject = "ELA" if "READING" in test else "MATH"
                level = re.search(r"PerformanceLevelDescriptor#(.*?)<", part)
                yield (
                    person,
                    subject,
                    day(_between(part, "AdministrationDate")[:10]),
                    bool(level) and level[1] in GOOD,
                )  # type: ignore[index]

    def _marks(self) -> Iterator[tuple[str, str, str]]:
        """Person, grade and course of each mark that passes no course."""
        for row in read(self.lakeside / "grades.csv"):
            if row["Mark"] == "F":
                yield self.truth.records["lakeside-schools", row["Student"]], row["Grade"], row["Title"]
        for person, part in self._edfi("StudentTranscript.xml", "CourseTranscript"):
            if _between(part, "FinalLetterGradeEarned") == "F":
                yield (
                    person,
                    GRADES[_between(part, "WhenTakenGradeLevel").partition("#")[2]],
                    _between(part, "CourseTitle"),
                )

    def _absences(self) -> Iterator[tuple[str, date]]:
        days: dict[tuple[str, str], str] = {}
        for name in ("attendance.csv", "attendance-correction.csv"):  # the later file puts days right
            days |= {(row["Student"], row["Date"]): row["Status"] for row in read(self.lakeside / name)}
        for (key, on), status in days.items():
            if status in ("E", "U"):
                yield self.truth.records["lakeside-schools", key], datetime.strptime(on, FORM).date()
        for person, part in self._edfi("StudentAttendance.xml", "StudentSchoolAttendanceEvent"):
            if "Absence" in _between(part, "AttendanceEventCategory"):
                yield person, day(_between(part, "EventDate"))

    def enrolled(self, year: int) -> dict[str, set[str]]:
        """The grades in which each student was in the school year."""
        found: dict[str, set[str]] = defaultdict(set)
        for stay in self.truth.stays:
            if int(stay["school_year"]) == year and day(stay["first_day"]) <= self.on:
                found[stay["person"]].add(f"{int(stay['grade']):02d}")
        return found

    def has(self, need: str, year: int) -> set[str]:
        enrolled = self.enrolled(year)
        if need in (READS, MATH):
            return {p for p, good in self.newest_tests(need, year).items() if not any(good)} & enrolled.keys()
        if need == MISSED:
            days = {(p, on) for p, on in self.absences if year_of(on) == year and on <= self.on}
            missed = Counter(p for p, _ in days)
            return {p for p in enrolled if missed[p] >= 10}
        return {p for p, grade, _ in self.marks if grade in enrolled.get(p, ())}

    def newest_tests(self, need: str, year: int) -> dict[str, list[bool]]:
        """Of each student whether the newest test of the subject met the standard; several of one day together."""
        last, subject = last_day(year, self.on), "ELA" if need == READS else "MATH"
        taken: dict[str, dict[date, list[bool]]] = defaultdict(lambda: defaultdict(list))
        for person, of, on, good in self.tests:
            if of == subject and last - timedelta(OLDEST) <= on <= last:
                taken[person][on].append(good)
        return {person: days[max(days)] for person, days in taken.items()}

    def helped(self, programs: tuple[str, ...], year: int) -> set[str]:
        first, last = date(year - 1, 7, 1), last_day(year, self.on)
        circle = (
            read(self.truth.folder / "feeds" / "bright-futures" / "reading-circle.csv")
            if CLUB in programs
            else []
        )
        of_circle = {
            self.truth.records["bright-futures", row["Participant ID"]]
            for row in circle
            if first <= datetime.strptime(row["Since"], FORM).date() <= last
        }
        return of_circle | {
            row["person"]
            for row in self.truth.places
            if row["program"] in programs
            and row["standing"] == "took part"
            and day(row["first_day"]) <= last
            and (not row["last_day"] or day(row["last_day"]) >= first)
        }


def _between(part: str, name: str) -> str:
    found = re.search(rf"<{name}>(.*?)</{name}>", part)
    return found[1] if found else ""


@pytest.fixture(scope="module")
def files(truth: Truth, help_counted: Mapping[str, Any]) -> FromFiles:
    return FromFiles(truth, day(help_counted["on"]))


@pytest.mark.parametrize("need", [READS, MATH, MISSED, FAILED])
def test_who_has_a_need_by_the_rules_and_was_helped(
    help_counted: dict[str, Any], files: FromFiles, need: str
) -> None:
    of, this_year, compared = cells(help_counted["needs"][:1]), year_of(day(help_counted["on"])), 0
    for year in (this_year, this_year - 1):
        if (str(year), need) not in of:
            continue
        at_site = [
            (files.truth.records[partner, key], AT_SITE[state])
            for partner, key, kind, on, state in help_counted["site"]
            if kind in KINDS[need] and year_of(day(on)) == year
        ]
        started = {person for person, status in at_site if status is NeedStatus.SERVED}
        has, helped = files.has(need, year), files.helped(ANSWERS[need], year) | started
        assert of[str(year), need] == len(has), (need, year)
        assert of[str(year), need, str(NeedStatus.SERVED)] == len(has & helped), (need, year)
        asked = {
            row["person"]
            for row in files.truth.places
            if row["program"] in ANSWERS[need]
            and int(row["school_year"]) == year
            and row["standing"] in WAITS
        } | {person for person, status in at_site if status is not NeedStatus.UNKNOWN}
        assert of[str(year), need, str(NeedStatus.ASKED)] == len(has & asked - helped), (need, year)
        compared += len(has)
    assert compared


@pytest.mark.parametrize("need", [READS, MATH])
def test_of_how_many_the_tests_tell(help_counted: dict[str, Any], files: FromFiles, need: str) -> None:
    year = year_of(day(help_counted["on"])) - 1
    of = cells([t for t in help_counted["needs"] if t["title"].startswith("Of how many")])
    enrolled, tests = files.enrolled(year).keys(), files.newest_tests(need, year)
    has, none = (
        {p for p, good in tests.items() if p in enrolled and told(good)}
        for told in (lambda g: not any(g), all)
    )
    assert of[str(year), need, "the need"] == len(has)
    assert of[str(year), need, "no need"] == len(none)
    assert of[str(year), need, "do not say"] == len(enrolled - has - none)


def test_help_with_homework_that_students_ask_for_in_the_check_in(
    help_counted: dict[str, Any], truth: Truth, files: FromFiles
) -> None:
    """The newest answer of each year counts; who was in the homework club is served."""
    of, on = cells(help_counted["needs"][:1]), day(help_counted["on"])
    answers: dict[tuple[str, int], tuple[date, bool]] = {}
    for row in read(truth.folder / "feeds" / "bright-futures" / "check-in.csv"):
        at = datetime.strptime(row["Submitted"], FORM).date()
        person = truth.records["bright-futures", row["Participant ID"]]
        answers[person, year_of(at)] = max(
            answers.get((person, year_of(at)), (date.min, False)), (at, row["F1"] == "Yes")
        )
    compared = 0
    for year in (year_of(on), year_of(on) - 1):
        asked = {person for (person, of_year), (_, yes) in answers.items() if of_year == year and yes}
        asked |= {
            row["person"]
            for row in truth.places
            if row["program"] == CLUB and int(row["school_year"]) == year and row["standing"] in WAITS
        }
        helped = files.helped((CLUB,), year)
        name = "Help with homework"
        assert of.get((str(year), name), 0) == len(asked), year
        assert of.get((str(year), name, str(NeedStatus.SERVED)), 0) == len(asked & helped), year
        compared += len(asked)
    assert compared
