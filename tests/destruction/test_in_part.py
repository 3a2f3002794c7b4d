"""What some students' rows must wait for does not stop the destruction of all others: a request to inspect, a hold on one person."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.destruction import papers
from tests.destruction.papers import BORN, load, paper, people, person, rows, sign
from tests.destruction.test_agreement import ALL, files_with, held
from tests.kept import kept
from tests.site.people import client_of
from throughway.consent.inspection import Inspection
from throughway.consent.models import ConsentEvent
from throughway.core.refusals import Refused
from throughway.destruction.actions import execution, hand_over, holds, orders
from throughway.destruction.models import PART, Destruction
from throughway.destruction.selectors import awaiting, problems
from throughway.families.actions import inspections
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)
STUDENTS = {"SENTINEL-001": "06", "SENTINEL-002": "07", "SENTINEL-003": "06"}
TABLES = ("person", "attendance_day", "school_enrollment", "record_key")


@pytest.fixture
@kept
def town(community: Community) -> Community:
    people()
    return community


def of(key: str) -> dict[str, list[dict[str, object]]]:
    """What the store holds of a student, by table."""
    number = numbers()[key]
    return {
        table: [row for row in held(table) if number in (row.get("person_record"), row.get("record"))]
        for table in TABLES
    }


def numbers() -> dict[str, int]:
    return {str(row["key"]): int(str(row["record"])) for row in held("record_key")}


def ask(student: str) -> Inspection:
    return inspections.ask_to_inspect(
        student=student, who="Pat", relation="parent", identified="ID", received=papers.TODAY,
        by=person("officer", "school"),
    )  # fmt: skip


def destroy(agreement: str = "one") -> orders.Certificate:
    return orders.destroy(agreement=agreement, by=person("steward", "backbone"))


def test_an_open_request_keeps_the_rows_of_one_student_alone(town: Community, tmp_path: Path) -> None:
    sign(paper("one", ALL), "one")
    load(tmp_path, rows(STUDENTS))
    before, asked = of("SENTINEL-002"), ask("SENTINEL-002")
    papers.end("one")
    part = destroy()
    assert part.body["kind"] == PART
    assert part.destroyed["rows"] == {
        "attendance_day": 4,
        "person": 2,
        "record_key": 2,
        "school_enrollment": 2,
    }
    assert of("SENTINEL-002") == before
    assert numbers().keys() == {"SENTINEL-002"}
    assert files_with(town, "SENTINEL-001") == files_with(town, "Family-SENTINEL-003") == []
    assert not any("own key" in sentence for sentence in part.body["method"])
    assert "must be kept for now" in json.dumps(part.kept)
    assert [each.agreement for each in awaiting(date.today())] == [
        "one"
    ]  # still due, and late when it is late
    made = Destruction.objects.count()
    with pytest.raises(Refused, match="Some of these records must be kept for now"):
        destroy()
    with pytest.raises(Refused, match=asked.code):
        orders.destroy(agreement="one", by=person("officer", "school"))
    assert Destruction.objects.count() == made
    assert of("SENTINEL-002") == before
    inspections.answer(code=asked.code, how="withdrawn", on=papers.TODAY, by=person("officer", "school"))
    rest = destroy()
    assert rest.body["kind"] == "agreement"
    of_one = {"attendance_day": 2, "consent_signer": 1, "person": 1, "record_key": 1, "school_enrollment": 1}
    assert rest.destroyed["rows"] == of_one
    assert all(held(table) == [] for table in TABLES)
    assert not list(town.vault.glob("*"))
    assert files_with(town, "SENTINEL-002") == []
    assert awaiting(date.today()) == []


def test_what_another_agreement_authorises_stays_and_who_waits_keeps_every_value(
    town: Community, tmp_path: Path
) -> None:
    """Afterwards it is as if the whole had been destroyed at once."""
    six = "[{where: \"entry_grade_level = '06'\", on: school_enrollment, when: ever}]"
    less = ["element: attendance_day.attendance_event_date", "element: person.birthdate, transform: year"]
    sign(paper("one", ALL), "one")
    sign(paper("two", less, population=six), "two")
    load(tmp_path, rows(STUDENTS | {"SENTINEL-004": "07"}))
    before, asked = of("SENTINEL-001"), ask("SENTINEL-001")
    papers.end("one")
    assert destroy().destroyed["rows"]["person"] == 2  # of the seventh grade
    assert of("SENTINEL-001") == before
    assert numbers().keys() == {"SENTINEL-001", "SENTINEL-003"}
    (third,) = of("SENTINEL-003")["person"]
    assert "last_or_surname" not in third
    assert str(third["birthdate"]) == f"{BORN}-01-01"
    inspections.answer(code=asked.code, how="withdrawn", on=papers.TODAY, by=person("officer", "school"))
    destroy()
    assert numbers().keys() == {"SENTINEL-001", "SENTINEL-003"}
    assert all("last_or_surname" not in student for student in held("person"))
    assert {str(student["birthdate"]) for student in held("person")} == {f"{BORN}-01-01"}
    assert all("attendance_status" not in day for day in held("attendance_day"))
    assert len(held("attendance_day")) == 4
    papers.end("two")
    destroy("two")
    assert all(held(table) == [] for table in TABLES)


def test_decisions_of_families_go_with_the_rows_and_are_handed_over(town: Community, tmp_path: Path) -> None:
    sign(paper("one", ALL), "one")
    load(tmp_path, rows(STUDENTS))
    now = datetime.now(UTC)
    for code, key in (("AAAA2222", "SENTINEL-001"), ("BBBB3333", "SENTINEL-002")):
        ConsentEvent.objects.create(
            code=code, partner="school", record=numbers()[key], agreement="one", purpose="*", decision="yes", holder=1,
            relation="parent", right_checked=True, signed_on=now.date(), at=now, by="x",
        )  # fmt: skip
    asked = ask("SENTINEL-002")
    papers.end("one")
    for certificate, key, left in ((destroy(), "SENTINEL-001", ["BBBB3333"]), (None, "SENTINEL-002", [])):
        if certificate is None:
            inspections.answer(
                code=asked.code, how="withdrawn", on=papers.TODAY, by=person("officer", "school")
            )
            certificate = destroy()
        given = json.loads(hand_over.collect(id=certificate.id, by=person("officer", "school")))
        assert [each["student"] for each in given["decisions"]] == [key]
        assert list(ConsentEvent.objects.values_list("code", flat=True)) == left


@pytest.mark.parametrize("kind", ["person", "partner", "agreement"])
def test_a_hold_on_a_person_keeps_their_rows_and_any_other_keeps_all(
    town: Community, tmp_path: Path, kind: str
) -> None:
    sign(paper("one", ALL), "one")
    load(tmp_path, rows(STUDENTS))
    whom = {"person": str(numbers()["SENTINEL-002"]), "partner": "school", "agreement": "one"}[kind]
    officer = person("officer", "school")
    found = holds.hold(kind=kind, subject=whom, notice="Docket 9", why="A hearing", by=officer)
    papers.end("one")
    if kind == "person":
        assert destroy().body["kind"] == PART
        assert numbers().keys() == {"SENTINEL-002"}
    with pytest.raises(Refused, match="Docket 9"):
        orders.destroy(agreement="one", by=officer)
    assert "SENTINEL-002" in numbers()
    holds.lift(code=found.code, why="Quashed", by=officer)
    assert destroy().body["kind"] == "agreement"
    assert numbers() == {}


@pytest.mark.parametrize("step", ["_land", "_remove", "_forget"])
@pytest.mark.parametrize("answered", [False, True])
def test_a_part_that_was_interrupted_is_continued(
    town: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, answered: bool
) -> None:
    """And only then the rest, also where nothing keeps it any more."""
    sign(paper("one", ALL), "one")
    load(tmp_path, rows(STUDENTS))
    asked = ask("SENTINEL-002")
    papers.end("one")

    def stop(*of: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(execution, step, stop)
        with pytest.raises(RuntimeError):
            destroy()
    begun = Destruction.objects.get()
    assert "destroy --agreement one" in problems()[0]
    if answered:
        inspections.answer(code=asked.code, how="withdrawn", on=papers.TODAY, by=person("officer", "school"))
    part = destroy()
    assert (part.id, part.body["kind"]) == (begun.id, PART)
    assert "SENTINEL-001" not in numbers()
    if answered:
        destroy()
        assert numbers() == {}
    else:
        assert numbers().keys() == {"SENTINEL-002"}


def test_a_request_that_comes_before_the_files_change_keeps_its_rows(
    town: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose rows stay is looked up when the files are written, not when it was ordered."""
    sign(paper("one", ALL), "one")
    sign(paper("two", ["element: person.birthdate"]), "two")  # under it a family may still ask
    load(tmp_path, rows(STUDENTS))
    ask("SENTINEL-002")
    papers.end("one")
    id = orders.order(kind="agreement", id="one", by=person("steward", "backbone"))
    ask("SENTINEL-003")
    orders.resume_order(id=id)
    assert Destruction.objects.get(id=id).body["kind"] == PART
    there = {number: key for key, number in numbers().items()}
    attended = {there[int(str(row["person_record"]))] for row in held("attendance_day")}
    assert attended == {"SENTINEL-002", "SENTINEL-003"}


def test_the_page_says_what_goes_and_that_the_rest_waits(town: Community, tmp_path: Path) -> None:
    sign(paper("one", ALL), "one")
    load(tmp_path, rows(STUDENTS))
    asked = ask("SENTINEL-002")
    papers.end("one")
    address = "/destruction/order/agreement/one/"
    told = client_of("officer@school.example").get(address).content.decode()
    assert "10 rows will be destroyed" in told
    assert "rows must be kept for now" in told
    assert asked.code in told
    assert "Destroy these data" in told
    other = client_of("steward@backbone.example").get(address).content.decode()
    assert asked.code not in other
    assert "Some of these records must be kept for now" in other
    part = destroy()
    told = client_of("officer@school.example").get(f"/destruction/{part.id}/").content.decode()
    assert "A part of: The agreement one" in told
    told = client_of("officer@school.example").get(address).content.decode()
    assert "This destruction must wait" in told
    assert "Destroy these data" not in told
