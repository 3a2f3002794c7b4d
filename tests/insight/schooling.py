"""Small ways to write down what schools record, for the tests of measures."""

from datetime import date, timedelta

from throughway.vocabulary.school_calendar import school_year_of

# The first of September of the school year before this one: what pages count is of the last years, on any day.
LAST_FALL = date(school_year_of(date.today()) - 2, 9, 1)


def school_year(ending):
    """In words: 2025-26 of 2026."""
    return f"{ending - 1}-{ending % 100:02}"


def spell(person, *, year=2026, grade="09", partner="north", school="hs", entry=None, leave=None, **more):
    return {
        "person_id": person, "organization_id": f"{partner}/{school}", "school_year": str(year),
        "enrollment_entry_date": entry or date(year - 1, 9, 1), "enrollment_exit_date": leave or date(year, 6, 15),
        "entry_grade_level": grade, **more,
    }  # fmt: skip


def begun(year, *partners):
    """A student in each district whose stay of that school year has begun: its records reach past the summer before."""
    return [spell(9_000 + n, year=year, grade="10", partner=p) for n, p in enumerate(partners or ("north",))]


def weekdays(first, count):
    """So many weekdays from a day on."""
    days, day = [], first
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days


def calendar(days, *, organization="north/hs", type="InstructionalDay"):
    return [
        {"organization_id": organization, "calendar_event_date": d, "calendar_event_type": type} for d in days
    ]


def mark(person, day, status="UnexcusedAbsence", *, organization="north/hs", **more):
    return {
        "person_id": person, "organization_id": organization, "attendance_event_date": day,
        "attendance_event_type": "DailyAttendance", "attendance_status": status, **more,
    }  # fmt: skip


def grade(person, *, credits=0.5, letter="B", sced="01001", title="English 9", attempted=0.5, **more):
    return {
        "person_id": person, "grade_level_when_course_taken": "09", "number_of_credits_earned": credits,
        "number_of_credits_attempted": attempted, "student_course_section_grade_earned": letter,
        "school_courses_for_the_exchange_of_data_course_code": sced, "course_title": title, **more,
    }  # fmt: skip


def diploma(person, on, type="00806"):
    return {"person_id": person, "high_school_diploma_type": type, "diploma_or_credential_award_date": on}


def assessed(person, level, year, well):
    """A result of the assessment of that grade: of reading in grade 3, of mathematics in grade 8."""
    return {
        "person_id": person, "grade_level_when_assessed": f"{level:02d}" if level else "KG",
        "assessment_administration_start_date": date(year, 4, 10) if level else date(year - 1, 9, 10),
        "assessment_academic_subject": {3: "13373", 8: "01166"}.get(level),
        "assessment_title": "MCAS",  # a test that comes with the program
        "assessment_performance_level_label": "Proficient" if well else "Needs Improvement",
    }  # fmt: skip
