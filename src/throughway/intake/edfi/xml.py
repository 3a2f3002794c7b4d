"""Reads Ed-Fi XML: interchanges of any Data Standard, as a stream, without DTDs, entities or the network.

Names are matched without their namespace, which says only the version (`http://ed-fi.org/5.2.0`).
"""

from pathlib import Path

from lxml import etree

from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi.interchange import CODE, records, root_tag
from throughway.intake.edfi.pointers import Pointers
from throughway.intake.edfi.records import local_name, of_element
from throughway.intake.edfi.rows import EdFiRows
from throughway.intake.source_files import source_files
from throughway.intake.staging import Problem, StagedTables


def read(
    path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
) -> StagedTables:
    """Stages a file, folder or zip of interchanges; Refused, and nothing staged, where one is not what it claims."""
    found, others = source_files(path, (".xml",), code=CODE, what="Ed-Fi XML file (.xml)")
    versions = {
        etree.QName(root_tag(file)).namespace or "" for file in found
    }  # every file, before anything is read
    rows = EdFiRows(into, crosswalk)
    for file in found:
        with Pointers(file, into) as pointers:
            for number, element in enumerate(records(file), start=1):
                name = local_name(element.tag)
                record = of_element(element, pointers.resolve)
                rows.take(name, record, file=file.name, row=number, title=element.tag.rpartition("}")[2])
    rows.problems.extend(
        Problem(name, None, "", "this file is no Ed-Fi XML and was not read", "leave it out", "file")
        for name in others
    )
    known = sorted(filter(None, (namespace.rpartition("/")[2] for namespace in versions)))
    return rows.staged(f"Ed-Fi XML {', '.join(known)}".strip())
