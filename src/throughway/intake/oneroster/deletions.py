"""What a delta's rows `tobedeleted` withdraw: the rows of our tables that an earlier row with the same `sourcedId` filled.

A user takes along the names, numbers, contacts, races and adults that came with it, and in 1.1 the enrollments, which only the user's
row states. Days of attendance and marks have rows of their own and stay until these are deleted.
"""

from throughway.intake.oneroster.bundle import Bundle
from throughway.intake.oneroster.rows import OneRosterRow
from throughway.intake.staging import DeletedRecords, Problem, ProblemLog

OF_USER = ("person", "person_identifier", "person_contact", "person_race", "guardian")
WITHDRAWN = "{} of its rows are marked as deleted: what earlier files brought of them is withdrawn"
NO_DAY = "{} deleted roles state no first day: an enrollment is withdrawn where the student was in that school in one year alone"
KEPT = "birth date and sex of a student whose demographics are deleted stay as they are"


def name_deleted(bundle: Bundle, deleted: DeletedRecords, log: ProblemLog) -> None:
    """Names the deleted records of every file, and says in the list of problems how many rows mark one."""
    for name in bundle.package.modes:
        count = without_day = 0
        for row in bundle.deleted(name):
            count += 1
            without_day += name == "roles" and _of_student(row) and not _first_day(row)
            _of_row(bundle, name, row, deleted)
        if count:
            log.add(
                Problem(
                    f"{name}.csv",
                    None,
                    "status",
                    WITHDRAWN.format(f"{count:,}"),
                    "nothing needs to be done",
                    "file",
                )
            )
        if without_day:
            cure = "state the first day as beginDate"
            log.add(Problem("roles.csv", None, "beginDate", NO_DAY.format(f"{without_day:,}"), cure, "file"))
        if count and name == "demographics":
            cure = "send the student in users.csv again with the right ones"
            log.add(Problem("demographics.csv", None, "status", KEPT, cure, "file"))


def _of_row(bundle: Bundle, name: str, row: OneRosterRow, deleted: DeletedRecords) -> None:
    cells = row.cells
    if name == "users":
        enrolled = ("school_enrollment",) if bundle.version == "1.1" else ()
        for table in (*OF_USER, *enrolled):
            deleted.add(table, person=row.id)
        deleted.add("guardian", guardian=row.id)
    elif name == "demographics":
        deleted.add("person_race", person=row.id)
    elif name == "orgs":
        deleted.add("organization", key=row.id)
    elif name == "results":
        for table in ("course_grade", "assessment_result"):  # only its line item tells which
            deleted.add(table, person=cells["studentSourcedId"], key=row.id)
    elif name == "roles" and _of_student(row):
        school, begin = cells["orgSourcedId"], _first_day(row)
        if begin:
            deleted.add("school_enrollment", person=cells["userSourcedId"], key=f"{school}|{begin}")
        else:  # the first day was derived, so the spell is known by its school alone
            deleted.add("school_enrollment", person=cells["userSourcedId"], organization=school)


def _of_student(row: OneRosterRow) -> bool:
    return row.cells.get("role", "student") == "student"


def _first_day(row: OneRosterRow) -> str:
    return row.cells.get("beginDate", "").strip()
