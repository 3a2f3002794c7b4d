"""Checks a OneRoster bundle: which rows may be loaded and what is wrong with the others (`Bundle`), or whether the bundle is valid
(`validate`)."""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from throughway.intake.oneroster.layout import PAIR, document, list_items
from throughway.intake.oneroster.package import (
    CellChecks,
    CsvFault,
    Findings,
    OneRosterFinding,
    OneRosterRow,
    Package,
    RowBlock,
    blocks,
    heading,
    open_package,
    refusal,
    rows,
)
from throughway.intake.staging import Problem, ProblemLog, RowFault, Scope

CASE_ID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


Cells = Mapping[str, str]  # of a row, by column


@dataclass
class ReferenceIndex:
    """Facts about rows that rows in other files refer to. `repeated`: by file, the rows whose id another row has before them."""

    ids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    repeated: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    session_type: dict[str, str] = field(default_factory=dict)
    org_type: dict[str, str] = field(default_factory=dict)
    user_orgs: set[tuple[str, ...]] = field(default_factory=set)
    students: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by class
    ranges: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    class_of_item: dict[str, str] = field(default_factory=dict)
    profile_user: dict[str, str] = field(default_factory=dict)

    def add(self, package: Package, name: str, block: RowBlock) -> None:
        ids, column = block.column("sourcedId"), block.column
        self._add_ids(name, block.numbers, ids)
        if name == "academicSessions":
            self.session_type.update(zip(ids, column("type"), strict=True))
        elif name == "orgs":
            self.org_type.update(zip(ids, column("type"), strict=True))
        elif name == "roles":
            self.user_orgs.update(zip(column("userSourcedId"), column("orgSourcedId"), strict=True))
        elif name == "enrollments" and "results" in package.modes:
            for lesson, user in zip(column("classSourcedId"), column("userSourcedId"), strict=True):
                self.students[lesson].add(sys.intern(user))  # one text for all the classes of a user
        elif name == "lineItems":
            limits = zip(
                map(_number, column("resultValueMin")), map(_number, column("resultValueMax")), strict=True
            )
            self.ranges.update(zip(ids, limits, strict=True))
            self.class_of_item.update(zip(ids, column("classSourcedId"), strict=True))
        elif name == "userProfiles":
            self.profile_user.update(zip(ids, column("userSourcedId"), strict=True))

    def _add_ids(self, name: str, numbers: Sequence[int], ids: Sequence[str]) -> None:
        known = self.ids[name]
        if known.isdisjoint(ids) and len(set(ids)) == len(ids):
            known.update(ids)
            return
        for number, id in zip(numbers, ids, strict=True):
            if id in known:
                self.repeated[name].add(number)
            known.add(id)


def references(
    package: Package, name: str, index: ReferenceIndex, block: RowBlock
) -> Iterator[OneRosterFinding]:
    """Duplicate ids, and references to missing rows.

    A delta may refer to rows sent earlier, so its references are checked only against files that are sent in full (`bulk`).
    """
    file = f"{name}.csv"
    for number in index.repeated[name].intersection(block.numbers):
        yield OneRosterFinding(
            "reference.duplicate_sourced_id", file, number, "sourcedId", "the sourcedId appears twice"
        )
    for column in package.layout.files[name]:
        mode = package.modes.get(column.of)
        if column.kind not in ("ref", "refs") or (package.modes[name] == "delta" and mode != "bulk"):
            continue
        known, cells = index.ids[column.of], block.column(column.name)
        split = str.split if column.kind == "refs" else _alone
        wrong = {
            cell for cell in set(cells) if cell.strip() and not known.issuperset(map(str.strip, split(cell, ",")))
        }  # fmt: skip
        code, message = "missing_target_record", f"it refers to a row that {column.of}.csv does not have"
        if mode is None:
            code, message = "missing_target_file", f"it refers to {column.of}.csv, which is absent"
        for number, cell in zip(block.numbers, cells, strict=True) if wrong else ():
            if cell in wrong:
                yield OneRosterFinding(f"reference.{code}", file, number, column.name, message)


def _alone(cell: str, _: str) -> list[str]:
    return [cell]


def semantics(
    package: Package, name: str, index: ReferenceIndex, block: RowBlock
) -> Iterator[OneRosterFinding]:
    """Rules between rows other than references. A rule looks once at each different combination of the cells that it needs."""
    for columns, rule in (*_RULES.get(name, ()), _SUBJECTS):
        combined = list(zip(*map(block.column, columns), strict=True))
        found = {
            cells: faults
            for cells in set(combined)
            if (faults := tuple(rule(package, index, dict(zip(columns, cells, strict=True)))))
        }
        for number, cells in zip(block.numbers, combined, strict=True) if found else ():
            for code, column, message in found.get(cells, ()):
                yield OneRosterFinding(f"semantic.{code}", f"{name}.csv", number, column, message)


SemanticFaults = Iterator[tuple[str, str, str]]
Rule = Callable[[Package, ReferenceIndex, Cells], SemanticFaults]


def _number(cell: str) -> float | None:
    try:
        return float(cell) if cell else None
    except ValueError:
        return None


def _school(package: Package, index: ReferenceIndex, cells: Cells) -> SemanticFaults:
    kind = index.org_type.get(cells["schoolSourcedId"], "school")
    if kind != "school" and not kind.startswith("ext:"):
        yield "invalid_school", "schoolSourcedId", "its school is an organization of another type"


def _courses(package: Package, index: ReferenceIndex, cells: Cells) -> SemanticFaults:
    if index.session_type.get(cells["schoolYearSourcedId"], "schoolYear") != "schoolYear":
        yield "invalid_session_type", "schoolYearSourcedId", "a course's session must be a school year"


def _users(package: Package, index: ReferenceIndex, cells: Cells) -> SemanticFaults:
    org = cells["primaryOrgSourcedId"]
    if org and package.modes.get("roles") == "bulk" and (cells["sourcedId"], org) not in index.user_orgs:
        yield (
            "primary_org_without_role",
            "primaryOrgSourcedId",
            "the user has no role in the primary organization",
        )


def _roles(package: Package, index: ReferenceIndex, cells: Cells) -> SemanticFaults:
    profile, user = cells["userProfileSourcedId"], cells["userSourcedId"]
    if profile and index.profile_user.get(profile, user) != user:
        yield "profile_of_another_user", "userProfileSourcedId", "the profile belongs to another user"


def _line_items(package: Package, index: ReferenceIndex, cells: Cells) -> SemanticFaults:
    low, high = index.ranges[cells["sourcedId"]]
    if low is not None and high is not None and low > high:
        yield "invalid_score_range", "resultValueMax", "the lowest value is above the highest"
    if index.session_type.get(cells["academicSessionSourcedId"]) == "schoolYear":
        yield (
            "invalid_session_type",
            "academicSessionSourcedId",
            "a line item's session must not be a school year",
        )


def _results(package: Package, index: ReferenceIndex, cells: Cells) -> SemanticFaults:
    item = cells["lineItemSourcedId"]
    low, high = index.ranges.get(item, (None, None))
    score = _number(cells["score"])
    if score is not None and ((low is not None and score < low) or (high is not None and score > high)):
        yield "invalid_score_range", "score", "the score is outside the range of its line item"
    lesson = cells["classSourcedId"] or index.class_of_item.get(item, "")
    enrolled = package.modes.get("enrollments") != "bulk" or cells["studentSourcedId"] in index.students.get(
        lesson, ()
    )
    if lesson and not enrolled:
        yield "student_not_enrolled", "studentSourcedId", "the student is not enrolled in the class"


def _score_scales(package: Package, index: ReferenceIndex, cells: Cells) -> SemanticFaults:
    if not all(PAIR.fullmatch(item.strip()) for item in list_items(cells["scoreScaleValue"])):
        yield "invalid_score_scale_mapping", "scoreScaleValue", "each pair of a scale is written {mark:value}"


def _objectives(package: Package, index: ReferenceIndex, cells: Cells) -> SemanticFaults:
    if cells["source"] == "case" and not CASE_ID.fullmatch(cells["learningObjectiveId"]):
        message = "a CASE objective is urn:uuid: and a UUID in lower case"
        yield "invalid_case_learning_objective_id", "learningObjectiveId", message


def _subjects(package: Package, index: ReferenceIndex, cells: Cells) -> SemanticFaults:
    subjects, codes = cells["subjects"], cells["subjectCodes"]
    if subjects and codes and len(list_items(subjects)) != len(list_items(codes)):
        yield "unpaired_subjects", "subjectCodes", "subjects and subjectCodes must pair by position"


# By file, the columns that a rule needs, and the rule.
_RULES: dict[str, list[tuple[tuple[str, ...], Rule]]] = {
    "classes": [(("schoolSourcedId",), _school)],
    "enrollments": [(("schoolSourcedId",), _school)],
    "courses": [(("schoolYearSourcedId",), _courses)],
    "users": [(("sourcedId", "primaryOrgSourcedId"), _users)],
    "roles": [(("userSourcedId", "userProfileSourcedId"), _roles)],
    "lineItems": [(("sourcedId", "academicSessionSourcedId"), _line_items)],
    "results": [(("lineItemSourcedId", "score", "classSourcedId", "studentSourcedId"), _results)],
    "scoreScales": [(("scoreScaleValue",), _score_scales)],
    "lineItemLearningObjectiveIds": [(("source", "learningObjectiveId"), _objectives)],
    "resultLearningObjectiveIds": [(("source", "learningObjectiveId"), _objectives)],
}
_SUBJECTS: tuple[tuple[str, ...], Rule] = (("subjects", "subjectCodes"), _subjects)


def index_of(package: Package) -> ReferenceIndex:
    """The index of all rows that could be read, including those with findings: a row with a bad cell still exists."""
    index = ReferenceIndex()
    named = {column.of for name in package.modes for column in package.layout.files[name]}
    for name in package.modes:
        for block in blocks(package, name):
            index.add(package, name, block)
        if name not in named:
            del index.ids[name]  # enrollments, most of a bundle
    return index


def findings(package: Package, name: str, index: ReferenceIndex) -> Iterator[tuple[RowBlock, Findings]]:
    """All findings of a file, including those about references and rules between rows."""
    checks = CellChecks(package, name)
    primary: set[tuple[str, str]] = set()
    for block in blocks(package, name):
        found = checks.findings(block)
        twice = _primary_twice(block, primary) if name == "roles" else ()
        for finding in chain(
            references(package, name, index, block), semantics(package, name, index, block), twice
        ):
            found[finding.row or 0].append(finding)
        yield block, found


def _primary_twice(block: RowBlock, primary: set[tuple[str, str]]) -> Iterator[OneRosterFinding]:
    columns = map(block.column, ("userSourcedId", "orgSourcedId", "roleType"))
    for number, user, org, kind in zip(block.numbers, *columns, strict=True):
        if kind != "primary":
            continue
        if (user, org) in primary:
            message = "the user has two primary roles in the organization"
            yield OneRosterFinding("semantic.several_primary_roles", "roles.csv", number, "roleType", message)
        primary.add((user, org))


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

    def cells(self, name: str, *columns: str) -> Iterator[tuple[str, ...]]:
        """The cells of some columns of the valid rows, in a tuple for each row: a few of a large file cost less than its `rows`."""
        if name not in self.package.modes:
            return
        if self.aside[name] or self._deleted[name] or self._emptied[name]:
            yield from (tuple(row.cells.get(column, "") for column in columns) for row in self.rows(name))
            return
        for block in blocks(self.package, name):
            yield from zip(*map(block.column, columns), strict=True)

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
            for block, found in findings(self.package, name, index):
                self.read[name] += len(block.numbers) + len(block.broken)
                deleted = {
                    n
                    for n, s in zip(block.numbers, block.column("status"), strict=True)
                    if s == "tobedeleted"
                }
                for number in sorted(found.keys() | deleted):
                    self._judge_row(called, name, number, found[number], deleted=number in deleted)

    def _judge_row(
        self, called: str, name: str, number: int, found: list[OneRosterFinding], *, deleted: bool
    ) -> None:
        refusing = [finding for finding in found if not finding.of_a_row]
        if refusing:
            raise refusal(called, refusing)
        if deleted:
            told = ("sourcedId", "status", *DELETION.get(name, ()))
            found = [finding for finding in found if finding.column in told]
            if not found:
                self._deleted[name].add(number)
        for finding in found:
            self._take(name, number, finding, costs_row=deleted)

    def _take(self, name: str, row: int, finding: OneRosterFinding, *, costs_row: bool) -> None:
        """Sets the row aside, empties the cell, or only lists the fault if the cell is not read."""
        used = document()["reads"].get(name, {"keys": (), "cells": {}})
        element = used["cells"].get(finding.column, "")
        if costs_row or not finding.column or finding.column in used["keys"] or _of_lifecycle(finding):
            self.aside[name].add(row)
            self._list(finding, "row", MEND)
        elif element:
            if finding.code.startswith("row."):
                # The cell is listed even if it would not have filled a row.
                fault = RowFault(element.partition(".")[2], finding.column, finding.worded, MEND, "file")
                self._emptied[name].setdefault(row, {})[finding.column] = fault
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
    checks = CellChecks(package, name)
    try:
        return [finding for block in blocks(package, name) for finding in _in_order(checks.findings(block))]
    except CsvFault as fault:
        return [OneRosterFinding(fault.code, f"{name}.csv", fault.row, "", fault.message)]


def _between_rows(package: Package) -> list[OneRosterFinding]:
    index = index_of(package)
    return [
        f for name in package.modes for _, found in findings(package, name, index) for f in _in_order(found)
    ]


def _in_order(found: Findings) -> Iterator[OneRosterFinding]:
    return (finding for number in sorted(found) for finding in found[number])
