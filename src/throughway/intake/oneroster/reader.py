"""Reads a OneRoster bundle, 1.1 or 1.2, zip or folder, by its manifest.

A bundle whose package, manifest or headings violate the standard is refused; a row that does is set aside. A delta's rows
`tobedeleted` withdraw what earlier bundles brought of them.
"""

from collections import Counter
from contextlib import closing
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.oneroster.bundle import Bundle, validate
from throughway.intake.oneroster.deletions import name_deleted
from throughway.intake.oneroster.package import CODE, OneRosterFinding
from throughway.intake.oneroster.rosters import Roles, RosterStaging
from throughway.intake.oneroster.rows import OneRosterRow
from throughway.intake.staging import DeletedRecords, Problem, ProblemLog, StagedTables, StagingWriter

__all__ = ["OneRosterFinding", "read", "validate"]


def read(
    path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
) -> StagedTables:
    """Stages a bundle; Refused, with the standard's codes, if it is not valid."""
    with closing(ProblemLog(into)) as log:
        bundle = Bundle(path, log)
        if not bundle.package.modes:
            raise Refused(
                f"{path.name} holds a manifest but no data file, so nothing can be loaded; export the bundle "
                f"again with its files.",
                code=CODE,
            )
        writer = StagingWriter(into)
        staging = RosterStaging(bundle, writer, crosswalk)
        staging.stage()
        deleted = DeletedRecords(into)
        name_deleted(bundle, deleted, log)
        _remark(bundle, staging.without_role, log)
    tables = writer.close()
    quarantined = _quarantined(bundle, staging.roles)
    if staging.without_role:
        quarantined["users"] += staging.without_role
    unread = {f: n - len(bundle.aside[f]) - staging.became[f] for f, n in bundle.read.items()}
    return StagedTables(
        tables=tables,
        faults=writer.faults.of(tables),
        problems=log.path,
        withdrawn=deleted.close(),
        source_system=f"OneRoster {bundle.version}",
        school_year=staging.sessions.only_year,
        unmapped=_unmapped(bundle),
        quarantined=quarantined,
        unread={file: number for file, number in unread.items() if number},
    )


def _quarantined(bundle: Bundle, roles: Roles) -> Counter[str]:
    """Rows set aside, by the table that they would have been loaded into, otherwise by their file."""
    found: Counter[str] = Counter()
    for name in bundle.package.modes:
        for row in bundle.set_aside(name):
            found[_destination(name, row, roles)] += 1
    return found


def _destination(name: str, row: OneRosterRow, roles: Roles) -> str:
    """The table that a row set aside would have been loaded into; its file if there is none, or if it is unknown."""
    student = row.cells.get("role") == "student"
    if name == "users" and (student or row.id in roles.students):
        return "person"
    if name == "roles" and student:
        return "school_enrollment"
    return {"orgs": "organization", "results": "assessment_result"}.get(name, name)


def _remark(bundle: Bundle, unknown: int, log: ProblemLog) -> None:
    if unknown:
        problem = f"{unknown:,} users have no role in the bundle and were left out"
        log.add(Problem("users.csv", None, "role", problem, "send their roles in the same bundle", "file"))
    for name in bundle.package.modes:
        for column in bundle.unusual_columns(name)[1]:
            problem = f"{column} is not spelled as in the standard"
            log.add(Problem(f"{name}.csv", 1, column, problem, "spell it as in the standard", "file"))


def _unmapped(bundle: Bundle) -> tuple[str, ...]:
    """Columns that are not in the standard."""
    return tuple(
        f"{name}.csv: {column}" for name in bundle.package.modes for column in bundle.unusual_columns(name)[0]
    )
