"""The rows of a bundle become rows of our tables: students and their adults, enrollment in schools, grades and results.

TODO"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from throughway.intake.edfi.records import folded
from throughway.intake.oneroster.bundle import Bundle
from throughway.intake.oneroster.layout import Codes, document, list_items
from throughway.intake.oneroster.package import OneRosterRow
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


SCHOOL = "school"


@dataclass(frozen=True)
class Sessions:
    """The school years of a bundle: first day, last day, ending year."""

    years: tuple[tuple[str, str, str], ...]

    def of(self, day: str) -> tuple[str, str, str] | None:
        """The school year of a day, or the only one there is."""
        for year in self.years:
            if day and year[0] <= day <= year[1]:
                return year
        return self.years[0] if len(self.years) == 1 else None

    @property
    def only_year(self) -> int | None:
        """The ending year that the whole bundle is about."""
        years = {year[2] for year in self.years}
        return int(years.pop()) if len(years) == 1 else None


@dataclass
class Classes:
    """What classes say of a student in a school."""

    first_day: dict[tuple[str, str], str] = field(default_factory=dict)
    homeroom: dict[tuple[str, str], str] = field(default_factory=dict)


def sessions_of(bundle: Bundle) -> Sessions:
    found = {
        (row.cells["startDate"], row.cells["endDate"], row.cells["schoolYear"])
        for row in bundle.rows("academicSessions")
        if row.cells.get("type") == "schoolYear"
    }
    return Sessions(tuple(sorted(found)))


def stage_organizations(bundle: Bundle, writer: StagingWriter, codes: Codes) -> dict[str, str]:
    """Stages the organizations; gives the type of each."""
    kinds = {}
    for row in bundle.rows("orgs"):
        cells = row.cells
        kind = kinds[row.id] = cells.get("type", "")
        values = {**row.unreadable_of("organization"), "organization_id": row.id}
        for element, column in (
            ("organization_name", "name"),
            ("organization_identifier", "identifier"),
            ("parent_organization_id", "parentSourcedId"),
        ):
            if text := cells.get(column, "").strip():
                values[element] = text
        if kind in (SCHOOL, "district"):
            values["school_identifier" if kind == SCHOOL else "local_education_agency_identifier"] = row.id
        codes.fill(
            values, "organization", "organization_type", kind, file="orgs.csv", row=row.number, column="type"
        )
        writer.add("organization", file="orgs.csv", row=row.number, key=row.id, values=values)
    return kinds


def stage_enrollment(
    bundle: Bundle,
    writer: StagingWriter,
    codes: Codes,
    *,
    students: set[str],
    kinds: Mapping[str, str],
    sessions: Sessions,
) -> int:
    """Stages each student's derived enrollment in each school; organizations of other types are left out. Gives their number."""
    staged = 0
    grades = {row.id: row.cells.get("grades", "") for row in bundle.rows("users") if row.id in students}
    classes = _classes(bundle, students)
    for file, row, student, school, dated in _memberships(bundle):
        if student not in students or kinds.get(school, SCHOOL) != SCHOOL:
            continue
        values = row.unreadable_of("school_enrollment")
        values |= {"organization_id": school, "entry_type_source": "derived"}
        begin = dated.get("beginDate", "").strip() or classes.first_day.get((student, school), "")
        year = sessions.of(begin)
        begin = begin or (year[0] if year else "")
        if year:
            values["school_year"] = year[2]
        if begin:
            values["enrollment_entry_date"] = begin
        if end := dated.get("endDate", "").strip():
            values["enrollment_exit_date"] = end
        if room := classes.homeroom.get((student, school)):
            values["homeroom"] = room
        if kind := dated.get("roleType", ""):
            values["primary_school"] = "true" if kind == "primary" else "false"
        words = list_items(grades.get(student, ""))
        if len(words) == 1:  # several grades do not say which one was entered
            codes.fill(
                values, "school_enrollment", "entry_grade_level", words[0],
                file="users.csv", row=row.number, column="grades",
            )  # fmt: skip
        writer.add(
            "school_enrollment",
            file=file,
            row=row.number,
            person=student,
            key=f"{school}|{begin}",
            values=values,
        )
        staged += 1
    return staged


def _memberships(bundle: Bundle) -> Iterator[tuple[str, OneRosterRow, str, str, Mapping[str, str]]]:
    """File, row, user, organization, and the cells that date it."""
    if bundle.version == "1.2":
        for row in bundle.rows("roles"):
            if row.cells["role"] == "student":
                yield "roles.csv", row, row.cells["userSourcedId"], row.cells["orgSourcedId"], row.cells
        return
    for row in bundle.rows("users"):
        for school in dict.fromkeys(item.strip() for item in list_items(row.cells.get("orgSourcedIds", ""))):
            yield "users.csv", row, row.id, school, {}


def _classes(bundle: Bundle, students: set[str]) -> Classes:
    rooms = {
        row.id: row.cells["title"]
        for row in bundle.rows("classes")
        if row.cells.get("classType") == "homeroom"
    }
    found = Classes()
    for row in bundle.rows("enrollments"):
        student = row.cells["userSourcedId"]
        if student not in students:
            continue
        at = student, row.cells["schoolSourcedId"]
        begin = row.cells.get("beginDate", "").strip()
        if begin and begin < found.first_day.get(at, "9999"):
            found.first_day[at] = begin
        if row.cells["classSourcedId"] in rooms:
            found.homeroom.setdefault(at, rooms[row.cells["classSourcedId"]])
    return found


@dataclass(frozen=True)
class Gradebook:
    """Rows that results point to, by id."""

    items: dict[str, dict[str, str]]
    classes: dict[str, dict[str, str]]
    courses: dict[str, dict[str, str]]
    categories: dict[str, str]
    sessions: dict[str, str]


def stage_marks(bundle: Bundle, writer: StagingWriter, codes: Codes, students: set[str]) -> int:
    """Stages the results of students; gives their number."""
    if "results" not in bundle.package.modes:
        return 0
    book = Gradebook(
        items={row.id: row.cells for row in bundle.rows("lineItems")},
        classes={row.id: row.cells for row in bundle.rows("classes")},
        courses={row.id: row.cells for row in bundle.rows("courses")},
        categories={row.id: row.cells["title"] for row in bundle.rows("categories")},
        sessions={row.id: row.cells["title"] for row in bundle.rows("academicSessions")},
    )
    marks = frozenset(folded(title) for title in document()["course_marks"])
    staged = 0
    for row in bundle.rows("results"):
        if row.cells["studentSourcedId"] not in students:
            continue
        staged += 1
        item = book.items.get(row.cells["lineItemSourcedId"], {})
        titles = item.get("title", ""), book.categories.get(item.get("categorySourcedId", ""), "")
        if any(folded(title) in marks for title in titles):
            _mark(row, item, book, writer, codes)
        else:
            _assessment(row, item, writer)
    return staged


def _mark(
    row: OneRosterRow, item: dict[str, str], book: Gradebook, writer: StagingWriter, codes: Codes
) -> None:
    lesson = row.cells.get("classSourcedId", "") or item.get("classSourcedId", "")
    section = book.classes.get(lesson, {})
    course = book.courses.get(section.get("courseSourcedId", ""), {})
    session = item.get("academicSessionSourcedId", "") or item.get("gradingPeriodSourcedId", "")
    values = {
        "organization_id": section.get("schoolSourcedId", ""),
        "course_identifier": course.get("courseCode", "") or section.get("courseSourcedId", ""),
        "course_title": course.get("title", "") or section.get("title", ""),
        "course_section_identifier": lesson,
        "marking_period_name": book.sessions.get(session, ""),
        "student_course_section_grade_earned": row.cells.get("textScore", ""),
        "numeric_grade_earned": row.cells.get("score", ""),
    }
    said = row.unreadable_of("course_grade")
    said |= {element: text.strip() for element, text in values.items() if text.strip()}
    grades = list_items(section.get("grades", ""))
    if len(grades) == 1:
        codes.fill(
            said, "course_grade", "grade_level_when_course_taken", grades[0],
            file="classes.csv", row=row.number, column="grades",
        )  # fmt: skip
    person = row.cells["studentSourcedId"]
    writer.add("course_grade", file="results.csv", row=row.number, person=person, key=row.id, values=said)


def _assessment(row: OneRosterRow, item: dict[str, str], writer: StagingWriter) -> None:
    status = row.cells.get("scoreStatus", "")
    values = {
        "assessment_identifier": row.cells["lineItemSourcedId"],
        "assessment_title": item.get("title", ""),
        "assessment_administration_start_date": row.cells.get("scoreDate", ""),
        "assessment_result_score_value": row.cells.get("score", "") or row.cells.get("textScore", ""),
        "reason_not_tested": status if status in ("exempt", "not submitted") else "",
    }
    said = row.unreadable_of("assessment_result")
    said |= {element: text.strip() for element, text in values.items() if text.strip()}
    person = row.cells["studentSourcedId"]
    writer.add(
        "assessment_result", file="results.csv", row=row.number, person=person, key=row.id, values=said
    )
