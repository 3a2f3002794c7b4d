"""The verdict on a OneRoster bundle, in the standard's stages: the package, the cells, then what rows say of each other.

A later stage is judged only where the earlier ones found nothing: a reference into a file that could not be read says
nothing more.
"""

from pathlib import Path

from throughway.intake.oneroster.csv import CsvFault
from throughway.intake.oneroster.findings import OneRosterFinding
from throughway.intake.oneroster.package import Package, open_package
from throughway.intake.oneroster.references import index_of, row_findings
from throughway.intake.oneroster.tables import heading, rows


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
