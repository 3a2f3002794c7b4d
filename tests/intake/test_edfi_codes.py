"""Code words: what is mapped is mapped to a code of the vocabulary, and what is not has none."""

import csv
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from throughway.intake.code_mapping import coder
from throughway.intake.edfi.records import of_element
from throughway.vocabulary import CODE_SETS, element

# Descriptors of the published lists that the vocabulary has no code for: their cells stay empty and keep their source.
WITHOUT_CODE = {
    "AttendanceEventCategory": ("attendance_day.attendance_status", {"Partial"}),
    "Sex": ("person.sex", {"Non-binary"}),
    "Race": ("person_race.race", {"Other"}),
    "LimitedEnglishProficiency": ("person_status.english_learner_status", set()),
    "HomelessPrimaryNighttimeResidence": ("person_status.homeless_primary_nighttime_residence", set()),
    "GradeLevel": (
        "school_enrollment.entry_grade_level",
        {"Early Education", "No grade level", "Out of School"},
    ),
    "Discipline": (
        "disciplinary_action.disciplinary_action_taken",
        {
            "Removal from Classroom",
            "Out of School Suspension",
            "Expulsion",
            "Expulsion under Guns Free School Act",
        },
    ),
    "ProgramSponsor": ("program.program_sponsor_type", set()),
}


@pytest.mark.parametrize("name", WITHOUT_CODE)
def test_published_descriptors_are_mapped(samples: Path, name: str) -> None:
    path, without = WITHOUT_CODE[name]
    tree = etree.parse(samples / f"edfi/descriptors/{name}Descriptor.xml")
    words = {node.text or "" for node in tree.iter("{*}CodeValue")}
    code = coder(element(path), None)
    assert {word for word in words if code(f"uri://ed-fi.org/{name}Descriptor#{word}") is None} == without


def test_every_code_of_ours_is_one_of_the_vocabulary() -> None:
    text = files("throughway.intake").joinpath("maps/edfi_codes.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        assert row["code"] in CODE_SETS[row["option_set"]], row


@given(st.text(max_size=30))
def test_a_code_is_one_of_the_list_or_none(word: str) -> None:
    for path in ("person.sex", "attendance_day.attendance_status", "person_status.idea_indicator"):
        code = coder(element(path), None)(word)
        assert code is None or code in CODE_SETS[element(path).ceds_option_set]


def test_signs_alone_are_no_word() -> None:
    assert coder(element("person.sex"), None)(" - ") is None


def test_the_first_value_of_a_name_in_a_reference_stands() -> None:
    record = etree.fromstring(
        "<Grade><SectionReference><SectionIdentity><SchoolYear>2022</SchoolYear><SessionReference><SessionIdentity>"
        "<SchoolYear>2021</SchoolYear><SessionName>Fall</SessionName></SessionIdentity></SessionReference>"
        "</SectionIdentity></SectionReference></Grade>"
    )
    assert of_element(record, None) == {"sectionreference": {"schoolyear": "2022", "sessionname": "Fall"}}
