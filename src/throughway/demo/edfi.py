"""The first district's export: an Ed-Fi bulk interchange (Data Standard 5.2), one folder of XML."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from throughway.demo.arrays import earliest
from throughway.demo.assessments import INSTRUMENTS, MATH, READING, STATE, SUBJECTS, identifier
from throughway.demo.attendance_and_marks import COURSES, EXCUSED, TARDY, UNEXCUSED
from throughway.demo.column_files import (
    ISO,
    Column,
    Only,
    Part,
    days,
    escaped,
    named,
    place,
    put,
    rows,
    slices,
    texts,
    xml,
)
from throughway.demo.enrollment import EXITS, GRADES_AT, school_days
from throughway.demo.partners import RIVERBEND
from throughway.demo.roster import Roster
from throughway.demo.town import Town

DISTRICT = "255100"
DESCRIPTORS = "uri://ed-fi.org/{}Descriptor#"  # how the name of a code begins, by its kind
GRADE_LEVEL = DESCRIPTORS.format("GradeLevel")
NAMESPACE = "uri://riverbend.example/assessment"
GRADES = ("Kindergarten", "First grade", "Second grade", "Third grade", "Fourth grade", "Fifth grade", "Sixth grade",
          "Seventh grade", "Eighth grade", "Ninth grade", "Tenth grade", "Eleventh grade", "Twelfth grade")  # fmt: skip
RACES = {
    "White": "White",
    "BlackorAfricanAmerican": "Black or African American",
    "Asian": "Asian",
    "AmericanIndianorAlaskaNative": "American Indian or Alaska Native",
}
EDFI_SUBJECTS = ("Other", "English Language Arts", "Mathematics")
ABSENCES = {TARDY: "Tardy", EXCUSED: "Excused Absence", UNEXCUSED: "Unexcused Absence"}
STUDENT = "StudentReference/StudentIdentity/StudentUniqueId"
SCHOOL = "SchoolReference/SchoolIdentity/SchoolId"
ORGANIZATION = "EducationOrganizationReference/EducationOrganizationIdentity/EducationOrganizationId"


def export(folder: Path, town: Town) -> None:
    """Writes the whole folder, of the students and stays of the first district."""
    folder.mkdir(parents=True, exist_ok=True)
    roster = town.rosters[RIVERBEND]
    interchanges: dict[str, Iterable[dict[str, Any]]] = {
        "EducationOrganization": _organizations(town),
        "EducationOrgCalendar": _calendar(town),
        "AssessmentMetadata": _assessments(),
        "Student": _students(town, roster),
        "StudentEnrollment": _enrollment(town, roster),
        "StudentProgram": _programs(town, roster),
        "StudentAssessment": _results(town, roster),
        "StudentTranscript": _transcript(town, roster),
        "StudentAttendance": _attendance(town, roster),
    }
    for name, records in interchanges.items():
        with (folder / f"{name}.xml").open("wb") as file:
            put(file, '<?xml version="1.0" encoding="UTF-8"?>')
            put(file, f'<Interchange{name} xmlns="http://ed-fi.org/5.2.0">')
            for record in records:
                put(file, xml(record, DESCRIPTORS))
            put(file, f"</Interchange{name}>")


def _school_year(ending: int) -> str:
    return f"{ending - 1}-{ending}"


def _school_years(ending: np.ndarray) -> Column:
    first = int(ending.min()) if len(ending) else 0
    return named((_school_year(first + n) for n in range(60)), ending - first)


def _grades(grade: np.ndarray) -> Column:
    return named((GRADE_LEVEL + name for name in GRADES), grade)


def _organizations(town: Town) -> Iterator[dict[str, Any]]:
    yield {
        "LocalEducationAgency": {
            "NameOfInstitution": "Riverbend Schools",
            "EducationOrganizationCategory#": "Local Education Agency",
            "LocalEducationAgencyId": DISTRICT,
            "LocalEducationAgencyCategory#": "Independent",
        }
    }
    first = np.concatenate([[0], np.cumsum(GRADES_AT)])
    built = town.schools
    for n in np.flatnonzero(built.district == 0):
        level = int(built.level[n])
        yield {
            "School": {
                "NameOfInstitution": str(built.name[n]),
                "EducationOrganizationCategory#": "School",
                "SchoolId": str(built.id[n]),
                "GradeLevel#": list(GRADES[first[level] : first[level + 1]]),
                "LocalEducationAgencyReference/LocalEducationAgencyIdentity/LocalEducationAgencyId": DISTRICT,
            }
        }


def _calendar(town: Town) -> Iterator[dict[str, Any]]:
    for year in town.years:
        taught = days(school_days(year), ISO)
        for id in town.schools.id[town.schools.district == 0].tolist():
            calendar = {"CalendarCode": f"{year}{id}", SCHOOL: id, "SchoolYear": _school_year(year)}
            yield {
                "CalendarDate": {
                    "Date": taught,
                    "CalendarEvent#": "Instructional day",
                    "CalendarReference/CalendarIdentity": calendar,
                }
            }


def _assessments() -> Iterator[dict[str, Any]]:
    """Readiness, the screener, and the State's test of each grade and subject."""
    kinds = [(0, 0, 0), (1, READING, 2)] + [(STATE, s, g) for g in range(3, 9) for s in (READING, MATH)]
    for instrument, subject, grade in kinds:
        yield {
            "Assessment": {
                "AssessmentIdentifier": identifier(instrument, subject, grade),
                "AssessmentTitle": f"{INSTRUMENTS[instrument]}, {SUBJECTS[subject]}, {GRADES[grade]}",
                "AcademicSubject#": EDFI_SUBJECTS[subject],
                "AssessedGradeLevel": GRADE_LEVEL + GRADES[grade],
                "Namespace": NAMESPACE,
            }
        }


def _students(town: Town, roster: Roster) -> Iterator[dict[str, Any]]:
    middle, written = town.people.middle[roster.student], roster.written
    yield {
        "Student": {
            "StudentUniqueId": texts(roster.key),
            "Name": {
                "FirstName": escaped(written.first),
                "MiddleName": Only(middle != "", texts(middle)),
                "LastSurname": escaped(written.last),
            },
            "BirthData": {
                "BirthDate": texts(written.birthdate),
                "MultipleBirthStatus": Only(town.people.twin[roster.student], "true"),
            },
        }
    }


def _enrollment(town: Town, roster: Roster) -> Iterator[dict[str, Any]]:
    spells = town.spells.where(town.spells.district == 0)
    for part in slices(len(spells.student)):
        stay = spells.where(np.arange(len(spells.student))[part])
        ended = ~np.isnat(stay.end)
        yield {
            "StudentSchoolAssociation": {
                STUDENT: texts(roster.keys_of(stay.student)),
                SCHOOL: named(town.schools.id, stay.school),
                "SchoolYear": _school_years(stay.year),
                "EntryDate": days(stay.start, ISO),
                "EntryGradeLevel": _grades(stay.grade),
                "ExitWithdrawDate": Only(ended, days(stay.end, ISO)),
                "ExitWithdrawType": Only(ended, named(map(_exit_type, EXITS), place(stay.exit, EXITS))),
            }
        }
    yield from _about(town, roster)


def _exit_type(reason: str) -> str:
    """The State's own word where Ed-Fi's says too little."""
    text = EXITS[reason][0]
    own = text.startswith(("Transferred", "Student"))
    return f"uri://{'riverbend.example' if own else 'ed-fi.org'}/ExitWithdrawTypeDescriptor#{text}"


def _about(town: Town, roster: Roster) -> Iterator[dict[str, Any]]:
    """Sex, address, race, language and statuses, in one record for each student."""
    people, known = town.people, town.known
    for part in slices(len(roster.key)):
        who = roster.student[part]
        street, phone = roster.written.street[part], roster.written.phone[part]
        # 0 never limited, 1 found fluent, 2 still limited.
        english = np.where(people.english_learner[who], np.where(people.fluent_on[who] <= known, 1, 2), 0)
        address = {
            "StreetNumberName": texts(street),
            "City": "Riverbend",
            "StateAbbreviation#": "NY",
            "PostalCode": texts(roster.written.zip_code[part]),
            "AddressType#": "Home",
        }
        telephone = {"TelephoneNumber": texts(phone), "TelephoneNumberType#": "Home"}
        yield {
            "StudentEducationOrganizationAssociation": {
                STUDENT: texts(roster.key[part]),
                ORGANIZATION: DISTRICT,
                "Sex#": named(("Female", "Male"), (people.sex[who] == "M").astype(int)),
                "Address": Only(street != "", address),
                "Telephone": Only(phone != "", telephone),
                "HispanicLatinoEthnicity": named(("false", "true"), people.hispanic[who].astype(int)),
                "Race#": named(RACES.values(), place(people.race[who], RACES)),
                "StudentCharacteristic": [
                    Only(people.low_income[who], {"StudentCharacteristic#": "Economic Disadvantaged"}),
                    _since(town, "Foster Care", people.foster_from[who], people.foster_to[who]),
                    _since(town, "Homeless", people.homeless_from[who], people.homeless_to[who]),
                ],
                "LimitedEnglishProficiency#": named(
                    ("NotLimited", "Limited Monitored 1", "Limited"), english
                ),
                "Language": {"Language#": texts(people.language[who]), "LanguageUse#": "Home language"},
            }
        }


def _since(town: Town, name: str, first: np.ndarray, last: np.ndarray) -> Only:
    """A status with its dates, for those for whom it has begun."""
    period = {"BeginDate": days(first, ISO), "EndDate": Only(last <= town.known, days(last, ISO))}
    return Only(first <= town.known, {"StudentCharacteristic#": name, "Period": period})


def _programs(town: Town, roster: Roster) -> Iterator[dict[str, Any]]:
    """Special education, since the first autumn in the district's records."""
    people = town.people
    here = np.flatnonzero(people.disability[roster.student] != "")
    who = roster.student[here]
    ours = town.spells.district == 0
    first = earliest(people.size, town.spells.student[ours], town.spells.start[ours])
    began = days(first[who] + 14, ISO)
    program = {"ProgramName": "Special Education", "ProgramType#": "Special Education"}
    yield {
        "StudentSpecialEducationProgramAssociation": {
            STUDENT: texts(roster.key[here]),
            "ProgramReference/ProgramIdentity": {ORGANIZATION: DISTRICT, **program},
            "BeginDate": began,
            ORGANIZATION: DISTRICT,
            "IdeaEligibility": "true",
            "IEPBeginDate": began,
            "Disability": {"Disability#": texts(people.disability[who])},
        }
    }


def _attendance(town: Town, roster: Roster) -> Iterator[dict[str, Any]]:
    """Only absences and tardies, as such systems record them; one school year after the other."""
    spells = town.spells
    words = [ABSENCES.get(n, "") for n in range(5)]
    for year in town.each_year():
        ours = spells.district[year.spell] == 0
        row, day, status = year.rows(TARDY, EXCUSED, UNEXCUSED)
        chosen = ours[row]
        row, day, status = row[chosen], day[chosen], status[chosen]
        key = np.full(len(year.spell), "", dtype=roster.key.dtype)
        key[ours] = roster.keys_of(spells.student[year.spell[ours]])
        iso = days(year.days, ISO)
        spring = (year.days >= np.datetime64(f"{year.year}-01-01")).astype(int)
        # What is the same for a stay and a season is joined once.
        school, name = named(town.schools.id, spells.school[year.spell]), _school_year(year.year)
        tails = [
            rows(
                xml({
                    STUDENT: texts(key),
                    SCHOOL: school,
                    "SessionReference/SessionIdentity": {
                        "SessionName": f"{name} {season} Semester", "SchoolYear": name, SCHOOL: school,
                    },
                })
            ).to_numpy(zero_copy_only=False)
            for season in ("Fall", "Spring")
        ]  # fmt: skip
        ends = texts(np.concatenate(tails))
        for part in slices(len(row)):
            r, d = row[part], day[part]
            event = {"EventDate": iso.take(d), "AttendanceEventCategory#": named(words, status[part])}
            tail = ends.take(r + len(year.spell) * spring[d])
            yield {"StudentSchoolAttendanceEvent": (xml({"AttendanceEvent": event}, DESCRIPTORS), tail)}


def _results(town: Town, roster: Roster) -> Iterator[dict[str, Any]]:
    """Each score with its level."""
    scores = town.scores.where(town.scores.district == 0)
    identifiers = [identifier(i, s, g) for i in range(3) for s in range(3) for g in range(9)]
    years = [str(y) for y in range(2000, 2100)]
    for part in slices(len(scores.student)):
        one = scores.where(np.arange(len(scores.student))[part])
        test = named(identifiers, (one.instrument * 3 + one.subject) * 9 + one.grade)
        keys = texts(roster.keys_of(one.student))
        yield {
            "StudentAssessment": {
                "StudentAssessmentIdentifier": (keys, "-", test, "-", named(years, one.year - 2000)),
                "AdministrationDate": (days(one.day, ISO), "T09:00:00"),
                "ScoreResult": {
                    "Result": texts(one.value),
                    "ResultDatatypeType#": "Integer",
                    "AssessmentReportingMethod#": "Scale score",
                },
                "WhenAssessedGradeLevel": _grades(one.grade),
                "PerformanceLevel": {
                    "PerformanceLevel#": texts(one.level),
                    "AssessmentReportingMethod#": "Proficiency level",
                },
                STUDENT: keys,
                "AssessmentReference/AssessmentIdentity": {
                    "AssessmentIdentifier": test,
                    "Namespace": NAMESPACE,
                },
                "SchoolYear": _school_years(one.year),
                "ReportedSchoolReference/SchoolIdentity/SchoolId": named(town.schools.id, one.school),
            }
        }


def _record(keys: Column, school: Column, ending: np.ndarray, season: Part) -> dict[str, Any]:
    term = (season, " Semester")
    return {STUDENT: keys, ORGANIZATION: school, "SchoolYear": _school_years(ending), "Term#": term}


def _transcript(town: Town, roster: Roster) -> Iterator[dict[str, Any]]:
    done = town.college.diplomas
    done = done.where(done.district == 0)
    keys = texts(roster.keys_of(done.student))
    diploma = {"DiplomaAwardDate": days(done.day, ISO), "DiplomaType#": "Regular diploma"}
    yield {
        "StudentAcademicRecord": {
            "Diploma": ("<Achievement/>", xml(diploma, DESCRIPTORS)),
            **_record(keys, named(town.schools.id, done.school), done.year, "Spring"),
        }
    }
    spells = town.spells
    marks = town.marks.where(spells.district[town.marks.spell] == 0)
    codes = [f"{code}-{g}" for _, code in COURSES for g in range(13)]
    titles = [title.format(grade=g) for title, _ in COURSES for g in range(13)]
    for part in slices(len(marks.spell)):
        mark = marks.where(np.arange(len(marks.spell))[part])
        stay = spells.where(mark.spell)
        fail = (mark.letter == "F").astype(int)
        course = mark.course * 13 + stay.grade
        season = named(("Fall", "Spring"), mark.semester - 1)
        school = named(town.schools.id, stay.school)
        record = _record(texts(roster.keys_of(stay.student)), school, stay.year, season)
        yield {
            "CourseTranscript": {
                "CourseAttemptResult#": named(("Pass", "Fail"), fail),
                "AttemptedCredits/Credits": "0.5",
                "EarnedCredits/Credits": named(("0.5", "0"), fail),
                "WhenTakenGradeLevel": _grades(stay.grade),
                "FinalLetterGradeEarned": texts(mark.letter),
                "CourseReference/CourseIdentity": {
                    "CourseCode": named(codes, course),
                    ORGANIZATION: DISTRICT,
                },
                "StudentAcademicRecordReference/StudentAcademicRecordIdentity": record,
                "CourseTitle": named(titles, course),
            }
        }
