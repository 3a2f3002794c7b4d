"""One Ed-Fi interchange as a stream of records, without DTDs, entities or the network."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from throughway.core.refusals import Refused
from throughway.intake.source_files import SourceFile

CODE = "edfi_xml"

BLOCK = 1 << 16
NAMESPACE = re.compile(r"https?://(www\.)?ed-fi\.org(/|$)", re.IGNORECASE)

# No entity is replaced, no DTD read, no address opened, and the parser's own limits on size and depth stand.
SAFE: Any = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def records(file: SourceFile) -> Iterator[Any]:
    """The records of an interchange, each whole, and gone when the next is asked for.

    The parser is fed block by block, and what has become whole below the root is taken off it: no event for each of the
    many small elements.
    """
    parser = etree.XMLPullParser(events=("start",), tag=root_tag(file), **SAFE)
    with file.open() as stream:
        root = None
        try:
            while block := stream.read(BLOCK):
                parser.feed(block)
                if root is None:
                    root = next((element for _, element in parser.read_events()), None)
                if root is not None:
                    yield from _taken(root, keep=1)
            parser.close()
        except etree.XMLSyntaxError as error:
            raise _broken(file, error) from None
    yield from _taken(root, keep=0)


def _taken(root: Any, *, keep: int) -> Iterator[Any]:
    """Takes the children off the root but for the last `keep`, which may not be whole yet."""
    while len(root) > keep:
        element = root[0]
        yield element
        del root[0]


def root_tag(file: SourceFile) -> str:
    """The tag of an interchange's root; Refused where the file is none."""
    with file.open() as stream:
        try:
            _, root = next(iter(etree.iterparse(stream, events=("start",), **SAFE)))
        except (etree.XMLSyntaxError, StopIteration) as error:
            raise _broken(file, error) from None
        if root.getroottree().docinfo.doctype:
            raise Refused(
                f"{file.name} declares a document type (DTD), which Ed-Fi files do not have; export it without one.",
                code=CODE,
            )
        tag = str(root.tag)
    namespace = etree.QName(tag).namespace
    if namespace and not NAMESPACE.match(namespace):
        raise Refused(
            f"{file.name} is XML but no Ed-Fi interchange: its namespace is not one of Ed-Fi's (http://ed-fi.org/...); give"
            " the files that the system exported.",
            code=CODE,
        )
    if not etree.QName(tag).localname.startswith("Interchange"):
        raise Refused(
            f"{file.name} is XML but no Ed-Fi interchange: its first element is not called Interchange...; "
            "give the files that the system exported.",
            code=CODE,
        )
    return tag


def _broken(file: SourceFile, error: Exception) -> Refused:
    line = getattr(error, "lineno", None)
    where = f" (line {line})" if line else ""
    return Refused(
        f"{file.name} is not well-formed XML{where}: it is another kind of file or was cut off; export it again.",
        code=CODE,
    )
