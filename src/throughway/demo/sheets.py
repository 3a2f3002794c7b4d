"""Plain files: the second district's CSV exports, the after-school program's workbook, the clearinghouse's return."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from openpyxl import Workbook

from throughway.demo.oneroster import school_of
from throughway.demo.population import Ints, Population
from throughway.demo.roster import Roster
from throughway.demo.schooling import COURSES, Attendance, College, Marks
from throughway.demo.years import EXITS, Spells, school_days

COLLEGES = {
    True: ("009999-00", "RIVERBEND COMMUNITY COLLEGE", "2"),
    False: ("009998-00", "STATE UNIVERSITY AT FALLS", "4"),
}


def write(path: Path, header: list[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(header)
        out.writerows(rows)


def enrollment(path: Path, roster: Roster, spells: Spells) -> None:
    """Stays that have ended, with the district's own exit codes."""
    ours = np.flatnonzero((spells.district == 1) & ~np.isnat(spells.end))
    rows = (
        (key, school_of(int(spells.grade[i])), _us(spells.start[i]), _us(spells.end[i]), EXITS[str(spells.exit[i])][1],
         f"{spells.grade[i]:02d}", spells.year[i])
        for key, i in zip(roster.keys_of(spells.student[ours]), ours, strict=True)
    )  # fmt: skip
    write(path, ["Student", "School", "Entry", "Exit", "Exit Code", "Grade", "School Year"], rows)


def attendance(path: Path, roster: Roster, spells: Spells, days: Attendance) -> None:
    """Every day of every student, present or not."""
    chosen = np.flatnonzero(spells.district[days.spell] == 1)
    spell = days.spell[chosen]
    keys = roster.keys_of(spells.student[spell])
    rows = (
        (key, school_of(int(spells.grade[s])), _us(day), status)
        for key, s, day, status in zip(keys, spell, days.day[chosen], days.status[chosen], strict=True)
    )
    write(path, ["Student", "School", "Date", "Status"], rows)


def grades(path: Path, roster: Roster, spells: Spells, marks: Marks) -> None:
    chosen = np.flatnonzero(spells.district[marks.spell] == 1)
    keys = roster.keys_of(spells.student[marks.spell[chosen]])

    def row(key: str, i: int) -> tuple[object, ...]:
        grade = int(spells.grade[marks.spell[i]])
        title, code = COURSES[int(marks.course[i])]
        letter = str(marks.letter[i])
        return (key, "LHS", int(spells.year[marks.spell[i]]), f"S{marks.semester[i]}", f"{code}-{grade}", code,
                title.format(grade=grade), f"{grade:02d}", letter, 0.5, 0 if letter == "F" else 0.5)  # fmt: skip

    header = [
        "Student",
        "School",
        "School Year",
        "Term",
        "Course",
        "SCED",
        "Title",
        "Grade",
        "Mark",
        "Attempted",
        "Earned",
    ]
    write(path, header, (row(str(k), int(i)) for k, i in zip(keys, chosen, strict=True)))


def diplomas(path: Path, roster: Roster, college: College) -> None:
    ours = np.flatnonzero(college.district == 1)
    keys = roster.keys_of(college.student[ours])
    write(
        path,
        ["Student", "Diploma", "Date"],
        ((k, "REG", _us(d)) for k, d in zip(keys, college.diploma[ours], strict=True)),
    )


def statuses(path: Path, roster: Roster, people: Population) -> None:
    rows = (
        (
            key,
            "Y" if people.english_learner[i] else "N",
            people.street[i],
            people.zip_code[i],
            people.phone[i],
        )
        for key, i in zip(roster.key, roster.student, strict=True)
    )
    write(path, ["Student", "ELL", "Street", "ZIP", "Phone"], rows)


def _us(day: np.datetime64) -> str:
    year, month, of_month = str(day).split("-")
    return f"{int(month)}/{int(of_month)}/{year}"


def program_days(year: int) -> np.ndarray:
    """Monday to Thursday, October to May."""
    days = school_days(year)
    chosen = (days >= np.datetime64(f"{year - 1}-10-01")) & (days < np.datetime64(f"{year}-06-01"))
    return days[chosen & (np.is_busday(days, weekmask="Mon Tue Wed Thu"))]


def workbook(
    path: Path, roster: Roster, joined: Ints, year: int, people: Population, rng: np.random.Generator
) -> None:
    """One row for each participant of the year and one column for each day: 1 there, 0 not, blank not recorded."""
    days = program_days(year)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Attendance")
    sheet.append(["Participant ID", "First", "Last", "DOB", "Street", *(_us(d) for d in days)])
    place = {key: n for n, key in enumerate(roster.key)}
    for key, i in zip(roster.keys_of(joined), joined, strict=True):
        n = place[key]
        there = rng.random(len(days)) < 0.45 + 0.12 * np.tanh(people.attachment[i])
        seen = rng.random(len(days)) < 0.97
        cells = [int(t) if s else None for t, s in zip(there, seen, strict=True)]
        born = roster.written.birthdate[n]
        sheet.append([key, roster.written.first[n], roster.written.last[n], _us(born) if born else None,
                      people.street[i], *cells])  # fmt: skip
    book.save(path)


NSC = [  # the columns of a StudentTracker detail return
    "Your Unique Identifier", "First Name", "Middle Initial", "Last Name", "Name Suffix",
    "Requester Return Field", "Record Found Y/N", "Search Date", "College Code/Branch", "College Name",
    "College State", "2-year / 4-year", "Public / Private", "Enrollment Begin", "Enrollment End",
    "Enrollment Status", "Class Level", "Enrollment Major 1", "Enrollment CIP 1", "Graduated?",
    "Graduation Date", "Degree Title", "Degree Major 1", "Degree CIP 1", "College Sequence",
]  # fmt: skip


def clearinghouse(
    path: Path, roster: Roster, district: int, college: College, rng: np.random.Generator
) -> None:
    """What the clearinghouse returned for the district's graduates; a few who enrolled are not found."""
    ours = np.flatnonzero(college.district == district)
    place = {key: n for n, key in enumerate(roster.key)}
    rows: list[list[object]] = []
    for key, i in zip(roster.keys_of(college.student[ours]), ours, strict=True):
        n = place[key]
        who = [f"{key}_", roster.written.first[n].upper(), "", roster.written.last[n].upper(), "", f"{key}_"]
        search = str(college.diploma[i]).replace("-", "")
        found = not np.isnat(college.start[i]) and rng.random() > 0.03
        if not found:
            rows.append([*who, "N", search, *[""] * 17])
            continue
        code, name, level = COLLEGES[bool(college.two_year[i])]
        place_ = ["Y", search, code, name, "NY", level, "Public"]
        start = college.start[i]
        for t in range(int(college.terms[i])):
            begin = start if t % 2 == 0 else np.datetime64(f"{int(str(start)[:4]) + 1}-01-15")
            end = np.datetime64(f"{str(begin)[:4]}-12-15" if t % 2 == 0 else f"{str(begin)[:4]}-05-15")
            rows.append([*who, *place_, _plain(begin), _plain(end), "F", "", "", "", "N", "", "", "", "", 1])
            if t % 2:
                start = np.datetime64(f"{str(begin)[:4]}-08-24")
        if not np.isnat(college.award[i]):
            title = "ASSOCIATE OF ARTS" if college.two_year[i] else "BACHELOR OF ARTS"
            rows.append(
                [*who, *place_, "", "", "", "", "", "", "Y", _plain(college.award[i]), title, "", "", 1]
            )
    write(path, NSC, rows)


def _plain(day: np.datetime64) -> str:
    return str(day).replace("-", "")
