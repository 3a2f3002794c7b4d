"""What a public notice of directory information names, as elements of the vocabulary (34 CFR 99.3, 99.37).

An unknown item shows nothing: a notice is never read as naming more than it says. Elements with a restricting tag and daily attendance
are never directory information, whatever a notice says.
"""

from collections.abc import Collection, Mapping

from throughway.vocabulary import COMMON, TABLES

NAME = (
    "person.first_name",
    "person.middle_name",
    "person.last_or_surname",
    "person.generation_code_or_suffix",
)
ADDRESS = tuple(
    f"person_contact.{n}"
    for n in (
        "address_street_number_and_name",
        "address_apartment_room_or_suite_number",
        "address_city",
        "state_abbreviation",
        "address_postal_code",
    )
)
PLACE_OF_BIRTH = (
    "person.city_of_birth",
    "person.state_of_birth_abbreviation",
    "person.country_of_birth_code",
)
DATES = (
    "school_enrollment.enrollment_entry_date",
    "school_enrollment.enrollment_exit_date",
    "postsecondary_enrollment.entry_date_into_postsecondary",
    "postsecondary_enrollment.enrollment_exit_date",
)
STATUS = ("school_enrollment.enrollment_status", "postsecondary_enrollment.postsecondary_enrollment_status")
GRADE = ("school_enrollment.entry_grade_level",)
DEGREES = tuple(
    f"credential.{n}"
    for n in (
        "high_school_diploma_type",
        "diploma_or_credential_award_date",
        "academic_award_date",
        "academic_award_level_conferred",
        "academic_award_title",
    )
)
MAJOR = (
    "postsecondary_enrollment.classification_of_instructional_program_code",
    "credential.classification_of_instructional_program_code",
)
SCHOOL = ("school_enrollment.organization_id", "postsecondary_enrollment.organization_name")

ITEMS: Mapping[str, tuple[str, ...]] = {
    "name": NAME,
    "names": NAME,
    "address": ADDRESS,
    "telephone": ("person_contact.telephone_number",),
    "phone": ("person_contact.telephone_number",),
    "e-mail": ("person_contact.electronic_mail_address",),
    "email": ("person_contact.electronic_mail_address",),
    "date of birth": ("person.birthdate",),
    "birth date": ("person.birthdate",),
    "birthdate": ("person.birthdate",),
    "place of birth": PLACE_OF_BIRTH,
    "date and place of birth": ("person.birthdate", *PLACE_OF_BIRTH),
    "grade": GRADE,
    "grade level": GRADE,
    "enrollment status": STATUS,
    "dates of attendance": DATES,
    "degrees": DEGREES,
    "degrees and awards": DEGREES,
    "honors": DEGREES,
    "awards": DEGREES,
    "major": MAJOR,
    "major field of study": MAJOR,
    "school": SCHOOL,
    "most recent school": SCHOOL,
}


def items_of(details: Mapping[str, object]) -> frozenset[str]:
    """The elements, `table.column`, that the items of `basis_details` name: a list, or a text with commas. An element may also be
    named directly."""
    stated = details.get("items", ())
    words = (
        stated.split(",") if isinstance(stated, str) else stated if isinstance(stated, list | tuple) else ()
    )
    items = [" ".join(str(word).replace("_", " ").lower().split()) for word in words]
    by_itself = [str(word).strip() for word in words]
    return frozenset({path for item in items for path in ITEMS.get(item, ())} | {*by_itself})


def listed(table: str, column: str, named: Collection[str]) -> bool:
    """Whether the notice names the element, and the element can be directory information at all."""
    found = TABLES[table].elements.get(column) or COMMON.get(column)
    may_be = found is not None and not found.restricted and table != "attendance_day"
    return may_be and (f"{table}.{column}" in named)
