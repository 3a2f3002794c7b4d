"""A wildcard never covers what an agreement must name: neither the status nor the program that gives it away."""

import json
from collections.abc import Mapping

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import in_effect

WILDCARDS = [
    f"element: {t}.*"
    for t in ("person_status", "program_participation", "service_received", "attendance_day")
]
BY_LAW = ("special_education_participation", "homeless_program_participation", "meal_program_participation")
WILDCARDS += [f"element: {t}.*" for t in BY_LAW]


def association(student: str, program: str, kind: str, **more: object) -> Mapping[str, object]:
    return {
        "studentReference": {"studentUniqueId": student},
        "educationOrganizationReference": {"educationOrganizationId": 1},
        "programReference": {
            "educationOrganizationId": 1, "programName": program, "programTypeDescriptor": f"uri://ed-fi.org/x#{kind}"
        },
        "beginDate": "2021-09-01",
        **more,
    }  # fmt: skip


def service(name: str, kind: str) -> list[Mapping[str, str]]:
    return [{f"{name}Descriptor": f"uri://ed-fi.org/x#{kind}"}]


PROTECTED = {
    "studentSpecialEducationProgramAssociations": association(
        "s1", "Resource room", "Special Education", reasonExitedDescriptor="uri://ed-fi.org/x#Reached maximum age",
        specialEducationProgramServices=service("specialEducationProgramService", "Speech"),
    ),
    "studentHomelessProgramAssociations": association(
        "s2", "Open door", "Homeless", homelessProgramServices=service("homelessProgramService", "Shelter")
    ),
    "studentSchoolFoodServiceProgramAssociations": association(
        "s3", "Meals", "Other", schoolFoodServiceProgramServices=service("schoolFoodServiceProgramService", "Free Lunch")
    ),
    "studentNeglectedOrDelinquentProgramAssociations": association("s4", "Second start", "Other"),
    "studentProgramAssociations": association(
        "s5", "Resource room", "Special Education", services=service("service", "Speech")
    ),
    "student_program_associations": association("s6", "homeless", "Other", services=service("service", "Shelter")),
    "studentProgramAttendanceEvents": association(
        "s7", "Resource room", "Special Education", eventDate="2021-09-02",
        attendanceEventCategoryDescriptor="uri://ed-fi.org/x#Present",
    ),
}  # fmt: skip
PLAIN = {
    "studentProgramAssociations": association(
        "p1", "Chess", "Other", services=service("service", "Tutoring")
    ),
    "studentCTEProgramAssociations": association("p2", "Woodwork", "Career and Technical Education"),
}


def load(town: Town, records: Mapping[str, Mapping[str, object]]):  # type: ignore[no-untyped-def]
    folder = town.folder / "edfi"
    folder.mkdir()
    for name, record in records.items():
        (folder / f"{name}.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    return town.load(folder, None, format="edfi-jsonl")


def test_wildcards_store_no_protected_program_rows(town: Town) -> None:
    town.agree(in_effect(WILDCARDS))
    cte = "studentCTEProgramAssociations"
    loaded = load(town, {**PROTECTED, cte: PLAIN[cte]})
    landed = {t: c for t, c in loaded.tables.items() if t not in ("person_status", *BY_LAW)}
    for table in ("person_status", *BY_LAW):
        assert loaded.tables[table].not_covered == loaded.tables[table].read > 0
    assert {table: (c.read, c.landed, c.out_of_scope) for table, c in landed.items()} == {
        "program_participation": (7, 1, 6), "service_received": (4, 0, 4), "attendance_day": (1, 0, 1)
    }  # fmt: skip
    assert town.keys().keys() == {"p2"}
    assert {row["program_identifier"] for row in town.rows("program_participation")} == {"Woodwork"}
    for table in ("person_status", "service_received", "attendance_day", *BY_LAW):
        assert town.rows(table) == []
    assert "person_status.idea_indicator" in loaded.refused_columns
    told = {row["column"]: row["problem"] for row in quarantine(loaded)}
    assert told.keys() == {name.removesuffix("s").lower() for name in PROTECTED if "_" not in name}
    assert all("that the law protects" in problem for problem in told.values())


def test_only_protected_programs_count_as_not_covered(town: Town) -> None:
    town.agree(in_effect(WILDCARDS))
    nothing = load(town, PROTECTED).nothing
    assert nothing is not None
    kinds = ", ".join(sorted(("person_status", *BY_LAW)))
    assert f"needs anything in this file from school ({kinds})" in nothing.message


def test_named_elements_come_in_as_statuses(town: Town) -> None:
    town.agree(
        in_effect(
            [
                *WILDCARDS,
                "element: person_status.idea_indicator",
                "element: person_status.homelessness_status",
            ]
        )
    )
    loaded = load(town, PROTECTED)
    assert (loaded.tables["person_status"].landed, loaded.tables["person_status"].out_of_scope) == (2, 1)
    assert sorted((str(row.get("idea_indicator")), str(row.get("homelessness_status"))) for row in town.rows("person_status")) == [
        ("None", "Yes"), ("Yes", "None")
    ]  # fmt: skip
    assert town.rows("program_participation") == []
    assert town.keys().keys() == {"s1", "s2"}


@pytest.mark.parametrize(
    ("table", "students"),
    [
        ("special_education_participation", {"s1": "Resource room", "s5": "Resource room"}),
        ("homeless_program_participation", {"s2": "Open door", "s6": "homeless"}),
        ("meal_program_participation", {"s3": "Meals"}),
    ],
)
def test_participation_by_law_comes_in_where_it_is_named(
    town: Town, table: str, students: Mapping[str, str]
) -> None:
    named = ("person_id", "program_identifier", "program_participation_start_date")
    town.agree(in_effect([*WILDCARDS, *(f"element: {table}.{name}" for name in named)]))
    loaded = load(town, PROTECTED)
    assert loaded.tables[table].landed == loaded.tables[table].read == len(students)
    keys = {record: key for key, record in town.keys().items()}
    assert {keys[row["person_record"]]: row["program_identifier"] for row in town.rows(table)} == students
    assert {str(row["program_participation_start_date"]) for row in town.rows(table)} == {"2021-09-01"}
    assert all("exit_reason" not in row or row["exit_reason"] is None for row in town.rows(table))
    for other in (*BY_LAW, "program_participation"):
        assert other == table or town.rows(other) == []


def test_other_programs_land_as_they_are(town: Town) -> None:
    town.agree(in_effect(WILDCARDS))
    loaded = load(town, PLAIN)
    assert (loaded.tables["program_participation"].landed, loaded.tables["service_received"].landed) == (2, 1)
    assert {row["program_identifier"] for row in town.rows("program_participation")} == {"Chess", "Woodwork"}
    assert quarantine(loaded) == [] or all("law" not in row["problem"] for row in quarantine(loaded))


STATUSES = """
throughway: crosswalk/1
tables:
  person_status:
    key: [ID, From]
    person: ID
    columns:
      valid_from: {from: From}
      english_learner_status: {from: EL, map: {Y: "Yes"}}
      idea_indicator: {from: IDEA, map: {Y: "Yes"}}
"""


@pytest.mark.parametrize(
    ("named", "kept"),
    [([], {"1", "3", "4"}), (["element: person_status.idea_indicator"], {"1", "2", "3", "4"})],
)
def test_row_with_only_hidden_elements_is_not_stored(town: Town, named: list[str], kept: set[str]) -> None:
    town.agree(in_effect(["element: person_status.*", *named]))
    text = "ID,From,EL,IDEA\n1,2021-09-01,Y,Y\n2,2021-09-01,,Y\n3,2021-09-01,Y,\n4,2021-09-01,,\n"
    loaded = town.load(text, STATUSES)
    assert town.keys().keys() == kept
    assert loaded.tables["person_status"].out_of_scope == 4 - len(kept)
