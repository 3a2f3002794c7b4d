"""The ledger's terms in the words of a page."""

from collections.abc import Iterable, Mapping

from throughway.agreements.document import OWN_RECORDS
from throughway.partners.roles import Role

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "released": ("ok", "released"),
    "refused": ("stop", "refused"),
    "published": ("tip", "published"),
}
STRANGERS: Mapping[str, str] = {"operator": "Operator of the folder", "unknown": "Somebody unknown"}
# Purposes that no agreement names.
KNOWN_PURPOSES: Mapping[str, str] = {
    OWN_RECORDS: "To read back their own records",
    "ledger": "To learn who saw a record",
}
TABLES: Mapping[str, str] = {
    "assessment_result": "test results",
    "attendance_day": "attendance, day by day",
    "attendance_summary": "attendance, summed up",
    "behavior_incident": "behavior incidents",
    "calendar_day": "school calendars",
    "course_grade": "course grades",
    "credential": "diplomas and credentials",
    "disciplinary_action": "disciplinary actions",
    "employment": "work and earnings",
    "guardian": "parents and guardians",
    "organization": "schools and organizations",
    "person": "names and birth",
    "person_contact": "address and telephone",
    "person_identifier": "identifiers",
    "person_language": "languages",
    "person_race": "race and ethnicity",
    "person_status": "statuses such as English learner",
    "postsecondary_enrollment": "college enrollment",
    "program": "programs",
    "program_participation": "program participation",
    "referral": "referrals",
    "school_enrollment": "school enrollment",
    "service_received": "services received",
    "survey_response": "survey answers",
}


def table_words(table: str) -> str:
    return TABLES.get(table) or table.replace("_", " ")


def role_words(role: str) -> str:
    return Role(role).label if role in set(Role) else STRANGERS.get(role, "Somebody unknown")


def column_words(column: str) -> str:
    return column.replace("_", " ")


def in_words(names: Iterable[str]) -> str:
    """One, two and three."""
    *first, last = (*names,) or ("",)
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, one: str, many: str = "") -> str:
    """`counted(1, "student")` is 1 student; `counted(1200, "student")` is 1,200 students."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
