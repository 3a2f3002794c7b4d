"""A heading that was renamed is recognized by its place and the shape of its cells, and never taken for the same by itself."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.intake.conftest import Town
from tests.intake.papers import in_effect
from throughway.cli import main
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.inspection.crosswalk_draft import draft
from throughway.intake.inspection.crosswalk_questions import of_state, state_of
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.inspection import inspect
from throughway.intake.inspection.renamed_headings import MOST_WAYS, candidates, ways, why_the_same
from throughway.intake.models import IntakeBatch

COLUMNS = {
    "Student ID": [f"S70{n:03}" for n in range(40)],
    "First Name": ["Wilhelmina", "Ann", "Zoë", "Ben"] * 10,
    "Grade": ["9", "10", "11", "12"] * 10,
    "Room": ["A12", "B7"] * 20,
    "DOB": [f"{n % 12 + 1}/{n % 17 + 12}/2011" for n in range(40)],
}
LEVELS = ["9", "11"] * 20
CROSSWALK = """throughway: crosswalk/1
source: {format: csv}
tables:
  person:
    key: [Student ID]
    columns:
      first_name: {from: First Name}
      birthdate: {from: DOB, date: ["%m/%d/%Y"]}
  school_enrollment:
    key: [Student ID, Grade]
    person: Student ID
    columns:
      entry_grade_level: {from: Grade}
"""


def file_of(folder: Path, columns: dict[str, list[str]], name: str = "students.csv") -> Path:
    path = folder / name
    rows = zip(*columns.values(), strict=True)
    path.write_text("".join(",".join(row) + "\n" for row in [columns, *rows]), encoding="utf-8")
    return path


def looked_at(folder: Path, columns: dict[str, list[str]]) -> Sequence[ElementGuess]:
    (into := folder / "looked").mkdir()
    return inspect(file_of(folder, columns), into=into).tables[0].columns


def drafted(folder: Path, columns: dict[str, list[str]]) -> str:
    (into := folder / "drafted").mkdir(exist_ok=True)
    return inspect(file_of(folder, columns, "earlier.csv"), into=into).crosswalk


def with_seen(folder: Path, text: str = CROSSWALK) -> str:
    """The crosswalk with what a draft keeps of the file."""
    _, begin, rest = drafted(folder, COLUMNS).partition("seen:")
    return text + begin + rest.partition("\n# ")[0] + "\n"


def changed(names: str, **cells: list[str]) -> dict[str, list[str]]:
    """The file with these headings in this order: `Old>New` is renamed, and a heading that it lacked has the given cells."""
    found = {}
    for each in names.split(", "):
        earlier, _, now = each.partition(">")
        found[now or earlier] = cells.get(earlier) or COLUMNS[earlier]
    return found


SAME = "Student ID, First Name, Grade, Room, DOB"


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        pytest.param(changed(SAME), {}, id="the same headings"),
        pytest.param(
            changed("Student ID, First Name, Grade>Gr Lvl, Room, DOB"), {"Grade": ["Gr Lvl"]}, id="renamed"
        ),
        pytest.param(
            changed("Student ID, First Name, Grade>Gr Lvl, Room, DOB>Born"),
            {"DOB": ["Born"], "Grade": ["Gr Lvl"]},
            id="two renamed, one at the edge",
        ),
        pytest.param(
            changed("Student ID, First Name, Grade>Gr Lvl, Room>Rm, DOB"),
            {"Grade": ["Gr Lvl"]},
            id="renamed beside another renamed one",
        ),
        pytest.param(
            changed("Zorb, Student ID, First Name, Grade>Gr Lvl, DOB", Zorb=["x"] * 40),
            {"Grade": ["Gr Lvl"]},
            id="renamed, with a column added and one taken away",
        ),
        pytest.param(changed("Student ID, Grade, Room, First Name, DOB"), {}, id="moved"),
        pytest.param(
            changed("Grade>Gr Lvl, Student ID, First Name, Room, DOB"), {"Grade": []}, id="moved and renamed"
        ),
        pytest.param(changed("Student ID, Grade, First Name, Room, DOB"), {}, id="swapped"),
        pytest.param(
            changed("Student ID, Grade>Gr Lvl, First Name>Given Name, Room, DOB"),
            {"First Name": [], "Grade": []},
            id="swapped and renamed",
        ),
        pytest.param(
            changed("Student ID, First Name, Grade>Gr Lvl, Zorb, Room, DOB", Zorb=LEVELS),
            {"Grade": ["Gr Lvl", "Zorb"]},
            id="two candidates",
        ),
        pytest.param(
            changed("Student ID, First Name, Zorb, Room, DOB", Zorb=["blue", "red"] * 20),
            {"Grade": []},
            id="different cells",
        ),
        pytest.param(
            changed("Student ID, First Name, Zorb, Room, DOB", Zorb=[""] * 40), {"Grade": []}, id="empty cells"
        ),
        pytest.param(
            changed("Student ID, Guardian Last Name, Grade, Room, DOB", **{"Guardian Last Name": ["Alder"] * 40}),
            {"First Name": []},
            id="surely something else",
        ),
        pytest.param(
            changed("Student ID, First Name, Room, DOB"), {"Grade": []}, id="taken away, and nothing is new"
        ),
        pytest.param(
            changed("Student ID, First Name, Room, DOB", Room=LEVELS), {"Grade": []}, id="a known column moved up"
        ),
        pytest.param(
            changed("Student ID, First Name, Grade, DOB>Born"), {"DOB": ["Born"]}, id="by the edge alone"
        ),
        pytest.param(
            changed("Student ID, First Name, Room>Gr Lvl, DOB"), {"Grade": []}, id="renamed to that of other cells"
        ),
    ],
)  # fmt: skip
def test_what_is_recognized(
    tmp_path: Path, columns: dict[str, list[str]], found: dict[str, list[str]]
) -> None:
    crosswalk = Crosswalk.read(with_seen(tmp_path))
    assert candidates(crosswalk, looked_at(tmp_path, columns)) == found


@pytest.mark.parametrize(
    ("text", "cells", "found"),
    [
        ("entry_grade_level: {from: Grade, map: {9: '09', 10: '10', 11: '11', 12: '12'}}", LEVELS, ["Gr Lvl"]),
        ("entry_grade_level: {from: Grade, map: {9: '09', 10: '10', 11: '11', 12: '12'}}", ["3", "22"] * 20, []),
        ("entry_grade_level: {from: Grade, map: {1: '01', '*': '12'}}", ["3", "22"] * 20, ["Gr Lvl"]),
        ("entry_grade_level: {from: Grade, otherwise: null}", LEVELS, ["Gr Lvl"]),
        ("entry_grade_level: {join: [Grade, Room], with: ''}", LEVELS, ["Gr Lvl"]),
    ],
)  # fmt: skip
def test_cells_look_the_same_by_their_codes_where_the_crosswalk_maps_them(
    tmp_path: Path, text: str, cells: list[str], found: list[str]
) -> None:
    crosswalk = Crosswalk.read(with_seen(tmp_path, re.sub("entry_grade_level: .*", text, CROSSWALK)))
    columns = changed("Student ID, First Name, Gr Lvl, Room, DOB", **{"Gr Lvl": cells})
    assert candidates(crosswalk, looked_at(tmp_path, columns)) == {"Grade": found}


def test_a_column_that_may_be_absent_is_not_missing(tmp_path: Path) -> None:
    text = CROSSWALK.replace("{from: First Name}", "{from: First Name, otherwise: null}")
    columns = looked_at(tmp_path, changed("Student ID, First Name>Zorb, Grade, Room, DOB"))
    assert candidates(Crosswalk.read(with_seen(tmp_path, text)), columns) == {}


def test_without_what_was_seen_nothing_is_recognized(tmp_path: Path) -> None:
    crosswalk = Crosswalk.read(CROSSWALK)
    assert crosswalk.seen == {}
    columns = looked_at(tmp_path, changed("Student ID, First Name, Grade>Gr Lvl, Room, DOB"))
    assert candidates(crosswalk, columns) == {"Grade": []}
    assert ways({"Grade": []}) == []


@pytest.mark.parametrize(
    ("found", "open_"),
    [
        ({}, []),
        ({"Grade": ["Gr Lvl"]}, [{"Grade": "Gr Lvl"}]),
        ({"Grade": ["Gr Lvl"], "DOB": []}, []),
        ({"Grade": ["Gr Lvl", "Level"]}, [{"Grade": "Gr Lvl"}, {"Grade": "Level"}]),
        ({"First": ["Name"], "Last": ["Name"]}, []),  # one column may be either of two
        ({"First": ["A"], "Last": ["A", "B"]}, [{"First": "A", "Last": "B"}]),
        ({"Grade": [f"c{n}" for n in range(MOST_WAYS + 1)]}, []),
        ({f"g{n}": [f"c{m}" for m in range(9)] for n in range(40)}, []),
    ],
)
def test_what_is_open_is_asked(found: dict[str, list[str]], open_: list[dict[str, str]]) -> None:
    assert ways(found) == open_


def test_why_they_may_be_the_same_is_said_in_one_way() -> None:
    one = "“Gr Lvl” stands at its place and its cells look the same"
    assert why_the_same([{"Grade": "Gr Lvl"}]) == one
    either = "“Gr Lvl” or “Level” stands at its place and its cells look the same"
    assert why_the_same([{"Grade": "Gr Lvl"}, {"Grade": "Level"}]) == either
    two = "“Gr Lvl” stands at the place of “Grade” and its cells look the same; “Born” stands at the place of “DOB” and its cells look the same"
    assert why_the_same([{"Grade": "Gr Lvl", "DOB": "Born"}]) == two


def test_a_draft_keeps_headings_in_their_order_and_shapes_and_no_value(tmp_path: Path) -> None:
    odd = {"Note": ["प्रिया के लिए"] * 40, "Mail": [f"wilhelmina{n}@school.example" for n in range(40)]}
    columns = {**COLUMNS, **odd, "Zorb": ["q77", "q78"] * 20}
    text = drafted(tmp_path, columns).replace("earlier.csv", "")
    kept = Crosswalk.read(text).seen
    assert list(kept) == list(columns)
    assert kept["Student ID"] == "A99999"
    assert kept["First Name"] == "AAA"
    assert {*kept["Note"]} <= {*"A … "}
    values = {
        value.lower()
        for name in (*odd, "Student ID", "First Name", "DOB", "Room", "Zorb")
        for value in columns[name]
    }
    assert len(values) > 120
    assert not [value for value in values if value in text.lower()]


def test_days_are_not_kept_since_the_next_file_has_others(tmp_path: Path) -> None:
    days = {f"9/{day}/2025": ["P", "T"] * 20 for day in (15, 16, 17)}
    text = drafted(tmp_path, {"Student ID": COLUMNS["Student ID"], **days, "Grade": COLUMNS["Grade"]})
    assert list(Crosswalk.read(text).seen) == ["Student ID", "Grade"]


def test_the_questions_of_a_page_bring_the_shapes_back(tmp_path: Path) -> None:
    """The page keeps no cell while somebody answers, and the crosswalk of the answers has the shapes all the same."""
    of = inspect(file_of(tmp_path, COLUMNS), into=tmp_path).drafted
    assert of is not None
    again = of_state(json.loads(json.dumps(state_of(of))))
    assert again.seen == of.seen
    assert of.seen["DOB"] == "9/99/9999"
    assert Crosswalk.read(draft(again)).seen == of.seen


def _run(*words: str | Path) -> Any:
    done = CliRunner().invoke(main, [*map(str, words), "--json"])
    return json.loads(done.output)


def test_diff_says_why_a_heading_seems_to_be_another(tmp_path: Path) -> None:
    crosswalk = tmp_path / "students.yaml"
    crosswalk.write_text(with_seen(tmp_path), encoding="utf-8")
    new = file_of(tmp_path, changed("Student ID, First Name, Grade>Zorb, Room, DOB"))
    said = {change["column"]: change for change in _run("crosswalk", "diff", crosswalk, new)["changes"]}
    assert said["Grade"]["what"] == "renamed"
    assert said["Grade"]["sentence"].endswith(
        "It seems to be called Zorb now: “Zorb” stands at its place and its cells look the same."
    )
    assert "Zorb" not in said
    assert "Room" not in said  # it was in the earlier file too


RENAMED = changed("Student ID, First Name, Grade>Gr Lvl, Room, DOB")
IT_SAYS = (
    "students.csv has no column Grade, which the crosswalk reads; “Gr Lvl” stands at its place and its cells look the same."
    " If it is the same column, rename it in the crosswalk, or look at the file on the site."
)


@pytest.fixture
def agreed(town: Town) -> Town:
    town.agree(in_effect(["element: person.first_name", "element: school_enrollment.*"]))
    return town


def test_a_load_is_refused_with_the_column_that_may_be_it(agreed: Town, tmp_path: Path) -> None:
    """Nothing is stored, and of the new heading, which may be a name, nothing is kept."""
    crosswalk = tmp_path / "students.yaml"
    crosswalk.write_text(with_seen(tmp_path), encoding="utf-8")
    path = file_of(tmp_path, RENAMED)
    words = ["load", str(path), "--partner", "school", "--format", "csv", "--crosswalk", str(crosswalk)]
    done = CliRunner().invoke(main, ["--community", str(agreed.community.root), *words, "--json"])
    assert done.exit_code == 1
    error = json.loads(done.output)["error"]
    assert (error["code"], error["message"]) == ("missing_column", IT_SAYS)
    kept = IntakeBatch.objects.get().refusal
    assert kept.endswith(
        "has no column Grade, which the crosswalk reads; another stands at its place and looks the same. If it is the same column, rename it in the crosswalk."
    )
    assert agreed.rows("person") == []
    crosswalk.write_text(crosswalk.read_text().replace("Grade", "Gr Lvl"))
    again = CliRunner().invoke(main, ["--community", str(agreed.community.root), *words, "--json"])
    assert again.exit_code == 0
    assert len(agreed.rows("person")) == 40


def test_a_check_says_the_same(tmp_path: Path) -> None:
    crosswalk = tmp_path / "students.yaml"
    crosswalk.write_text(with_seen(tmp_path), encoding="utf-8")
    error = _run("crosswalk", "check", file_of(tmp_path, RENAMED), crosswalk)["error"]
    assert (error["code"], error["message"]) == ("missing_column", IT_SAYS)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (
            changed("Student ID, First Name, Grade>Gr Lvl, Zorb, Room, DOB", Zorb=LEVELS),
            "; “Gr Lvl” or “Zorb” stands at its place and its cells look the same. If it is the same column, rename it",
        ),
        (
            changed("Student ID, First Name, Grade>Gr Lvl, Room, DOB>Born"),
            "has no columns DOB and Grade, which the crosswalk reads; “Born” stands at the place of “DOB” and its cells look the same;",
        ),
        (changed("Student ID, First Name, Room, DOB"), "has no column Grade, which the crosswalk reads; correct the crosswalk"),
        (
            changed("Student ID, First Name>Zorb, Grade>Gr Lvl, Room, DOB>Born"),  # of another layout
            "has 1 of the 3 columns that the crosswalk reads for person",
        ),
    ],
)  # fmt: skip
def test_what_a_refusal_says(agreed: Town, tmp_path: Path, columns: dict[str, list[str]], says: str) -> None:
    with pytest.raises(Refused) as refused:
        agreed.load(file_of(tmp_path, columns), with_seen(tmp_path))
    assert says in refused.value.message


def test_a_crosswalk_without_what_was_seen_loads_and_is_refused_as_before(
    agreed: Town, tmp_path: Path
) -> None:
    with pytest.raises(
        Refused, match="has no column Grade, which the crosswalk reads; correct the crosswalk"
    ):
        agreed.load(file_of(tmp_path, RENAMED), CROSSWALK)
    loaded = [
        agreed.load(file_of(tmp_path, COLUMNS), text, right="The same file.")
        for text in (CROSSWALK, with_seen(tmp_path))
    ]
    assert [each.tables["person"].landed for each in loaded] == [40, 0]
    assert loaded[1].tables["person"].unchanged == 40
