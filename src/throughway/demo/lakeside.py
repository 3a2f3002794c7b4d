"""The second district's feeds: a OneRoster 1.2 bundle, and a CSV of its own layout for data that the bundle cannot contain."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from throughway.demo.arrays import Bools, Days, Text
from throughway.demo.assessments import identifier
from throughway.demo.attendance_and_marks import COURSES, EXCUSED, STATUSES, UNEXCUSED, SimulatedAttendance
from throughway.demo.column_files import (
    Column,
    csv_text,
    days,
    named,
    place,
    put,
    rows,
    slices,
    texts,
    write_csv,
)
from throughway.demo.enrollment import EXITS, Spells, school_days
from throughway.demo.partners import LAKESIDE
from throughway.demo.roster import Roster
from throughway.demo.town import Town

ATTENDANCE = "Student,School,Date,Status"
CORRECTED = 0.04  # share of last year's unexcused absences for which a note came late
GRADES = ("KG", *(f"{n:02d}" for n in range(1, 13)))


def export(folder: Path, town: Town) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    roster = town.rosters[LAKESIDE]
    write_csv(folder / "students.csv", _students(town, roster))
    write_csv(folder / "enrollment.csv", _enrollment(town, roster))
    write_csv(folder / "grades.csv", _grades(town, roster))
    write_csv(folder / "assessments.csv", _assessments(town, roster))
    write_csv(folder / "diplomas.csv", _diplomas(town, roster))
    _attendance(folder, town, roster)
    _export_oneroster(folder / "oneroster.zip", town)


def _yes(values: np.ndarray) -> Column:
    return named(("N", "Y"), values.astype(int))


def _students(town: Town, roster: Roster) -> dict[str, object]:
    """Current statuses: this district does not record their days."""
    people, who, known, written = town.people, roster.student, town.known, roster.written

    def now(first: Days, last: Days) -> Column:
        return _yes((first[who] <= known) & ~(last[who] <= known))

    return {
        "Student": roster.key,
        "ELL": _yes(people.english_learner[who] & ~(people.fluent_on[who] <= known)),
        "Home Language": people.language[who],
        "FRL": _yes(people.low_income[who]),
        "IEP": _yes(people.disability[who] != ""),
        "Foster": now(people.foster_from, people.foster_to),
        "Homeless": now(people.homeless_from, people.homeless_to),
        "Street": written.street,
        "ZIP": written.zip_code,
        "Phone": written.phone,
        "Guardian": people.guardian[who],
    }


def _ours(town: Town) -> Spells:
    return town.spells.where(town.spells.district == 1)


def _enrollment(town: Town, roster: Roster) -> dict[str, object]:
    """Stays that have ended, with the district's own exit codes."""
    stay = _ours(town)
    stay = stay.where(~np.isnat(stay.end))
    reasons = list(EXITS)
    return {
        "Student": roster.keys_of(stay.student),
        "School": town.schools.id[stay.school],
        "Entry": days(stay.start),
        "Exit": days(stay.end),
        "Exit Code": named((EXITS[r][1] for r in reasons), place(stay.exit, reasons)),
        "Grade": named(GRADES, stay.grade),
        "School Year": stay.year,
    }


def _grades(town: Town, roster: Roster) -> dict[str, object]:
    marks, spells = town.marks, town.spells
    i = np.flatnonzero(spells.district[marks.spell] == 1)
    stay, course = marks.spell[i], marks.course[i]
    grade, fail = spells.grade[stay], (marks.letter[i] == "F").astype(int)
    which = course * 13 + grade
    return {
        "Student": roster.keys_of(spells.student[stay]),
        "School": named(town.schools.id, spells.school[stay]),
        "School Year": spells.year[stay],
        "Term": named(("S1", "S2"), marks.semester[i] - 1),
        "Course": named((f"{code}-{g}" for _, code in COURSES for g in range(13)), which),
        "SCED": named((code for _, code in COURSES), course),
        "Title": named((title.format(grade=g) for title, _ in COURSES for g in range(13)), which),
        "Grade": named(GRADES, grade),
        "Mark": marks.letter[i],
        "Attempted": named(("0.5",), np.zeros(len(i), int)),
        "Earned": named(("0.5", "0"), fail),
    }


def _assessments(town: Town, roster: Roster) -> dict[str, object]:
    """One row for each test, score and level side by side."""
    scores = town.scores.where(town.scores.district == 1)
    which = (scores.instrument * 3 + scores.subject) * 9 + scores.grade
    return {
        "Student": roster.keys_of(scores.student),
        "Test": named((identifier(i, s, g) for i in range(3) for s in range(3) for g in range(9)), which),
        "Subject": named(("ALL", "ELA", "MATH"), scores.subject),
        "Grade": named(GRADES, scores.grade),
        "Date": days(scores.day),
        "Score": scores.value,
        "Level": scores.level,
    }


def _diplomas(town: Town, roster: Roster) -> dict[str, object]:
    done = town.college.diplomas
    ours = np.flatnonzero(done.district == 1)
    return {
        "Student": roster.keys_of(done.student[ours]),
        "Diploma": named(("REG",), np.zeros(len(ours), int)),
        "Date": days(done.day[ours]),
    }


def _attendance(folder: Path, town: Town, roster: Roster) -> None:
    """Every day of every student, present or not; and a later file of corrections.

    In the last whole year some absences turn out to be excused: the correction repeats the row with another status.
    """
    with (folder / "attendance.csv").open("wb") as file:
        put(file, ATTENDANCE)
        for year in town.each_year():
            for lines in _marked(town, roster, year):
                put(file, lines)
            if year.year == town.year - 1:
                corrected = _corrected(town, year)
    with (folder / "attendance-correction.csv").open("wb") as file:
        put(file, ATTENDANCE)
        for lines in _marked(town, roster, corrected, EXCUSED):
            put(file, lines)


def _marked(town: Town, roster: Roster, year: SimulatedAttendance, *statuses: int) -> Iterator[Column]:
    spells = town.spells
    stays = np.flatnonzero(spells.district[year.spell] == 1)
    ours = SimulatedAttendance(year.year, year.days, year.spell[stays], year.status[stays])
    row, day, status = ours.rows(*statuses)
    # The text that all days of a stay share is joined once.
    heads = rows(
        texts(roster.keys_of(spells.student[ours.spell])), ",", named(town.schools.id, spells.school[ours.spell]), ","
    )  # fmt: skip
    known_as = days(year.days)
    ends = [f",{s}" for s in STATUSES]
    for part in slices(len(row)):
        yield rows(
            heads.take(row[part]),
            known_as.take(day[part]),
            named(ends, status[part]),
        )


def _corrected(town: Town, year: SimulatedAttendance) -> SimulatedAttendance:
    rng = town.stream("corrections", year.year)
    found = (year.status == UNEXCUSED) & (rng.random(year.status.shape, dtype=np.float32) < CORRECTED)
    return SimulatedAttendance(year.year, year.days, year.spell, np.where(found, EXCUSED, 0).astype(np.uint8))


FILES = [
    "academicSessions", "categories", "classes", "classResources", "courseResources", "courses",
    "demographics", "enrollments", "lineItemLearningObjectiveIds", "lineItems", "lineItemScoreScales",
    "orgs", "resources", "resultLearningObjectiveIds", "results", "resultScoreScales", "roles",
    "scoreScales", "userProfiles", "userResources", "users",
]  # fmt: skip
HEADERS = {
    "academicSessions": "title type startDate endDate parentSourcedId schoolYear",
    "orgs": "name type identifier parentSourcedId",
    "users": "enabledUser username userIds givenName familyName middleName identifier email sms phone agentSourcedIds "
    "grades password userMasterIdentifier preferredGivenName preferredMiddleName preferredFamilyName "
    "primaryOrgSourcedId pronouns",
    "roles": "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId",
    "demographics": "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican "
    "nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity "
    "countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus",
}
RACE_COLUMNS = {
    "White": "white",
    "BlackorAfricanAmerican": "blackOrAfricanAmerican",
    "Asian": "asian",
    "AmericanIndianorAlaskaNative": "americanIndianOrAlaskaNative",
}


def _export_oneroster(path: Path, town: Town) -> None:
    """Writes the zip of the current school year. Users are all students that the district knows; roles are those of students enrolled
    this year."""
    roster, year, schools = town.rosters[LAKESIDE], town.year, town.schools
    ours, days = schools.district == 1, school_days(town.year)
    session = {
        "sourcedId": [f"SY{year}"], "title": [f"School year {year - 1}-{year}"], "type": ["schoolYear"],
        "startDate": [str(days[0])], "endDate": [str(days[-1])], "schoolYear": [str(year)],
    }  # fmt: skip
    count = int(ours.sum())
    orgs = {
        "sourcedId": ["LSD", *schools.id[ours]],
        "name": ["Lakeside Schools", *schools.name[ours]],
        "type": ["district"] + count * ["school"],
        "parentSourcedId": [""] + count * ["LSD"],
    }
    tables: dict[str, dict[str, Any]] = {
        "academicSessions": session,
        "orgs": orgs,
        "users": _users(roster),
        "roles": _roles(town, roster),
        "demographics": _demographics(town, roster),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        _put(bundle, "manifest", _manifest(set(tables)))
        for name, table in tables.items():
            header = ["sourcedId", "status", "dateLastModified", *HEADERS[name].split()]
            empty = [""] * len(table["sourcedId"])
            _put(bundle, name, csv_text({column: table.get(column, empty) for column in header}, end="\r\n"))


def _put(bundle: zipfile.ZipFile, name: str, text: str) -> None:
    # A fixed time, so that the same seed gives the same bytes.
    bundle.writestr(zipfile.ZipInfo(f"{name}.csv", (2026, 7, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 1)


def _manifest(present: set[str]) -> str:
    rows = [("manifest.version", "1.0"), ("oneroster.version", "1.2")]
    rows += [(f"file.{name}", "bulk" if name in present else "absent") for name in FILES]
    rows += [("source.systemName", "Lakeside SIS"), ("source.systemCode", "lakeside")]
    return "\r\n".join(["propertyName,value", *(f"{k},{v}" for k, v in rows)]) + "\r\n"


def _users(roster: Roster) -> dict[str, Any]:
    written, key = roster.written, roster.key
    return {
        "sourcedId": key,
        "enabledUser": np.full(len(key), "true"),
        "username": np.char.lower(key),
        "givenName": written.first,
        "familyName": written.last,
        "identifier": key,
        "phone": written.phone,
    }


def _roles(town: Town, roster: Roster) -> dict[str, Any]:
    """A role at this year's school for those who attend, at the district for those who have left."""
    spells, year = town.spells, town.year
    now = np.flatnonzero((spells.district == 1) & (spells.year == year))
    org, begin = np.full(len(roster.key), "LSD", dtype="U8"), np.full(len(roster.key), "", dtype="U10")
    place = roster.places_of(spells.student[now])
    org[place], begin[place] = town.schools.id[spells.school[now]], str(school_days(year)[0])
    return {
        "sourcedId": np.char.add(roster.key, "-R"),
        "userSourcedId": roster.key,
        "roleType": np.full(len(roster.key), "primary"),
        "role": np.full(len(roster.key), "student"),
        "beginDate": begin,
        "orgSourcedId": org,
    }


def _demographics(town: Town, roster: Roster) -> dict[str, Any]:
    people, who = town.people, roster.student
    return {
        "sourcedId": roster.key,
        "birthDate": roster.written.birthdate,
        "sex": np.where(people.sex[who] == "F", "female", "male"),
        **{column: _true(people.race[who] == race) for race, column in RACE_COLUMNS.items()},
        "hispanicOrLatinoEthnicity": _true(people.hispanic[who]),
    }


def _true(values: Bools) -> Text:
    return np.where(values, "true", "false")
