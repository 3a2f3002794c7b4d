"""Organizations, and enrollment in schools.

OneRoster enrolls students in classes. Enrollment in the school is derived: from the roles of 1.2 or the organizations of
1.1 users, dated by the role, else by the earliest class in that school, else by the school year; `entry_type_source` says
`derived`. An end is taken from the role alone: that all classes have ended does not say that the student left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from throughway.intake.oneroster.bundle import Bundle
from throughway.intake.oneroster.layout import Codes, list_items
from throughway.intake.oneroster.tables import OneRosterRow
from throughway.intake.staging import StagingWriter

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
