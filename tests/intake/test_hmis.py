"""HMIS CSV: times in projects, persons, and what is never read: victims' services, numbers, guesses and withdrawn rows."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.intake.conftest import Town
from tests.intake.papers import in_effect, problems_of
from tests.intake.test_nsc import rows
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.hmis import read
from throughway.intake.staging import StagedTables

EXPORT = "ExportID,SourceID,ExportDate,CSVVersion,HashStatus\n1,MA-1,02-07-2026 12:00:00,2026 v1.0,1\n"
CLIENT = (
    "PersonalID,FirstName,MiddleName,LastName,NameSuffix,NameDataQuality,SSN,SSNDataQuality,DOB,DOBDataQuality,Sex,"
    "AmIndAKNative,Asian,BlackAfAmerican,HispanicLatinaeo,MidEastNAfrican,NativeHIPacific,White,RaceNone,DateDeleted\n"
)
ENROLLMENT = (
    "EnrollmentID,PersonalID,ProjectID,EntryDate,HouseholdID,RelationshipToHoH,LivingSituation,DateDeleted\n"
)
EXIT = "ExitID,EnrollmentID,PersonalID,ExitDate,Destination,DateDeleted\n"
PROJECT = '"ProjectID","OrganizationID","ProjectName","ProjectType","DateDeleted"\n'
NIGHT_STOP, NEW_KEYS, SAFE_HOUSE = "p1", "p2", "p3"


def export_files(**more: str) -> dict[str, str]:
    """A small export by its files' names; `more` adds rows to a file (`client=...`) or makes another."""
    files = {
        "Export.csv": EXPORT,
        "Organization.csv": "OrganizationID,OrganizationName,VictimServiceProvider\n"
        "o1,River Shelter,0\no2,Harbor,1\no3,Nobody asked,\n",
        "Project.csv": PROJECT + f"{NIGHT_STOP},o1,Night Stop,0,\n{NEW_KEYS},o1,New Keys,13,\n"
        f"{SAFE_HOUSE},o2,Safe House,2,\np4,o3,Somewhere,0,\n",
        "Client.csv": CLIENT + "c1,Ana,,Diaz,,1,123-45-6789,1,2014-01-02,1,0,0,0,0,1,0,0,1,,\n"
        "c2,Ben,,Poe,,1,,99,2012-05-06,1,1,0,0,1,0,0,0,0,,\n"
        "c3,Cy,,Hart,,1,,99,2011-05-06,1,0,0,0,0,0,0,0,0,9,\n",
        "Enrollment.csv": ENROLLMENT + f"e1,c1,{NIGHT_STOP},2025-11-02,h1,2,116,\n"
        f"e2,c2,{NEW_KEYS},2025-10-01,h2,1,101,\ne3,c3,{SAFE_HOUSE},2025-10-01,h3,1,101,\n",
        "Exit.csv": EXIT + "x1,e1,c1,2025-12-24,422,\n",
    }  # fmt: skip
    for name, text in more.items():
        file = f"{name.capitalize()}.csv"
        files[file] = files.get(file, "") + text
    return files


def stage(tmp_path: Path, files: Mapping[str, str], crosswalk: Crosswalk | None = None) -> StagedTables:
    folder, into = tmp_path / "export", tmp_path / "staged"
    folder.mkdir()
    into.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8-sig", newline="")
    return read(folder, into=into, partner="shelter", crosswalk=crosswalk, school_year=None)


def told(staged: StagedTables) -> set[tuple[str, int | None, str]]:
    return {(problem.file, problem.row, problem.column) for problem in problems_of(staged)}


def test_times_persons_and_statuses_of_an_export(tmp_path: Path) -> None:
    staged = stage(tmp_path, export_files())
    ana, ben = rows(staged, "homeless_program_participation")
    assert {n: v for n, v in ana.items() if not n.startswith("_")} == {
        "program_identifier": NIGHT_STOP, "program_participation_start_date": "2025-11-02",
        "program_participation_exit_date": "2025-12-24", "household_id": "h1",
    }  # fmt: skip
    assert (ana["_person"], ana["_key"], ben["_person"]) == ("c1", "e1", "c2")
    assert "program_participation_exit_date" not in ben  # no exit: still there
    (status,) = rows(
        staged, "person_status"
    )  # a shelter is a home lost; help with rent does not say where people sleep
    assert (status["_person"], status["homelessness_status"], status["homeless_primary_nighttime_residence"]) == (
        "c1", "Yes", "Shelter"
    )  # fmt: skip
    assert (status["valid_from"], status["valid_to"]) == ("2025-11-02", "2025-12-24")
    persons = rows(staged, "person")
    assert [(p["_person"], p["first_name"], p["birthdate"], p["sex"]) for p in persons] == [
        ("c1", "Ana", "2014-01-02", "Female"), ("c2", "Ben", "2012-05-06", "Male")
    ]  # fmt: skip
    races = {
        (r["_person"], r.get("race"), r["hispanic_or_latino_ethnicity"]) for r in rows(staged, "person_race")
    }
    assert races == {("c1", "White", "true"), ("c2", "BlackOrAfricanAmerican", "false")}
    assert {p["program_name"] for p in rows(staged, "program")} == {"Night Stop", "New Keys"}
    assert {o["organization_name"] for o in rows(staged, "organization")} == {"River Shelter"}


def test_a_social_security_number_is_in_no_staged_file(tmp_path: Path) -> None:
    staged = stage(tmp_path, export_files())
    for table in staged.tables:
        assert all("6789" not in str(value) for row in rows(staged, table) for value in row.values())


def test_nothing_of_victim_services_is_read(tmp_path: Path) -> None:
    more = f"e4,c1,{SAFE_HOUSE},2026-01-02,h1,2,101,\ne5,c2,p4,2026-01-02,h1,2,101,\n"
    staged = stage(tmp_path, export_files(enrollment=more))
    everything = [
        str(value) for table in staged.tables for row in rows(staged, table) for value in row.values()
    ]
    assert not {"c3", "Cy", "Hart", SAFE_HOUSE, "Safe House", "Harbor", "p4", "Nobody asked"} & set(
        everything
    )
    assert (
        len(rows(staged, "homeless_program_participation")) == 2
    )  # e4 and e5 are left out, their clients are not
    assert dict(staged.unread) == {
        "Organization.csv": 2,
        "Project.csv": 2,
        "Enrollment.csv": 3,
        "Client.csv": 1,
    }
    assert ("Enrollment.csv", None, "") in told(staged)


@pytest.mark.parametrize(
    ("name", "dob", "kept"),
    [
        ("1", "1", {"first_name", "last_or_surname", "birthdate"}),
        ("2", "2", {"first_name", "last_or_surname"}),  # a guessed birth date would link to somebody else
        ("9", "99", set()),
        ("", "", {"first_name", "last_or_surname", "birthdate"}),
    ],
)
def test_guesses_and_refusals_are_no_names_and_birth_dates(
    tmp_path: Path, name: str, dob: str, kept: set[str]
) -> None:
    client = f"c9,Dee,,Lund,,{name},,99,2013-01-01,{dob},99,,,,,,,,,\n"
    enrolled = f"e9,c9,{NIGHT_STOP},2025-11-02,h9,1,116,\n"
    staged = stage(tmp_path, export_files(client=client, enrollment=enrolled))
    (person,) = [row for row in rows(staged, "person") if row["_person"] == "c9"]
    assert {n for n in person if not n.startswith("_")} == kept | {"sex_source"}


def test_hashed_names_are_no_names(tmp_path: Path) -> None:
    files = export_files() | {"Export.csv": EXPORT.replace(",1\n", ",2\n")}
    staged = stage(tmp_path, files)
    assert all("first_name" not in person for person in rows(staged, "person"))
    assert ("Export.csv", None, "HashStatus") in told(staged)


def test_withdrawn_rows_are_counted_and_not_loaded(tmp_path: Path) -> None:
    more = f"e7,c1,{NIGHT_STOP},2026-01-02,h1,2,101,2026-01-05 10:00:00\n"
    staged = stage(tmp_path, export_files(enrollment=more, exit="x2,e2,c2,2026-01-05,422,2026-01-06\n"))
    assert {row["_key"] for row in rows(staged, "homeless_program_participation")} == {"e1", "e2"}
    assert "program_participation_exit_date" not in rows(staged, "homeless_program_participation")[1]
    assert (staged.unread["Enrollment.csv"], staged.unread["Exit.csv"]) == (2, 1)


def test_rows_that_refer_to_nothing_are_set_aside_by_their_place(tmp_path: Path) -> None:
    more = f"e7,c1,p77,2026-01-02,h1,2,101,\ne8,c88,{NIGHT_STOP},2026-01-02,h1,2,101,\n,c1,{NIGHT_STOP},2026-01-02,,,,\n"
    more += f"e6,c1,{NIGHT_STOP},02/01/2026,h1,2,101,,and more\n"
    staged = stage(tmp_path, export_files(enrollment=more, exit="x9,e99,c1,2026-01-05,422,\n"))
    assert dict(staged.quarantined) == {"homeless_program_participation": 3, "Enrollment.csv": 1}
    assert {
        ("Enrollment.csv", 5, "ProjectID"),
        ("Enrollment.csv", 6, "PersonalID"),
        ("Enrollment.csv", 8, ""),
    } <= told(staged)
    assert ("Exit.csv", 3, "EnrollmentID") in told(staged)
    assert all(key not in str(problem) for problem in problems_of(staged) for key in ("c88", "p77", "e99"))


def test_every_row_of_the_export_is_counted(tmp_path: Path) -> None:
    files = export_files() | {"Services.csv": "ServicesID,PersonalID\ns1,c1\ns2,c1\n"}
    staged = stage(tmp_path, files)
    assert staged.unread["Services.csv"] == 2
    spells, persons = rows(staged, "homeless_program_participation"), rows(staged, "person")
    assert len(spells) + staged.unread["Enrollment.csv"] == 3
    assert len(persons) + staged.unread["Client.csv"] == 3


def test_unreadable_cells_are_emptied_and_said(tmp_path: Path) -> None:
    client = "c9,Dee,,Lund,,1,,99,6/1/2013,1,7,x,,,,,,1,,\n"
    staged = stage(tmp_path, export_files(client=client, enrollment=f"e9,c9,{NIGHT_STOP},soon,h9,1,116,\n"))
    assert {(fault.element, fault.column) for faults in staged.faults.values() for fault in faults} >= {
        ("birthdate", "DOB"), ("sex", "Sex"), ("program_participation_start_date", "EntryDate")
    }  # fmt: skip
    assert ("Client.csv", 5, "AmIndAKNative") in told(staged)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Export.csv": EXPORT.replace("2026 v1.0", "6.11")}, "does not say a CSVVersion of FY2024 to FY2026"),
        ({"Export.csv": "ExportID,CSVVersion\n"}, "does not say a CSVVersion"),
        ({"Exit.csv": None}, "Exit.csv is missing"),
        ({"Client.csv": "FirstName\nAna\n"}, "Client.csv has no heading PersonalID"),
        ({"Client.csv": ""}, "Client.csv has no heading PersonalID"),
        ({"Enrollment.csv": 'EnrollmentID,PersonalID,ProjectID,EntryDate\n"e1,c1,p1,2025-01-01\n'}, "is not a CSV text"),
    ],
)  # fmt: skip
def test_a_wrong_export_is_refused_in_one_sentence(
    tmp_path: Path, change: Mapping[str, str | None], says: str
) -> None:
    files = {name: text for name, text in (export_files() | change).items() if text is not None}
    with pytest.raises(Refused) as refused:
        stage(tmp_path, files)
    assert says in refused.value.message
    assert refused.value.message.count(". ") == 0


NAMED = [
    f"element: homeless_program_participation.{name}"
    for name in ("person_id", "program_identifier", "program_participation_start_date", "household_id")
]


def _packed(town: Town) -> Path:
    path = town.folder / "hmis.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in export_files().items():
            archive.writestr(name, text)
    return path


def test_an_export_lands_what_an_agreement_names(town: Town) -> None:
    town.agree(in_effect(["element: person.*", *NAMED]))
    loaded = town.load(_packed(town), None, format="hmis")
    assert loaded.tables["homeless_program_participation"].landed == 2
    stays = town.rows("homeless_program_participation")
    assert {str(row["household_id"]) for row in stays} == {"h1", "h2"}
    assert all(row.get("program_participation_exit_date") is None for row in stays)  # not named
    assert town.keys().keys() == {"c1", "c2"}
    again = town.load(_packed(town), None, format="hmis")
    assert again.tables["homeless_program_participation"].unchanged == 2


def test_a_wildcard_lets_no_stay_in(town: Town) -> None:
    town.agree(
        in_effect(
            ["element: homeless_program_participation.*", "element: person.*", "element: person_status.*"]
        )
    )
    loaded = town.load(_packed(town), None, format="hmis")
    assert loaded.tables["homeless_program_participation"].landed == 0
    assert town.rows("homeless_program_participation") == town.rows("person_status") == []
