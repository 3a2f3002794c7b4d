"""From a file to a governed answer by the site alone: one file of each kind is sent, loaded in the background, its persons are recognized,
and a figure of it is published; a directory of services reaches the directory. Only pages are asked, and the background's own tasks."""

import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.gate import making
from tests.intake.test_hmis import CLIENT, ENROLLMENT, NIGHT_STOP, export_files
from tests.intake.test_mutated_files import ROSTER
from tests.intake.test_nsc import HEAD
from tests.kept import kept
from tests.site.people import signed_in
from throughway.identity.actions.asked_linkage import LINKAGE
from throughway.intake.models import Upload
from throughway.intake.uploads import actions as uploads
from throughway.partners import OPERATOR
from throughway.partners.asked_work.actions import carry_out
from throughway.partners.models import AskedWork

MANY = range(1, 41)


@pytest.fixture
@kept
def town(transactional_db: None, community: object) -> None:
    making.register()
    for partner in ("hub", "north"):
        making.partners.add_user(
            email=f"desk@{partner}.example", partner=partner, role="data_steward", by=OPERATOR
        )
    making.partners.add_user(
        email="manager@harbor.example", partner="harbor", role="program_manager", by=OPERATOR
    )
    shown = [
        making.line(f"{table}.*", "counting")
        for table in ("school_enrollment", "postsecondary_enrollment", "assessment_result")
    ]
    document = making.sharing(schedule=[making.line("person.*", "matching", "counting"), *shown])
    document["purposes"] = [p for p in document["purposes"] if p["kind"] != "operations"]
    for purpose in document["purposes"]:
        if purpose["kind"] == "linkage":
            purpose |= {"roles": ["data_steward"], "serves": ["counting"]}
    making.in_effect(document)


def sheet() -> str:
    return "Student ID,First Name,Last Name,Date of Birth\n" + "".join(
        f"s{n:03},Ana{n},Diaz{n},2012-05-{n % 28 + 1:02}\n" for n in MANY
    )


def workbook() -> bytes:
    book, whole = openpyxl.Workbook(), io.BytesIO()
    for line in sheet().splitlines():
        book.active.append(line.split(","))
    book.save(whole)
    return whole.getvalue()


def packed(files: Mapping[str, str]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return whole.getvalue()


def roster() -> bytes:
    head = ROSTER["users.csv"].splitlines()[0]
    users = "".join(f"u{n},,,true,o1,student,ana{n},,Ana{n},Diaz{n},,{n},,,,,05,\n" for n in MANY)
    return packed(ROSTER | {"users.csv": f"{head}\n{users}"})


def interchange() -> bytes:
    students = "".join(
        f"<Student><StudentUniqueId>s{n}</StudentUniqueId><Name><FirstName>Ana{n}</FirstName><LastSurname>Diaz{n}</LastSurname></Name>"
        f"<BirthData><BirthDate>2014-01-{n % 28 + 1:02}</BirthDate></BirthData></Student>"
        for n in MANY
    )
    return f'<InterchangeStudent xmlns="http://ed-fi.org/5.2.0">{students}</InterchangeStudent>'.encode()


def lines() -> bytes:
    made = [
        {"studentUniqueId": f"s{n}", "firstName": f"Ana{n}", "lastSurname": f"Diaz{n}", "birthDate": f"2014-01-{n % 28 + 1:02}"}
        for n in MANY
    ]  # fmt: skip
    return packed({"students.jsonl": "".join(json.dumps(each) + "\n" for each in made)})


def shelter() -> bytes:
    clients = "".join(
        f"k{n},Ana{n},,Diaz{n},,1,,99,2014-01-{n % 28 + 1:02},1,0,0,0,0,1,0,0,1,,\n" for n in MANY
    )
    stays = "".join(f"e{n},k{n},{NIGHT_STOP},2025-11-02,h{n},1,116,\n" for n in MANY)
    files = export_files() | {"Client.csv": CLIENT + clients, "Enrollment.csv": ENROLLMENT + stays}
    return packed(files | {"Exit.csv": "ExitID,EnrollmentID,PersonalID,ExitDate,Destination,DateDeleted\n"})


def returned() -> bytes:
    return (
        HEAD + "".join(f"{n}_,,Y,20210615,8083,C,20210823,20211217,F,240102,N,,\n" for n in MANY)
    ).encode()


# Format: the file's name and content, and the table that is asked.
KINDS: Mapping[str, tuple[str, Callable[[], bytes], str]] = {
    "csv": ("students.csv", lambda: sheet().encode(), "person"),
    "xlsx": ("students.xlsx", workbook, "person"),
    "oneroster": ("roster.zip", roster, "person"),
    "edfi-xml": ("students.xml", interchange, "person"),
    "edfi-jsonl": ("students.zip", lines, "person"),
    "hmis": ("shelter.zip", shelter, "person"),
    "nsc": ("report.csv", returned, "postsecondary_enrollment"),
}


def file_of(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def drafted(desk: Client, format: str) -> str:
    """The crosswalk that is drafted from a look at the file, under its name."""
    name, content, _ = KINDS[format]
    page = desk.post("/loads/look/", {"partner": "north", "file": file_of(name, content())}).content.decode()
    state = re.search(r'name="state" value="([^"]+)"', page)
    assert state, re.findall(r"<h1>.*?</h1>|usa-alert__text.*", page)
    asked = dict(re.findall(r'<label class="usa-label" for="id_([^"]+)">(.*?)</label>', page))
    answers = {field: "year first" for field in asked if field.startswith("d")}
    saved = desk.post(
        "/loads/look/crosswalk/", {"state": html.unescape(state[1]), "name": f"students-{format}", **answers}
    )
    assert saved.status_code == 302, re.findall(r"usa-error-message.*", saved.content.decode())
    found = re.search(r"crosswalk=([^&]+)&", saved["Location"])
    assert found
    return found[1]


@pytest.mark.parametrize("format", KINDS)
def test_from_a_file_to_a_figure(format: str, town: None) -> None:
    desk, hub = (signed_in(making.reader(f"desk@{partner}.example")) for partner in ("north", "hub"))
    evaluator = signed_in(making.reader("evaluator@hub.example"))
    name, content, table = KINDS[format]
    form: dict[str, Any] = {"partner": "north", "format": format, "school_year": "2025-26"}
    if format in ("csv", "xlsx"):
        form["crosswalk"] = drafted(desk, format)
    sent = desk.post("/loads/new/", form | {"file": file_of(name, content())})
    assert sent.status_code == 302, re.findall("usa-error-message.*", sent.content.decode())
    uploads.load(id=Upload.objects.get().id)
    page = desk.get(sent["Location"]).content.decode()
    assert "The file is loaded" in page, re.findall('tw-lead">.*', page)
    onward = 'hx-get="/persons/?run"'
    assert onward not in page  # the agreement names the hub's steward
    assert onward in hub.get(sent["Location"]).content.decode()

    assert hub.post("/persons/link/").status_code == 302
    carry_out(LINKAGE, AskedWork.objects.get().pk)
    persons = hub.get("/persons/").content.decode()
    if table == "person":
        assert "Records were compared: 40 records, 40 persons" in persons, re.findall(
            "usa-alert__text.*", persons
        )

    asks = {"purpose": "counting", "sql": f"SELECT count(DISTINCT person_id) AS n FROM {table}"}
    preview = evaluator.post("/figures/", asks)
    assert "Nothing has been published yet" in preview.content.decode(), re.findall(
        "usa-alert__text.*", preview.content.decode()
    )
    answer = evaluator.post("/figures/", asks | {"publish": "yes"}, follow=True).content.decode()
    assert re.search(r">\s*40\s*<", answer)


def test_a_directory_of_services(town: None) -> None:
    manager = signed_in(making.reader("manager@harbor.example"))
    service = {"id": "1f5b1f3e-4b6b-4c59-8b0e-3c1d2f9f5a10", "name": "Chess Club", "status": "active"}
    sent = manager.post(
        "/supports/send/", {"file": file_of("directory.json", json.dumps(service).encode())}, follow=True
    )
    assert "1 row of " in sent.content.decode()
    assert "Chess Club" in manager.get("/supports/").content.decode()
    for file in (file_of("directory.json", b"{"), file_of("directory.txt", b"x")):
        refused = manager.post("/supports/send/", {"file": file}, follow=True).content.decode()
        assert "usa-alert--error" in refused
    evaluator = signed_in(making.reader("evaluator@hub.example"))
    assert evaluator.post("/supports/send/", {"file": file_of("d.json", b"{}")}).status_code == 404
