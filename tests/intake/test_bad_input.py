"""Whatever is wrong with a file: it is refused in words that repeat nothing of it, and nothing of it is in the store."""

import gzip
import io
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import STUDENTS, in_effect
from throughway.core.refusals import Refused
from throughway.intake import actions
from throughway.intake.formats import reader_of
from throughway.vocabulary import TABLES

HEAD = "Student ID,First,Last,DOB,Gender\n"
STUDENT = "S-7731,Zelmira,Quixote,1/2/2010,F\n"
SECRETS = ("S-7731", "Zelmira", "Quixote")
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
INTERCHANGE = (
    "<InterchangeStudent><Student><StudentUniqueId>S-7731</StudentUniqueId><Name><FirstName>{}</FirstName>"
    "<LastSurname>Quixote</LastSurname></Name></Student></InterchangeStudent>"
)


def zipped(entries: Mapping[str, str], *, locked: bool = False) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    content = packed.getvalue()
    if not locked:
        return content
    marked = bytearray(content)
    marked[content.rindex(b"PK\x01\x02") + 8] |= 1  # the directory says that the entry is encrypted
    return bytes(marked)


def with_entity(declared: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE x [{declared}]>{INTERCHANGE.format("&a;")}'.encode()


LAUGHS = '<!ENTITY b "Zelmira"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY a "&c;&c;&c;&c;">'
# By what is wrong: the name of the file, its format, its content, and what is said.
BAD: Mapping[str, tuple[str, str, bytes, str]] = {
    "a bomb of tables": ("a.zip", "csv", zipped({"a.csv": HEAD + "0" * (90 << 20)}), "too large when unpacked"),
    "a zip that unpacks three hundredfold": ("a.zip", "csv", zipped({"a.csv": HEAD + "".join(f"{n:<2000}\n" for n in range(40_000))}), "too large when unpacked"),
    "a bomb of XML": ("a.zip", "edfi-xml", zipped({"a.xml": " " * (30 << 20)}), "too large when unpacked"),
    "a bomb of a workbook": ("a.xlsx", "xlsx", zipped({"xl/workbook.xml": "0" * (90 << 20)}), "too large when unpacked"),
    "a bomb of a bundle": ("a.zip", "oneroster", zipped({"users.csv": "0" * (30 << 20)}), "too large when unpacked"),
    "a path that leads outside": ("a.zip", "csv", zipped({"../../a.csv": HEAD + STUDENT}), "leads outside"),
    "an absolute path": ("a.zip", "edfi-xml", zipped({"/a.xml": INTERCHANGE.format("Zelmira")}), "leads outside"),
    "one name twice": ("a.zip", "csv", b"", "two files with the same name"),
    "a file outside as an entity": ("a.xml", "edfi-xml", with_entity('<!ENTITY a SYSTEM "file:///etc/passwd">'), "document type"),
    "entities in entities": ("a.xml", "edfi-xml", with_entity(LAUGHS), "document type"),
    "a workbook with a password": ("a.xlsx", "xlsx", OLD_WORKBOOK, "not an Excel workbook"),
    "a zip with a password": ("a.zip", "csv", zipped({"a.csv": HEAD + STUDENT}, locked=True), "locked with a password"),
    "a million columns": ("a.csv", "csv", (HEAD.strip() + ",x" * 1_000_000 + "\n" + STUDENT).encode(), "more than 2,000 columns"),
    "another delimiter": ("a.csv", "csv", (HEAD + STUDENT).replace(",", ";").encode(), "of another layout or delimiter"),
    "two encodings": ("a.csv", "csv", (HEAD + STUDENT + "S-2,Núñez,B,,\n").encode() + "S-3,Núñez,C,,\n".encode("cp1252"), "not written in utf-8"),
    "a cut gzip": ("a.csv", "csv", gzip.compress((HEAD + STUDENT).encode())[:40], "a gzip archive"),
    "a cut zip": ("a.zip", "csv", zipped({"a.csv": HEAD + STUDENT * 99})[:90], "cannot be opened"),
    "a cut interchange": ("a.xml", "edfi-xml", INTERCHANGE.format("Zelmira").encode()[:-30], "not well-formed XML"),
    "no JSON": ("students.jsonl", "edfi-jsonl", b'{"studentUniqueId": "S-7731", "firstName": "Zel', "none of its lines is a JSON object"),
}  # fmt: skip


REFUSED_BUNDLES = 6  # of ten; the others have wrong rows alone


def nothing_is_stored(town: Town) -> None:
    assert {table: town.rows(table) for table in TABLES if town.rows(table)} == {}
    assert town.keys() == {}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("wrong", BAD)
def test_it_is_refused_in_words_and_nothing_is_stored(town: Town, tmp_path: Path, wrong: str) -> None:
    town.agree(in_effect(["element: person.*", "element: person_identifier.*"]))
    name, format, content, said = BAD[wrong]
    if wrong == "one name twice":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.csv", HEAD + STUDENT)
            archive.writestr("a.csv", HEAD + STUDENT)
        content = packed.getvalue()
    crosswalk = STUDENTS if format in ("csv", "xlsx") else None
    with pytest.raises(Refused, match=said) as refused:
        town.load(content, crosswalk, format=format, name=name)
    assert not any(secret in refused.value.message for secret in SECRETS)
    nothing_is_stored(town)


def test_no_negative_bundle_leaves_anything_that_is_wrong(town: Town, samples: Path) -> None:
    """Each negative case of OneRoster's conformance set is refused as a whole, or its wrong rows are set aside."""
    town.agree(in_effect(["element: person.*", "element: school_enrollment.*", "element: organization.*"]))
    folder = samples / "oneroster/conformance/negative"
    refused = {}
    for path in sorted(folder.glob("*.zip")):
        try:
            loaded = town.load(path, None, format="oneroster")
        except Refused as refusal:
            refused[path.stem] = refusal.code
            continue
        assert sum(table.quarantined for table in loaded.tables.values()) + loaded.cells_emptied
    assert set(refused.values()) == {"oneroster"}
    assert len(refused) == REFUSED_BUNDLES


def test_formulas_are_stored_as_the_text_or_the_value_that_people_see(town: Town) -> None:
    town.agree(in_effect(["element: person.*"]))
    formula = "=HYPERLINK(x)"
    town.load(HEAD + f"1,{formula},Bee,,F\n", STUDENTS)
    book = Workbook()
    sheet: Any = book.active
    sheet.append(HEAD.strip().split(","))
    sheet.append(["2", formula, "Dee", None, "F"])
    content = io.BytesIO()
    book.save(content)
    loaded = town.load(content.getvalue(), STUDENTS, format="xlsx", name="a.xlsx")
    names = {str(row["last_or_surname"]): row.get("first_name") for row in town.rows("person")}
    assert names["Bee"] == formula  # text, which nothing evaluates
    assert "Dee" not in names  # a formula that no program has computed has no value, and the name is required
    assert loaded.tables["person"].quarantined == 1


def test_of_a_key_that_stands_twice_with_other_values_one_row_is_stored(town: Town) -> None:
    town.agree(in_effect(["element: person.*"]))
    loaded = town.load(HEAD + STUDENT + STUDENT.replace("Quixote", "Panza"), STUDENTS)
    assert [row["last_or_surname"] for row in town.rows("person")] == ["Quixote"]
    assert [line["problem"] for line in quarantine(loaded)] == [
        "an earlier row has the same key and other values"
    ]


@pytest.mark.parametrize("as_folder", [False, True])
def test_a_file_that_changes_while_it_is_read_is_refused(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_folder: bool
) -> None:
    town.agree(in_effect(["element: person.*"]))
    path = tmp_path / "feed"
    path.mkdir()
    file = path / "a.csv"
    file.write_text(HEAD + STUDENT, encoding="utf-8")

    def growing(format: str) -> Callable[..., object]:
        def read(*given: Any, **named: Any) -> object:
            staged = reader_of(format)(*given, **named)
            with file.open("a", encoding="utf-8") as more:
                more.write("S-2,Bo,Dee,,F\n")
            return staged

        return read

    monkeypatch.setattr(actions, "reader_of", growing)
    with pytest.raises(Refused, match="changed while it was being read, so nothing was stored"):
        town.load(path if as_folder else file, STUDENTS)
    nothing_is_stored(town)
    monkeypatch.undo()
    town.agree(in_effect(["element: person.*"]))
    assert town.load(path, STUDENTS).tables["person"].landed == 2


@pytest.mark.parametrize(
    "change", ["cut", "gone", "other content of the same size and time", "another in its place"]
)
def test_a_change_that_the_reader_trips_over_or_that_keeps_size_and_time_is_refused_too(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    town.agree(in_effect(["element: person.*"]))
    file = tmp_path / "a.csv"
    file.write_text(HEAD + STUDENT, encoding="utf-8")

    def changing(format: str) -> Callable[..., object]:
        def read(*given: Any, **named: Any) -> object:
            was = file.stat()
            if change in ("cut", "gone"):
                file.write_text("") if change == "cut" else file.unlink()
                raise KeyError("S-7731")  # as a reader that finds another file the second time
            staged = reader_of(format)(*given, **named)
            written = file if change != "another in its place" else tmp_path / "b.csv"
            written.write_text(HEAD + STUDENT.replace("Zelmira", "Zelmiro"), encoding="utf-8")
            os.utime(written, ns=(was.st_atime_ns, was.st_mtime_ns))
            written.replace(file)
            return staged

        return read

    monkeypatch.setattr(actions, "reader_of", changing)
    with pytest.raises(Refused, match="changed while it was being read, so nothing was stored"):
        town.load(file, STUDENTS)
    nothing_is_stored(town)
