"""A file that is looked at on the site: nothing of it is kept, and the answered questions become a crosswalk that loads it."""

import html
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.gate import making
from tests.intake.conftest import Town
from tests.intake.test_hand_kept_workbook import MONTHS, NAMES, came, days_of, workbook
from tests.intake.test_screens import SignIn, sign_in  # noqa: F401 (a fixture)
from throughway.agreements import actions as agreements
from throughway.core.refusals import Refused
from throughway.intake import tasks
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.models import IntakeBatch, Upload
from throughway.intake.vendor_layouts import vendor_crosswalk
from throughway.partners import OPERATOR, Role
from throughway.partners.actions import add_user
from throughway.partners.selectors import actor

pytestmark = pytest.mark.django_db

LOOK, SAVE = reverse("intake:inspect"), reverse("intake:save_crosswalk")
SECRET = "Wilhelmina"
ROWS = "Student ID,First Name,Zorb Qwz,DOB,Date,Status\n" + "".join(
    f"S70{n:03},{SECRET},{n + 30},{n % 9 + 1}/{n % 9 + 1}/2011,9/{n % 20 + 10}/2025,{'PPPTQ'[n % 5]}\n"
    for n in range(40)
)


def _agree(*paths: str, more: Sequence[str] = ()) -> None:
    """An agreement, signed by all and in effect, under which the school, and `more`, give this to the backbone, which keeps it."""
    for partner in ("school", "club", "backbone"):
        add_user(email=f"officer@{partner}.example", partner=partner, role=Role.PRIVACY_OFFICER, by=OPERATOR)
    making.in_effect(making.sharing() | {
        "parties": [making.party("school", "discloser"), making.party("club", "discloser"), making.party("backbone", "steward", "recipient")],
        "purposes": [making.purpose("study", "operations", "identified", recipients=["backbone"], **{"from": ["school", *more]})],
        "schedule": [making.line(path, "study") for path in paths],
    })  # fmt: skip


@pytest.fixture
def agreed(town: Town, request: pytest.FixtureRequest) -> None:
    _agree("attendance_day.*", "person.first_name", "person.birthdate", more=getattr(request, "param", ()))


def _look(client: Client, text: str = ROWS, name: str = "attendance.csv") -> HttpResponse:
    return client.post(LOOK, {"partner": "school", "file": SimpleUploadedFile(name, text.encode())})  # type: ignore[return-value]


def _fields(page: str) -> dict[str, str]:
    """The questions of a page by the name of their field, and the state."""
    labels = dict(re.findall(r'<label class="usa-label" for="id_([^"]+)">(.*?)</label>', page))
    state = re.search(r'name="state" value="([^"]+)"', page)
    assert state
    return {**labels, "state": html.unescape(state[1])}


def _answers(page: str, **given: str) -> dict[str, str]:
    fields = _fields(page)
    found = {"state": fields["state"], "name": "attendance-2025"}
    for name, asks in fields.items():
        if name.startswith("d"):
            found[name] = "month first"
        if "the code Q" in asks:
            found[name] = "EarlyDeparture"
        if asks == "What is in this column?":
            found[name] = "-"
    return {**found, **given}


@pytest.mark.usefixtures("agreed")
def test_questions_become_a_crosswalk_that_loads_the_file(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    page = _look(client).content.decode()
    asked = _fields(page)
    assert {"How are its days written?", "What does the code Q mean?", "What is in this column?"} <= {
        *asked.values()
    }
    assert (
        '<option value="attendance_day.attendance_status">Attendance status (attendance by day)</option>'
        in page
    )
    done = client.post(SAVE, _answers(page))
    assert done.status_code == 302
    assert (
        done["Location"]
        == f"{reverse('intake:new')}?partner=school&crosswalk=school-attendance-2025.yaml&format=csv"
    )
    saved = town.community.crosswalks / "school-attendance-2025.yaml"
    text = saved.read_text(encoding="utf-8")
    assert text.startswith("# Saved on ")
    assert "data_steward@school.example" in text.splitlines()[0]
    crosswalk = Crosswalk.read(text)
    assert crosswalk.tables["attendance_day"].columns["attendance_status"].map == {
        "P": "Present",
        "T": "Tardy",
        "Q": "EarlyDeparture",
    }
    assert crosswalk.ignore == ("Zorb Qwz",)
    chosen = client.get(done["Location"]).content.decode()
    assert re.search(r'<option value="school-attendance-2025.yaml" selected', chosen)
    loaded = town.load(ROWS, text)
    assert (loaded.tables["attendance_day"].landed, loaded.tables["person"].landed, loaded.cells_emptied) == (
        40,
        40,
        0,
    )
    again = client.post(SAVE, _answers(page))
    assert again.status_code == 400
    assert "exists already" in again.content.decode()


@pytest.mark.usefixtures("agreed")
def test_the_file_is_loaded_with_the_crosswalk_that_was_just_answered(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    answers = _answers(_look(client).content.decode())
    answer = client.post(SAVE, {**answers, "file": SimpleUploadedFile("attendance.csv", ROWS.encode())})
    upload = Upload.objects.get()
    assert answer.headers["Location"] == reverse("intake:upload", args=[upload.id])
    assert (upload.partner, upload.crosswalk) == ("school", "school-attendance-2025.yaml")


@pytest.mark.usefixtures("agreed")
def test_names_in_one_column_are_read_in_parts_after_the_questions(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    text = ROWS.replace("First Name", "Student Name").replace(f"{SECRET},", f'"Doe, {SECRET}",')
    answers = _answers(_look(client, text).content.decode())
    client.post(SAVE, answers)
    saved = (town.community.crosswalks / "school-attendance-2025.yaml").read_text()
    assert "first_name: {from: Student Name, part: first}" in saved


@pytest.mark.usefixtures("agreed")
def test_names_that_are_split_and_the_key_are_said_to_be_so(sign_in: SignIn) -> None:  # noqa: F811
    text = ROWS.replace("First Name", "Student Name").replace(f"{SECRET},", f'"Doe, {SECRET}",')
    text = text.replace("Zorb Qwz", "Parent Name").replace('",3', '",Ann Doe 3')
    page = " ".join(re.sub(r"<[^>]+>", " ", _look(sign_in("school"), text).content.decode()).split())
    assert re.search(
        r"Student ID identifying person identifier \w[\w ]*? 100% only to tell students apart", page
    )
    assert re.search(r"Student Name a name parts of a name .*? 90% yes", page)
    assert page.count("parts of a name") == 1


LUNCH, MEALS = "economic_disadvantage_status", "eligibility_status_for_school_food_service_programs"
NEEDS = [
    "person.first_name",
    "person.last_or_surname",
    "attendance_summary.*",
    f"person_status.{LUNCH}",
    f"person_status.{MEALS}",
]
TOTALS = "Student ID,Student,School,Lunch,Days Enrolled,Days Absent\n" + "".join(
    f"S70{n:03},Ana {SECRET}{'abcdefgh'[n % 8]} Diaz,OAK,{'YN'[n % 2]},175,{n % 9}\n" for n in range(40)
)


@pytest.fixture
def asked_of_totals(town: Town) -> None:
    _agree(*NEEDS)


def _left_as_they_are(page: str) -> dict[str, str]:
    """What a browser sends for questions that nobody answered otherwise: the codes of what a column in doubt may be."""
    fields = _fields(page)
    codes = {name: "-" for name, asks in fields.items() if asks.startswith("What does the code")}
    return {"state": fields["state"], "name": "totals", **codes}


def _field(page: str, asks: str) -> str:
    return next(name for name, label in _fields(page).items() if label == asks)


@pytest.mark.usefixtures("asked_of_totals")
def test_totals_lunch_and_names_are_asked_about(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    page = _look(client, TOTALS, "totals.csv").content.decode()
    assert SECRET not in page
    order, lunch = _field(page, "Which word begins the last name?"), _field(page, "What is in this column?")
    answers = {**_left_as_they_are(page), order: "2", lunch: f"person_status.{LUNCH}"}
    assert client.post(SAVE, answers).status_code == 400  # the school year is not answered
    year = re.findall(r'<option value="(\d{4})">', page)
    assert year == sorted(year, reverse=True)
    sent = {**answers, "year": year[1], "file": SimpleUploadedFile("totals.csv", TOTALS.encode())}
    assert client.post(SAVE, sent).status_code == 302
    assert Upload.objects.get().school_year == int(year[1])
    text = (town.community.crosswalks / "school-totals.yaml").read_text()
    assert "# DOUBT" not in text.partition("\n")[2].partition("throughway:")[2]
    town.load(TOTALS, text, school_year=int(year[1]))
    assert {row["last_or_surname"] for row in town.rows("person")} == {
        f"{SECRET}{c} Diaz" for c in "abcdefgh"
    }
    assert [row[LUNCH] for row in town.rows("person_status")].count("Yes") == 20
    assert len(town.rows("attendance_summary")) == 40
    alone = client.post(SAVE, {**answers, "name": "totals-2", "year": year[1]})
    assert f"school_year={int(year[1]) - 1}-{int(year[1]) % 100:02d}" in alone["Location"]
    assert (
        f'value="{int(year[1]) - 1}-{int(year[1]) % 100:02d}"'
        in client.get(alone["Location"]).content.decode()
    )


@pytest.mark.usefixtures("asked_of_totals")
@pytest.mark.parametrize("meals", ["Free", "-"])
def test_yes_of_a_kind_of_meal_is_what_somebody_says(town: Town, sign_in: SignIn, meals: str) -> None:  # noqa: F811
    client = sign_in("school")
    page = _look(client, TOTALS, "totals.csv").content.decode()
    year = re.findall(r'<option value="(\d{4})">', page)[0]
    answers = {**_left_as_they_are(page), "year": year, _field(page, "Which word begins the last name?"): "-"}
    kind = {_field(page, "What is in this column?"): f"person_status.{MEALS}"}
    if meals == "Free":
        kind[_field(page, "What does the code Y mean?")] = meals
    assert client.post(SAVE, {**answers, **kind}).status_code == 302
    text = (town.community.crosswalks / "school-totals.yaml").read_text()
    town.load(TOTALS, text, school_year=int(year))
    found = [row.get(MEALS) for row in town.rows("person_status")]
    assert found.count("Free") == (20 if meals == "Free" else 0)
    assert town.rows("person") == [] or not any(row.get("first_name") for row in town.rows("person"))


CLUB = "Member ID,First Name,Zorb Qwz,First Day\n" + "".join(
    f"M{n:03},{SECRET},{n % 5},09/{n % 28 + 1:02}/2026\n" for n in range(40)
)
OF_CLUB = ["person.first_name", "program_participation.*", "service_received.*", "attendance_summary.*"]


@pytest.fixture
def asked_of_a_club(town: Town) -> None:
    _agree(*OF_CLUB)


@pytest.mark.usefixtures("asked_of_a_club")
@pytest.mark.parametrize(
    ("element", "table"),
    [
        ("service_received.service_quantity", "service_received"),
        ("attendance_summary.number_of_days_absent", "attendance_summary"),
    ],
)
def test_an_answer_without_a_day_is_used_with_the_year(
    town: Town,
    sign_in: SignIn,  # noqa: F811
    element: str,
    table: str,
) -> None:
    """The year is not asked at first; an answer that needs it makes the page ask, with the year of the newest day in the file."""
    client = sign_in("school")
    page = _look(client, CLUB, "club.csv").content.decode()
    assert "Which school year is the file of?" not in page
    answers = {**_left_as_they_are(page), "name": "club", _field(page, "What is in this column?"): element}
    asked = client.post(SAVE, answers)
    assert asked.status_code == 400
    assert not list(town.community.crosswalks.glob("school-club*"))
    again = asked.content.decode()
    assert "Which school year is the file of?" in again
    years = re.findall(r'<option value="(\d{4})"', again)
    assert years[0] == "2027"
    sent = {**answers, "state": _fields(again)["state"], "year": years[0]}
    sent["file"] = SimpleUploadedFile("club.csv", CLUB.encode())  # type: ignore[assignment]
    assert client.post(SAVE, sent).status_code == 302
    assert Upload.objects.get().school_year == 2027
    text = (town.community.crosswalks / "school-club.yaml").read_text()
    town.load(CLUB, text, school_year=2027)
    total = sum(int(line.split(",")[2]) for line in CLUB.splitlines()[1:])
    assert sum(float(str(row[element.partition(".")[2]])) for row in town.rows(table)) == total


@pytest.mark.usefixtures("asked_of_a_club")
def test_an_answer_that_cannot_be_used_is_told_before_anything_is_saved(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    """With two rows of each student nothing tells hours without a day apart."""
    client = sign_in("school")
    twice = CLUB + CLUB.partition("\n")[2].replace("/2026", "/2025")
    page = _look(client, twice, "club.csv").content.decode()
    answers = {**_left_as_they_are(page), "name": "club"}
    column = _field(page, "What is in this column?")
    refused = client.post(SAVE, {**answers, column: "service_received.service_quantity"})
    assert refused.status_code == 400
    assert "It cannot be loaded so: no column is the day of service_received" in refused.content.decode()
    assert not list(town.community.crosswalks.glob("school-club*"))
    assert client.post(SAVE, {**answers, column: "-"}).status_code == 302


FORM = (
    'Timestamp,Student ID,"How happy are you, overall, at school?",Do you feel safe here?,Zorb\n'
    + "".join(f"9/{n + 10}/2025 8:0{n}:00,s{n},A lot,{'Yes' if n else ''},x\n" for n in range(10))
)


def test_each_question_of_a_survey_becomes_a_row(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    _agree("survey_response.*", "person.first_name")
    client = sign_in("school")
    page = _look(client, FORM, "survey.csv").content.decode()
    asked = {"c2", "c3"} & _fields(page).keys()
    answers = dict.fromkeys(asked, "survey_response.response_value")
    saved = client.post(SAVE, _answers(page, **answers))
    assert saved.status_code == 302, re.findall("usa-error-message.*", saved.content.decode())
    loaded = town.load(FORM, (town.community.crosswalks / "school-attendance-2025.yaml").read_text())
    assert loaded.tables["survey_response"].landed == 19  # an empty cell is no answer
    told = {(row["survey_question_code"], row["response_value"]) for row in town.rows("survey_response")}
    assert told == {
        ("How happy are you, overall, at school?", "A lot"),
        ("Do you feel safe here?", "Yes"),
    }


@pytest.mark.usefixtures("agreed")
def test_one_answer_for_two_columns_is_told_beside_both(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    rows = ROWS.replace("Zorb Qwz", "Zorb").replace("First Name", "Blorp")
    page = _look(client, rows).content.decode()
    same = {"c1": "person.first_name", "c2": "person.first_name"}
    refused = html.unescape(client.post(SAVE, _answers(page, **same)).content.decode())
    assert "Zorb has the same answer, and a row can have only one first name." in refused
    assert "Blorp has the same answer, and a row can have only one first name." in refused
    assert not list(town.community.crosswalks.glob("school-*"))


def test_a_file_of_which_nothing_is_taken_says_what_to_answer(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    _agree("person.first_name")
    client = sign_in("school")
    page = _look(client, "Zorb,Blorp\n" + "x9,y7\nx8,y6\n" * 9, "zorb.csv").content.decode()
    refused = html.unescape(client.post(SAVE, _answers(page)).content.decode())
    assert (
        "Nothing would be loaded: say which column has the student’s own number; the answer is Person identifier"
        in refused
    )
    refused = html.unescape(
        client.post(SAVE, _answers(page, c0="person_identifier.person_identifier")).content.decode()
    )
    assert "Nothing would be loaded: choose what is in at least one more column." in refused


def _map_file(delimiter: str) -> str:
    """A file of one line with the columns that the included crosswalk for NWEA MAP Growth reads."""
    tables = Crosswalk.read(vendor_crosswalk("nwea-map-growth")).tables
    headings = dict.fromkeys(source for table in tables.values() for source in table.sources())
    return "".join(f"{delimiter.join(line)}\n" for line in (headings, ["1"] * len(headings)))


def test_a_layout_that_is_known_and_not_needed_says_so_before_a_press(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    _agree("person.first_name")
    page = _look(sign_in("school"), _map_file(","), "map.csv").content.decode()
    assert "It holds test scores, and no agreement in effect needs them from this partner" in page
    assert 'name="included"' not in page


NUMBERLESS = "No.,Child's Name,DOB,First day,Sessions\n" + "".join(
    f"{n + 1},{SECRET}{'abcdefghij'[n % 10]} Oak{'abcdef'[n // 10]},{n % 12 + 1:02}/{n % 15 + 13}/{2013 + n % 3},9/{n % 15 + 13}/2025,{n % 7}\n"
    for n in range(60)
)


@pytest.mark.parametrize("total", ["Total children", "TOTAL: 60", "Grand total"])
@pytest.mark.parametrize("at", [0, 1])
def test_a_file_without_a_number_is_keyed_by_name_and_birth_date(
    town: Town,
    sign_in: SignIn,  # noqa: F811
    total: str,
    at: int,
) -> None:
    """Recounted from the file: each child once, with the one day on which they came first; the line of totals is a note."""
    _agree("person.first_name", "person.last_or_surname", "person.birthdate", "program_participation.*")
    file = NUMBERLESS + ("," * at + total + "," * (4 - at) + "\n")
    client = sign_in("school")
    page = html.unescape(_look(client, file, "club.csv").content.decode())
    assert "so Child's Name and DOB together take its place" in page
    answers = {
        **_left_as_they_are(page),
        "name": "club",
        _field(page, "Which word begins the last name?"): "1",
        "c0": "-",
    }
    saved = client.post(SAVE, answers)
    assert saved.status_code == 302, re.findall("usa-error-message.*", saved.content.decode())
    text = (town.community.crosswalks / "school-club.yaml").read_text()
    assert "person_identifier" not in Crosswalk.read(text).tables
    loaded = town.load(file, text)
    children = {row["person_record"]: row for row in town.rows("person")}
    days = {
        row["person_record"]: row["program_participation_start_date"]
        for row in town.rows("program_participation")
    }
    assert loaded.quarantine.read_text().count("a line of totals or a note") == 1
    assert children.keys() == days.keys()
    came = {
        (
            f"{row['first_name']} {row['last_or_surname']}",
            f"{row['birthdate']:%m/%d/%Y}",
            f"{days[n]:%-m/%d/%Y}",
        )
        for n, row in children.items()
    }
    assert came == {tuple(line.split(",")[1:4]) for line in NUMBERLESS.splitlines()[1:]}
    assert len(days) == 60
    again = town.load(file, text, name="again.csv")
    assert (again.tables["person"].landed, again.tables["program_participation"].landed) == (0, 0)


def test_names_are_no_key_where_no_agreement_lets_them_in(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    _agree("person.birthdate", "program_participation.*")
    client = sign_in("school")
    page = html.unescape(_look(client, NUMBERLESS, "club.csv").content.decode())
    refused = client.post(SAVE, {**_left_as_they_are(page), "name": "club", "c0": "-", "n1": "1"})
    said = "The key of the student is made of the name and the birth date, and no agreement"
    shown = html.unescape(refused.content.decode())
    assert said in shown, re.findall("usa-error-message.*|usa-alert__text.*", shown)
    assert not list(town.community.crosswalks.glob("school-club*"))
    crosswalk = "throughway: crosswalk/1\ntables:\n  person:\n    key: [\"Child's Name\", DOB]\n    columns: {birthdate: {from: DOB, date: '%m/%d/%Y'}}\n"
    with pytest.raises(Refused, match=said):
        town.load(NUMBERLESS, crosswalk)


def test_a_layout_that_is_known_is_loaded_by_one_press(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    _agree("assessment_result.*")
    client = sign_in("school")
    crosswalk = Crosswalk.read(vendor_crosswalk("nwea-map-growth"))
    page = _look(client, _map_file(";"), "map.csv").content.decode()
    assert re.findall(r'name="included" value="([^"]+)"', page) == ["nwea-map-growth"]
    assert "throughway crosswalk vendor" not in page
    sent = {"state": _fields(page)["state"], "name": "map"}
    saved = client.post(SAVE, {**sent, "included": "nwea-map-growth"})
    assert saved.status_code == 302
    text = (town.community.crosswalks / "school-map.yaml").read_text()
    assert Crosswalk.read(text).tables == crosswalk.tables
    assert Crosswalk.read(text).source.delimiter == ";"
    other = client.post(SAVE, {**sent, "name": "other", "included": "college-board-sat"})
    assert "does not fit this file" in other.content.decode()


@pytest.mark.usefixtures("agreed")
def test_nothing_of_the_file_is_kept_or_shown(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    before = {path for path in town.community.root.rglob("*") if path.is_file()}
    page = _look(sign_in("school")).content.decode()
    assert SECRET not in page
    assert not re.search(r"S70\d\d\d|/2011", page)
    kept = [path for path in town.community.root.rglob("*") if path.is_file() and path not in before]
    assert not [path for path in kept if SECRET.encode() in path.read_bytes()]
    assert not IntakeBatch.objects.exists()
    assert not Upload.objects.exists()


@pytest.mark.usefixtures("agreed")
def test_unanswered_questions_and_bad_names_are_asked_again(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    page = _look(client).content.decode()
    code = next(name for name, asks in _fields(page).items() if "the code Q" in asks)
    for change, said in (
        ({code: ""}, "Choose an answer."),
        ({code: "Nonsense"}, "Choose from the list."),
        ({"name": "../up"}, "small letters"),
        ({"name": ""}, "small letters"),
    ):
        answer = client.post(SAVE, _answers(page, **change))
        assert answer.status_code == 400
        assert said in html.unescape(answer.content.decode())
    assert not list(town.community.crosswalks.glob("school-*.yaml"))


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(
    "name", ["students_export.csv", "Estudiantes 2026 (final).csv", "__.csv", "学生.csv", "a" * 90 + ".csv"]
)
def test_the_proposed_name_is_one_that_can_be_saved(town: Town, sign_in: SignIn, name: str) -> None:  # noqa: F811
    client = sign_in("school")
    for n in range(2):  # the second time it is taken
        page = _look(client, name=name).content.decode()
        proposed = re.search(r'name="name"[^>]*value="([^"]*)"', page) or re.search(
            r'value="([^"]*)"[^>]*name="name"', page
        )
        assert proposed
        assert client.post(SAVE, _answers(page, name=proposed[1])).status_code == 302
        assert len([*town.community.crosswalks.glob("school-*.yaml")]) == n + 1


@pytest.mark.usefixtures("agreed")
def test_a_browser_that_keeps_the_file_shows_what_is_missing_in_place(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client, htmx = sign_in("school"), {"HX-Request": "true"}
    page = _look(client).content.decode()
    missing = client.post(SAVE, _answers(page, name="../up"), headers=htmx)
    assert missing.status_code == 200
    assert "small letters" in missing.content.decode()
    assert re.search(
        r'<input[^>]*hx-preserve[^>]*id="id_file"|<input[^>]*id="id_file"[^>]*hx-preserve',
        missing.content.decode(),
    )
    saved = client.post(SAVE, _answers(page), headers=htmx)
    assert saved.headers["HX-Redirect"].startswith(reverse("intake:new"))
    old = client.post(SAVE, _answers(page, state="old"), headers=htmx)
    assert old.headers["HX-Redirect"] == LOOK
    assert "too old to be answered" in client.get(LOOK).content.decode()


@pytest.mark.usefixtures("agreed")
def test_who_may_look(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    """A data steward, at a file of a partner whose files they may load."""
    page = _look(sign_in("school")).content.decode()
    for role in set(Role) - {Role.DATA_STEWARD}:
        assert sign_in("school", role).get(LOOK).status_code == 404
        assert sign_in("school", role).post(SAVE, _answers(page)).status_code == 404
    other = sign_in("club")
    empty = other.get(LOOK).content.decode()
    assert "throughway inspect FILE" in empty
    assert 'type="file"' not in empty
    assert "throughway inspect FILE" in _look(other).content.decode()
    assert other.post(SAVE, _answers(page)).status_code == 403
    forged = sign_in("school").post(SAVE, {**_answers(page), "state": _fields(page)["state"][:-3] + "abc"})
    assert forged.status_code == 403
    assert not list(town.community.crosswalks.glob("*-attendance-2025.yaml"))


@pytest.mark.usefixtures("agreed")
def test_the_steward_of_who_keeps_the_records_looks_at_a_partners_file(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    """The same people who may send a file may look at it, and the form that sends it has the partner chosen."""
    keeper = sign_in("backbone")
    assert re.search(r'<option value="school"', keeper.get(LOOK).content.decode())
    done = keeper.post(SAVE, _answers(_look(keeper).content.decode()))
    assert done.status_code == 302
    assert (town.community.crosswalks / "school-attendance-2025.yaml").is_file()
    chosen = keeper.get(done["Location"]).content.decode()
    assert re.search(r'<option value="school" selected', chosen)


@pytest.mark.usefixtures("agreed")
def test_bad_files_get_a_sentence(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    for name, content, said in (
        ("a.csv", "", "The file is empty"),
        ("a.zip", "PK\x03\x04 torn", "cannot be opened"),
        ("a.csv", ",".join(f"c{n}" for n in range(3000)) + "\n1\n", "more than 2,000 columns"),
    ):
        answer = _look(client, content, name)
        assert answer.status_code == 400
        assert said in html.unescape(answer.content.decode())
    assert "Choose the file" in client.post(LOOK, {}).content.decode()


def test_standard_formats_need_no_questions(town: Town, agreed: None, sign_in: SignIn, samples: Path) -> None:  # noqa: F811
    text = (samples / "nsc/SYNTHETIC_DETLRPT_SE.csv").read_text()
    client = sign_in("school")
    page = _look(client, text, "report.csv").content.decode()
    assert "Save the crosswalk" not in page
    sent = {"state": _fields(page)["state"], "file": SimpleUploadedFile("report.csv", text.encode())}
    assert (
        client.post(SAVE, {"state": sent["state"]}).status_code == 400
    )  # there is no crosswalk to be saved alone
    assert client.post(SAVE, sent).status_code == 302
    assert (Upload.objects.get().format, Upload.objects.get().crosswalk) == ("nsc", "")


@pytest.mark.parametrize("agreed", [["club"]], indirect=True)
@pytest.mark.usefixtures("agreed")
def test_whose_records_they_are_is_said_by_the_name_or_asked(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("backbone")
    assert not re.search(r"<option value=\"(school|club)\" selected", client.get(LOOK).content.decode())

    def looked(name: str, partner: str = "") -> str:
        sent = {"partner": partner, "file": SimpleUploadedFile(name, ROWS.encode())}
        return html.unescape(client.post(LOOK, sent).content.decode())

    taken = looked("club 2026.csv")
    assert "Taken as records of Club: the file’s name has “club”." in taken
    assert "CSV of Club" in taken
    assert "does not say whose records these are" in looked("attendance.csv")
    told = looked("club 2026.csv", "school")
    assert "You chose School, but the file’s name has “club”, which speaks for Club." in told
    assert "CSV of School" in told
    assert "Taken as" not in looked("club 2026.csv", "club")


STUDENTS = "Student ID,First Name,DOB\n" + "".join(
    f"S70{n:03},{SECRET},{n % 9 + 1}/13/2011\n" for n in range(40)
)


def _files(*named: tuple[str, str]) -> list[SimpleUploadedFile]:
    """New ones, as a browser sends them with every form."""
    return [SimpleUploadedFile(name, text.encode()) for name, text in named]


def _text(answer: HttpResponse) -> str:
    return html.unescape(answer.content.decode())


@pytest.mark.usefixtures("agreed")
def test_files_chosen_together_are_looked_at_one_after_another(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    named = [(f"{SECRET} students.csv", STUDENTS), ("empty.zip", "PK\x03\x04 torn"), ("attendance.csv", ROWS)]
    page = _text(client.post(LOOK, {"partner": "school", "file": _files(*named)}))
    assert "File 1 of 3" in page
    assert f"<h1>{SECRET} students.csv</h1>" in page
    assert not Upload.objects.exists()
    page = _text(client.post(SAVE, {**_answers(page, name="students"), "file": _files(*named)}))
    assert f"{SECRET} students.csv is being loaded." in page
    assert "empty.zip is left out: " in page
    assert "File 3 of 3" in page
    assert "<h1>attendance.csv</h1>" in page
    one = Upload.objects.get()
    done = client.post(SAVE, {**_answers(page), "file": _files(*named)})
    other = Upload.objects.exclude(id=one.id).get()
    assert done["Location"] == reverse("intake:upload", args=[other.id])
    assert (one.crosswalk, other.crosswalk) == ("school-students.yaml", "school-attendance-2025.yaml")
    for each in (one, other):
        tasks.load_upload.func(each.id)
    assert len(town.rows("person")) == STUDENTS.count("S70")
    assert len(town.rows("attendance_day")) == ROWS.count("S70")
    # The sender's browser alone knows the file's own name.
    page = _text(client.get(done["Location"]))
    assert "attendance.csv was loaded" in page
    assert f"{one.name}, school students" in page
    assert f"{SECRET} students.csv was loaded" in _text(client.get(reverse("intake:upload", args=[one.id])))
    assert SECRET not in _text(sign_in("school", Role.LEADER).get(reverse("intake:upload", args=[one.id])))
    crosswalks = list(town.community.crosswalks.glob("school-*.yaml"))
    assert len(crosswalks) == 2
    assert not [path for path in crosswalks if SECRET in path.name or SECRET in path.read_text()]
    assert SECRET not in str(
        [*Upload.objects.values_list(), *IntakeBatch.objects.values_list(), *client.session.items()]
    )


@pytest.mark.usefixtures("agreed")
def test_a_file_can_be_left_out_and_what_was_chosen_is_needed_again(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("school")
    named = [("one.csv", STUDENTS), ("two.csv", ROWS), ("three.csv", "")]
    assert "three.csv is empty" in _text(client.post(LOOK, {"partner": "school", "file": _files(*named)}))
    page = _text(client.post(LOOK, {"partner": "school", "file": _files(*named[:2])}))
    state = _fields(page)["state"]
    wrong = client.post(
        SAVE, {**_answers(page, name="one"), "file": _files(("four.csv", STUDENTS), named[1])}
    )
    assert "Choose one.csv, and what you chose with it." in _text(wrong)
    page = _text(client.post(SAVE, {"state": state, "leave": "yes", "file": _files(*named[:2])}))
    assert "<h1>two.csv</h1>" in page
    last = client.post(SAVE, {"state": _fields(page)["state"], "leave": "yes", "file": _files(*named[:2])})
    assert last["Location"] == reverse("intake:loads")
    many = _files(*[(f"{n}.csv", STUDENTS) for n in range(21)])
    assert "20 files at most" in _text(client.post(LOOK, {"partner": "school", "file": many}))
    fixed = [
        ("fixed.txt", "ID    NAME      GRADE\n" + "".join(f"{n:05} Ann{n:05}  07\n" for n in range(30))),
        named[1],
    ]
    page = _text(client.post(LOOK, {"partner": "school", "file": _files(*fixed)}))
    assert "fixed.txt cannot be loaded" in page
    page = _text(client.post(SAVE, {"state": _fields(page)["state"], "file": _files(*fixed)}))
    assert "<h1>two.csv</h1>" in page
    assert (
        client.post(SAVE, {"state": state, "leave": "yes"})["Location"] == LOOK
    )  # a browser that keeps no file
    assert not Upload.objects.exists()


@pytest.mark.usefixtures("agreed")
def test_no_file_of_a_set_comes_in_without_an_agreement(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("backbone")  # the school gives something to it, the club nothing
    named = [("one.csv", STUDENTS), ("club.csv", ROWS)]
    for partner in ("", "club"):
        refused = client.post(LOOK, {"partner": partner, "file": _files(*named)})
        assert refused.status_code == 400
        assert "Which" not in _text(refused)
    page = _text(client.post(LOOK, {"partner": "school", "file": _files(*named)}))
    agreements.suspend(
        id="sharing-2026", by=actor("officer@school.example"), reason="The board has not decided."
    )
    assert client.post(SAVE, {**_answers(page, name="one"), "file": _files(*named)}).status_code == 403
    left = client.post(SAVE, {"state": _fields(page)["state"], "leave": "yes", "file": _files(*named)})
    assert left.status_code == 403
    assert not Upload.objects.exists()


def _sent(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile("club.xlsx", path.read_bytes())


def test_a_workbook_with_a_tab_for_each_month_is_one_set_of_questions_and_one_load(
    town: Town,
    sign_in: SignIn,  # noqa: F811
    tmp_path: Path,
) -> None:
    _agree("attendance_day.*", "person.first_name", "person.last_or_surname")
    client, book = sign_in("school"), workbook(tmp_path)
    page = client.post(LOOK, {"partner": "school", "file": _sent(book)}).content.decode()
    if folder := os.environ.get("PICTURES_INTO"):
        Path(folder, "workbook.html").write_text(page)
    assert "2 questions about club.xlsx" in page
    assert "9 sheets have one layout, and are loaded together: September, October, " in page
    assert "1 other table of club.xlsx is not read with them." in page
    assert "Names alone load" in page
    assert "As the file stands" not in page
    asked = _fields(page)
    [mark] = [name for name in asked if name.startswith("k")]
    assert re.search(rf'id="id_{mark}".*?<option value="Present" selected', page, re.DOTALL)
    answers = {"state": asked["state"], "name": "club-days", "year": "2025", mark: "Present"}
    assert client.post(SAVE, {**answers, "file": _sent(book)}).status_code == 302
    tasks.load_upload.func(Upload.objects.get().id)
    batch = IntakeBatch.objects.get()
    assert batch.refusal == ""
    days = [
        (n, day) for place in range(9) for day in days_of(place) for n in range(len(NAMES)) if came(n, day)
    ]
    assert len(town.rows("attendance_day")) == len(days)
    assert len(town.rows("person")) == len(NAMES)
    # Next month's tab is read with the same crosswalk.
    text = (town.community.crosswalks / "school-club-days.yaml").read_text(encoding="utf-8")
    assert "sheets: alike" in text
    assert not any(month in text for month in MONTHS)


def test_what_keeps_all_of_a_file_out_is_said_before_the_first_question(town: Town, sign_in: SignIn) -> None:  # noqa: F811
    _agree("attendance_day.*", "person.first_name", "assessment_result.*")
    client = sign_in("school")
    rows = "Student ID,Fall Score,Spring Score\n" + "".join(
        f"S{n + 100},{n + 200},{n + 220}\n" for n in range(40)
    )
    page = _look(client, rows, "scores.csv").content.decode()
    if folder := os.environ.get("PICTURES_INTO"):
        Path(folder, "scores.html").write_text(page)
    said = page.index("Nothing would be loaded: no column is the day of test scores")
    assert said < page.index('name="name"')
    # With a day it can be loaded.
    dated = "Student ID,Fall Score,Test Date\n" + "".join(
        f"S{n + 100},{n + 200},9/{n % 20 + 1}/2024\n" for n in range(40)
    )
    assert "Nothing would be loaded" not in _look(client, dated, "scores.csv").content.decode()
