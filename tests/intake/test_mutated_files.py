"""Files that are damaged at random: each reader, and the inspection, answers with rows or with one refusal in words, and never breaks.

`MUTATIONS=20000 pytest tests/intake/test_mutated_files.py` runs long; `SEED` begins elsewhere. A failure names the mutation's number, which
makes the same file again.
"""

import os
import random
import shutil
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tests.intake.test_hmis import export_files
from tests.intake.test_nsc import HEAD
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.formats import READABLE, reader_of
from throughway.intake.inspection.inspection import inspect

MUTATIONS, SEED = int(os.environ.get("MUTATIONS", "25")), int(os.environ.get("SEED", "0"))

SHEET = "Student,Date,Status,Minutes\n" + "".join(
    f"s{n},9/{n}/2025,{'PAT'[n % 3]},{n * 7}\n" for n in range(1, 9)
)
CROSSWALK = """
throughway: crosswalk/1
source: {format: FORMAT}
tables:
  attendance_day:
    key: [Student, Date]
    person: Student
    columns:
      attendance_event_date: {from: Date, date: ["%m/%d/%Y"], required: true}
      attendance_status: {from: Status, map: {P: Present, A: UnexcusedAbsence, T: Tardy}}
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<InterchangeStudent xmlns="http://ed-fi.org/5.2.0"><Student id="a"><StudentUniqueId>s1</StudentUniqueId><Name><FirstName>Ana</FirstName>
<LastSurname>Diaz</LastSurname></Name><BirthData><BirthDate>2014-01-02</BirthDate></BirthData></Student>
<StudentSchoolAssociation><EntryDate>2025-08-20</EntryDate><StudentReference><StudentIdentity><StudentUniqueId>s1</StudentUniqueId>
</StudentIdentity></StudentReference><SchoolReference><SchoolIdentity><SchoolId>7</SchoolId></SchoolIdentity></SchoolReference>
<EntryGradeLevel>uri://ed-fi.org/GradeLevelDescriptor#Fifth grade</EntryGradeLevel></StudentSchoolAssociation></InterchangeStudent>
"""
JSON = '{"studentUniqueId": "s1", "firstName": "Ana", "lastSurname": "Diaz", "birthDate": "2014-01-02"}\n'
ROSTER = {
    "manifest.csv": "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\n",
    "orgs.csv": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no1,,,Oak,school,1,\n",
    "users.csv": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password\nu1,,,true,o1,student,ana,,Ana,Diaz,,77,,,,,05,\n",
}  # fmt: skip
BITS = (b"", b"\x00", b"\xff", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\n", b"\r", b"\\", b"<", b"&x;", b"{", b"]", b"=1+1",
        b"9" * 400, b"-1", b"1e999", b"0000-00-00", b"NULL", "é".encode(), "\u202e".encode(), b"\xd8\x00")  # fmt: skip


def packed(files: Mapping[str, bytes]) -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return whole.getvalue()


def workbook() -> bytes:
    book, whole = openpyxl.Workbook(), BytesIO()
    for line in SHEET.splitlines():
        book.active.append(line.split(","))
    book.save(whole)
    return whole.getvalue()


def _bytes(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


# Of each format: the ending of its file, and its files, one of which is damaged; a single one is the file itself.
WHOLE: Mapping[str, tuple[str, Callable[[], dict[str, bytes]]]] = {
    "csv": (".csv", lambda: {"": SHEET.encode()}),
    "xlsx": (".xlsx", lambda: _members(workbook())),
    "oneroster": (".zip", lambda: _bytes(ROSTER)),
    "edfi-xml": (".xml", lambda: {"": XML.encode()}),
    "edfi-jsonl": (".zip", lambda: {"students.jsonl": JSON.encode() * 3}),
    "hmis": (".zip", lambda: _bytes(export_files())),
    "nsc": (".csv", lambda: {"": (HEAD + "1_,,Y,20210615,8083,C,20210823,20211217,F,240102,N,,\n").encode()}),
}


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content after one to four changes: bytes taken out, doubled, replaced, or cut off."""
    for _ in range(chance.randint(1, 4)):
        at, until = sorted(chance.randrange(len(content) + 1) for _ in range(2))
        until = min(until, at + chance.choice((1, 3, 40)))
        change = chance.randrange(5)
        if change == 0:
            content = content[:at] + content[until:]
        elif change == 1:
            content = content[:until] + content[at:until] * chance.choice((1, 50)) + content[until:]
        elif change == 2:
            content = content[:at] + bytes(chance.randrange(256) for _ in range(until - at)) + content[until:]
        elif change == 3:
            content = content[:at] + chance.choice(BITS) + content[at:]
        else:
            content = (
                content[:at]
                if chance.random() < 0.3
                else content[:at] + chance.choice(BITS) + content[until:]
            )
    return content


def made(format: str, number: int) -> bytes:
    """The file of one mutation."""
    chance = random.Random(f"{format} {number}")
    files = WHOLE[format][1]()
    if "" in files:
        return damaged(files[""], chance)
    if chance.random() < 0.2:
        return damaged(packed(files), chance)
    name = chance.choice(sorted(files))
    return packed(files | {name: damaged(files[name], chance)})


def crosswalk_of(format: str) -> Crosswalk | None:
    return Crosswalk.read(CROSSWALK.replace("FORMAT", format)) if format in ("csv", "xlsx") else None


@pytest.mark.parametrize("format", sorted(READABLE))
def test_the_undamaged_file_is_read(format: str, tmp_path: Path) -> None:
    suffix, files = WHOLE[format]
    content = files().get("") or packed(files())
    path = tmp_path / f"export{suffix}"
    path.write_bytes(content)
    (into := tmp_path / "into").mkdir()
    staged = reader_of(format)(path, into=into, partner="p", crosswalk=crosswalk_of(format), school_year=2026)
    assert staged.tables


def said(format: str, path: Path, into: Path, *, inspected: bool) -> str:
    """What is refused of a file, in words; nothing where it is read."""
    into.mkdir()
    try:
        if inspected:
            inspect(path, into=into)
        else:
            reader_of(format)(path, into=into, partner="p", crosswalk=crosswalk_of(format), school_year=2026)
    except Refused as refused:
        return refused.message
    finally:
        shutil.rmtree(into)
    return ""


@pytest.mark.parametrize("format", sorted(READABLE))
def test_no_damage_breaks_a_reader(format: str, tmp_path: Path) -> None:
    path = tmp_path / f"export{WHOLE[format][0]}"
    for number in range(SEED, SEED + MUTATIONS):
        path.write_bytes(made(format, number))
        for inspected in (False, True):
            try:
                words = said(format, path, tmp_path / "into", inspected=inspected)
            except Exception as error:
                raise AssertionError(f"mutation {number} of {format} breaks the reader") from error
            assert words == "" or words.endswith((".", "?")), (number, words)


# Mutations that broke a reader once.
FOUND = (("edfi-xml", 1_000_121),)


@pytest.mark.parametrize(("format", "number"), FOUND)
def test_what_was_found_stays_mended(format: str, number: int, tmp_path: Path) -> None:
    path = tmp_path / f"export{WHOLE[format][0]}"
    path.write_bytes(made(format, number))
    for inspected in (False, True):
        assert said(format, path, tmp_path / "into", inspected=inspected).endswith((".", "?"))
