"""Checks a OneRoster bundle: which rows may be loaded and what is wrong with the others (`Bundle`), or whether the bundle is valid
(`validate`)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from throughway.intake.oneroster.layout import PAIR, document, list_items
from throughway.intake.oneroster.package import (
    CsvFault,
    OneRosterFinding,
    OneRosterRow,
    Package,
    heading,
    open_package,
    refusal,
    rows,
)
from throughway.intake.staging import Problem, ProblemLog, RowFault, Scope

CASE_ID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class ReferenceIndex:
    """Facts about rows that rows in other files refer to."""

    ids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    session_type: dict[str, str] = field(default_factory=dict)
    org_type: dict[str, str] = field(default_factory=dict)
    user_orgs: set[tuple[str, str]] = field(default_factory=set)
    in_class: set[tuple[str, str]] = field(default_factory=set)
    ranges: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    class_of_item: dict[str, str] = field(default_factory=dict)
    profile_user: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, row: OneRosterRow) -> None:
        cells = row.cells
        self.ids[name].add(row.id)
        if name == "academicSessions":
            self.session_type[row.id] = cells.get("type", "")
        elif name == "orgs":
            self.org_type[row.id] = cells.get("type", "")
        elif name == "roles":
            self.user_orgs.add((cells.get("userSourcedId", ""), cells.get("orgSourcedId", "")))
        elif name == "enrollments":
            self.in_class.add((cells.get("classSourcedId", ""), cells.get("userSourcedId", "")))
        elif name == "lineItems":
            self.ranges[row.id] = _number(cells.get("resultValueMin")), _number(cells.get("resultValueMax"))
            self.class_of_item[row.id] = cells.get("classSourcedId", "")
        elif name == "userProfiles":
            self.profile_user[row.id] = cells.get("userSourcedId", "")


def references(
    package: Package, name: str, index: ReferenceIndex, seen: set[str], row: OneRosterRow
) -> Iterator[OneRosterFinding]:
    """Duplicate ids, and references to missing rows.

    A delta may refer to rows sent earlier, so its references are checked only against files that are sent in full (`bulk`).
    """
    file = f"{name}.csv"
    if row.id in seen:
        yield OneRosterFinding(
            "reference.duplicate_sourced_id", file, row.number, "sourcedId", "the sourcedId appears twice"
        )
    seen.add(row.id)
    for column in package.layout.files[name]:
        if column.kind not in ("ref", "refs"):
            continue
        cell = row.cells.get(column.name, "").strip()
        if not cell:
            continue
        mode = package.modes.get(column.of)
        if package.modes[name] == "delta" and mode != "bulk":
            continue
        if mode is None:
            message = f"it refers to {column.of}.csv, which is absent"
            yield OneRosterFinding("reference.missing_target_file", file, row.number, column.name, message)
            continue
        targets = [cell] if column.kind == "ref" else [item.strip() for item in list_items(cell)]
        if not index.ids[column.of].issuperset(targets):
            message = f"it refers to a row that {column.of}.csv does not have"
            yield OneRosterFinding("reference.missing_target_record", file, row.number, column.name, message)


def semantics(
    package: Package, name: str, index: ReferenceIndex, row: OneRosterRow
) -> Iterator[OneRosterFinding]:
    """Rules between rows other than references."""
    for code, column, message in _RULES[name](package, index, row) if name in _RULES else ():
        yield OneRosterFinding(f"semantic.{code}", f"{name}.csv", row.number, column, message)
    subjects, codes = row.cells.get("subjects", ""), row.cells.get("subjectCodes", "")
    if subjects and codes and len(list_items(subjects)) != len(list_items(codes)):
        message = "subjects and subjectCodes must pair by position"
        yield OneRosterFinding(
            "semantic.unpaired_subjects", f"{name}.csv", row.number, "subjectCodes", message
        )


SemanticFaults = Iterator[tuple[str, str, str]]


def _number(cell: str | None) -> float | None:
    try:
        return float(cell) if cell else None
    except ValueError:
        return None


def _school(index: ReferenceIndex, row: OneRosterRow) -> SemanticFaults:
    kind = index.org_type.get(row.cells.get("schoolSourcedId", ""), "school")
    if kind != "school" and not kind.startswith("ext:"):
        yield "invalid_school", "schoolSourcedId", "its school is an organization of another type"


def _classes(package: Package, index: ReferenceIndex, row: OneRosterRow) -> SemanticFaults:
    yield from _school(index, row)


def _courses(package: Package, index: ReferenceIndex, row: OneRosterRow) -> SemanticFaults:
    if index.session_type.get(row.cells.get("schoolYearSourcedId", ""), "schoolYear") != "schoolYear":
        yield "invalid_session_type", "schoolYearSourcedId", "a course's session must be a school year"


def _users(package: Package, index: ReferenceIndex, row: OneRosterRow) -> SemanticFaults:
    org = row.cells.get("primaryOrgSourcedId", "")
    if org and package.modes.get("roles") == "bulk" and (row.id, org) not in index.user_orgs:
        yield (
            "primary_org_without_role",
            "primaryOrgSourcedId",
            "the user has no role in the primary organization",
        )


def _roles(package: Package, index: ReferenceIndex, row: OneRosterRow) -> SemanticFaults:
    profile = row.cells.get("userProfileSourcedId", "")
    if profile and index.profile_user.get(profile, row.cells["userSourcedId"]) != row.cells["userSourcedId"]:
        yield "profile_of_another_user", "userProfileSourcedId", "the profile belongs to another user"


def _line_items(package: Package, index: ReferenceIndex, row: OneRosterRow) -> SemanticFaults:
    low, high = index.ranges[row.id]
    if low is not None and high is not None and low > high:
        yield "invalid_score_range", "resultValueMax", "the lowest value is above the highest"
    if index.session_type.get(row.cells.get("academicSessionSourcedId", "")) == "schoolYear":
        yield (
            "invalid_session_type",
            "academicSessionSourcedId",
            "a line item's session must not be a school year",
        )


def _results(package: Package, index: ReferenceIndex, row: OneRosterRow) -> SemanticFaults:
    item = row.cells.get("lineItemSourcedId", "")
    low, high = index.ranges.get(item, (None, None))
    score = _number(row.cells.get("score"))
    if score is not None and ((low is not None and score < low) or (high is not None and score > high)):
        yield "invalid_score_range", "score", "the score is outside the range of its line item"
    lesson = row.cells.get("classSourcedId", "") or index.class_of_item.get(item, "")
    student = row.cells.get("studentSourcedId", "")
    if lesson and package.modes.get("enrollments") == "bulk" and (lesson, student) not in index.in_class:
        yield "student_not_enrolled", "studentSourcedId", "the student is not enrolled in the class"


def _score_scales(package: Package, index: ReferenceIndex, row: OneRosterRow) -> SemanticFaults:
    if not all(PAIR.fullmatch(item.strip()) for item in list_items(row.cells.get("scoreScaleValue", ""))):
        yield "invalid_score_scale_mapping", "scoreScaleValue", "each pair of a scale is written {mark:value}"


def _objectives(package: Package, index: ReferenceIndex, row: OneRosterRow) -> SemanticFaults:
    if row.cells.get("source") == "case" and not CASE_ID.fullmatch(row.cells.get("learningObjectiveId", "")):
        message = "a CASE objective is urn:uuid: and a UUID in lower case"
        yield "invalid_case_learning_objective_id", "learningObjectiveId", message


_RULES = {
    "classes": _classes,
    "enrollments": _classes,
    "courses": _courses,
    "users": _users,
    "roles": _roles,
    "lineItems": _line_items,
    "results": _results,
    "scoreScales": _score_scales,
    "lineItemLearningObjectiveIds": _objectives,
    "resultLearningObjectiveIds": _objectives,
}


def index_of(package: Package) -> ReferenceIndex:
    """The index of all rows that could be read, including those with findings: a row with a bad cell still exists."""
    index = ReferenceIndex()
    for name in package.modes:
        for row in rows(package, name):
            if row.cells:
                index.add(name, row)
    return index


def row_findings(
    package: Package, name: str, index: ReferenceIndex
) -> Iterator[tuple[OneRosterRow, list[OneRosterFinding]]]:
    """Each row of a file with all its findings, including those about references and rules between rows."""
    seen: set[str] = set()
    primary: set[tuple[str, str]] = set()
    for row in rows(package, name):
        found = list(row.findings)
        if row.cells:
            found += references(package, name, index, seen, row)
            found += semantics(package, name, index, row)
            if name == "roles" and row.cells.get("roleType") == "primary":
                pair = row.cells["userSourcedId"], row.cells["orgSourcedId"]
                if pair in primary:
                    message = "the user has two primary roles in the organization"
                    code = "semantic.several_primary_roles"
                    found.append(OneRosterFinding(code, "roles.csv", row.number, "roleType", message))
                primary.add(pair)
        yield row, found


MEND = "correct it in the source"

# What a row must say so that its deletion can be carried out, besides its own id.
DELETION = {"results": ("studentSourcedId",), "roles": ("userSourcedId", "orgSourcedId")}


class Bundle:
    """The rows that may be loaded, and how many each file has. Refused at once if the package, its manifest, a heading or a file that
    references need is wrong."""

    def __init__(self, path: Path, log: ProblemLog) -> None:
        self.package, found = open_package(path)
        wrong = found or headings(self.package)
        if wrong:
            raise refusal(path.name, wrong)
        self._log = log
        self.read: Counter[str] = Counter()
        self.aside: dict[str, set[int]] = {}
        self._deleted: dict[str, set[int]] = {}
        # The wrong cells, by file, row and column.
        self._emptied: dict[str, dict[int, dict[str, RowFault]]] = {}
        try:
            self._judge(path.name)
        except CsvFault as fault:
            raise refusal(
                path.name, [OneRosterFinding(fault.code, "", fault.row, "", fault.message)]
            ) from None

    @property
    def version(self) -> str:
        return self.package.layout.version

    def rows(self, name: str) -> Iterator[OneRosterRow]:
        """The valid rows of a file that are not deleted, with wrong cells emptied; no rows if the file is absent."""
        if name not in self.package.modes:
            return
        aside, emptied = self.aside[name] | self._deleted[name], self._emptied[name]
        elements = document()["reads"].get(name, {}).get("cells", {})
        for row in rows(self.package, name):
            if row.number in aside:
                continue
            wrong = emptied.get(row.number, {})
            unreadable = {elements[column]: fault for column, fault in wrong.items()}
            yield (
                replace(row, cells={**row.cells, **dict.fromkeys(wrong, "")}, unreadable=unreadable)
                if wrong
                else row
            )

    def set_aside(self, name: str) -> Iterator[OneRosterRow]:
        """The rows of a file that cannot be loaded; a row that cannot be split has no cells."""
        if self.aside.get(name):
            yield from (row for row in rows(self.package, name) if row.number in self.aside[name])

    def deleted(self, name: str) -> Iterator[OneRosterRow]:
        """The rows of a file that say that a record is deleted."""
        if self._deleted[name]:
            yield from (row for row in rows(self.package, name) if row.number in self._deleted[name])

    def unusual_columns(self, name: str) -> tuple[list[str], list[str]]:
        """Columns of a file that are not in the standard, and standard columns with a different spelling."""
        head = heading(self.package, name)
        return head.extensions, head.variants

    def _judge(self, called: str) -> None:
        index = index_of(self.package)
        for name in self.package.modes:
            self.aside[name], self._deleted[name], self._emptied[name] = set(), set(), {}
            for row, found in row_findings(self.package, name, index):
                self.read[name] += 1
                refusing = [finding for finding in found if not finding.of_a_row]
                if refusing:
                    raise refusal(called, refusing)
                deleted = row.cells.get("status") == "tobedeleted"
                if deleted:
                    told = ("sourcedId", "status", *DELETION.get(name, ()))
                    found = [finding for finding in found if finding.column in told]
                    if not found:
                        self._deleted[name].add(row.number)
                for finding in found:
                    self._take(name, row, finding, costs_row=deleted)

    def _take(self, name: str, row: OneRosterRow, finding: OneRosterFinding, *, costs_row: bool) -> None:
        """Sets the row aside, empties the cell, or only lists the fault if the cell is not read."""
        used = document()["reads"].get(name, {"keys": (), "cells": {}})
        element = used["cells"].get(finding.column, "")
        if costs_row or not finding.column or finding.column in used["keys"] or _of_lifecycle(finding):
            self.aside[name].add(row.number)
            self._list(finding, "row", MEND)
        elif element:
            if finding.code.startswith("row."):
                # The cell is listed even if it would not have filled a row.
                fault = RowFault(element.partition(".")[2], finding.column, finding.worded, MEND, "file")
                self._emptied[name].setdefault(row.number, {})[finding.column] = fault
            self._list(finding, "cell", MEND, element)
        else:
            self._list(finding, "file", f"{MEND}; no data was lost")

    def _list(self, finding: OneRosterFinding, scope: Scope, cure: str, element: str = "") -> None:
        self._log.add(
            Problem(finding.file, finding.row, finding.column, finding.worded, cure, scope, element)
        )


def _of_lifecycle(finding: OneRosterFinding) -> bool:
    """Whether the status of a row in a delta is missing or wrong."""
    return finding.column == "status" and finding.code != "row.field_forbidden_in_bulk"


def validate(path: Path) -> list[OneRosterFinding]:
    """All findings of the first stage that has any; an empty list means a valid bundle.

    Refused when the path is neither a folder nor a zip that is safe to unpack.
    """
    package, found = open_package(path)
    return found or _texts(package) or _between_rows(package)


def headings(package: Package) -> list[OneRosterFinding]:
    """What is wrong with the headings of the files."""
    return [finding for name in package.modes for finding in heading(package, name).findings]


def _texts(package: Package) -> list[OneRosterFinding]:
    """Headings, and the cells of the files whose headings are right."""
    found: list[OneRosterFinding] = []
    for name in package.modes:
        wrong = heading(package, name).findings
        found += wrong
        if not wrong:
            found += _cells(package, name)
    return found


def _cells(package: Package, name: str) -> list[OneRosterFinding]:
    try:
        return [finding for row in rows(package, name) for finding in row.findings]
    except CsvFault as fault:
        return [OneRosterFinding(fault.code, f"{name}.csv", fault.row, "", fault.message)]


def _between_rows(package: Package) -> list[OneRosterFinding]:
    index = index_of(package)
    return [f for name in package.modes for _, found in row_findings(package, name, index) for f in found]
