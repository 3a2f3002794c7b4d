"""No name that a file gives rests in clear: of files, headings, sheets, members of a zip, elements of XML, keys of JSON."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from django.db import connection

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import STUDENTS, in_effect
from throughway.core.refusals import Refused
from throughway.intake.models import IntakeBatch, Upload
from throughway.intake.safe_names import KeptNames, file_name, known_words
from throughway.intake.uploads import actions as uploads
from throughway.partners import OPERATOR

SECRET = "Zebulonia Quux"
FOLDED = SECRET.replace(" ", "").lower()
HEAD = "Student ID,First,Last,DOB,Gender"
BAD = "1,Ann,Bee,31.31.2010,F"


@pytest.fixture
def agreed(town: Town) -> Town:
    town.agree(in_effect(["element: person.*", "element: attendance_day.*"]))
    return town


def found_in(folder: Path) -> list[str]:
    """Where the secret stands: in the bytes or the name of a file of the folder, or in a table of the database."""
    needles = (SECRET.encode(), FOLDED.encode(), SECRET.replace(" ", "").encode())
    found = [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if any(n in bytes(path.name, "utf-8") or (path.is_file() and n in path.read_bytes()) for n in needles)
    ]
    return found + [f"table {table}" for table in tables_with(needles)]


def tables_with(needles: tuple[bytes, ...]) -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            if any(n.decode() in repr(row) for row in cursor.fetchall() for n in needles):
                yield table


def csv_file(folder: Path) -> tuple[Path, str, str | None]:
    path = folder / f"{SECRET}.csv"
    path.write_text(f"{HEAD},{SECRET}\n{BAD},x\n")
    return path, "csv", STUDENTS


def zip_of_csv(folder: Path) -> tuple[Path, str, str | None]:
    path = folder / "some.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(f"{SECRET}/{SECRET}.csv", f"{HEAD},{SECRET}\n{BAD},x\n")
        packed.writestr("other.csv", f"{HEAD}\n2,{SECRET.split()[0]},Bee,31.31.2010,F\n")
    return path, "zip", STUDENTS


def workbook(folder: Path) -> tuple[Path, str, str | None]:
    book = openpyxl.Workbook()
    book.active.title = SECRET
    for line in (f"{HEAD},{SECRET}", f"{BAD},x"):
        book.active.append(line.split(","))
    path = folder / f"{SECRET}.xlsx"
    book.save(path)
    return path, "xlsx", STUDENTS.replace("format: csv", "format: xlsx")


def edfi_xml(folder: Path) -> tuple[Path, str, str | None]:
    path = folder / f"{SECRET}.xml"
    tag = SECRET.replace(" ", "")
    path.write_text(
        '<InterchangeStudent xmlns="http://ed-fi.org/0220"><Student><StudentUniqueId>1</StudentUniqueId>'
        f"<Name><FirstName>Ann</FirstName></Name><{tag}>x</{tag}></Student><{tag}><A>1</A></{tag}></InterchangeStudent>"
    )
    return path, "edfi-xml", None


def edfi_jsonl(folder: Path) -> tuple[Path, str, str | None]:
    (folder / "feed").mkdir()
    record = {"studentUniqueId": "1", "firstName": "Ann", SECRET: "", "birthDate": "31.31.2010"}
    for name in ("students", SECRET):
        (folder / "feed" / f"{name}.jsonl").write_text(json.dumps(record) + "\n")
    (folder / "feed" / f"{SECRET}.txt").write_text("x")
    return folder / "feed", "edfi-jsonl", None


FILES = [csv_file, zip_of_csv, workbook, edfi_xml, edfi_jsonl]


@pytest.mark.parametrize("make", FILES)
def test_no_file_name_is_kept(
    agreed: Town, tmp_path: Path, make: Callable[[Path], tuple[Path, str, str | None]]
) -> None:
    (tmp_path / "sent").mkdir()
    path, format, crosswalk = make(tmp_path / "sent")
    loaded = agreed.load(path, crosswalk, format="csv" if format == "zip" else format)
    assert loaded.nothing is None
    assert found_in(agreed.community.root) == []


def test_kept_problems_name_the_column_position(agreed: Town, tmp_path: Path) -> None:
    path, *_ = csv_file(tmp_path)
    loaded = agreed.load(path, STUDENTS)
    assert SECRET in loaded.refused_columns  # who sends the file is told in its own words
    batch = IntakeBatch.objects.get()
    assert "column 6" in batch.refused_columns
    assert batch.source == "load 1.csv"
    assert {(line["file"], line["column"]) for line in quarantine(loaded)} == {("load 1.csv", "DOB")}


@pytest.mark.parametrize("text", ["", f"{HEAD}\x00", f"{SECRET},{SECRET}\n1,2\n", "not,{\n"])
def test_no_refusal_keeps_a_name(agreed: Town, tmp_path: Path, text: str) -> None:
    path = tmp_path / f"{SECRET}.csv"
    path.write_text(text)
    with pytest.raises(Refused) as refused:
        agreed.load(path, STUDENTS)
    assert SECRET in refused.value.message or "crosswalk" in refused.value.message
    assert found_in(agreed.community.root) == []


def test_suggested_headings_are_not_kept(agreed: Town, tmp_path: Path) -> None:
    path = tmp_path / "students.csv"
    path.write_text(f"Student ID,First {SECRET},Last,DOB\n1,a,b,02/03/2010\n")
    with pytest.raises(Refused, match=f"did you mean First {SECRET}"):
        agreed.load(path, STUDENTS)
    assert "no column First, which the crosswalk reads; correct" in IntakeBatch.objects.get().refusal
    assert found_in(agreed.community.root) == []


MELTED = """
throughway: crosswalk/1
source: {format: csv}
tables:
  attendance_day:
    key: [day]
    person: [student]
    melt: {columns: ".", name: student, value: mark}
    columns:
      attendance_event_date: {from: day, date: "%Y-%m-%d", required: true}
      attendance_status: {from: mark, map: {P: Present}, required: true}
"""


def test_column_for_each_student_names_nobody(agreed: Town, tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    path.write_text(f"{SECRET},other\nQ,P\n")
    melted = MELTED.replace("{from: day, ", '{value: "2024-09-04"}  # ').replace(
        "key: [day]", "key: [student]"
    )
    loaded = agreed.load(path, melted)
    assert loaded.tables["attendance_day"].quarantined == 1
    assert found_in(agreed.community.root) == []


class TestUploads:
    def sent(self, name: str, content: bytes, **more: object) -> Upload:
        said = {"partner": "school", "format": "csv", "crosswalk": "students.yaml", **more}
        uploads.keep(chunks=[content], name=name, size=len(content), by=OPERATOR, **said)  # type: ignore[arg-type]
        return Upload.objects.latest("at")

    @pytest.fixture(autouse=True)
    def _crosswalk(self, agreed: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            uploads, "actor", lambda email: OPERATOR
        )  # the operator sends nothing through the site
        agreed.community.crosswalks.mkdir(exist_ok=True)
        (agreed.community.crosswalks / "students.yaml").write_text(STUDENTS)

    def test_files_are_numbered(self, agreed: Town) -> None:
        one = self.sent(f"{SECRET}.csv", f"{HEAD},{SECRET}\n{BAD},x\n".encode())
        two = self.sent(f"{SECRET}.CSV", b"nothing\n")
        assert (one.name, two.name) == ("upload 1.csv", "upload 2.csv")
        for upload in (one, two):
            uploads.load(id=upload.id)
        assert {b.source for b in IntakeBatch.objects.all()} == {"upload 1.csv", "upload 2.csv"}
        assert found_in(agreed.community.root) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("students.jsonl", "students.jsonl"),
        ("../x/StudentSchoolAssociations.json", "StudentSchoolAssociations.json"),
        ("users.csv", "users.csv"),
        ("person.CSV", "person.CSV"),
        ("Ana Lopez.csv", "upload 7.csv"),
        ("104233.csv", "upload 7.csv"),
        ("Lopez.Ana", "upload 7"),
        ("stu\ndents.csv", "upload 7.csv"),
        (".csv", "upload 7"),
        ("", "upload 7"),
    ],
)
def test_known_file_names_are_kept(name: str, kept: str) -> None:
    assert file_name(name, "upload 7") == kept


@pytest.mark.parametrize(
    "name", ["9/3", "2024-09-03", "9/3/24", "person.birthdate", "DOB", "users.csv: DOB", ""]
)
def test_known_headings_stay(name: str) -> None:
    from throughway.intake.crosswalk import Crosswalk

    assert KeptNames(Crosswalk.read(STUDENTS)).heading(name) == name


@pytest.mark.parametrize("name", ["123-45-6789", "104233", "Ana", "9/3 Ana", "Ana + DOB", "users.csv: Ana"])
def test_others_are_numbered(name: str) -> None:
    kept = KeptNames().heading(name)
    assert "Ana" not in kept
    assert not any(part in kept for part in ("6789", "104233"))
    assert "unknown name 1" in kept


def test_known_words_are_those_of_the_formats() -> None:
    assert {
        "birthdate",
        "usermasteridentifier",
        "studentuniqueid",
        "recordfoundyn",
    } <= known_words()


def test_migration_removes_file_names(agreed: Town, tmp_path: Path) -> None:
    from importlib import import_module

    from django.apps import apps

    path, *_ = csv_file(tmp_path)
    agreed.load(path, STUDENTS)
    IntakeBatch.objects.update(
        source=f"{SECRET}.csv", refused_columns=[SECRET, "person.sex"], refusal=f"{SECRET}.csv is empty."
    )
    import_module("throughway.intake.migrations.0003_names_of_files").keep_no_name(apps, None)
    batch = IntakeBatch.objects.get()
    assert (batch.source, batch.refused_columns) == ("load 1.csv", ["unknown name 1", "person.sex"])
    assert batch.refusal == "load 1.csv is empty."


def test_keys_of_records_rest_sealed(agreed: Town, tmp_path: Path) -> None:
    """The partner's own keys of a learner and of a row may be names; facts hold numbers in their place."""
    people = f"{HEAD}\n{SECRET},{SECRET},{SECRET},6/2/2010,F\n"
    agreed.load(people, STUDENTS, name="people.csv")
    agreed.load(
        f"{SECRET},other\nP,P\n",
        MELTED.replace("{from: day, ", '{value: "2024-09-04"}  # ').replace("key: [day]", "key: [student]"),
    )
    assert agreed.rows("attendance_day")
    assert found_in(agreed.community.root) == []
