"""Students and their adults: who is a student, what demographics say, how they are reached.

OneRoster lists everybody as users. Only those with the role of student become persons; teachers and others are not read
further. Adults become guardians of the students that they or the students name as agents.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from throughway.intake.oneroster.bundle import Bundle
from throughway.intake.oneroster.layout import Codes, list_items
from throughway.intake.oneroster.tables import OneRosterRow
from throughway.intake.staging import StagingWriter

ADULTS = frozenset({"guardian", "parent", "relative"})

# demographics.csv: column -> code of race
RACES = {
    "americanIndianOrAlaskaNative": "AmericanIndianOrAlaskaNative",
    "asian": "Asian",
    "blackOrAfricanAmerican": "BlackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander": "NativeHawaiianOrOtherPacificIslander",
    "white": "White",
}

NAMES = {
    "first_name": "givenName",
    "middle_name": "middleName",
    "last_or_surname": "familyName",
    "preferred_first_name": "preferredGivenName",
    "preferred_last_or_surname": "preferredFamilyName",
}

CODED = {
    "sex": "sex",
    "country_of_birth_code": "countryOfBirthCode",
    "state_of_birth_abbreviation": "stateOfBirthAbbreviation",
}


@dataclass
class Roles:
    """Who is what, from all rows that say so."""

    students: set[str] = field(default_factory=set)
    adults: dict[str, str] = field(default_factory=dict)  # user -> guardian, parent or relative
    known: set[str] = field(default_factory=set)  # users whose role is said at all


def roles_of(bundle: Bundle) -> Roles:
    """Roles of 1.2, the role column of 1.1 users, and enrollments in either."""
    found = Roles()
    sources = (("roles", "userSourcedId"), ("users", "sourcedId"), ("enrollments", "userSourcedId"))
    for name, column in sources:
        for row in bundle.rows(name):
            role, user = row.cells.get("role", ""), row.cells[column]
            if not role:
                continue
            found.known.add(user)
            if role == "student":
                found.students.add(user)
            elif role in ADULTS:
                found.adults.setdefault(user, role)
    return found


@dataclass
class StagedPeopleCounts:
    """How many rows of users and of demographics became rows of a table or part of one; users without a role."""

    users: int = 0
    demographics: int = 0
    without_role: int = 0


def stage_people(bundle: Bundle, writer: StagingWriter, codes: Codes, roles: Roles) -> StagedPeopleCounts:
    """Stages persons with all that hangs on them, and guardians."""
    demographics = {row.id: row for row in bundle.rows("demographics") if row.id in roles.students}
    adults: dict[str, OneRosterRow] = {}
    agents: dict[str, dict[str, OneRosterRow]] = defaultdict(dict)  # student -> adult -> the row that says it
    staged = StagedPeopleCounts()
    for row in bundle.rows("users"):
        named = [item.strip() for item in list_items(row.cells.get("agentSourcedIds", ""))]
        if row.id in roles.students:
            staged.users += 1
            staged.demographics += row.id in demographics
            _student(row, demographics.get(row.id), writer, codes)
            for adult in named:
                agents[row.id].setdefault(adult, row)
        elif row.id in roles.adults:
            adults[row.id] = row
            for student in named:
                if student in roles.students:
                    agents[student].setdefault(row.id, row)
        elif row.id not in roles.known:
            staged.without_role += 1
    guardians: set[str] = set()
    for student, named_adults in agents.items():
        for adult, said in named_adults.items():
            if adult in roles.adults:
                _guardian(student, adult, roles.adults[adult], adults.get(adult), said, writer, codes)
                guardians.add(adult)
    staged.users += len(guardians & adults.keys())
    return staged


def _student(
    row: OneRosterRow, demographics: OneRosterRow | None, writer: StagingWriter, codes: Codes
) -> None:
    values = row.unreadable_of("person")
    values |= {
        element: text for element, column in NAMES.items() if (text := row.cells.get(column, "").strip())
    }
    if demographics is not None:
        cells = demographics.cells
        values |= demographics.unreadable_of("person")
        if birthdate := cells.get("birthDate", "").strip():
            values["birthdate"] = birthdate
        if city := cells.get("cityOfBirth", "").strip():
            values["city_of_birth"] = city
        for element, column in CODED.items():
            codes.fill(
                values, "person", element, cells.get(column, ""),
                file="demographics.csv", row=demographics.number, column=column,
            )  # fmt: skip
        _races(row.id, demographics, writer)
    writer.add("person", file="users.csv", row=row.number, person=row.id, values=values)
    _identifiers(row, writer, codes)
    _contacts(row, writer)


def _races(person: str, row: OneRosterRow, writer: StagingWriter) -> None:
    common = row.unreadable_of("person_race")
    common.pop("race", None)  # each race is a row of its own
    for element, column in (
        ("hispanic_or_latino_ethnicity", "hispanicOrLatinoEthnicity"),
        ("demographic_race_two_or_more_races", "demographicRaceTwoOrMoreRaces"),
    ):
        if cell := row.cells.get(column, "").strip():
            common[element] = cell.lower()
    races = [
        (column, code)
        for column, code in RACES.items()
        if row.cells.get(column, "").strip().lower() == "true"
    ]
    for column, code in races:
        values = {**common, "race": code, "race_source": column}
        writer.add(
            "person_race", file="demographics.csv", row=row.number, person=person, key=code, values=values
        )
    if any(common.values()) and not races:
        writer.add(
            "person_race", file="demographics.csv", row=row.number, person=person, key="asked", values=common
        )


def _identifiers(row: OneRosterRow, writer: StagingWriter, codes: Codes) -> None:
    def add(key: str, values: dict[str, str | None]) -> None:
        writer.add(
            "person_identifier", file="users.csv", row=row.number, person=row.id, key=key, values=values
        )

    add("sourcedId", {"student_identification_code": row.id})
    for column in ("identifier", "userMasterIdentifier"):
        if text := row.cells.get(column, "").strip():
            add(column, {"person_identifier": text})
    for item in list_items(row.cells.get("userIds", "")):
        system, _, text = item.strip().strip("{}").partition(":")
        values: dict[str, str | None] = {"person_identifier": text}
        codes.fill(
            values, "person_identifier", "person_identification_system", system,
            file="users.csv", row=row.number, column="userIds",
        )  # fmt: skip
        add(f"userIds|{system}|{text}", values)


def _contacts(row: OneRosterRow, writer: StagingWriter) -> None:
    ways = (
        ("email", {"electronic_mail_address": "{}"}),
        ("phone", {"telephone_number": "{}"}),
        (
            "sms",
            {
                "telephone_number": "{}",
                "telephone_number_type": "Mobile",
                "telephone_number_type_source": "sms",
            },
        ),
    )
    for column, shape in ways:
        if text := row.cells.get(column, "").strip():
            values = {element: text if form == "{}" else form for element, form in shape.items()}
            key = f"{column}|{text}"
            writer.add(
                "person_contact", file="users.csv", row=row.number, person=row.id, key=key, values=values
            )


def _guardian(
    student: str,
    adult: str,
    role: str,
    row: OneRosterRow | None,
    said: OneRosterRow,
    writer: StagingWriter,
    codes: Codes,
) -> None:
    values: dict[str, str | None] = {"guardian_person_id": adult}
    if row is not None:
        cells = row.cells
        for element, column in (
            ("first_name", "givenName"),
            ("last_or_surname", "familyName"),
            ("electronic_mail_address", "email"),
        ):
            if text := cells.get(column, "").strip():
                values[element] = text
        if telephone := cells.get("phone", "").strip() or cells.get("sms", "").strip():
            values["telephone_number"] = telephone
    codes.fill(
        values, "guardian", "person_relationship_type", role, file="users.csv", row=said.number, column="role"
    )
    writer.add("guardian", file="users.csv", row=said.number, person=student, key=adult, values=values)
