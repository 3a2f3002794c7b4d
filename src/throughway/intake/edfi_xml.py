"""Reads Ed-Fi XML: interchanges of any Data Standard, as a stream, without DTDs, entities or the network.

Names are matched without their namespace, which says only the version (`http://ed-fi.org/5.2.0`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from lxml import etree

from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi_files import SourceFile, source_files
from throughway.intake.edfi_pointers import Pointers
from throughway.intake.edfi_records import local_name, of_element
from throughway.intake.edfi_rows import EdFiRows
from throughway.intake.staged import Problem, Staged
from throughway.refusals import Refused

CODE = "edfi_xml"


def read(
    path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
) -> Staged:
    """Stages a file, folder or zip of interchanges; Refused, and nothing staged, where one is not what it claims."""
    found, others = source_files(path, (".xml",), code=CODE, what="Ed-Fi XML file (.xml)")
    versions = {file.name: _version(file) for file in found}  # every file, before anything is read
    rows = EdFiRows(into, crosswalk)
    for file in found:
        with Pointers(file, into) as pointers:
            for number, element in enumerate(records(file), start=1):
                name = local_name(element.tag)
                record = of_element(element, pointers.resolve)
                rows.take(name, record, file=file.name, row=number, title=etree.QName(element).localname)
    rows.problems.extend(
        Problem(name, None, "", "this file is no Ed-Fi XML and was not read", "leave it out", "file")
        for name in others
    )
    known = sorted({version for version in versions.values() if version})
    return rows.staged(f"Ed-Fi XML {', '.join(known)}".strip())


def records(file: SourceFile) -> Iterator[Any]:
    """The records of an interchange, each whole, and gone when the next is asked for."""
    with file.open() as stream:
        context = _parser(stream, ("end",))
        root = None
        try:
            for _, element in context:
                if root is None:
                    root = element.getroottree().getroot()
                if element.getparent() is root:
                    yield element
                    element.clear()
                    while element.getprevious() is not None:
                        del root[0]
        except etree.XMLSyntaxError as error:
            raise _broken(file, error) from None


def _version(file: SourceFile) -> str:
    """The Data Standard of an interchange, such as `5.2.0`; Refused where the file is none."""
    with file.open() as stream:
        try:
            _, root = next(iter(_parser(stream, ("start",))))
        except (etree.XMLSyntaxError, StopIteration) as error:
            raise _broken(file, error) from None
        if root.getroottree().docinfo.doctype:
            raise Refused(
                f"{file.name} declares a document type (DTD), which Ed-Fi files do not have; export it without one.",
                code=CODE,
            )
        name = etree.QName(root)
        if not name.localname.startswith("Interchange"):
            raise Refused(
                f"{file.name} is XML but no Ed-Fi interchange: its first element is not called Interchange...; "
                "give the files that the system exported.",
                code=CODE,
            )
        return (name.namespace or "").rpartition("/")[2]


def _parser(stream: IO[bytes], events: tuple[str, ...]) -> Any:
    return etree.iterparse(
        stream,
        events=events,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _broken(file: SourceFile, error: Exception) -> Refused:
    line = getattr(error, "lineno", None)
    where = f" (line {line})" if line else ""
    return Refused(
        f"{file.name} is not well-formed XML{where}: it is another kind of file or was cut off; export it again.",
        code=CODE,
    )
