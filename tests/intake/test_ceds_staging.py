"""Exports of the staging tables of the CEDS Data Warehouse load by the included crosswalks. The layouts are the columns of its public schema."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import in_effect
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.inspection.element_fit import SURE
from throughway.intake.inspection.headings import matches
from throughway.intake.vendor_layouts import vendor_crosswalks, vendors_of

LEAS = (
    "LeaIdentifierSeaAccountability LeaIdentifierSeaAttendance LeaIdentifierSeaFunding LeaIdentifierSeaGraduation"
    " LeaIdentifierSeaIndividualizedEducationProgram"
)
ROLES = " ".join(
    f"ResponsibleSchoolType{role}"
    for role in (
        "Accountability", "Attendance", "Funding", "Graduation", "IndividualizedEducationProgram", "Transportation",
        "IepServiceProvider",
    )
)  # fmt: skip
RECORD = "RecordStartDateTime RecordEndDateTime DataCollectionName"
LAYOUTS = {
    "ceds-k12-enrollment": f"Id StudentIdentifierState {LEAS} LeaIdentifierSeaMembershipResident SchoolIdentifierSea {ROLES}"
    " EducationOrganizationNetworkIdentifierSea FirstName LastOrSurname MiddleName Birthdate Sex HispanicLatinoEthnicity"
    " EnrollmentEntryDate EnrollmentExitDate FullTimeEquivalency EnrollmentStatus ExitOrWithdrawalType EntryType GradeLevel CohortYear"
    " CohortGraduationYear CohortDescription ProjectedGraduationDate HighSchoolDiplomaType LanguageNative LanguageHome"
    " NumberOfSchoolDays NumberOfDaysAbsent AttendanceRate PostSecondaryEnrollmentStatus DiplomaOrCredentialAwardDate"
    " FoodServiceEligibility ERSRuralUrbanContinuumCode RuralResidencyStatus EndOfTermStatus RetentionExemptionReason"
    f" AdjustedExitOrWithdrawalType DropoutReasonType StudentDropoutStatus SchoolYear {RECORD} RunDateTime",
    "ceds-k12-student-daily-attendance": "Id StudentIdentifierState LeaIdentifierSea SchoolIdentifierSea AttendanceEventDate SchoolYear"
    " AttendanceEventDurationDay AttendanceEventDurationMinutes AttendanceEventDurationHours ChronicStudentAbsenteeismIndicator"
    f" AttendanceEventType AttendanceStatus PresentAttendanceCategory AbsentAttendanceCategory {RECORD} RunDateTime",
    "ceds-discipline": f"Id SchoolYear StudentIdentifierState {LEAS} SchoolIdentifierSea DisciplineActionIdentifier IncidentIdentifier"
    " IncidentDate IncidentTime DisciplinaryActionTaken DisciplineReason DisciplinaryActionStartDate DisciplinaryActionEndDate"
    " IncidentInjuryType IncidentBehavior DurationOfDisciplinaryAction IdeaInterimRemoval IdeaInterimRemovalReason"
    " EducationalServicesAfterRemoval DisciplineMethodFirearm IDEADisciplineMethodFirearm DisciplineMethodOfCwd WeaponType"
    " FirearmType DataCollectionName RunDateTime",
    "ceds-person-status": f"Id StudentIdentifierState {LEAS} SchoolIdentifierSea {ROLES} EnrollmentEntryDate EnrollmentExitDate"
    " HomelessnessStatus Homelessness_StatusStartDate Homelessness_StatusEndDate HomelessNightTimeResidence"
    " HomelessNightTimeResidence_StartDate HomelessNightTimeResidence_EndDate HomelessUnaccompaniedYouth HomelessServicedIndicator"
    " EconomicDisadvantageStatus EconomicDisadvantage_StatusStartDate EconomicDisadvantage_StatusEndDate"
    " EligibilityStatusForSchoolFoodServicePrograms NationalSchoolLunchProgramDirectCertificationIndicator MigrantStatus"
    " Migrant_StatusStartDate Migrant_StatusEndDate MilitaryConnectedStudentIndicator MilitaryConnected_StatusStartDate"
    " MilitaryConnected_StatusEndDate MilitaryActiveStatusIndicator MilitaryBranch MilitaryVeteranStatusIndicator"
    " ProgramType_FosterCare FosterCare_ProgramParticipationStartDate FosterCare_ProgramParticipationEndDate ProgramType_Section504"
    " Section504_ProgramParticipationStartDate Section504_ProgramParticipationEndDate ProgramType_Immigrant"
    " Immigrant_ProgramParticipationStartDate Immigrant_ProgramParticipationEndDate EnglishLearnerStatus"
    " EnglishLearner_StatusStartDate EnglishLearner_StatusEndDate ISO_639_2_NativeLanguage ISO_639_2_HomeLanguage"
    " PerkinsEnglishLearnerStatus PerkinsEnglishLearnerStatus_StatusStartDate PerkinsEnglishLearnerStatus_StatusEndDate"
    f" {RECORD}",
    "ceds-k12-person-race": f"Id StudentIdentifierState {LEAS} SchoolIdentifierSea {ROLES} RaceType EnrollmentEntryDate EnrollmentExitDate"
    f" SchoolYear {RECORD} DataCollectionId PersonId PersonDemographicRaceId OrganizationID_LEA OrganizationID_School RefRaceId"
    " RunDateTime",
    "ceds-k12-program-participation": f"Id StudentIdentifierState {LEAS} SchoolIdentifierSea {ROLES} ProgramType EntryDate ExitDate"
    " SchoolYear DataCollectionName DataCollectionId OrganizationId_LEA OrganizationId_School PersonId ProgramOrganizationId_LEA"
    " ProgramOrganizationId_School OrganizationPersonRoleId_LEA OrganizationPersonRoleId_School",
    "ceds-assessment-result": f"Id StudentIdentifierState {LEAS} SchoolIdentifierSea AssessmentTitle AssessmentAcademicSubject"
    " AssessmentPurpose AssessmentType AssessmentTypeAdministered AssessmentTypeAdministeredToEnglishLearners"
    " AssessmentAdministrationStartDate AssessmentAdministrationFinishDate AssessmentRegistrationParticipationIndicator"
    " GradeLevelWhenAssessed ScoreValue StateFullAcademicYear LEAFullAcademicYear SchoolFullAcademicYear"
    " AssessmentRegistrationReasonNotCompleting AssessmentPerformanceLevelIdentifier AssessmentPerformanceLevelLabel"
    " AssessmentScoreMetricType SchoolYear DataCollectionName RunDateTime",
    "ceds-k12-student-address": f"Id StudentIdentifierState {LEAS} SchoolIdentifierSea AddressTypeForLearnerOrFamily"
    " AddressStreetNumberAndName AddressApartmentRoomOrSuite AddressCity CountyAnsiCode CountyAnsiDescription StateAbbreviation"
    " AddressPostalCode CountryCode CountryDescription Latitude Longitude SchoolYear DataCollectionName RecordStartDateTime"
    " RecordEndDateTime RunDateTime",
    "ceds-k12-parent-or-guardian": "ID StudentIdentifierState IeuOrganizationIdentifierSea LeaIdentifierSea SchoolIdentifierSea"
    " ParentGuardianPersonIdentifierState ParentGuardianFirstName ParentGuardianLastOrSurname ParentGuardianMiddleName"
    " ParentGuardianBirthDate CustodialParentOrGuardianIndicator PrimaryContactIndicator EmergencyContactIndicator"
    " PersonRelationshipType LivesWithIndicator PersonRelationshipToLearnerContactPriorityNumber"
    " PersonRelationshipToLearnerContactRestrictionsDescription SchoolYear DataCollectionName RecordStartDateTime RecordEndDateTime"
    " RunDateTime",
    "ceds-idea-disability-type": f"Id StudentIdentifierState {LEAS} SchoolIdentifierSea {ROLES} IdeaDisabilityTypeCode IsPrimaryDisability"
    f" IsSecondaryDisability SchoolYear {RECORD}",
    "ceds-k12-organization": "Id IeuIdentifierSea IEU_OrganizationName IEU_OperationalStatusEffectiveDate IEU_OrganizationOperationalStatus"
    " IEU_WebSiteAddress IEU_RecordStartDateTime IEU_RecordEndDateTime LeaIdentifierSea PriorLeaIdentifierSea LeaIdentifierNCES"
    " LEA_SupervisoryUnionIdentificationNumber LeaOrganizationName LEA_WebSiteAddress LEA_OperationalStatus"
    " LEA_OperationalStatusEffectiveDate LEA_CharterLeaStatus LEA_CharterSchoolIndicator LEA_Type LEA_McKinneyVentoSubgrantRecipient"
    " LEA_GunFreeSchoolsActReportingStatus LEA_TitleIinstructionalService LEA_TitleIProgramType LEA_K12LeaTitleISupportService"
    " LEA_MepProjectType LEA_IsReportedFederally LEA_RecordStartDateTime LEA_RecordEndDateTime SchoolIdentifierSea"
    " PriorSchoolIdentifierSea School_PriorLeaIdentifierSea SchoolIdentifierNCES SchoolIdentifierAct SchoolOrganizationName"
    " School_WebSiteAddress School_OperationalStatus School_OperationalStatusEffectiveDate School_Type"
    " School_MagnetOrSpecialProgramEmphasisSchool School_SharedTimeIndicator School_VirtualSchoolStatus"
    " School_NationalSchoolLunchProgramStatus School_ReconstitutedStatus School_CharterSchoolIndicator"
    " School_CharterSchoolOpenEnrollmentIndicator School_CharterSchoolFEIN School_CharterSchoolFEIN_Update"
    " School_CharterContractIDNumber School_CharterContractApprovalDate School_CharterContractRenewalDate"
    " School_CharterPrimaryAuthorizer School_CharterSecondaryAuthorizer School_StatePovertyDesignation"
    " School_SchoolImprovementAllocation School_IndicatorStatusType School_GunFreeSchoolsActReportingStatus"
    " School_ProgressAchievingEnglishLanguageProficiencyIndicatorType"
    " School_ProgressAchievingEnglishLanguageProficiencyStateDefinedStatus School_SchoolDangerousStatus"
    " School_ComprehensiveAndTargetedSupport School_ComprehensiveSupport School_TargetedSupport"
    " School_ConsolidatedMigrantEducationProgramFundsStatus School_MigrantEducationProgramProjectType"
    " School_TitleIPartASchoolDesignation School_AdministrativeFundingControl School_IsReportedFederally School_RecordStartDateTime"
    " School_RecordEndDateTime SchoolYear DataCollectionName NewIEU NewLEA NewSchool RunDateTime",
    "ceds-k12-student-course-section": f"Id StudentIdentifierState {LEAS} SchoolIdentifierSea CourseGradeLevel ScedCourseCode"
    " CourseRecordStartDateTime CourseLevelCharacteristic EntryDate ExitDate SchoolYear RecordStartDateTime RecordEndDateTime"
    " DataCollectionName DataCollectionId PersonId OrganizationID_LEA OrganizationPersonRoleId_LEA OrganizationID_School"
    " OrganizationPersonRoleId_School OrganizationID_Course OrganizationID_CourseSection OrganizationPersonRoleId_CourseSection"
    " RunDateTime",
    "ceds-program-participation-special-education": f"Id StudentIdentifierState {LEAS} SchoolIdentifierSea {ROLES}"
    " ProgramParticipationStartDate ProgramParticipationExitDate IdeaIndicator SpecialEducationExitReason"
    " IdeaEducationalEnvironmentForEarlyChildhood IdeaEducationalEnvironmentForSchoolAge SpecialEducationFTE SchoolYear"
    " DataCollectionName RunDateTime",
}
KEY = {"StudentIdentifierState": "S1", "LeaIdentifierSeaAccountability": "D9", "SchoolIdentifierSea": "OAK"}
SINCE = {"RecordStartDateTime": "2025-08-20 00:00:00.000"}


def export(name: str, *rows: dict[str, str]) -> str:
    """A table as a database writes it: every column, `NULL` where there is nothing."""
    columns = LAYOUTS[name].split()
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="NULL", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for n, row in enumerate(rows, start=1):
        writer.writerow({**{c: str(n) for c in columns[:1]}, **KEY, **row})
    return text.getvalue()


def land(
    town: Town, name: str, *rows: dict[str, str], tables: tuple[str, ...], named: tuple[str, ...] = ()
) -> Any:
    town.agree(
        in_effect([*(f"element: {table}.*" for table in tables), *(f"element: {one}" for one in named)])
    )
    return town.load(export(name, *rows), vendor_crosswalks()[name])


def stored(town: Town, table: str, *elements: str) -> set[tuple[str, ...]]:
    return {tuple(str(row.get(e, "")) for e in elements) for row in town.rows(table)}


@pytest.mark.parametrize("name", LAYOUTS)
def test_inspect_recognizes_each_staging_table(name: str, tmp_path: Path) -> None:
    assert vendors_of(LAYOUTS[name].split()) == (name,)
    path = tmp_path / "export.csv"
    path.write_text(export(name, SINCE if "RecordStart" in LAYOUTS[name] else {}), encoding="utf-8")
    from throughway.cli.root import main

    done = CliRunner().invoke(main, ["inspect", str(path), "--json"])
    assert any(f"({name})" in note for note in json.loads(done.stdout)["notes"])


# Names that a crosswalk reads in a sense of its own: the key of the student, the name of a test or program as its identifier, and the days
# of a record, which are facts of the database where a table has days of its own; in the table of organizations, whose each name is.
IN_ANOTHER_SENSE = {
    "StudentIdentifierState", "AssessmentTitle", "ProgramType", "RecordStartDateTime", "RecordEndDateTime", "SchoolIdentifierSea",
    "LeaIdentifierSea", "SchoolIdentifierNCES", "SchoolOrganizationName", "School_OperationalStatus", "School_WebSiteAddress",
    "ScedCourseCode", "CourseGradeLevel", "ProgramParticipationStartDate", "ProgramParticipationExitDate",
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_technical_name_is_known_with_certainty(name: str) -> None:
    for table, mapped in Crosswalk.read(vendor_crosswalks()[name]).tables.items():
        for element, column in mapped.columns.items():
            for heading in column.sources:
                score = {match.element: match.score for match in matches(heading)}.get(
                    f"{table}.{element}", 0
                )
                assert score >= SURE or heading in IN_ANOTHER_SENSE, heading


def test_every_crosswalk_of_ceds_is_tested() -> None:
    assert {name for name in vendor_crosswalks() if name.startswith("ceds-")} == LAYOUTS.keys()


def test_enrollment_with_codes_or_their_labels(town: Town) -> None:
    ana = {
        "FirstName": "Ana",
        "LastOrSurname": "Diaz",
        "Birthdate": "2012-03-14",
        "Sex": "Female",
        "HispanicLatinoEthnicity": "1",
    }
    bo = {
        "StudentIdentifierState": "S2",
        "FirstName": "Bo",
        "LastOrSurname": "Lee",
        "Birthdate": "2011-01-02",
        "Sex": "Male",
    }
    loaded = land(
        town, "ceds-k12-enrollment",
        {**ana, "EnrollmentEntryDate": "2025-08-20", "EnrollmentExitDate": "2025-12-01", "GradeLevel": "07", "EntryType": "01821",
         "ExitOrWithdrawalType": "01907", "SchoolYear": "2026"},
        {**ana, "SchoolIdentifierSea": "ELM", "EnrollmentEntryDate": "2025-12-02", "GradeLevel": "Seventh grade", "SchoolYear": "2026"},
        {**bo, "EnrollmentEntryDate": "2025-08-20", "GradeLevel": "G8", "SchoolYear": "2026"},
        tables=("person", "person_identifier", "person_race", "school_enrollment"),
    )  # fmt: skip
    assert stored(town, "person", "first_name", "last_or_surname", "birthdate", "sex") == {
        ("Ana", "Diaz", "2012-03-14", "Female"), ("Bo", "Lee", "2011-01-02", "Male")
    }  # fmt: skip
    assert stored(town, "school_enrollment", "organization_id", "enrollment_entry_date", "enrollment_exit_date", "entry_grade_level",
                  "entry_type", "exit_or_withdrawal_type", "school_year") == {
        ("school/OAK", "2025-08-20", "2025-12-01", "07", "01821", "01907", "2026"),
        ("school/ELM", "2025-12-02", "", "07", "", "", "2026"),
        ("school/OAK", "2025-08-20", "", "", "", "", "2026"),
    }  # fmt: skip
    assert stored(town, "person_race", "hispanic_or_latino_ethnicity") >= {("True",)}
    assert [line["problem"] for line in quarantine(loaded)] == [
        "no code of C002175, the list of school_enrollment.entry_grade_level"
    ]  # a State's own code is not guessed


def test_a_day_of_attendance(town: Town) -> None:
    day = {"AttendanceEventDate": "2025-09-03 00:00:00.000", "AttendanceEventType": "DailyAttendance"}
    land(
        town, "ceds-k12-student-daily-attendance",
        {**day, "AttendanceStatus": "UnexcusedAbsence", "AttendanceEventDurationDay": "1.00"},
        {**day, "StudentIdentifierState": "S2", "AttendanceStatus": "Excused Absence", "AttendanceEventDurationDay": "0.50"},
        tables=("attendance_day",),
    )  # fmt: skip
    assert stored(town, "attendance_day", "attendance_event_date", "attendance_status", "attendance_event_duration_day") == {
        ("2025-09-03", "UnexcusedAbsence", "1.0"), ("2025-09-03", "ExcusedAbsence", "0.5")
    }  # fmt: skip


def test_discipline_fills_the_incident_and_the_action(town: Town) -> None:
    land(
        town, "ceds-discipline",
        {"DisciplineActionIdentifier": "A1", "IncidentIdentifier": "I1", "IncidentDate": "2025-10-01", "DisciplinaryActionTaken": "03071",
         "DisciplinaryActionStartDate": "2025-10-02", "DisciplinaryActionEndDate": "2025-10-03", "DurationOfDisciplinaryAction": "2"},
        {"DisciplineActionIdentifier": "A2", "IncidentIdentifier": "I1", "IncidentDate": "2025-10-01",
         "DisciplinaryActionTaken": "Community service", "DisciplinaryActionStartDate": "2025-10-05"},
        tables=("behavior_incident", "disciplinary_action"),
    )  # fmt: skip
    assert stored(town, "behavior_incident", "incident_identifier", "incident_date") == {("I1", "2025-10-01")}
    assert stored(town, "disciplinary_action", "disciplinary_action_taken", "duration_of_disciplinary_action") == {
        ("03071", "2.0"), ("03076", "")
    }  # fmt: skip


def test_statuses_load_only_where_an_agreement_names_them(town: Town) -> None:
    row = {
        **SINCE, "EnglishLearnerStatus": "1", "HomelessnessStatus": "1", "HomelessNightTimeResidence": "Doubled Up",
        "EconomicDisadvantageStatus": "0", "MigrantStatus": "0", "ProgramType_FosterCare": "1",
    }  # fmt: skip
    elements = (
        "english_learner_status",
        "homelessness_status",
        "homeless_primary_nighttime_residence",
        "foster_care_status",
        "valid_from",
    )
    land(town, "ceds-person-status", row, tables=("person_status",))
    assert stored(town, "person_status", *elements) == {("Yes", "", "", "", "2025-08-20")}
    named = tuple(f"person_status.{e}" for e in elements[1:4])
    land(town, "ceds-person-status", row, tables=("person_status",), named=named)
    assert stored(town, "person_status", *elements) == {("Yes", "Yes", "DoubledUp", "Yes", "2025-08-20")}


def test_a_disability_is_one_status(town: Town) -> None:
    land(town, "ceds-idea-disability-type", {**SINCE, "IdeaDisabilityTypeCode": "Autism"}, tables=(),
         named=("person_status.idea_disability_type",))  # fmt: skip
    assert stored(town, "person_status", "idea_disability_type") == {("Autism",)}


def test_schools_courses_and_special_education(town: Town) -> None:
    loaded = land(
        town, "ceds-k12-organization",
        {"LeaIdentifierSea": "D9", "LeaOrganizationName": "Oak District", "SchoolOrganizationName": "Oak Middle", "SchoolIdentifierNCES": "360001",
         "School_OperationalStatus": "Active"},
        {"LeaIdentifierSea": "D9", "LeaOrganizationName": "Oak District", "SchoolIdentifierSea": "NULL"},
        tables=("organization",),
    )  # fmt: skip
    assert loaded.tables["organization"].quarantined == 1
    assert stored(town, "organization", "organization_id", "organization_name", "organization_type", "parent_organization_id",
                  "organization_identifier", "organization_identification_system", "organization_operational_status") == {
        ("school/OAK", "Oak Middle", "K12School", "school/D9", "360001", "NCES", "Active")
    }  # fmt: skip
    course = {
        "ScedCourseCode": "01005",
        "CourseGradeLevel": "10",
        "SchoolYear": "2026",
        "EntryDate": "2025-09-01 00:00:00.000",
    }
    land(town, "ceds-k12-student-course-section", course, {**course, "ScedCourseCode": "LOCAL7"},
         {**course, "SchoolYear": "2027"}, tables=("course_grade",))  # fmt: skip
    assert stored(town, "course_grade", "organization_id", "course_identifier", "school_courses_for_the_exchange_of_data_course_code",
                  "grade_level_when_course_taken") == {("school/OAK", "01005", "01005", "10"), ("school/OAK", "LOCAL7", "", "10")}  # fmt: skip
    assert len(town.rows("course_grade")) == 3
    time = {"ProgramParticipationStartDate": "2025-09-01", "ProgramParticipationExitDate": "2026-01-15", "IdeaIndicator": "1",
            "SpecialEducationExitReason": "02216"}  # fmt: skip
    land(town, "ceds-program-participation-special-education", time, tables=(), named=(
        "special_education_participation.program_participation_start_date", "special_education_participation.exit_reason",
        "person_status.idea_indicator"))  # fmt: skip
    assert stored(
        town, "special_education_participation", "program_participation_start_date", "exit_reason"
    ) == {("2025-09-01", "02216")}
    assert stored(town, "person_status", "idea_indicator", "valid_from", "valid_to") == {
        ("Yes", "2025-09-01", "2026-01-15")
    }


def test_programs_that_reveal_a_status_are_set_aside(town: Town) -> None:
    loaded = land(
        town, "ceds-k12-program-participation",
        {"ProgramType": "04906", "EntryDate": "2025-09-01 00:00:00.000", "ExitDate": "2026-01-15 00:00:00.000"},
        {"ProgramType": "Athletics", "EntryDate": "2025-09-01"},
        {"ProgramType": "04888", "EntryDate": "2025-09-01"},
        {"ProgramType": "McKinney-Vento Homeless", "EntryDate": "2025-09-01"},
        tables=("program_participation",),
    )  # fmt: skip
    assert loaded.tables["program_participation"].quarantined == 2
    assert stored(town, "program_participation", "program_identifier", "program_participation_exit_date") == {
        ("Career and Technical Education", "2026-01-15"), ("Athletics", "")
    }  # fmt: skip


def test_races_scores_addresses_and_adults(town: Town) -> None:
    land(
        town,
        "ceds-k12-person-race",
        {"RaceType": "Asian"},
        {"RaceType": "Black or African American"},
        tables=("person_race",),
    )
    assert stored(town, "person_race", "race") == {("Asian",), ("BlackOrAfricanAmerican",)}
    score = {"AssessmentTitle": "State test", "AssessmentAdministrationStartDate": "2025-04-02", "ScoreValue": "512",
             "AssessmentPerformanceLevelLabel": "Meets"}  # fmt: skip
    land(town, "ceds-assessment-result", {**score, "AssessmentAcademicSubject": "01166"},
         {**score, "AssessmentAcademicSubject": "Reading", "ScoreValue": "498"}, tables=("assessment_result",))  # fmt: skip
    assert stored(town, "assessment_result", "assessment_academic_subject", "assessment_result_score_value") == {
        ("01166", "512"), ("00560", "498")
    }  # fmt: skip
    home = {"AddressTypeForLearnerOrFamily": "Physical", "AddressStreetNumberAndName": "1 Elm Street", "AddressCity": "Oakville",
            "StateAbbreviation": "NY", "AddressPostalCode": "10001"}  # fmt: skip
    land(town, "ceds-k12-student-address", home, tables=("person_contact",))
    assert stored(town, "person_contact", "address_street_number_and_name", "state_abbreviation") == {
        ("1 Elm Street", "NY")
    }
    adult = {"ParentGuardianPersonIdentifierState": "G1", "ParentGuardianFirstName": "Kim", "ParentGuardianLastOrSurname": "Diaz",
             "PersonRelationshipType": "Parent", "PrimaryContactIndicator": "Yes"}  # fmt: skip
    land(town, "ceds-k12-parent-or-guardian", adult, tables=("guardian",))
    assert stored(town, "guardian", "first_name", "last_or_surname", "person_relationship_type") == {
        ("Kim", "Diaz", "Parent")
    }


def test_a_file_without_an_optional_column_is_recognized_and_loads(town: Town) -> None:
    name = "ceds-k12-student-daily-attendance"
    columns = [c for c in LAYOUTS[name].split() if c not in ("AttendanceEventDurationHours", "RunDateTime")]
    assert vendors_of(columns) == (name,)
    assert vendors_of([c for c in columns if c != "AttendanceStatus"]) == ()
    town.agree(in_effect(["element: attendance_day.*"]))
    cells = {**KEY, "AttendanceEventDate": "2025-09-03", "AttendanceStatus": "Tardy"}
    text = f"{','.join(columns)}\n{','.join(cells.get(c, '') for c in columns)}\n"
    assert town.load(text, vendor_crosswalks()[name]).tables["attendance_day"].landed == 1
