"""Ed-Fi: stays in schools, absences, test results, marks and diplomas."""

from collections.abc import Iterator

import numpy as np

from throughway.demo import edfi_people
from throughway.demo.columns import Column, days, indices, named, place, rows, slices, texts, where
from throughway.demo.edfi_words import (
    BODY,
    BODY_ENDS,
    DISTRICT,
    LEARNER,
    LEARNER_ENDS,
    NAMESPACE,
    PLACE,
    PLACE_ENDS,
    grade,
    organization,
    term,
    word,
)
from throughway.demo.roster import Roster
from throughway.demo.schooling import COURSES, EXCUSED, TARDY, UNEXCUSED
from throughway.demo.testing import identifier
from throughway.demo.town import Town
from throughway.demo.years import EXITS

ABSENCES = {TARDY: "Tardy", EXCUSED: "Excused Absence", UNEXCUSED: "Unexcused Absence"}


def _years(values: np.ndarray) -> Column:
    """`2025-2026`, of ending years."""
    first = int(values.min()) if len(values) else 0
    return named((term(first + n) for n in range(60)), values - first)


def leaving_word(reason: str) -> str:
    text = EXITS[reason][0]
    own = text.startswith(("Transferred", "Student"))
    return word("ExitWithdrawType", text).replace("ed-fi.org", "riverbend.example" if own else "ed-fi.org")


def enrollment(town: Town, roster: Roster) -> Iterator[Column]:
    spells = town.spells.where(town.spells.district == 0)
    reasons = list(EXITS)
    for part in slices(len(spells.student)):
        stay = spells.where(np.arange(len(spells.student))[part])
        ended = ~np.isnat(stay.end)
        leaving = rows(
            "<ExitWithdrawDate>", days(stay.end), "</ExitWithdrawDate><ExitWithdrawType>",
            named((leaving_word(r) for r in reasons), place(stay.exit, reasons)), "</ExitWithdrawType>",
        )  # fmt: skip
        yield rows(
            f"<StudentSchoolAssociation>{LEARNER}",
            texts(roster.keys_of(stay.student)),
            f"{LEARNER_ENDS}{PLACE}",
            named(town.schools.id, stay.school),
            f"{PLACE_ENDS}<SchoolYear>",
            _years(stay.year),
            "</SchoolYear><EntryDate>",
            days(stay.start),
            "</EntryDate><EntryGradeLevel>",
            named((grade(n) for n in range(13)), stay.grade),
            "</EntryGradeLevel>",
            where(ended, leaving),
            "</StudentSchoolAssociation>",
        )
    yield from edfi_people.about(town, roster)


def attendance(town: Town, roster: Roster) -> Iterator[Column]:
    """Absences and tardies only, as such systems keep them; one school year after the other."""
    spells = town.spells
    for year in town.each_year():
        ours = spells.district[year.spell] == 0
        row, day, status = year.rows(TARDY, EXCUSED, UNEXCUSED)
        chosen = ours[row]
        row, day, status = row[chosen], day[chosen], status[chosen]
        key = np.full(len(year.spell), "", dtype=roster.key.dtype)
        key[ours] = roster.keys_of(spells.student[year.spell[ours]])
        keys, iso = texts(key), days(year.days)
        spring = (year.days >= np.datetime64(f"{year.year}-01-01")).astype(int)
        event = "<StudentSchoolAttendanceEvent><AttendanceEvent><EventDate>"
        # What is the same for a stay and a season is joined once.
        schools = named(town.schools.id, spells.school[year.spell])
        ends = [
            rows(
                f"</AttendanceEventCategory></AttendanceEvent>{LEARNER}",
                keys,
                f"{LEARNER_ENDS}{PLACE}",
                schools,
                f"{PLACE_ENDS}<SessionReference><SessionIdentity><SessionName>{term(year.year)} {season} Semester"
                f"</SessionName><SchoolYear>{term(year.year)}</SchoolYear>{PLACE}",
                schools,
                f"{PLACE_ENDS}</SessionIdentity></SessionReference></StudentSchoolAttendanceEvent>",
            )
            for season in ("Fall", "Spring")
        ]
        both = [end.to_numpy(zero_copy_only=False) for end in ends]
        tails = texts(np.concatenate(both))
        words = [word("AttendanceEventCategory", ABSENCES[n]) if n in ABSENCES else "" for n in range(5)]
        for part in slices(len(row)):
            r, d = row[part], day[part]
            yield rows(
                event,
                iso.take(indices(d)),
                "</EventDate><AttendanceEventCategory>",
                named(words, status[part]),
                tails.take(indices(r + len(year.spell) * spring[d])),
            )


def assessments(town: Town, roster: Roster) -> Iterator[Column]:
    """Each score with its level."""
    scores = town.scores.where(town.scores.district == 0)
    identifiers = [identifier(i, s, g) for i in range(3) for s in range(3) for g in range(9)]
    for part in slices(len(scores.student)):
        one = scores.where(np.arange(len(scores.student))[part])
        which = (one.instrument * 3 + one.subject) * 9 + one.grade
        keys = texts(roster.keys_of(one.student))
        yield rows(
            "<StudentAssessment><StudentAssessmentIdentifier>",
            keys,
            "-",
            named(identifiers, which),
            "-",
            named((str(y) for y in range(2000, 2100)), one.year - 2000),
            "</StudentAssessmentIdentifier><AdministrationDate>",
            days(one.day),
            "T09:00:00</AdministrationDate><ScoreResult><Result>",
            texts(one.value),
            f"</Result><ResultDatatypeType>{word('ResultDatatypeType', 'Integer')}</ResultDatatypeType>"
            f"<AssessmentReportingMethod>{word('AssessmentReportingMethod', 'Scale score')}</AssessmentReportingMethod>"
            "</ScoreResult><WhenAssessedGradeLevel>",
            named((grade(n) for n in range(13)), one.grade),
            f"</WhenAssessedGradeLevel><PerformanceLevel><PerformanceLevel>{word('PerformanceLevel', '')}",
            texts(one.level),
            "</PerformanceLevel><AssessmentReportingMethod>"
            f"{word('AssessmentReportingMethod', 'Proficiency level')}</AssessmentReportingMethod></PerformanceLevel>{LEARNER}",
            keys,
            f"{LEARNER_ENDS}<AssessmentReference><AssessmentIdentity><AssessmentIdentifier>",
            named(identifiers, which),
            f"</AssessmentIdentifier><Namespace>{NAMESPACE}</Namespace></AssessmentIdentity></AssessmentReference><SchoolYear>",
            _years(one.year),
            f"</SchoolYear>{PLACE.replace('School', 'ReportedSchool', 1)}",
            named(town.schools.id, one.school),
            f"{PLACE_ENDS.replace('</SchoolReference>', '</ReportedSchoolReference>')}</StudentAssessment>",
        )


def _record(keys: Column, school: Column, year: Column, season: str | Column) -> Column:
    return rows(
        LEARNER, keys, f"{LEARNER_ENDS}{BODY}", school, f"{BODY_ENDS}<SchoolYear>", year, f"</SchoolYear><Term>{word('Term', '')}",
        season, " Semester</Term>",
    )  # fmt: skip


def transcript(town: Town, roster: Roster) -> Iterator[Column]:
    done = town.college.diplomas
    ours = np.flatnonzero(done.district == 0)
    yield rows(
        "<StudentAcademicRecord><Diploma><Achievement/><DiplomaAwardDate>",
        days(done.day[ours]),
        f"</DiplomaAwardDate><DiplomaType>{word('DiplomaType', 'Regular diploma')}</DiplomaType></Diploma>",
        _record(texts(roster.keys_of(done.student[ours])), named(town.schools.id, done.school[ours]), _years(done.year[ours]), "Spring"),
        "</StudentAcademicRecord>",
    )  # fmt: skip
    marks, spells = town.marks, town.spells
    chosen = np.flatnonzero(spells.district[marks.spell] == 0)
    for part in slices(len(chosen)):
        i = chosen[part]
        stay, course = marks.spell[i], marks.course[i]
        level = spells.grade[stay]
        fail = (marks.letter[i] == "F").astype(int)
        codes = [f"{code}-{g}" for _, code in COURSES for g in range(13)]
        titles = [title.format(grade=g) for title, _ in COURSES for g in range(13)]
        record = _record(
            texts(roster.keys_of(spells.student[stay])), named(town.schools.id, spells.school[stay]), _years(spells.year[stay]),
            named(("Fall", "Spring"), marks.semester[i] - 1),
        )  # fmt: skip
        yield rows(
            f"<CourseTranscript><CourseAttemptResult>{word('CourseAttemptResult', '')}",
            named(("Pass", "Fail"), fail),
            "</CourseAttemptResult><AttemptedCredits><Credits>0.5</Credits></AttemptedCredits><EarnedCredits><Credits>",
            named(("0.5", "0"), fail),
            "</Credits></EarnedCredits><WhenTakenGradeLevel>",
            named((grade(n) for n in range(13)), level),
            "</WhenTakenGradeLevel><FinalLetterGradeEarned>",
            texts(marks.letter[i]),
            "</FinalLetterGradeEarned><CourseReference><CourseIdentity><CourseCode>",
            named(codes, course * 13 + level),
            f"</CourseCode>{organization(DISTRICT)}</CourseIdentity></CourseReference><StudentAcademicRecordReference>"
            "<StudentAcademicRecordIdentity>",
            record,
            "</StudentAcademicRecordIdentity></StudentAcademicRecordReference><CourseTitle>",
            named(titles, course * 13 + level),
            "</CourseTitle></CourseTranscript>",
        )
