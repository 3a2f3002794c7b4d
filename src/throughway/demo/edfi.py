"""The first district's export: an Ed-Fi bulk interchange (Data Standard 5.2), one folder of XML."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from throughway.demo.arrays import earliest
from throughway.demo.assessments import INSTRUMENTS, MATH, READING, STATE, SUBJECTS, identifier
from throughway.demo.attendance_and_marks import COURSES, EXCUSED, TARDY, UNEXCUSED
from throughway.demo.column_files import (
    ISO,
    Column,
    Part,
    days,
    element,
    escaped,
    named,
    place,
    put,
    rows,
    slices,
    texts,
    where,
)
from throughway.demo.enrollment import EXITS, GRADES_AT, school_days
from throughway.demo.partners import RIVERBEND
from throughway.demo.roster import Roster
from throughway.demo.town import Town

DISTRICT = "255100"
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


def export(folder: Path, town: Town) -> None:
    """Writes the whole folder, of the students and stays of the first district."""
    folder.mkdir(parents=True, exist_ok=True)
    roster = town.rosters[RIVERBEND]
    interchanges: dict[str, Iterable[Part]] = {
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
    for name, parts in interchanges.items():
        with (folder / f"{name}.xml").open("wb") as file:
            put(
                file,
                f'<?xml version="1.0" encoding="UTF-8"?>\n<Interchange{name} xmlns="http://ed-fi.org/5.2.0">',
            )
            for part in parts:
                put(file, part)
            put(file, f"</Interchange{name}>")


def _word(descriptor: str, value: str) -> str:
    return f"uri://ed-fi.org/{descriptor}Descriptor#{value}"


def _coded(name: str, value: Part) -> Part:
    """An element that holds a descriptor of the same name."""
    return element(name, _word(name, ""), value)


def _school_year(ending: int) -> str:
    return f"{ending - 1}-{ending}"


def _school_years(ending: np.ndarray) -> Part:
    first = int(ending.min()) if len(ending) else 0
    return element("SchoolYear", named((_school_year(first + n) for n in range(60)), ending - first))


def _grades(name: str, grade: np.ndarray) -> Part:
    return element(name, named((_word("GradeLevel", g) for g in GRADES), grade))


def _student(keys: Part) -> Part:
    return element("StudentReference/StudentIdentity/StudentUniqueId", keys)


def _school(id: Part) -> Part:
    return element("SchoolReference/SchoolIdentity/SchoolId", id)


def _organization(id: Part) -> Part:
    return element("EducationOrganizationReference/EducationOrganizationIdentity/EducationOrganizationId", id)


def _organizations(town: Town) -> Iterator[Part]:
    name, kind = "NameOfInstitution", "EducationOrganizationCategory"
    yield element(
        "LocalEducationAgency",
        element(name, "Riverbend Schools"),
        _coded(kind, "Local Education Agency"),
        element("LocalEducationAgencyId", DISTRICT),
        _coded("LocalEducationAgencyCategory", "Independent"),
    )
    first = np.concatenate([[0], np.cumsum(GRADES_AT)])
    built = town.schools
    for n in np.flatnonzero(built.district == 0):
        level = int(built.level[n])
        yield element(
            "School",
            element(name, str(built.name[n])),
            _coded(kind, "School"),
            element("SchoolId", str(built.id[n])),
            *(_coded("GradeLevel", g) for g in GRADES[first[level] : first[level + 1]]),
            element(
                "LocalEducationAgencyReference/LocalEducationAgencyIdentity/LocalEducationAgencyId", DISTRICT
            ),
        )


def _calendar(town: Town) -> Iterator[Part]:
    for year in town.years:
        taught = days(school_days(year), ISO)
        for id in town.schools.id[town.schools.district == 0].tolist():
            yield element(
                "CalendarDate",
                element("Date", taught),
                _coded("CalendarEvent", "Instructional day"),
                element(
                    "CalendarReference/CalendarIdentity",
                    element("CalendarCode", f"{year}{id}"),
                    _school(id),
                    element("SchoolYear", _school_year(year)),
                ),
            )


def _assessments() -> Iterator[Part]:
    """Readiness, the screener, and the State's test of each grade and subject."""
    kinds = [(0, 0, 0), (1, READING, 2)] + [(STATE, s, g) for g in range(3, 9) for s in (READING, MATH)]
    for instrument, subject, grade in kinds:
        yield element(
            "Assessment",
            element("AssessmentIdentifier", identifier(instrument, subject, grade)),
            element("AssessmentTitle", f"{INSTRUMENTS[instrument]}, {SUBJECTS[subject]}, {GRADES[grade]}"),
            _coded("AcademicSubject", EDFI_SUBJECTS[subject]),
            element("AssessedGradeLevel", _word("GradeLevel", GRADES[grade])),
            element("Namespace", NAMESPACE),
        )


def _students(town: Town, roster: Roster) -> Iterator[Part]:
    middle, written = town.people.middle[roster.student], roster.written
    yield element(
        "Student",
        element("StudentUniqueId", texts(roster.key)),
        element(
            "Name",
            element("FirstName", escaped(written.first)),
            where(middle != "", element("MiddleName", texts(middle))),
            element("LastSurname", escaped(written.last)),
        ),
        element(
            "BirthData",
            element("BirthDate", texts(written.birthdate)),
            where(town.people.twin[roster.student], element("MultipleBirthStatus", "true")),
        ),
    )


def _enrollment(town: Town, roster: Roster) -> Iterator[Part]:
    spells = town.spells.where(town.spells.district == 0)
    for part in slices(len(spells.student)):
        stay = spells.where(np.arange(len(spells.student))[part])
        yield element(
            "StudentSchoolAssociation",
            _student(texts(roster.keys_of(stay.student))),
            _school(named(town.schools.id, stay.school)),
            _school_years(stay.year),
            element("EntryDate", days(stay.start, ISO)),
            _grades("EntryGradeLevel", stay.grade),
            where(
                ~np.isnat(stay.end),
                element("ExitWithdrawDate", days(stay.end, ISO)),
                element("ExitWithdrawType", named(map(_leaving_word, EXITS), place(stay.exit, EXITS))),
            ),
        )
    yield from _about(town, roster)


def _leaving_word(reason: str) -> str:
    text = EXITS[reason][0]
    own = text.startswith(("Transferred", "Student"))
    return _word("ExitWithdrawType", text).replace("ed-fi.org", "riverbend.example" if own else "ed-fi.org")


def _about(town: Town, roster: Roster) -> Iterator[Part]:
    """Sex, address, race, language and statuses, in one record for each student."""
    people, known = town.people, town.known
    for part in slices(len(roster.key)):
        who = roster.student[part]
        street, phone = roster.written.street[part], roster.written.phone[part]
        # 0 never limited, 1 found fluent, 2 still limited.
        english = np.where(people.english_learner[who], np.where(people.fluent_on[who] <= known, 1, 2), 0)
        yield element(
            "StudentEducationOrganizationAssociation",
            _student(texts(roster.key[part])),
            _organization(DISTRICT),
            _coded("Sex", named(("Female", "Male"), (people.sex[who] == "M").astype(int))),
            where(
                street != "",
                element(
                    "Address",
                    element("StreetNumberName", texts(street)),
                    element("City", "Riverbend"),
                    _coded("StateAbbreviation", "NY"),
                    element("PostalCode", texts(roster.written.zip_code[part])),
                    _coded("AddressType", "Home"),
                ),
            ),
            where(
                phone != "",
                element(
                    "Telephone",
                    element("TelephoneNumber", texts(phone)),
                    _coded("TelephoneNumberType", "Home"),
                ),
            ),
            element("HispanicLatinoEthnicity", named(("false", "true"), people.hispanic[who].astype(int))),
            _coded("Race", named(RACES.values(), place(people.race[who], RACES))),
            where(people.low_income[who], _characteristic("Economic Disadvantaged")),
            _since(town, "Foster Care", people.foster_from[who], people.foster_to[who]),
            _since(town, "Homeless", people.homeless_from[who], people.homeless_to[who]),
            _coded(
                "LimitedEnglishProficiency", named(("NotLimited", "Limited Monitored 1", "Limited"), english)
            ),
            element(
                "Language",
                _coded("Language", texts(people.language[who])),
                _coded("LanguageUse", "Home language"),
            ),
        )


def _characteristic(name: str, period: Part = "") -> Part:
    return element("StudentCharacteristic", _coded("StudentCharacteristic", name), period)


def _since(town: Town, name: str, first: np.ndarray, last: np.ndarray) -> Column:
    """A status with its days, of those for whom it has begun."""
    ended = where(last <= town.known, element("EndDate", days(last, ISO)))
    period = element("Period", element("BeginDate", days(first, ISO)), ended)
    return where(first <= town.known, _characteristic(name, period))


def _programs(town: Town, roster: Roster) -> Iterator[Part]:
    """Special education, since the first autumn in the district's records."""
    people = town.people
    here = np.flatnonzero(people.disability[roster.student] != "")
    who = roster.student[here]
    ours = town.spells.district == 0
    first = earliest(people.size, town.spells.student[ours], town.spells.start[ours])
    began = days(first[who] + 14, ISO)
    yield element(
        "StudentSpecialEducationProgramAssociation",
        _student(texts(roster.key[here])),
        element(
            "ProgramReference/ProgramIdentity",
            _organization(DISTRICT),
            element("ProgramName", "Special Education"),
            _coded("ProgramType", "Special Education"),
        ),
        element("BeginDate", began),
        _organization(DISTRICT),
        element("IdeaEligibility", "true"),
        element("IEPBeginDate", began),
        element("Disability", _coded("Disability", texts(people.disability[who]))),
    )


def _attendance(town: Town, roster: Roster) -> Iterator[Part]:
    """Absences and tardies only, as such systems keep them; one school year after the other."""
    spells = town.spells
    words = [_word("AttendanceEventCategory", ABSENCES[n]) if n in ABSENCES else "" for n in range(5)]
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
        school = _school(named(town.schools.id, spells.school[year.spell]))
        tails = [
            rows(
                _student(texts(key)),
                school,
                element(
                    "SessionReference/SessionIdentity",
                    element("SessionName", f"{_school_year(year.year)} {season} Semester"),
                    element("SchoolYear", _school_year(year.year)),
                    school,
                ),
            ).to_numpy(zero_copy_only=False)
            for season in ("Fall", "Spring")
        ]
        ends = texts(np.concatenate(tails))
        for part in slices(len(row)):
            r, d = row[part], day[part]
            yield element(
                "StudentSchoolAttendanceEvent",
                element(
                    "AttendanceEvent",
                    element("EventDate", iso.take(d)),
                    element("AttendanceEventCategory", named(words, status[part])),
                ),
                ends.take(r + len(year.spell) * spring[d]),
            )


def _results(town: Town, roster: Roster) -> Iterator[Part]:
    """Each score with its level."""
    scores = town.scores.where(town.scores.district == 0)
    identifiers = [identifier(i, s, g) for i in range(3) for s in range(3) for g in range(9)]
    years = [str(y) for y in range(2000, 2100)]
    method = "AssessmentReportingMethod"
    for part in slices(len(scores.student)):
        one = scores.where(np.arange(len(scores.student))[part])
        test = named(identifiers, (one.instrument * 3 + one.subject) * 9 + one.grade)
        keys = texts(roster.keys_of(one.student))
        yield element(
            "StudentAssessment",
            element("StudentAssessmentIdentifier", keys, "-", test, "-", named(years, one.year - 2000)),
            element("AdministrationDate", days(one.day, ISO), "T09:00:00"),
            element(
                "ScoreResult",
                element("Result", texts(one.value)),
                _coded("ResultDatatypeType", "Integer"),
                _coded(method, "Scale score"),
            ),
            _grades("WhenAssessedGradeLevel", one.grade),
            element(
                "PerformanceLevel",
                _coded("PerformanceLevel", texts(one.level)),
                _coded(method, "Proficiency level"),
            ),
            _student(keys),
            element(
                "AssessmentReference/AssessmentIdentity",
                element("AssessmentIdentifier", test),
                element("Namespace", NAMESPACE),
            ),
            _school_years(one.year),
            element("ReportedSchoolReference/SchoolIdentity/SchoolId", named(town.schools.id, one.school)),
        )


def _record(keys: Column, school: Column, ending: np.ndarray, season: Part) -> Part:
    return (
        _student(keys), _organization(school), _school_years(ending), _coded("Term", (season, " Semester")),
    )  # fmt: skip


def _transcript(town: Town, roster: Roster) -> Iterator[Part]:
    done = town.college.diplomas
    done = done.where(done.district == 0)
    keys = texts(roster.keys_of(done.student))
    yield element(
        "StudentAcademicRecord",
        element(
            "Diploma",
            "<Achievement/>",
            element("DiplomaAwardDate", days(done.day, ISO)),
            _coded("DiplomaType", "Regular diploma"),
        ),
        _record(keys, named(town.schools.id, done.school), done.year, "Spring"),
    )
    spells = town.spells
    marks = town.marks.where(spells.district[town.marks.spell] == 0)
    codes = [f"{code}-{g}" for _, code in COURSES for g in range(13)]
    titles = [title.format(grade=g) for title, _ in COURSES for g in range(13)]
    for part in slices(len(marks.spell)):
        mark = marks.where(np.arange(len(marks.spell))[part])
        stay = spells.where(mark.spell)
        fail = (mark.letter == "F").astype(int)
        course = mark.course * 13 + stay.grade
        yield element(
            "CourseTranscript",
            _coded("CourseAttemptResult", named(("Pass", "Fail"), fail)),
            element("AttemptedCredits/Credits", "0.5"),
            element("EarnedCredits/Credits", named(("0.5", "0"), fail)),
            _grades("WhenTakenGradeLevel", stay.grade),
            element("FinalLetterGradeEarned", texts(mark.letter)),
            element(
                "CourseReference/CourseIdentity",
                element("CourseCode", named(codes, course)),
                _organization(DISTRICT),
            ),
            element(
                "StudentAcademicRecordReference/StudentAcademicRecordIdentity",
                _record(
                    texts(roster.keys_of(stay.student)),
                    named(town.schools.id, stay.school),
                    stay.year,
                    named(("Fall", "Spring"), mark.semester - 1),
                ),
            ),
            element("CourseTitle", named(titles, course)),
        )
