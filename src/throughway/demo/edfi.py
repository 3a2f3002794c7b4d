"""The first district's export: an Ed-Fi bulk interchange (Data Standard 5.2), one folder of XML."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from throughway.demo import edfi_people, edfi_records
from throughway.demo.edfi_words import DISTRICT, GRADES, NAMESPACE, place, term, word
from throughway.demo.elements import write
from throughway.demo.roster import RIVERBEND
from throughway.demo.schools import GRADES_AT
from throughway.demo.testing import INSTRUMENTS, MATH, READING, STATE, SUBJECTS, identifier
from throughway.demo.town import Town
from throughway.demo.years import school_days

EDFI_SUBJECTS = ("Other", "English Language Arts", "Mathematics")


def export(folder: Path, town: Town) -> None:
    """Writes the whole folder, of the students and stays of the first district."""
    folder.mkdir(parents=True, exist_ok=True)
    roster = town.rosters[RIVERBEND]
    write(folder / "EducationOrganization.xml", "EducationOrganization", _organizations(town))
    write(folder / "EducationOrgCalendar.xml", "EducationOrgCalendar", _calendar(town))
    write(folder / "AssessmentMetadata.xml", "AssessmentMetadata", _assessments())
    write(folder / "Student.xml", "Student", edfi_people.students(town, roster))
    write(folder / "StudentEnrollment.xml", "StudentEnrollment", edfi_records.enrollment(town, roster))
    write(folder / "StudentProgram.xml", "StudentProgram", edfi_people.programs(town, roster))
    write(folder / "StudentAssessment.xml", "StudentAssessment", edfi_records.assessments(town, roster))
    write(folder / "StudentTranscript.xml", "StudentTranscript", edfi_records.transcript(town, roster))
    write(folder / "StudentAttendance.xml", "StudentAttendance", edfi_records.attendance(town, roster))


def _organizations(town: Town) -> Iterator[str]:
    yield (
        "<LocalEducationAgency><NameOfInstitution>Riverbend Schools</NameOfInstitution>"
        f"<EducationOrganizationCategory>{word('EducationOrganizationCategory', 'Local Education Agency')}"
        f"</EducationOrganizationCategory><LocalEducationAgencyId>{DISTRICT}</LocalEducationAgencyId>"
        f"<LocalEducationAgencyCategory>{word('LocalEducationAgencyCategory', 'Independent')}"
        "</LocalEducationAgencyCategory></LocalEducationAgency>"
    )
    first = np.concatenate([[0], np.cumsum(GRADES_AT)])
    built = town.schools
    for n in np.flatnonzero(built.district == 0):
        level = int(built.level[n])
        grades = "".join(
            f"<GradeLevel>{word('GradeLevel', GRADES[g])}</GradeLevel>"
            for g in range(first[level], first[level + 1])
        )
        yield (
            f"<School><NameOfInstitution>{built.name[n]}</NameOfInstitution>"
            f"<EducationOrganizationCategory>{word('EducationOrganizationCategory', 'School')}"
            f"</EducationOrganizationCategory><SchoolId>{built.id[n]}</SchoolId>{grades}"
            "<LocalEducationAgencyReference><LocalEducationAgencyIdentity>"
            f"<LocalEducationAgencyId>{DISTRICT}</LocalEducationAgencyId>"
            "</LocalEducationAgencyIdentity></LocalEducationAgencyReference></School>"
        )


def _calendar(town: Town) -> Iterator[str]:
    event = word("CalendarEvent", "Instructional day")
    for year in town.years:
        for id in town.schools.id[town.schools.district == 0]:
            reference = (
                f"<CalendarReference><CalendarIdentity><CalendarCode>{year}{id}</CalendarCode>{place(id)}"
                f"<SchoolYear>{term(year)}</SchoolYear></CalendarIdentity></CalendarReference>"
            )
            for day in school_days(year):
                yield f"<CalendarDate><Date>{day}</Date><CalendarEvent>{event}</CalendarEvent>{reference}</CalendarDate>"


def _assessments() -> Iterator[str]:
    """Readiness, the screener, and the State's test of each grade and subject."""
    kinds = [(0, 0, 0), (1, READING, 2)] + [(STATE, s, g) for g in range(3, 9) for s in (READING, MATH)]
    for instrument, subject, grade in kinds:
        title = f"{INSTRUMENTS[instrument]}, {SUBJECTS[subject]}, {GRADES[grade]}"
        yield (
            f"<Assessment><AssessmentIdentifier>{identifier(instrument, subject, grade)}</AssessmentIdentifier>"
            f"<AssessmentTitle>{title}</AssessmentTitle>"
            f"<AcademicSubject>{word('AcademicSubject', EDFI_SUBJECTS[subject])}</AcademicSubject>"
            f"<AssessedGradeLevel>{word('GradeLevel', GRADES[grade])}</AssessedGradeLevel>"
            f"<Namespace>{NAMESPACE}</Namespace></Assessment>"
        )
