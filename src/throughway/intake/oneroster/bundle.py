"""Checks a OneRoster bundle: which rows may be loaded and what is wrong with the others (`Bundle`), or whether the bundle is valid
(`validate`)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from throughway.intake.oneroster.layout import document
from throughway.intake.oneroster.package import CsvFault, OneRosterFinding, Package, open_package, refusal
from throughway.intake.oneroster.rows import (
    CellChecks,
    Findings,
    OneRosterRow,
    RowBlock,
    blocks,
    heading,
    rows,
)
from throughway.intake.oneroster.rules import findings, index_of
from throughway.intake.staging import Problem, ProblemLog, RowFault, Scope

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
        self._emptied: dict[str, dict[int, list[str]]] = {}  # the wrong cells, by file and row
        # By file and row, the elements (`table.element`) that they would have filled.
        self.unreadable: dict[str, dict[int, dict[str, RowFault]]] = {}
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
        for block in self.blocks(name):
            for row in block.rows():
                wrong = self.unreadable[name].get(row.number)
                yield replace(row, unreadable=wrong) if wrong else row

    def blocks(self, name: str) -> Iterator[RowBlock]:
        """The same, many at once: a few columns of a large file cost less than its `rows`."""
        if name not in self.package.modes:
            return
        left_out, emptied = self.aside[name] | self._deleted[name], self._emptied[name]
        wrong = left_out | emptied.keys()
        for block in blocks(self.package, name):
            if block.broken or not wrong.isdisjoint(block.numbers):
                block = block.only([number not in left_out for number in block.numbers], emptied)
            yield block

    def cells(self, name: str, *columns: str) -> Iterator[tuple[str, ...]]:
        """The cells of some columns of the valid rows, in a tuple for each row."""
        for block in self.blocks(name):
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
            self.aside[name], self._deleted[name] = set(), set()
            self._emptied[name], self.unreadable[name] = {}, {}
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
                self._emptied[name].setdefault(row, []).append(finding.column)
                self.unreadable[name].setdefault(row, {})[element] = fault
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
