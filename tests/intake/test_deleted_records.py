"""What a source deletes is withdrawn from view, with history: deltas of OneRoster, and rows of HMIS with `DateDeleted`."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import STUDENTS, in_effect
from tests.intake.test_hmis import NIGHT_STOP, export_files
from tests.intake.test_oneroster import Tables, roster, write
from throughway.core.refusals import Refused
from throughway.intake import actions
from throughway.intake.load_report import Loaded
from throughway.intake.models import IntakeBatch
from throughway.store.selectors import snapshot
from throughway.store.vault import Vault
from throughway.vocabulary import TABLES

EVERYTHING = [f"element: {table}.*" for table in TABLES] + [
    f"element: {table}.{name}"
    for table in ("person_status", "homeless_program_participation")
    for name in TABLES[table].elements
    if name != "person_id"
]
WHEN = "2025-01-02T03:04:05.006Z"


@pytest.fixture(autouse=True)
def agreed(town: Town) -> None:
    town.agree(in_effect(EVERYTHING))


def send(town: Town, tables: Tables, number: list[int], mode: str = "delta") -> Loaded:
    number.append(0)
    return town.load(
        write(town.folder / f"bundle-{len(number)}", tables, mode=mode), None, format="oneroster"
    )


def gone(tables: Mapping[str, list[str]]) -> Tables:
    """The rows of the roster with these ids, marked as deleted."""
    return {
        name: [
            {**row, "status": "tobedeleted", "dateLastModified": WHEN}
            for row in roster()[name]
            if row["sourcedId"] in ids
        ]
        for name, ids in tables.items()
    }


@pytest.fixture
def sent(town: Town) -> list[int]:
    number: list[int] = []
    send(town, roster(), number, mode="bulk")
    return number


def of_student(town: Town, key: str) -> dict[str, int]:
    """How many rows of each table the store shows of a student."""
    record = town.keys()[key]
    found = {
        t: sum(row.get("person_record") == record for row in town.rows(t))
        for t, d in TABLES.items()
        if d.of_person
    }
    return {table: count for table, count in found.items() if count}


def test_a_deleted_user_is_gone_from_view_and_stays_in_the_history(town: Town, sent: list[int]) -> None:
    before, other = of_student(town, "u2"), of_student(town, "u1")
    loaded = send(town, gone({"users": ["u2"]}), sent)
    after = of_student(town, "u2")
    assert {"person", "person_identifier", "guardian"} <= before.keys()
    assert after == {
        t: n for t, n in before.items() if t in ("school_enrollment", "course_grade", "assessment_result")
    }
    assert of_student(town, "u1") == other
    taken = {table: count for table, count in before.items() if table not in after}
    assert loaded.withdrawn == taken
    for table, count in taken.items():
        assert len(town.rows(f"{table}~history")) == count
    assert loaded.nothing is None
    assert loaded.tables["users"].not_read == loaded.tables["users"].read == 1
    assert IntakeBatch.objects.get(id=loaded.batch).withdrawn == taken
    assert send(town, gone({"users": ["u2"]}), sent).withdrawn == {}


def test_deleted_roles_results_and_organizations(town: Town, sent: list[int]) -> None:
    schools = {row["organization_id"] for row in town.rows("organization")}
    results = len(town.rows("course_grade")) + len(town.rows("assessment_result"))
    first = roster()["results"][0]
    loaded = send(
        town, gone({"roles": ["r1", "r2", "r4"], "results": [first["sourcedId"]], "orgs": ["d"]}), sent
    )
    assert (
        loaded.withdrawn["school_enrollment"] == 2
    )  # of r1 by its day, of r2, which states none, by its school
    assert town.rows("school_enrollment") == []
    assert len(town.rows("course_grade")) + len(town.rows("assessment_result")) == results - 1
    assert {row["organization_id"] for row in town.rows("organization")} == schools - {"school/d"}
    assert len(town.rows("person")) == 2


def test_a_deleted_role_without_a_day_takes_no_enrollment_of_another_year(
    town: Town, sent: list[int]
) -> None:
    """Its school is all that names it, and the student was there in two years."""
    text = json.dumps(roster()).replace("2025", "2026").replace("2024", "2025")
    send(town, json.loads(text), sent, mode="bulk")
    assert of_student(town, "u2")["school_enrollment"] == 2
    loaded = send(town, gone({"roles": ["r2"]}), sent)
    assert of_student(town, "u2")["school_enrollment"] == 2
    assert loaded.withdrawn == {}
    assert any(row["column"] == "beginDate" for row in quarantine(loaded))
    assert send(town, gone({"roles": ["r1"]}), sent).withdrawn == {"school_enrollment": 1}


def test_a_deletion_beside_rows_that_cannot_be_read_is_no_load(town: Town, sent: list[int]) -> None:
    unread = {**roster()["users"][0], "sourcedId": "u9", "status": "active", "dateLastModified": "x"}
    once = gone({"users": ["u2"]})
    assert send(town, {"users": [*once["users"], unread]}, sent).nothing is None
    again = send(town, {"users": [*once["users"], unread]}, sent).nothing
    assert again is not None
    assert "1 record could not be read" in again.message
    assert send(town, once, sent).nothing is None


def test_a_withdrawal_gives_no_other_agreement_the_rest(town: Town, sent: list[int]) -> None:
    """Rows that an ended agreement left behind stay under its key, and die with it."""
    town.agree(in_effect(["element: person.*"], id="new"))
    assert send(town, gone({"users": ["u2"]}), sent).withdrawn["guardian"] == 1
    keyring = Vault(town.community).keyring
    with snapshot() as seen:
        files = [*seen.stored("guardian", "school"), *seen.stored("guardian~history", "school")]
        assert {tuple(keyring.openers(file.id)) for file in files} == {("riverbend",)}
        assert len(files) == 2


def test_a_file_that_deletes_much_stops_until_somebody_says_why(
    town: Town, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = gone({"users": [row["sourcedId"] for row in roster()["users"]]})
    path = write(town.folder / "everybody", everybody, mode="delta")
    monkeypatch.setattr(actions, "FEW_DELETED", 0)
    before = {table: len(town.rows(table)) for table in ("person_race", "person_contact")}
    with pytest.raises(Refused) as refused:
        town.load(path, None, format="oneroster")
    assert refused.value.code == "many_deleted"
    assert {table: len(town.rows(table)) for table in before} == before
    assert not IntakeBatch.objects.latest("at").withdrawn
    town.load(path, None, format="oneroster", right="The school closed")
    assert sum(len(town.rows(table)) for table in before) < sum(before.values())


def test_a_deletion_and_new_rows_in_one_delta(town: Town, sent: list[int]) -> None:
    tables = gone({"users": ["u2"]})
    tables["users"].append(
        {**roster()["users"][0], "givenName": "Adah", "status": "active", "dateLastModified": WHEN}
    )
    tables["roles"] = [{**roster()["roles"][0], "status": "active", "dateLastModified": WHEN}]
    loaded = send(town, tables, sent)
    assert [row["first_name"] for row in town.rows("person")] == ["Adah"]
    assert sorted(str(row["first_name"]) for row in town.rows("person~history")) == ["Ada", "Bo"]
    assert (loaded.tables["person"].changed, loaded.withdrawn["person"]) == (1, 1)


def test_a_deleted_adult_leaves_each_student(town: Town, sent: list[int]) -> None:
    assert len(town.rows("guardian")) == 2
    assert send(town, gone({"users": ["p1"]}), sent).withdrawn == {"guardian": 2}
    assert len(town.rows("person")) == 2


def test_what_another_format_brought_stays(town: Town) -> None:
    town.load("Student ID,First,Last,DOB,Gender\nu2,Bo,Bee,6/2/2010,F\n", STUDENTS)
    assert send(town, gone({"users": ["u2"]}), []).withdrawn == {}
    assert len(town.rows("person")) == 1


def packed(path: Path, files: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_rows_of_hmis_with_a_date_deleted_are_withdrawn(town: Town) -> None:
    files = export_files()
    town.load(packed(town.folder / "one.zip", files), None, format="hmis")
    before = of_student(town, "c1")
    deleted = {
        **files,
        "Enrollment.csv": files["Enrollment.csv"].replace(
            "2025-11-02,h1,2,116,", "2025-11-02,h1,2,116,2026-02-01"
        ),
        "Client.csv": files["Client.csv"].replace("1,0,0,1,,\n", "1,0,0,1,,2026-02-01\n", 1),
        "Project.csv": files["Project.csv"].replace("Night Stop,0,", "Night Stop,0,2026-02-01"),
    }
    loaded = town.load(packed(town.folder / "two.zip", deleted), None, format="hmis")
    assert {"person", "person_race", "homeless_program_participation", "person_status"} <= before.keys()
    assert of_student(town, "c1") == {}
    assert loaded.withdrawn == {**before, "program": 1}
    assert NIGHT_STOP not in {
        str(row["program_identifier"]).rpartition("/")[2] for row in town.rows("program")
    }
    assert [row["first_name"] for row in town.rows("person")] == ["Ben"]
    assert any("DateDeleted" in row["problem"] for row in quarantine(loaded))


def test_a_time_whose_exit_is_deleted_is_open_again(town: Town) -> None:
    files = export_files(exit="x2,e2,c2,2026-01-03,422,\n")
    town.load(packed(town.folder / "one.zip", files), None, format="hmis")
    deleted = {**files, "Exit.csv": files["Exit.csv"].replace("2026-01-03,422,", "2026-01-03,422,2026-02-01")}
    town.load(packed(town.folder / "two.zip", deleted), None, format="hmis")
    spells = {
        str(row["program_participation_start_date"])[:10]: row
        for row in town.rows("homeless_program_participation")
    }
    assert "program_participation_exit_date" not in spells["2025-10-01"]
    assert "program_participation_exit_date" in spells["2025-11-02"]
