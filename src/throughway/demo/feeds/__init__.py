"""The feeds of Riverbend's community partners: which files there are, and by which crosswalk each is loaded."""

from pathlib import Path

import numpy as np

from throughway.demo.cast import (
    BRIGHT,
    COLLEGE,
    COLLEGE_ACCESS,
    FAMILIES,
    LAKESIDE,
    MENTORS,
    PAGES,
    RIVERBEND,
    WAGES,
)
from throughway.demo.feeds import (
    access,
    afterschool,
    clearinghouse,
    college,
    ended,
    family,
    mentoring,
    seats,
    surveys,
    tutoring,
    wages,
)
from throughway.demo.town import Town

# Partner, file or folder below its feed, format, crosswalk; in the order in which they come in. A folder is one load.
LOADS: list[tuple[str, str, str, str | None]] = [
    (RIVERBEND, "nsc.csv", "nsc", "clearinghouse.yaml"),
    (RIVERBEND, "survey.csv", "csv", "riverbend-schools-survey.yaml"),
    (RIVERBEND, "incidents.csv", "csv", "riverbend-schools-incidents.yaml"),
    (LAKESIDE, "nsc.csv", "nsc", "clearinghouse.yaml"),
    (BRIGHT, "programs.csv", "csv", "programs.yaml"),
    (BRIGHT, "participants.csv", "csv", "bright-futures-participants.yaml"),
    (BRIGHT, "enrollments.csv", "csv", "bright-futures-enrollments.yaml"),
    (BRIGHT, "daily", "xlsx", "bright-futures-daily.yaml"),
    (BRIGHT, "weekly", "xlsx", "bright-futures-weekly.yaml"),
    (BRIGHT, "survey.csv", "csv", "bright-futures-survey.yaml"),
    (PAGES, "programs.csv", "csv", "programs.yaml"),
    (PAGES, "enrollments.csv", "csv", "page-by-page-enrollments.yaml"),
    (PAGES, "sessions.csv", "csv", "page-by-page-sessions.yaml"),
    (PAGES, "sessions-corrected.csv", "csv", "page-by-page-sessions.yaml"),
    (PAGES, "book-votes.csv", "csv", "page-by-page-book-votes.yaml"),
    (MENTORS, "programs.csv", "csv", "programs.yaml"),
    (MENTORS, "matches.csv", "csv", "long-walk-mentors-matches.yaml"),
    (MENTORS, "meetings.csv", "csv", "long-walk-mentors-meetings.yaml"),
    (FAMILIES, "programs.csv", "csv", "programs.yaml"),
    (FAMILIES, "agencies.csv", "csv", "family-services-agencies.yaml"),
    (FAMILIES, "clients.csv", "csv", "family-services-clients.yaml"),
    (FAMILIES, "services.csv", "csv", "family-services-services.yaml"),
    (FAMILIES, "referrals.csv", "csv", "family-services-referrals.yaml"),
    (COLLEGE_ACCESS, "programs.csv", "csv", "programs.yaml"),
    (COLLEGE_ACCESS, "participants.csv", "csv", "next-step-participants.yaml"),
    (COLLEGE_ACCESS, "sessions.csv", "csv", "next-step-sessions.yaml"),
    (COLLEGE, "students.csv", "csv", "falls-college-students.yaml"),
    (COLLEGE, "enrollment.csv", "csv", "falls-college-enrollment.yaml"),
    (COLLEGE, "credentials.csv", "csv", "falls-college-credentials.yaml"),
    (WAGES, "individuals.csv", "csv", "state-workforce-individuals.yaml"),
    (WAGES, "wages.csv", "csv", "state-workforce-wages.yaml"),
]

# What the clearinghouse's return fills, whichever district sends it.
CLEARINGHOUSE = {
    "organization": "organization_id organization_name organization_identifier organization_type",
    "postsecondary_enrollment": (
        "organization_id organization_name entry_date_into_postsecondary enrollment_exit_date "
        "postsecondary_enrollment_status classification_of_instructional_program_code "
        "postsecondary_exit_or_withdrawal_type record_found search_date search_end_date"
    ),
    "credential": (
        "academic_award_date academic_award_title classification_of_instructional_program_code "
        "organization_id"
    ),
}

# What those files fill: partner → table of the vocabulary → its elements, held against the crosswalks by a test.
# Named one by one in an agreement, since no wildcard covers them: program_participation.program_entry_reason of
# bright-futures, referral.referral_reason of family-services, employment.quarterly_earnings of state-workforce.
FILLS: dict[str, dict[str, str]] = {
    BRIGHT: {
        "program": (
            "program_identifier program_name organization_id program_type program_subtype minimum_age "
            "maximum_age eligibility_description program_capacity_maximum program_capacity_available "
            "program_cost_per_seat program_staff_hours_per_week program_funding_amount"
        ),
        "organization": "organization_id organization_name organization_type",
        "person": "first_name last_or_surname birthdate sex",
        "person_contact": "address_street_number_and_name address_postal_code telephone_number",
        "person_language": "iso_639_2_language_code language_type",
        "program_participation": (
            "program_identifier program_participation_start_date program_participation_exit_date "
            "program_participation_status exit_reason program_entry_reason school_year "
            "program_application_date"
        ),
        "attendance_day": "attendance_event_date attendance_event_type attendance_status program_id",
        "service_received": (
            "program_identifier service_date student_support_service_type service_quantity "
            "service_quantity_unit service_date_precision"
        ),
        "survey_response": (
            "survey_identifier survey_question_code survey_construct response_value response_number "
            "response_date respondent_type"
        ),
    },
    COLLEGE: {
        "person": "first_name middle_name last_or_surname other_last_name birthdate",
        "person_contact": "address_postal_code",
        "postsecondary_enrollment": (
            "organization_id organization_name entry_date_into_postsecondary enrollment_exit_date "
            "postsecondary_enrollment_status classification_of_instructional_program_code "
            "postsecondary_exit_or_withdrawal_type"
        ),
        "credential": (
            "academic_award_date academic_award_level_conferred academic_award_title "
            "classification_of_instructional_program_code organization_id"
        ),
    },
    FAMILIES: {
        "program": (
            "program_identifier program_name organization_id program_type program_subtype minimum_age "
            "maximum_age eligibility_description program_capacity_maximum program_capacity_available "
            "program_cost_per_seat program_staff_hours_per_week program_funding_amount"
        ),
        "organization": "organization_id organization_name organization_type",
        "person": "first_name middle_name last_or_surname birthdate",
        "person_contact": "address_street_number_and_name address_city address_postal_code telephone_number",
        "service_received": (
            "program_identifier service_date student_support_service_type service_quantity "
            "service_quantity_unit service_date_precision"
        ),
        "referral": (
            "referral_date referral_reason referral_source referral_outcome receiving_organization_id "
            "referral_status referral_closed_date"
        ),
    },
    LAKESIDE: {
        **CLEARINGHOUSE,
    },
    MENTORS: {
        "program": (
            "program_identifier program_name organization_id program_type program_subtype minimum_age "
            "maximum_age eligibility_description program_capacity_maximum program_capacity_available "
            "program_cost_per_seat program_staff_hours_per_week program_funding_amount"
        ),
        "organization": "organization_id organization_name organization_type",
        "person": "first_name last_or_surname birthdate",
        "person_contact": "address_street_number_and_name address_postal_code",
        "program_participation": (
            "program_identifier program_participation_start_date program_participation_exit_date "
            "program_participation_status exit_reason program_application_date"
        ),
        "service_received": (
            "program_identifier service_entry_date service_exit_date student_support_service_type "
            "service_quantity service_quantity_unit"
        ),
    },
    COLLEGE_ACCESS: {
        "program": (
            "program_identifier program_name organization_id program_type program_subtype minimum_age "
            "maximum_age eligibility_description program_capacity_maximum program_capacity_available "
            "program_cost_per_seat program_staff_hours_per_week program_funding_amount"
        ),
        "organization": "organization_id organization_name organization_type",
        "person": "first_name last_or_surname birthdate",
        "person_contact": "telephone_number",
        "program_participation": (
            "program_identifier program_participation_start_date program_participation_exit_date "
            "program_participation_status exit_reason program_application_date"
        ),
        "service_received": (
            "program_identifier service_date student_support_service_type service_quantity "
            "service_quantity_unit service_date_precision"
        ),
    },
    PAGES: {
        "program": (
            "program_identifier program_name organization_id program_type program_subtype minimum_age "
            "maximum_age eligibility_description program_capacity_maximum program_capacity_available "
            "program_cost_per_seat program_staff_hours_per_week program_funding_amount"
        ),
        "organization": "organization_id organization_name organization_type",
        "person": "first_name last_or_surname birthdate",
        "person_contact": "telephone_number",
        "person_language": "iso_639_2_language_code language_type",
        "program_participation": (
            "program_identifier program_participation_start_date program_participation_exit_date "
            "program_participation_status exit_reason program_application_date"
        ),
        "service_received": (
            "program_identifier service_date student_support_service_type service_quantity "
            "service_quantity_unit service_date_precision"
        ),
        "survey_response": "survey_identifier survey_question_code response_value",
    },
    RIVERBEND: {
        **CLEARINGHOUSE,
        "survey_response": (
            "survey_identifier survey_question_code survey_construct response_value response_number "
            "response_date respondent_type"
        ),
        "behavior_incident": "incident_identifier incident_date incident_behavior",
    },
    WAGES: {
        "person": "first_name last_or_surname birthdate",
        "employment": (
            "employment_record_reference_period_start_date "
            "employment_record_reference_period_end_date quarterly_earnings employment_naics_code"
        ),
    },
}

# Each writes the files of one partner, or of one kind at several, below the folder of all feeds.
WRITERS = (
    clearinghouse,
    surveys,
    afterschool,
    tutoring,
    mentoring,
    family,
    access,
    college,
    wages,
    seats,
    ended,
)


def write(folder: Path, town: Town, rng: np.random.Generator) -> None:
    """Writes all files of LOADS below `folder`, that of all feeds. The same town and state of `rng` give the same bytes."""
    for partner in FILLS:
        (folder / partner).mkdir(parents=True, exist_ok=True)
    for writer, own in zip(WRITERS, rng.spawn(len(WRITERS)), strict=True):
        writer.write(folder, town, own)
