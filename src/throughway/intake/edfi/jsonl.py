"""Reads Ed-Fi JSON: a folder (or zip) with a file, or a folder, for each resource, in the layout of earthmover and lightbeam.

One object a line in `.jsonl`, `.ndjson` or `.json`; a `.json` file may also contain one list. The resource is the name of the file, or
of its folder, in any case: `studentSchoolAssociations.jsonl`, `student_school_associations/part-1.jsonl`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi.map import edfi_map
from throughway.intake.edfi.records import of_json, singular
from throughway.intake.edfi.rows import EdFiRows
from throughway.intake.source_files import SourceFile, source_files
from throughway.intake.staging import StagedTables

CODE = "edfi_jsonl"
SUFFIXES = (".jsonl", ".ndjson", ".json")
LONGEST = 16 << 20  # bytes of one object
WHOLE = 256 << 20  # bytes of a file that is one list
HOPELESS = 10_000  # lines without an object after which reading stops

# The type of a line that is not an object.
BROKEN = "the line is not a JSON object"


def read(
    path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
) -> StagedTables:
    """Stages a folder, zip or file of resources; Refused, and nothing staged, where there are none."""
    found, others = source_files(path, SUFFIXES, code=CODE, what="Ed-Fi JSON file (.jsonl, .ndjson or .json)")
    resources = {file.name: resource(file.name) for file in found}
    known = [file for file in found if edfi_map().rules_of(resources[file.name])]
    if not known:
        raise Refused(
            f"{path.name} holds no Ed-Fi resource: each file must be named after its resource, such as "
            f"students.jsonl.",
            code=CODE,
        )
    rows = EdFiRows(into, crosswalk)
    for file in known:
        _take(rows, file, resources[file.name])
    for file in found:
        if file not in known:
            rows.unread(PurePosixPath(file.name).stem, _objects_in(file))
    rows.log.not_read(others, "this file is not Ed-Fi JSON and was not read")
    return rows.staged("Ed-Fi JSON")


def _objects_in(file: SourceFile) -> int:
    """How many objects an unread file contains; 1 where it cannot be read."""
    try:
        return sum(isinstance(value, dict) for _, value in objects(file))
    except Refused:
        return 1


def resource(name: str) -> str:
    """The record name for a file: `x/studentSchoolAssociations.jsonl` or `x/student_school_associations/1.jsonl`."""
    path = PurePosixPath(name.replace("\\", "/"))
    own = _resource(path.stem)
    if edfi_map().rules_of(own) or not path.parent.name:
        return own
    of_folder = _resource(path.parent.name)
    return of_folder if edfi_map().rules_of(of_folder) else own


def _resource(stem: str) -> str:
    return singular(re.sub(r"[\W_]", "", stem.lower()))


def _take(rows: EdFiRows, file: SourceFile, name: str) -> None:
    """Reads a file's records; Refused where it has lines and none of them is a JSON object."""
    number, any_object = 0, False
    for number, value in objects(file):
        if isinstance(value, dict):
            any_object = True
        else:
            if number >= HOPELESS and not any_object:
                break
            rows.set_aside(name, file=file.name, row=number, problem=BROKEN, cure="write one object a line")
            continue
        empty: list[str] = []
        record = of_json(value, empty.append)
        for key in empty:
            rows.empty_text(key, file=file.name, row=number)
        rows.take(name, record, file=file.name, row=number)
    if number and not any_object:
        raise Refused(
            f"{file.name} is not JSON: none of its lines is a JSON object; export it again.", code=CODE
        )


def objects(file: SourceFile) -> Iterator[tuple[int, object]]:
    """A file's objects with their line numbers; None for an invalid line. Blank lines are skipped."""
    with file.open() as stream:
        number = 0
        while line := stream.readline(LONGEST):
            text = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 0 else line.strip()
            if not text:
                continue
            if number == 0 and text.startswith(b"["):
                yield from _list(file, text + stream.read(WHOLE))
                return
            number += 1
            yield number, _parsed(text)


def _list(file: SourceFile, text: bytes) -> Iterator[tuple[int, object]]:
    if len(text) >= WHOLE:
        raise Refused(
            f"{file.name} is one list of more than 256 MB; write one object a line instead.", code=CODE
        )
    values = _parsed(text)
    if not isinstance(values, list):
        raise Refused(
            f"{file.name} is not well-formed JSON: it may have been cut off; export it again.", code=CODE
        )
    yield from enumerate(values, start=1)


# Numbers keep their digits: identifiers are not quantities.
DECODER = json.JSONDecoder(parse_float=str, parse_int=str)


def _parsed(text: bytes) -> object:
    """The value, None where the text is not JSON."""
    try:
        value: object = DECODER.decode(text.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    return value
