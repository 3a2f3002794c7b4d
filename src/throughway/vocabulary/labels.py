"""What tables and elements are called on screens, for readers who do not know the vocabulary."""

from collections.abc import Mapping

TABLE_WORDS: Mapping[str, str] = {
    "person": "names, birth date and sex",
    "person_identifier": "student numbers",
    "person_race": "race and ethnicity",
    "person_language": "languages",
    "person_contact": "addresses, telephones and e-mail",
    "guardian": "guardians",
    "organization": "names of schools and places",
    "calendar_day": "days of school",
    "school_enrollment": "enrollment",
    "attendance_day": "attendance by day",
    "attendance_summary": "attendance by period",
    "behavior_incident": "behavior incidents",
    "disciplinary_action": "discipline",
    "course_grade": "course grades",
    "assessment_result": "test scores",
    "program": "names of programs",
    "program_participation": "time in programs",
    "special_education_participation": "time in special education programs",
    "homeless_program_participation": "time in programs for people without a home",
    "meal_program_participation": "time in school meal programs",
    "service_received": "supports received",
    "referral": "referrals",
    "person_status": "statuses, such as English learner",
    "postsecondary_enrollment": "college enrollment",
    "credential": "diplomas and degrees",
    "employment": "work and earnings",
    "survey_response": "survey answers",
    "contact_note": "notes about contacts",
    "referral_event": "referrals to a support, and their answers",
    "session_attendance": "attendance at sessions of a program",
    "walk_in": "names of visitors at the door",
    "task": "tasks",
    "need": "needs",
}
ELEMENT_WORDS: Mapping[str, str] = {
    "idea_indicator": "served under IDEA",
    "idea_disability_type": "IDEA disability category",
    "idea_iep_status": "state of the IEP",
    "title_iii_immigrant_status": "immigrant status (Title III)",
    "english_learner_status": "English learner status",
    "last_or_surname": "last name",
    "birthdate": "birth date",
    "contact_text": "what the note says",
    "contact_kind": "kind of contact",
    "contact_date": "day of the contact",
    "event_text": "words to the receiver, and its questions",
    "contact_phone": "telephone of the family",
    "contact_language": "language in which to call",
    "interpreter_needed": "whether an interpreter is needed",
    "best_time": "best hour to call",
    "way_there": "the way there and home",
    "student_name": "name of the student",
    "session_date": "day of the session",
    "session_mark": "present, late or absent",
    "walk_in_name": "name as typed at the door",
    "walk_in_closed": "visitor without a record",
    "task_text": "what is to be done",
    "task_reason": "why a task was dropped",
    "task_due": "day on which a task is due",
    "need_text": "what was said about the need",
    "author_partner": "partner of the author",
    "author_capacity": "capacity of the author",
    "eligibility_status_for_school_food_service_programs": "eligibility for free or reduced-price meals",
}


def element_words(name: str) -> str:
    return ELEMENT_WORDS.get(name) or name.replace("_", " ")


def table_words(table: str) -> str:
    return TABLE_WORDS.get(table) or table.replace("_", " ")
