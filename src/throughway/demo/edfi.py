"""The first district's export: an Ed-Fi bulk interchange (Data Standard 5.2), one folder of XML."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from throughway.demo.population import Population
from throughway.demo.roster import Roster
from throughway.demo.schooling import COURSES, Attendance, College, Marks
from throughway.demo.years import EXITS, Spells, school_days

DISTRICT = 255100
MIDDLE, HIGH = 255100041, 255100001
NAMES = {MIDDLE: "Riverbend Middle School", HIGH: "Riverbend High School"}
GRADES = {6: "Sixth grade", 7: "Seventh grade", 8: "Eighth grade", 9: "Ninth grade", 10: "Tenth grade",
          11: "Eleventh grade", 12: "Twelfth grade"}  # fmt: skip
RACES = {
    "White": "White",
    "BlackorAfricanAmerican": "Black or African American",
    "Asian": "Asian",
    "AmericanIndianorAlaskaNative": "American Indian or Alaska Native",
}
ABSENCES = {"E": "Excused Absence", "U": "Unexcused Absence", "T": "Tardy"}


def school_of(grade: int) -> int:
    return HIGH if grade >= 9 else MIDDLE


def word(descriptor: str, value: str) -> str:
    return f"uri://ed-fi.org/{descriptor}Descriptor#{value}"


def term(year: int) -> str:
    return f"{year - 1}-{year}"


def learner(key: str) -> str:
    return f"<StudentReference><StudentIdentity><StudentUniqueId>{key}</StudentUniqueId></StudentIdentity></StudentReference>"


def school(id: int) -> str:
    return f"<SchoolReference><SchoolIdentity><SchoolId>{id}</SchoolId></SchoolIdentity></SchoolReference>"


def organization(id: int) -> str:
    return (
        "<EducationOrganizationReference><EducationOrganizationIdentity>"
        f"<EducationOrganizationId>{id}</EducationOrganizationId>"
        "</EducationOrganizationIdentity></EducationOrganizationReference>"
    )


def write(path: Path, interchange: str, parts: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Interchange{interchange} xmlns="http://ed-fi.org/5.2.0">\n'
        )
        file.writelines(f"{part}\n" for part in parts)
        file.write(f"</Interchange{interchange}>\n")


def export(
    folder: Path,
    roster: Roster,
    people: Population,
    spells: Spells,
    attendance: Attendance,
    marks: Marks,
    college: College,
) -> None:
    """Writes the whole folder. `spells` and what follows hold the rows of every district; this one's are chosen here."""
    folder.mkdir(parents=True, exist_ok=True)
    years = [int(y) for y in np.unique(spells.year)]
    write(folder / "EducationOrganization.xml", "EducationOrganization", _organizations())
    write(folder / "EducationOrgCalendar.xml", "EducationOrgCalendar", _calendar(years))
    write(folder / "Student.xml", "Student", _students(roster))
    write(folder / "StudentEnrollment.xml", "StudentEnrollment", _enrollment(roster, people, spells))
    write(folder / "StudentAttendance.xml", "StudentAttendance", _attendance(roster, spells, attendance))
    write(folder / "StudentTranscript.xml", "StudentTranscript", _transcript(roster, spells, marks, college))


def _organizations() -> Iterator[str]:
    yield (
        "<LocalEducationAgency><NameOfInstitution>Riverbend Schools</NameOfInstitution>"
        f"<EducationOrganizationCategory>{word('EducationOrganizationCategory', 'Local Education Agency')}"
        f"</EducationOrganizationCategory><LocalEducationAgencyId>{DISTRICT}</LocalEducationAgencyId>"
        f"<LocalEducationAgencyCategory>{word('LocalEducationAgencyCategory', 'Independent')}"
        "</LocalEducationAgencyCategory></LocalEducationAgency>"
    )
    for id, name in NAMES.items():
        grades = "".join(
            f"<GradeLevel>{word('GradeLevel', text)}</GradeLevel>"
            for g, text in GRADES.items()
            if school_of(g) == id
        )
        yield (
            f"<School><NameOfInstitution>{name}</NameOfInstitution>"
            f"<EducationOrganizationCategory>{word('EducationOrganizationCategory', 'School')}"
            f"</EducationOrganizationCategory><SchoolId>{id}</SchoolId>{grades}"
            "<LocalEducationAgencyReference><LocalEducationAgencyIdentity>"
            f"<LocalEducationAgencyId>{DISTRICT}</LocalEducationAgencyId>"
            "</LocalEducationAgencyIdentity></LocalEducationAgencyReference></School>"
        )


def _calendar(years: list[int]) -> Iterator[str]:
    event = word("CalendarEvent", "Instructional day")
    for year in years:
        for id in NAMES:
            reference = (
                f"<CalendarReference><CalendarIdentity><CalendarCode>{year}{id}</CalendarCode>{school(id)}"
                f"<SchoolYear>{term(year)}</SchoolYear></CalendarIdentity></CalendarReference>"
            )
            for day in school_days(year):
                yield f"<CalendarDate><Date>{day}</Date><CalendarEvent>{event}</CalendarEvent>{reference}</CalendarDate>"


def _students(roster: Roster) -> Iterator[str]:
    written = roster.written
    for key, first, last, born in zip(
        roster.key, written.first, written.last, written.birthdate, strict=True
    ):
        yield (
            f"<Student><StudentUniqueId>{key}</StudentUniqueId><Name><FirstName>{escape(first)}</FirstName>"
            f"<LastSurname>{escape(last)}</LastSurname></Name>"
            f"<BirthData><BirthDate>{born}</BirthDate></BirthData></Student>"
        )


def _enrollment(roster: Roster, people: Population, spells: Spells) -> Iterator[str]:
    ours = np.flatnonzero(spells.district == 0)
    for key, i in zip(roster.keys_of(spells.student[ours]), ours, strict=True):
        grade = int(spells.grade[i])
        leaving = "" if np.isnat(spells.end[i]) else (
            f"<ExitWithdrawDate>{spells.end[i]}</ExitWithdrawDate>"
            f"<ExitWithdrawType>{word('ExitWithdrawType', EXITS[str(spells.exit[i])][0])}</ExitWithdrawType>"
        )  # fmt: skip
        yield (
            f"<StudentSchoolAssociation>{learner(key)}{school(school_of(grade))}"
            f"<SchoolYear>{term(int(spells.year[i]))}</SchoolYear><EntryDate>{spells.start[i]}</EntryDate>"
            f"<EntryGradeLevel>{word('GradeLevel', GRADES[grade])}</EntryGradeLevel>{leaving}</StudentSchoolAssociation>"
        )
    for key, i in zip(roster.key, roster.student, strict=True):
        yield _about(key, people, int(i))


def _about(key: str, people: Population, i: int) -> str:
    sex = "Female" if people.sex[i] == "F" else "Male"
    english = "Limited" if people.english_learner[i] else "NotLimited"
    return (
        f"<StudentEducationOrganizationAssociation>{learner(key)}{organization(DISTRICT)}"
        f"<Sex>{word('Sex', sex)}</Sex><Address><StreetNumberName>{people.street[i]}</StreetNumberName>"
        f"<City>Riverbend</City><StateAbbreviation>{word('StateAbbreviation', 'NY')}</StateAbbreviation>"
        f"<PostalCode>{people.zip_code[i]}</PostalCode><AddressType>{word('AddressType', 'Home')}</AddressType></Address>"
        f"<Telephone><TelephoneNumber>{people.phone[i]}</TelephoneNumber>"
        f"<TelephoneNumberType>{word('TelephoneNumberType', 'Home')}</TelephoneNumberType></Telephone>"
        f"<HispanicLatinoEthnicity>{str(bool(people.hispanic[i])).lower()}</HispanicLatinoEthnicity>"
        f"<Race>{word('Race', RACES[str(people.race[i])])}</Race>"
        f"<LimitedEnglishProficiency>{word('LimitedEnglishProficiency', english)}</LimitedEnglishProficiency>"
        "</StudentEducationOrganizationAssociation>"
    )


def _attendance(roster: Roster, spells: Spells, attendance: Attendance) -> Iterator[str]:
    """Absences and tardies only, as such systems keep them."""
    chosen = np.flatnonzero((spells.district[attendance.spell] == 0) & (attendance.status != "P"))
    spell = attendance.spell[chosen]
    keys = roster.keys_of(spells.student[spell])
    for key, s, day, status in zip(
        keys, spell, attendance.day[chosen], attendance.status[chosen], strict=True
    ):
        year = int(spells.year[s])
        place = school(school_of(int(spells.grade[s])))
        season = "Fall" if str(day) < f"{year}-01-01" else "Spring"
        yield (
            f"<StudentSchoolAttendanceEvent><AttendanceEvent><EventDate>{day}</EventDate>"
            f"<AttendanceEventCategory>{word('AttendanceEventCategory', ABSENCES[str(status)])}</AttendanceEventCategory>"
            f"</AttendanceEvent>{learner(key)}{place}<SessionReference><SessionIdentity>"
            f"<SessionName>{term(year)} {season} Semester</SessionName><SchoolYear>{term(year)}</SchoolYear>{place}"
            "</SessionIdentity></SessionReference></StudentSchoolAttendanceEvent>"
        )


def _record(key: str, year: int, season: str) -> str:
    return (
        f"{learner(key)}{organization(HIGH)}<SchoolYear>{term(year)}</SchoolYear>"
        f"<Term>{word('Term', f'{season} Semester')}</Term>"
    )


def _transcript(roster: Roster, spells: Spells, marks: Marks, college: College) -> Iterator[str]:
    graduates = np.flatnonzero(college.district == 0)
    for key, i in zip(roster.keys_of(college.student[graduates]), graduates, strict=True):
        day = college.diploma[i]
        yield (
            f"<StudentAcademicRecord><Diploma><Achievement/><DiplomaAwardDate>{day}</DiplomaAwardDate>"
            f"<DiplomaType>{word('DiplomaType', 'Regular diploma')}</DiplomaType></Diploma>"
            f"{_record(key, int(str(day)[:4]), 'Spring')}</StudentAcademicRecord>"
        )
    chosen = np.flatnonzero(spells.district[marks.spell] == 0)
    keys = roster.keys_of(spells.student[marks.spell[chosen]])
    for key, i in zip(keys, chosen, strict=True):
        spell = marks.spell[i]
        grade = int(spells.grade[spell])
        title, code = COURSES[int(marks.course[i])]
        letter = str(marks.letter[i])
        season = "Fall" if marks.semester[i] == 1 else "Spring"
        yield (
            f"<CourseTranscript><CourseAttemptResult>{word('CourseAttemptResult', 'Fail' if letter == 'F' else 'Pass')}"
            "</CourseAttemptResult><AttemptedCredits><Credits>0.5</Credits></AttemptedCredits>"
            f"<EarnedCredits><Credits>{0 if letter == 'F' else 0.5}</Credits></EarnedCredits>"
            f"<WhenTakenGradeLevel>{word('GradeLevel', GRADES[grade])}</WhenTakenGradeLevel>"
            f"<FinalLetterGradeEarned>{letter}</FinalLetterGradeEarned>"
            f"<CourseReference><CourseIdentity><CourseCode>{code}-{grade}</CourseCode>{organization(DISTRICT)}"
            "</CourseIdentity></CourseReference><StudentAcademicRecordReference><StudentAcademicRecordIdentity>"
            f"{_record(key, int(spells.year[spell]), season)}</StudentAcademicRecordIdentity>"
            f"</StudentAcademicRecordReference><CourseTitle>{title.format(grade=grade)}</CourseTitle></CourseTranscript>"
        )
