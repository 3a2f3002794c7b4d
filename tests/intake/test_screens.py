"""The screens of loads: whose one sees, what a page says, and how a file comes in through the browser."""

import html
import io
import os
import re
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tests.intake.conftest import Town
from tests.intake.papers import ENROLLMENT, STUDENTS, in_effect
from tests.intake.test_what_may_come_in import GRADELESS, SIXTH
from tests.site.people import client_of
from throughway.agreements.status import AgreementStatus
from throughway.intake import selectors, tasks, views
from throughway.intake.models import IntakeBatch, Upload, UploadState
from throughway.intake.selectors import cannot_tell
from throughway.intake.uploads import actions as uploads
from throughway.partners import OPERATOR, Role
from throughway.partners.actions import add_user
from throughway.partners.models import User
from throughway.store import Community

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15
SECRET = "Wilhelmina"  # a value of the file; no page may show it
ROWS = f"""Student ID,First,Last,DOB,Gender,Shoe Size,Homeroom
1,{SECRET},Abel,02/03/2010,F,41,a
2,Ben,Bell,31/31/2010,M,42,b
3,,Cole,04/05/2010,F,43,c
"""
NEEDED = ["element: person.first_name", "element: person.last_or_surname", "element: person.birthdate"]
SignIn = Callable[..., Client]


@pytest.fixture
def agreed(town: Town, monkeypatch: pytest.MonkeyPatch) -> AgreementStatus:
    """The school gives names and birth dates to the backbone, which keeps the data."""
    found = in_effect(NEEDED, custody="[{basis: school_official, basis_details: {function: hosting}}]")
    town.agree(found)
    monkeypatch.setattr(views, "agreement_statuses", lambda on: [found])
    monkeypatch.setattr(selectors, "in_effect", lambda on: [found])
    (town.community.crosswalks / "students.yaml").write_text(STUDENTS, encoding="utf-8")
    return found


@pytest.fixture
def sign_in(town: Town) -> SignIn:
    def signed_in(partner: str, role: Role = Role.DATA_STEWARD) -> Client:
        email = f"{role}@{partner}.example"
        if not User.objects.filter(email=email).exists():
            add_user(email=email, partner=partner, role=role, by=OPERATOR)
        return client_of(email)

    return signed_in


@pytest.fixture
def batch(town: Town, agreed: AgreementStatus) -> str:
    return town.load(ROWS, STUDENTS).batch


def url(name: str, *args: str) -> str:
    return reverse(f"intake:{name}", args=args)


def sent(client: Client, content: bytes, name: str = "students.csv", **values: str) -> object:
    given = {"partner": "school", "format": "csv", "crosswalk": "students.yaml", "school_year": "", **values}
    return client.post(url("new"), {**given, "file": SimpleUploadedFile(name, content)})


def kept(town: Town) -> list[Path]:
    return [path for path in (town.community.data / "uploads").rglob("*") if path.is_file()]


# ---- whose loads one sees ----

SEES = [
    ("school", Role.LEADER, True),
    ("school", Role.CASE_WORKER, True),
    ("club", Role.DATA_STEWARD, False),
    ("backbone", Role.DATA_STEWARD, True),  # the data stewards of the party that keeps the data
    ("backbone", Role.LEADER, False),
    ("backbone", Role.PRIVACY_OFFICER, False),
]


@pytest.mark.parametrize(("partner", "role", "sees"), SEES)
def test_who_sees_which_loads(partner: str, role: Role, sees: bool, batch: str, sign_in: SignIn) -> None:
    client = sign_in(partner, role)
    assert ("load 1.csv" in client.get(url("loads")).content.decode()) is sees
    for name in ("batch", "set_aside"):
        assert client.get(url(name, batch)).status_code == (200 if sees else 404)


def test_load_of_another_partner_is_not_found(batch: str, sign_in: SignIn) -> None:
    client = sign_in("club")
    answers = [client.get(url("batch", id)) for id in (batch, "20260101T000000-00000000")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert "load 1.csv" not in answers[0].content.decode()


def test_steward_needs_an_agreement_to_see_loads(
    batch: str, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "agreement_statuses", lambda on: [])
    assert sign_in("backbone").get(url("batch", batch)).status_code == 404
    assert sign_in("school").get(url("batch", batch)).status_code == 200


# ---- what a page says ----


def test_page_of_a_load(batch: str, sign_in: SignIn) -> None:
    page = sign_in("school").get(url("batch", batch)).content.decode()
    assert "Names, birth date and sex" in page
    assert "Shoe Size" not in page  # a heading that nobody knows may be a name
    assert "Column 6; its heading was not stored" in page
    assert "Not mapped: neither the format nor the crosswalk says what it is" in page
    assert "The crosswalk uses it only for elements that no agreement in effect needs" in page  # Gender
    assert "Sex, of names, birth date and sex" in page
    assert "No agreement in effect needs it from School." in page
    assert "“Attendance and supports”" in page  # the agreement that would have to need it
    assert "Errors, and how to fix them" in page


CLUB = """
throughway: crosswalk/1
tables:
  person:
    key: [ID]
    columns:
      first_name: {from: First}
      last_or_surname: {from: Last}
      birthdate: {from: DOB}
  school_enrollment:
    key: [ID, Start]
    person: ID
    columns:
      enrollment_entry_date: {from: Start, required: true}
      entry_grade_level: {from: Grade}
  program_participation:
    key: [ID, Club, Start]
    person: ID
    columns:
      program_identifier: {from: Club}
      program_participation_start_date: {from: Start}
"""


def test_numbers_of_a_load_are_found_in_its_file(
    town: Town, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line fills two tables that an agreement needs and a third that none needs, which shares the column of days with one."""
    found = in_effect([*NEEDED, "element: school_enrollment.enrollment_entry_date"])
    town.agree(found)
    monkeypatch.setattr(views, "agreement_statuses", lambda on: [found])
    monkeypatch.setattr(selectors, "in_effect", lambda on: [found])
    (town.community.crosswalks / "club.yaml").write_text(CLUB, encoding="utf-8")
    lines = [f"{n},Ann{n},Bee,2012-01-02,2026-01-05,05,Chess" for n in range(1, 13)]
    file = "\n".join(["ID,First,Last,DOB,Start,Grade,Club", *lines, ""])
    client = sign_in("school")
    address = sent(client, file.encode(), name="club.csv", crosswalk="club.yaml")["Location"]
    tasks.load_upload.func(Upload.objects.get().id)
    load = IntakeBatch.objects.get()
    assert len(town.rows("person")) == len(town.rows("school_enrollment")) == len(lines)
    pages = [client.get(a).content.decode() for a in (address, url("batch", load.id), url("loads"))]
    for page in pages:
        words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
        said = re.findall(r"rows loaded (\d+)|(\d+) rows (?:[\w.]+ ){0,5}loaded", words)
        assert {"".join(number) for number in said} == {str(len(lines))}, words
    assert "Rows by kind of record" in pages[0]
    assert [name for name in load.refused_columns if "." not in name] == ["Grade", "Club"]
    assert re.search(r"columns refused by name\s*(<[^>]+>\s*)*2\s*<", pages[0])  # Grade and Club


def test_page_of_a_load_does_not_say_that_it_waits_to_be_compared(
    batch: str, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the page of persons knows; the load's page asks it."""
    monkeypatch.setattr(views, "may_link", lambda by, on: True)
    page = sign_in("school").get(url("batch", batch)).content.decode()
    assert f'hx-get="{reverse("identity:persons")}?run"' in page
    assert "until they are compared" not in page


def test_first_ten_unmapped_columns_are_named(town: Town, agreed: AgreementStatus, sign_in: SignIn) -> None:
    more = ",".join(f"Extra {n}" for n in range(1, 1_213))
    id = town.load(f"Student ID,First,Last,DOB,Gender,{more}\n1,Ann,Bee,,F{',' * 1_212}\n", STUDENTS).batch
    page = sign_in("school").get(url("batch", id)).content.decode()
    assert page.count("Not mapped: neither the format") == 10
    assert "And 1,202 more columns that neither the format nor the crosswalk maps." in page


def test_unchanged_file_differs_from_a_partly_set_aside_one(town: Town, batch: str, sign_in: SignIn) -> None:
    good = "".join(ROWS.splitlines(keepends=True)[:2])
    bad = good + ",Dora,Dale,05/06/2010,F,44,d\n"
    again, rest = (town.load(rows, STUDENTS).batch for rows in (good, bad))
    pages = [sign_in("school").get(url("batch", id)).content.decode() for id in (again, rest)]
    assert "load 2.csv was already stored</h1>" in pages[0]
    assert "Nothing new in load 3.csv was loaded</h1>" in pages[1]


def test_kinds_not_stored_are_shown_by_reason(town: Town, agreed: AgreementStatus, sign_in: SignIn) -> None:
    records = "<Student><StudentUniqueId>1</StudentUniqueId><Name><FirstName>Ann</FirstName></Name></Student>"
    records += "<StudentTransportation/><StudentProgramAssociation/>"
    xml = f'<InterchangeStudent xmlns="http://ed-fi.org/5.2.0">{records}</InterchangeStudent>'
    batch = town.load(xml, None, format="edfi-xml", name="a.xml").batch
    page = sign_in("school").get(url("batch", batch)).content.decode()
    assert "<strong>No agreement covers:</strong>" in page
    assert "<strong>Not read:</strong> StudentTransportation. 1 record was counted" in page
    assert '<th scope="col" class="is-number">Not read</th>' in page


def test_undecided_rows_are_shown_with_the_cure(
    town: Town, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = in_effect(["element: attendance_day.*"], population=SIXTH)
    town.agree(found)
    monkeypatch.setattr(views, "agreement_statuses", lambda on: [found])
    batch = town.load(GRADELESS, ENROLLMENT).batch
    page = sign_in("school").get(url("batch", batch)).content.decode()
    assert (
        "<strong>Not decided:</strong> 2 rows lack a value that decides whether an agreement covers them"
        in page
    )
    assert '<th scope="col" class="is-number">Not decided</th>' in page
    assert "Grade: empty, so it is not known whether the row is in scope" in page
    (unjudged,) = cannot_tell(["school"])
    assert (unjudged.table, unjudged.rows, unjudged.load) == ("school_enrollment", 2, batch)
    town.load(GRADELESS.replace(",,\n", ",,08\n"), ENROLLMENT)
    assert cannot_tell(None) == []


def test_page_explains_a_load_without_rows(town: Town, agreed: AgreementStatus, sign_in: SignIn) -> None:
    loaded = town.load("Student ID,First,Last,DOB,Gender\n,Ann,Abel,,F\n", STUDENTS)
    assert loaded.nothing is not None
    client = sign_in("school")
    page = client.get(url("batch", loaded.batch)).content.decode()
    assert "Nothing from load 1.csv was loaded" in page
    assert "1 record could not be read" in page
    assert "the key of the person is missing" in page


def test_no_page_shows_a_value_of_the_file(batch: str, sign_in: SignIn) -> None:
    client = sign_in("school")
    for address in (url("loads"), url("batch", batch)):
        page = client.get(address).content.decode()
        assert SECRET not in page
        assert "31/31/2010" not in page
    listed = b"".join(client.get(url("set_aside", batch)).streaming_content).decode()
    assert "31/31/2010" not in listed
    assert listed.startswith("file,row,column,problem,cure")
    assert "load 1.csv,3,DOB" in listed.replace('"', "")


def test_no_cell_of_the_list_is_a_formula(town: Town, batch: str, sign_in: SignIn) -> None:
    path = town.community.quarantine / f"{batch}.csv"
    path.write_text("file,row,column,problem,cure\n=cmd,1,@SUM(A1),+1,-1\n", encoding="utf-8")
    listed = b"".join(sign_in("school").get(url("set_aside", batch)).streaming_content).decode()
    assert listed.splitlines()[1] == "'=cmd,1,'@SUM(A1),'+1,'-1"


def test_a_refused_load_says_why(town: Town, agreed: AgreementStatus, sign_in: SignIn) -> None:
    with pytest.raises(Exception, match="crosswalk"):
        town.load(ROWS, "nothing: here")
    client = sign_in("school")
    entry = IntakeBatch.objects.get()
    assert "nothing was loaded" in client.get(url("loads")).content.decode()
    page = client.get(url("batch", entry.id)).content.decode()
    assert "Nothing from load 1.csv was loaded" in page
    assert entry.refusal[:20] in page


def test_without_loads_the_page_says_what_to_do(agreed: AgreementStatus, sign_in: SignIn) -> None:
    page = sign_in("school").get(url("loads")).content.decode()
    assert "Nothing has been loaded yet." in page
    assert url("new") in page
    assert url("new") not in sign_in("backbone", Role.LEADER).get(url("loads")).content.decode()


def test_pages_need_few_queries(
    town: Town, batch: str, sign_in: SignIn, django_assert_max_num_queries: Callable
) -> None:
    entry = IntakeBatch.objects.get(id=batch)
    for number in range(60):
        entry.id = f"20260101T000000-{number:08}"
        entry.save(force_insert=True)
    client = sign_in("school")
    upload = sent(client, ROWS.encode())["Location"]
    for address in (url("loads"), url("loads") + "?page=3", url("batch", batch), url("new"), upload):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(address).status_code == 200


def test_problems_are_paged(town: Town, batch: str, sign_in: SignIn) -> None:
    path = town.community.quarantine / f"{batch}.csv"
    rows = "".join(f"a.csv,{n},Day,is no day,correct it\n" for n in range(1, 121))
    path.write_text("file,row,column,problem,cure\n" + rows, encoding="utf-8")
    client = sign_in("school")
    first = client.get(url("batch", batch))
    assert "120 times in a.csv, rows 1, 2, 3, 4, 5 and 115 more" in first.content.decode()
    last = client.get(url("batch", batch) + "?page=3")
    assert [line.row for line in last.context["problem_lines"]] == [str(n) for n in range(101, 121)]
    assert len(first.context["problem_lines"]) == 50


# ---- a file sent ----

SENDS = [  # who, whether the school's file may be sent
    ("school", Role.CASE_WORKER, True),
    ("backbone", Role.DATA_STEWARD, True),
    ("backbone", Role.LEADER, False),
    ("club", Role.DATA_STEWARD, False),
]


@pytest.mark.parametrize(("partner", "role", "may"), SENDS)
def test_who_may_upload_for_the_school(
    partner: str, role: Role, may: bool, town: Town, agreed: AgreementStatus, sign_in: SignIn
) -> None:
    client = sign_in(partner, role)
    page = client.get(url("new"))
    assert ("school" in page.context["senders"]) is may
    if len(page.context["senders"]) == 1:  # whose records they are is then not asked, and still sent
        assert f'type="hidden" name="partner" value="{partner}"' in page.content.decode()
    answer = sent(client, ROWS.encode())
    assert answer.status_code == (302 if may else 400)
    assert Upload.objects.exists() is may
    assert bool(kept(town)) is may


def test_a_sent_file_is_kept_closed_loaded_and_removed(
    town: Town, agreed: AgreementStatus, sign_in: SignIn
) -> None:
    client = sign_in("school", Role.LEADER)
    address = sent(client, ROWS.encode(), name="../../etc/Ana Lopez.csv")["Location"]
    upload = Upload.objects.get()
    (file,) = kept(town)
    assert file.name == "upload 1.csv"
    assert file.parent.parent == town.community.data / "uploads"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    waiting = client.get(address).content.decode()
    assert "Waiting its turn" in waiting
    assert f'hx-get="{address}"' in waiting
    assert "Check again" in waiting  # the way without JavaScript
    part = client.get(address, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.content.decode()
    for answer in (part, client.get(address), Client().get(address, headers={"HX-Request": "true"})):
        assert "HX-Request" in answer["Vary"]  # else Back shows the part alone

    tasks.load_upload.func(upload.id)

    assert kept(town) == []
    done = client.get(address, headers={"HX-Request": "true"})
    assert done.status_code == 286  # htmx asks no more
    assert "hx-get" not in done.content.decode()
    loaded = IntakeBatch.objects.get()
    assert url("batch", loaded.id) in done.content.decode()
    assert loaded.by == "leader@school.example"  # with the rights, and in the name, of the one who sent it
    assert loaded.source == "upload 1.csv"
    assert len(town.rows("person")) == 2


def test_a_file_sent_twice_does_no_harm(town: Town, agreed: AgreementStatus, sign_in: SignIn) -> None:
    client = sign_in("school")
    addresses = [sent(client, ROWS.encode())["Location"] for _ in range(2)]
    for upload in Upload.objects.all():
        tasks.load_upload.func(upload.id)
        tasks.load_upload.func(upload.id)  # a task that is run again finds nothing to do
    assert IntakeBatch.objects.count() == 2
    assert len(town.rows("person")) == 2
    assert sorted(b.counts["person"]["unchanged"] for b in IntakeBatch.objects.all()) == [0, 2]
    assert all("The file is loaded" in client.get(address).content.decode() for address in addresses)


def test_a_load_that_was_cut_off_is_done_once_more(
    town: Town, agreed: AgreementStatus, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(sign_in("school"), ROWS.encode())
    upload = Upload.objects.get()

    def killed(**given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(uploads.loads, "load", killed)
        with pytest.raises(KeyboardInterrupt):
            tasks.load_upload.func(upload.id)
    upload.refresh_from_db()
    assert upload.state == UploadState.LOADING
    assert kept(town)
    tasks.load_upload.func(upload.id)
    upload.refresh_from_db()
    assert upload.state == UploadState.DONE
    assert len(town.rows("person")) == 2


def test_right_lost_before_loading_refuses_the_upload(
    town: Town, agreed: AgreementStatus, sign_in: SignIn
) -> None:
    client = sign_in("school")
    sent(client, ROWS.encode())
    User.objects.filter(email="data_steward@school.example").update(is_active=False)
    tasks.load_upload.func(Upload.objects.get().id)
    assert Upload.objects.get().state == UploadState.REFUSED
    assert not town.rows("person")
    assert kept(town) == []


def test_what_breaks_on_our_side_shows_and_logs_no_value(
    town: Town,
    agreed: AgreementStatus,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = sign_in("school")
    address = sent(client, ROWS.encode())["Location"]

    def broken(**given: object) -> None:
        raise ValueError(f"cannot convert {SECRET}")

    monkeypatch.setattr(uploads.loads, "load", broken)
    tasks.load_upload.func(Upload.objects.get().id)
    page = client.get(address).content.decode()
    assert "Something went wrong on our side" in page
    assert SECRET not in page + caplog.text
    assert kept(town) == []


def test_refused_upload_shows_its_reason(town: Town, agreed: AgreementStatus, sign_in: SignIn) -> None:
    client = sign_in("school")
    address = sent(client, b"Shoe Size\n41\n")["Location"]
    tasks.load_upload.func(Upload.objects.get().id)
    page = client.get(address).content.decode()
    assert "Nothing from this file was loaded" in page
    assert Upload.objects.get().refusal[:20] in page
    again = re.search(r'href="([^"]+)">Send it again', page)
    assert again
    form = client.get(html.unescape(again[1])).context["form"]
    upload = Upload.objects.get()
    assert [form[name].value() for name in ("partner", "format", "crosswalk")] == [
        upload.partner, upload.format, upload.crosswalk
    ]  # fmt: skip


def test_an_upload_of_another_partner_is_not_there(
    town: Town, agreed: AgreementStatus, sign_in: SignIn
) -> None:
    address = sent(sign_in("school"), ROWS.encode())["Location"]
    assert sign_in("club").get(address).status_code == 404
    assert sign_in("backbone").get(address).status_code == 200


def zipped(**files: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return held.getvalue()


WRONG = [  # name, content, format, what is said
    ("students.exe", b"MZ", "csv", "cannot be loaded"),
    ("students", b"a,b", "csv", "cannot be loaded"),
    ("students.csv", b"", "csv", "is empty"),
    ("students.csv", b"PK\x03\x04\x00", "csv", "holds something else"),
    ("students.csv", b"a\x00b", "csv", "holds something else"),
    ("students.csv", b"<!DOCTYPE html><html>", "csv", "holds something else"),
    ("students.xlsx", b"a,b\n1,2", "xlsx", "holds something else"),
    ("students.xlsx", b"PK\x03\x04 and no more", "xlsx", "is damaged"),
    ("students.xml", b"{}", "edfi-xml", "holds something else"),
    ("students.jsonl", b"<a/>", "edfi-jsonl", "holds something else"),
    ("students.csv", b"a,b", "oneroster", "cannot hold OneRoster package"),
    ("students.xml", b"<a/>", "csv", "cannot hold"),
]


@pytest.mark.parametrize(("name", "content", "format", "said"), WRONG)
def test_upload_of_the_wrong_kind_is_refused(
    name: str, content: bytes, format: str, said: str, town: Town, agreed: AgreementStatus, sign_in: SignIn
) -> None:
    answer = sent(sign_in("school"), content, name=name, format=format)
    assert answer.status_code == 400
    shown = re.findall(r'usa-error-message"[^>]*>([^<]+)<', answer.content.decode())
    assert len(shown) == 1
    assert said in shown[0]
    assert not Upload.objects.exists()
    assert kept(town) == []


def test_upload_that_is_too_large_is_refused(
    town: Town, agreed: AgreementStatus, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from throughway.intake import formats

    monkeypatch.setattr(formats, "LARGEST_UPLOAD", 10)
    answer = sent(sign_in("school"), ROWS.encode())
    assert "larger than 200 MB" in answer.content.decode()
    assert kept(town) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"format": ""}, "Choose the format of the file."),
        ({"crosswalk": ""}, "Choose what the columns of this file mean."),
        ({"crosswalk": "../throughway.toml"}, "Choose from the list."),
        ({"school_year": "last year"}, "Write the school year as 2026-27."),
        ({"partner": "club"}, "Choose from the list."),
    ],
)
def test_missing_fields_show_an_error(
    values: dict[str, str], said: str, town: Town, agreed: AgreementStatus, sign_in: SignIn
) -> None:
    answer = sent(sign_in("school"), ROWS.encode(), **values)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert kept(town) == []


def test_full_disk_refuses_the_upload(
    town: Town, agreed: AgreementStatus, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    client = sign_in("school")
    monkeypatch.setattr(os, "fsync", full)
    assert "the disk is full" in sent(client, ROWS.encode()).content.decode()
    assert kept(town) == []
    assert not Upload.objects.exists()


def test_leftovers_of_a_killed_upload_are_removed(
    town: Town, agreed: AgreementStatus, sign_in: SignIn
) -> None:
    client = sign_in("school")
    sent(client, ROWS.encode())
    waiting = Upload.objects.get()
    left = town.community.data / "uploads" / "0123456789abcdef0123456789abcdef"
    left.mkdir()
    (left / "half.csv").write_text("a")
    for folder in (left, left.parent / waiting.id):
        os.utime(folder, (0, 0))
    sent(client, ROWS.encode())
    assert not left.exists()
    assert (left.parent / waiting.id).is_dir()


@pytest.mark.django_db(transaction=True)
def test_worker_loads_the_upload(
    town: Town, agreed: AgreementStatus, sign_in: SignIn, community: Community
) -> None:
    sent(sign_in("school"), zipped(**{"students.csv": ROWS}), name="students.zip")
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
    assert Upload.objects.get().state == UploadState.DONE
    assert len(town.rows("person")) == 2
