"""Which earlier crosswalk a file with a renamed heading may be mapped by, and that crosswalk with the new heading."""

from pathlib import Path

import pytest

from tests.intake.test_renamed_headings import COLUMNS, CROSSWALK, RENAMED, changed, file_of, with_seen
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.inspection.crosswalk_draft import TableOfFile
from throughway.intake.inspection.earlier_mapping import earlier_mapping, with_headings
from throughway.intake.inspection.inspection import inspect

NAMES = """throughway: crosswalk/1
source: {format: csv}
tables:
  person:
    key: [Student ID]
    columns:
      first_name: {from: First Name}
"""
EVERY_WAY = """throughway: crosswalk/1
source: {format: csv, null_texts: ["", "-"]}
tables:
  person:
    key: [Student ID, Grade]
    columns:
      first_name: {from: First Name, part: first, last_words: 1}
      middle_name: {from: Middle, otherwise: null}
      generation_code_or_suffix: {value: Jr.}
  service_received:
    key: [Student ID, day]
    person: [Student ID, Grade]
    by_year: true
    melt: {columns: "^9/.*", name: day, value: mark, date: ["%m/%d"]}
    columns:
      service_entry_date: {from: day, date: ["%m/%d"], required: true}
      service_quantity: {sum: [{from: Grade, times: 60}, {from: Room}]}
      student_support_service_type: {join: [Grade, Room], with: " ", map: {"01": "09999", No: null, "*": "09999"}}
ignore: [DOB, "No", "2026"]
"""


def looked_at(folder: Path, columns: dict[str, list[str]]) -> TableOfFile:
    (into := folder / "looked at").mkdir()
    found = inspect(file_of(folder, columns), into=into).drafted
    assert found is not None
    return found


def test_the_new_heading_stands_wherever_the_earlier_one_stood(tmp_path: Path) -> None:
    of = looked_at(tmp_path, RENAMED)
    earlier = Crosswalk.read(EVERY_WAY)
    text = with_headings(earlier, "students.yaml", {"Grade": "Gr Lvl"}, of)
    assert text.startswith("# As students.yaml, with new headings: Gr Lvl for Grade.\n")
    expected = Crosswalk.read(EVERY_WAY.replace("Grade", "Gr Lvl"))
    made = Crosswalk.read(text)
    assert made == expected.model_copy(update={"seen": of.seen})
    assert made.tables["person"].columns["middle_name"].may_be_absent
    assert not made.tables["person"].columns["first_name"].may_be_absent
    assert list(made.tables["service_received"].columns) == list(expected.tables["service_received"].columns)


def test_it_reads_the_new_file_as_that_is_written(tmp_path: Path) -> None:
    path = file_of(tmp_path, RENAMED)
    path.write_bytes(path.read_text(encoding="utf-8").replace(",", ";").encode("cp1252"))
    of = inspect(path, into=tmp_path).drafted
    assert of is not None
    made = Crosswalk.read(with_headings(Crosswalk.read(CROSSWALK), "a.yaml", {"Grade": "Gr Lvl"}, of)).source
    assert (made.delimiter, made.encoding) == (";", "cp1252")


def test_one_of_a_feed_is_not_copied(tmp_path: Path) -> None:
    feed = Crosswalk.read(CROSSWALK + "feed: {partner: school, files: 'a-*.csv', every_days: 7}\n")
    with pytest.raises(Refused, match="was changed meanwhile"):
        with_headings(feed, "a.yaml", {"Grade": "Gr Lvl"}, looked_at(tmp_path, RENAMED))


def test_which_mapping_is_asked_about(tmp_path: Path) -> None:
    """The first one that lacks nothing but renamed headings; none where another one reads as many columns of the file as it is."""
    of, mapped = looked_at(tmp_path, RENAMED), Crosswalk.read(with_seen(tmp_path))
    names, new = Crosswalk.read(NAMES), Crosswalk.read(CROSSWALK.replace("Grade", "Gr Lvl"))
    melt = "    melt: {columns: '^9/.*', name: day, value: mark}\n    columns:\n      entry_grade_level"
    days = Crosswalk.read(
        with_seen(tmp_path, CROSSWALK.replace("    columns:\n      entry_grade_level", melt))
    )
    for known, found in (
        ({"a": mapped}, "a"),
        ({"b": mapped, "a": mapped}, "b"),
        ({"names": names, "a": mapped}, "a"),  # it reads less
        ({"new": new, "a": mapped}, None),
        ({"a": mapped, "new": new}, None),
        ({"old": Crosswalk.read(CROSSWALK)}, None),  # nothing is known of its file
        (
            {
                "book": mapped.model_copy(
                    update={"source": mapped.source.model_copy(update={"format": "xlsx"})}
                )
            },
            None,
        ),
        ({"days": days}, None),  # the file has no column of a day
        ({}, None),
    ):
        one = earlier_mapping(known, of)
        assert (one.crosswalk if one else None) == found, known.keys()
    (tmp_path / "same").mkdir()
    assert earlier_mapping({"a": mapped}, looked_at(tmp_path / "same", COLUMNS)) is None


@pytest.mark.parametrize(
    ("columns", "asks", "presses"),
    [
        (
            RENAMED,
            "The column “Grade” of last time is missing. “Gr Lvl” stands at its place and its cells look the same. Is it the same column?",
            ["Yes, load it as last time"],
        ),
        (
            changed("Student ID, First Name, Grade>Gr Lvl, Room, DOB>Born"),
            "The columns “DOB” and “Grade” of last time are missing. “Born” stands at the place of “DOB” and its cells look the same; “Gr Lvl”"
            " stands at the place of “Grade” and its cells look the same. Are they the same columns?",
            ["Yes, load it as last time"],
        ),
    ],
)
def test_one_question_is_asked(
    tmp_path: Path, columns: dict[str, list[str]], asks: str, presses: list[str]
) -> None:
    found = earlier_mapping({"a": Crosswalk.read(with_seen(tmp_path))}, looked_at(tmp_path, columns))
    assert found is not None
    assert (found.asks, found.presses) == (asks, presses)
