"""A OneRoster bundle, judged: the rows that may land and what is wrong in the others (`Bundle`), or the verdict of the standard
(`validate`).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from throughway.intake.oneroster.layout import document
from throughway.intake.oneroster.package import CsvFault, OneRosterFinding, Package, open_package, refusal
from throughway.intake.oneroster.references import index_of, row_findings
from throughway.intake.oneroster.tables import OneRosterRow, heading, rows
from throughway.intake.staging import Problem, Scope

ALIKE = 100_000  # problems of one code and file that are listed one by one; further ones are only counted
MEND = "correct it in the source"

DELETED = "delta.deleted"


class Bundle:
    """The rows that may land, and how many each file has. Refused at once where the package, its manifest, a heading or a
    reference's file is wrong."""

    def __init__(self, path: Path) -> None:
        self.package, found = open_package(path)
        wrong = found or headings(self.package)
        if wrong:
            raise refusal(path.name, wrong)
        self.problems: list[Problem] = []
        self.read: Counter[str] = Counter()
        self.aside: dict[str, set[int]] = {}
        self._emptied: dict[
            str, dict[int, set[str]]
        ] = {}  # by file and row, columns whose cells are not right
        self._alike: Counter[tuple[str, str]] = Counter()
        try:
            self._judge(path.name)
        except CsvFault as fault:
            raise refusal(
                path.name, [OneRosterFinding(fault.code, "", fault.row, "", fault.message)]
            ) from None
        for (code, file), count in self._alike.items():
            if count > ALIKE:
                said = f"{code} in {count - ALIKE:,} more rows"
                self.problems.append(Problem(file, None, "", said, "see the first of them", "file"))

    @property
    def version(self) -> str:
        return self.package.layout.version

    def rows(self, name: str) -> Iterator[OneRosterRow]:
        """The right rows of a file, cells that are not right left empty; none where the file is absent."""
        if name not in self.package.modes:
            return
        aside, emptied = self.aside[name], self._emptied[name]
        elements = document()["reads"].get(name, {}).get("cells", {})
        for row in rows(self.package, name):
            if row.number in aside:
                continue
            blank = dict.fromkeys(emptied.get(row.number, ()), "")
            unreadable = tuple(elements[column] for column in blank)
            yield replace(row, cells={**row.cells, **blank}, unreadable=unreadable) if blank else row

    def set_aside(self, name: str) -> Iterator[OneRosterRow]:
        """The rows of a file that cannot land; one that cannot be told apart into cells has none."""
        if self.aside.get(name):
            yield from (row for row in rows(self.package, name) if row.number in self.aside[name])

    def told(self, name: str) -> tuple[list[str], list[str]]:
        """Columns of a file beyond the standard, and standard ones written in another way."""
        head = heading(self.package, name)
        return head.extensions, head.variants

    def _judge(self, called: str) -> None:
        index = index_of(self.package)
        for name in self.package.modes:
            self.aside[name], self._emptied[name] = set(), {}
            for row, found in row_findings(self.package, name, index):
                self.read[name] += 1
                refusing = [finding for finding in found if not finding.of_a_row]
                if refusing:
                    raise refusal(called, refusing)
                deleted = row.cells.get("status") == "tobedeleted"
                if not found and deleted:
                    message = "the row is marked as deleted, which does not delete what landed before"
                    found = [OneRosterFinding(DELETED, f"{name}.csv", row.number, "status", message)]
                for finding in found:
                    self._take(name, row, finding, costs_row=deleted)

    def _take(self, name: str, row: OneRosterRow, finding: OneRosterFinding, *, costs_row: bool) -> None:
        """Sets the row aside, leaves the cell empty, or says what is wrong in a cell that is not read."""
        used = document()["reads"].get(name, {"keys": (), "cells": {}})
        element = used["cells"].get(finding.column, "")
        if costs_row or not finding.column or finding.column in used["keys"] or _of_lifecycle(finding):
            self.aside[name].add(row.number)
            self._list(
                finding, "row", "remove it from the platform by hand" if finding.code == DELETED else MEND
            )
        elif element:
            if finding.code.startswith("row."):
                self._emptied[name].setdefault(row.number, set()).add(finding.column)
            self._list(finding, "cell", MEND, element)
        else:
            self._list(finding, "file", f"{MEND}; nothing was lost by it")

    def _list(self, finding: OneRosterFinding, scope: Scope, cure: str, element: str = "") -> None:
        self._alike[finding.code, finding.file] += 1
        if self._alike[finding.code, finding.file] <= ALIKE:
            said = f"{finding.message} ({finding.code})"
            self.problems.append(
                Problem(finding.file, finding.row, finding.column, said, cure, scope, element)
            )


def _of_lifecycle(finding: OneRosterFinding) -> bool:
    """Whether a row of a delta does not say what is to become of it."""
    return finding.column == "status" and finding.code != "row.field_forbidden_in_bulk"


def validate(path: Path) -> list[OneRosterFinding]:
    """All findings of the first stage that has any; an empty list is a valid bundle.

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
