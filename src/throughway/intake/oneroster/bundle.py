"""A bundle ready to load: its right rows, file by file; the others are set aside with their places."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from throughway.intake.oneroster.csv import CsvFault
from throughway.intake.oneroster.findings import Finding, refusal
from throughway.intake.oneroster.package import open_package
from throughway.intake.oneroster.references import index_of, row_findings
from throughway.intake.oneroster.tables import Row, heading, rows
from throughway.intake.oneroster.validate import headings
from throughway.intake.staged import Problem

ALIKE = 20_000  # problems of one code and file that are listed one by one

DELETED = "delta.deleted"


class Bundle:
    """The rows that may land. Refused at once where the package, its manifest, a heading or a reference's file is wrong."""

    def __init__(self, path: Path) -> None:
        self.package, found = open_package(path)
        wrong = found or headings(self.package)
        if wrong:
            raise refusal(path.name, wrong)
        self.problems: list[Problem] = []
        self.aside: dict[str, set[int]] = {}
        self._alike: Counter[tuple[str, str]] = Counter()
        try:
            self._judge(path.name)
        except CsvFault as fault:
            raise refusal(path.name, [Finding(fault.code, "", fault.row, "", fault.message)]) from None

    @property
    def version(self) -> str:
        return self.package.layout.version

    def rows(self, name: str) -> Iterator[Row]:
        """The right rows of a file; none where it is absent."""
        if name not in self.package.modes:
            return
        aside = self.aside[name]
        for row in rows(self.package, name):
            if row.number not in aside:
                yield row

    def set_aside(self, name: str) -> Iterator[Row]:
        """The rows of a file that cannot land but have cells."""
        if self.aside.get(name):
            yield from (
                row for row in rows(self.package, name) if row.cells and row.number in self.aside[name]
            )

    def told(self, name: str) -> tuple[list[str], list[str]]:
        """Columns of a file beyond the standard, and standard ones written in another way."""
        head = heading(self.package, name)
        return head.extensions, head.variants

    def _judge(self, called: str) -> None:
        index = index_of(self.package)
        for name in self.package.modes:
            aside = self.aside[name] = set()
            for row, found in row_findings(self.package, name, index):
                refusing = [finding for finding in found if not finding.of_a_row]
                if refusing:
                    raise refusal(called, refusing)
                if not found and row.cells.get("status") == "tobedeleted":
                    message = "the row is marked as deleted, which does not delete what landed before"
                    found = [Finding(DELETED, f"{name}.csv", row.number, "status", message)]
                if found:
                    aside.add(row.number)
                    self._list(found)

    def _list(self, findings: list[Finding]) -> None:
        for finding in findings:
            self._alike[finding.code, finding.file] += 1
            if self._alike[finding.code, finding.file] <= ALIKE:
                cure = (
                    "remove it from the platform by hand"
                    if finding.code == DELETED
                    else "correct it in the source"
                )
                said = f"{finding.message} ({finding.code})"
                self.problems.append(Problem(finding.file, finding.row, finding.column, said, cure, "row"))
