"""A file whose heading was renamed since last time: the page asks whether it is the same column, and the earlier mapping is used at one press."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.intake.conftest import Town
from tests.intake.test_look_screens import (
    NEEDS,
    ROWS,
    SAVE,
    SECRET,
    TOTALS,
    _agree,
    _answers,
    _field,
    _fields,
    _left_as_they_are,
    _look,
    _text,
    agreed,  # noqa: F401 (a fixture)
)
from tests.intake.test_screens import SignIn, sign_in  # noqa: F401 (a fixture)
from throughway.intake import tasks
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.models import IntakeBatch, Upload, UploadState
from throughway.intake.selectors import crosswalks_used_for
from throughway.partners import OPERATOR
from throughway.partners.actions import add_partner

pytestmark = pytest.mark.django_db

RENAMED = ROWS.replace(",Status\n", ",Mk\n")
ASKS = "The column “Status” of last time is missing. “Mk” stands at its place and its cells look the same. Is it the same column?"


def _crosswalk(town: Town, name: str) -> Crosswalk:
    return Crosswalk.of_file(town.community.crosswalks / f"school-{name}.yaml")


def _loaded_last_time(client: Client) -> None:
    answers = _answers(_look(client).content.decode())
    assert (
        client.post(
            SAVE, {**answers, "file": SimpleUploadedFile("attendance.csv", ROWS.encode())}
        ).status_code
        == 302
    )
    tasks.load_upload.func(Upload.objects.get().id)


def _presses(page: str) -> list[str]:
    return re.findall(r'name="same" value="\d"[^>]*>(.*?)</button>', page)


@pytest.mark.usefixtures("agreed")
def test_yes_loads_the_file_with_the_earlier_mapping_and_the_new_heading(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    _loaded_last_time(client)
    page = _text(_look(client, RENAMED))
    assert ASKS in page
    assert _presses(page) == ["Yes, load it as last time"]
    assert "One question about attendance.csv" in page
    sent = {"state": _fields(page)["state"], "name": "attendance-again", "same": "0"}
    march = RENAMED.replace("/2025,", "/2026,")
    done = client.post(SAVE, {**sent, "file": SimpleUploadedFile("attendance.csv", march.encode())})
    assert done.status_code == 302
    upload = Upload.objects.latest("at")
    assert upload.crosswalk == "school-attendance-again.yaml"
    tasks.load_upload.func(upload.id)
    assert IntakeBatch.objects.latest("at").refusal == ""
    assert len(town.rows("attendance_day")) == 80
    before, after = _crosswalk(town, "attendance-2025"), _crosswalk(town, "attendance-again")
    status = before.tables["attendance_day"].columns["attendance_status"]
    assert after.tables["attendance_day"].columns["attendance_status"] == status.model_copy(
        update={"from_": "Mk"}
    )
    assert after.tables["person"] == before.tables["person"]
    assert (after.source, after.ignore) == (before.source, before.ignore)
    assert list(after.seen) == ["Student ID", "First Name", "Zorb Qwz", "DOB", "Date", "Mk"]
    # The next file has the same heading, and the newer mapping reads it.
    assert not _presses(_text(_look(client, RENAMED)))


@pytest.mark.usefixtures("agreed")
def test_no_maps_it_as_a_new_column(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    _loaded_last_time(client)
    page = _text(_look(client, RENAMED))
    assert "No: say what each column is" in page
    answers = _answers(page, name="anew")
    mark = re.search(r'<p class="tw-strong">Mk</p>.*?name="(c\d+)"', page, re.DOTALL)
    assert mark
    assert answers[mark[1]] == "-"
    assert client.post(SAVE, answers).status_code == 302
    assert "Mk" in _crosswalk(town, "anew").ignore
    assert "Status" not in _crosswalk(town, "anew").headings()
    assert "Status" in _crosswalk(town, "attendance-2025").headings()


@pytest.mark.usefixtures("agreed")
def test_of_two_columns_that_may_be_it_a_person_chooses_one(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    _loaded_last_time(client)
    page = _text(_look(client, re.sub(r",(\w+)\n", r",\1,\1\n", RENAMED).replace("Mk,Mk", "Mk,Mk 2")))
    assert (
        "“Mk” or “Mk 2” stands at its place and its cells look the same. Which of them is it, or is it none?"
        in page
    )
    assert _presses(page) == ["It is “Mk”: load it as last time", "It is “Mk 2”: load it as last time"]
    sent = {"state": _fields(page)["state"], "name": "second"}
    for press in ("7", "-1", "x"):
        other = client.post(SAVE, {**sent, "same": press})
        assert other.status_code == 400
        assert "Choose one of the answers." in _text(other)
    assert client.post(SAVE, {**sent, "same": "1"}).status_code == 302
    assert "Mk 2" in _crosswalk(town, "second").headings()
    assert "Mk" not in _crosswalk(town, "second").headings()


@pytest.mark.usefixtures("agreed")
def test_no_value_is_in_a_crosswalk(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    _loaded_last_time(client)
    page = _text(_look(client, RENAMED))
    assert (
        client.post(SAVE, {"state": _fields(page)["state"], "name": "again", "same": "0"}).status_code == 302
    )
    values = {cell for line in ROWS.splitlines()[1:] for cell in line.split(",")[:-1] if len(cell) > 2}
    assert len(values) > 60
    for name in ("attendance-2025", "again"):
        text = (town.community.crosswalks / f"school-{name}.yaml").read_text(encoding="utf-8")
        assert "A99999" in text
        assert not [value for value in {*values, SECRET} if value in text]


def test_the_year_is_asked_with_it_where_the_earlier_mapping_needs_one(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    _agree(*NEEDS)
    client = sign_in("school")
    page = _look(client, TOTALS, "totals.csv").content.decode()
    year = re.findall(r'<option value="(\d{4})">', page)[0]
    answers = {**_left_as_they_are(page), _field(page, "Which word begins the last name?"): "2"}
    lunch = {name: "-" for name, asks in _fields(page).items() if asks == "What is in this column?"}
    assert client.post(SAVE, {**answers, **lunch, "year": year}).status_code == 302
    page = _text(_look(client, TOTALS.replace("Days Enrolled", "Zorb"), "totals.csv"))
    assert "“Zorb” stands at its place" in page
    assert page.index("Which school year is the file of?") < page.index('name="same"')
    assert page.count("Which school year is the file of?") == 1
    sent = {"state": _fields(page)["state"], "name": "totals-2", "same": "0"}
    again = client.post(SAVE, sent)
    assert again.status_code == 400
    assert "Choose an answer." in _text(again)
    assert _presses(_text(again))
    sent = {**sent, "state": _fields(_text(again))["state"], "year": year}
    assert f"school_year={int(year) - 1}-" in client.post(SAVE, sent)["Location"]
    table = _crosswalk(town, "totals-2").tables["attendance_summary"]
    assert table.by_year
    assert "Zorb" in table.sources()


@pytest.mark.usefixtures("agreed")
def test_a_mapping_that_is_gone_meanwhile_is_not_used(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    _loaded_last_time(client)
    sent = {"state": _fields(_text(_look(client, RENAMED)))["state"], "name": "again", "same": "0"}
    kept = town.community.crosswalks / "school-attendance-2025.yaml"
    text = kept.read_text(encoding="utf-8")
    kept.write_text(text.replace("Status", "State"), encoding="utf-8")
    assert "was changed meanwhile" in _text(client.post(SAVE, sent))
    kept.unlink()
    assert "was removed or changed meanwhile" in _text(client.post(SAVE, sent))
    assert not list(town.community.crosswalks.glob("*-again.yaml"))
    assert not _presses(_text(_look(client, RENAMED)))


FEED = "feed: {partner: school, files: 'a-*.csv', every_days: 7}\n"


def test_which_crosswalks_a_partner_has(town: Town) -> None:
    """Those that were saved for it or by which a file of it was loaded, the newest of these first; none that a feed has, and none of another
    partner whose name begins alike."""
    add_partner(id="school-east", name="East", kind="lea", by=OPERATOR)
    text = "throughway: crosswalk/1\ntables:\n  person:\n    key: [ID]\n    columns:\n      first_name: {from: First}\n"

    def kept(name: str, content: str = text) -> Path:
        path = town.community.crosswalks / name
        path.write_text(content, encoding="utf-8")
        return path

    for name in ("school-a.yaml", "school-east-a.yaml", "club-a.yaml", "used.yaml", "later.yaml"):
        kept(name)
    kept("school-feed.yaml", text + FEED)
    kept("school-broken.yaml", "no: crosswalk")
    for name, state in (("used.yaml", UploadState.DONE), ("gone.yaml", UploadState.DONE), ("later.yaml", UploadState.DONE), ("club-a.yaml", UploadState.REFUSED)):  # fmt: skip
        Upload.objects.create(
            id=name, partner="school", format="csv", crosswalk=name, at=timezone.now(), state=state
        )
    assert list(crosswalks_used_for("school")) == ["later.yaml", "used.yaml", "school-a.yaml"]
    assert list(crosswalks_used_for("school-east")) == ["school-east-a.yaml"]
