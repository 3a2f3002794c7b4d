"""What the rows of a bundle must be to each other: ids that are there once, references that lead to a row, and the standard's other rules."""

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from throughway.intake.oneroster.layout import PAIR, list_items
from throughway.intake.oneroster.package import OneRosterFinding, Package
from throughway.intake.oneroster.rows import CellChecks, Findings, RowBlock, blocks

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
        several = column.kind == "refs"
        wrong = {
            cell
            for cell in (set(cells) if several else set(cells) - known)
            if cell.strip() and not known.issuperset(map(str.strip, cell.split(",") if several else [cell]))
        }
        code, message = "missing_target_record", f"it refers to a row that {column.of}.csv does not have"
        if mode is None:
            code, message = "missing_target_file", f"it refers to {column.of}.csv, which is absent"
        for number, cell in zip(block.numbers, cells, strict=True) if wrong else ():
            if cell in wrong:
                yield OneRosterFinding(f"reference.{code}", file, number, column.name, message)


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
            index.ids.pop(name, None)  # enrollments, most of a bundle; a file may have a heading alone
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
