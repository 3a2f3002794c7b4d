"""The page on the vocabulary is what the program makes of it; the search finds what stands on it."""

from pathlib import Path

import pytest

from throughway.core.refusals import Refused
from throughway.vocabulary import CODE_SETS, TABLES
from throughway.vocabulary.reference import CodeSet, code_sets, look_up, markdown, search

PAGE = Path(__file__).resolve().parents[2] / "docs" / "vocabulary.md"


def test_the_page_is_as_the_program_prints_it() -> None:
    """Else: python -m throughway.vocabulary.reference > docs/vocabulary.md"""
    assert PAGE.read_text(encoding="utf-8") == markdown()


def test_every_code_set_of_an_element_is_looked_up_by_name() -> None:
    assert set(code_sets()) == set(CODE_SETS)
    found = look_up("c000255")
    assert isinstance(found, CodeSet)
    assert found.elements == ("person.sex",)
    assert ("NotSelected", "Not selected") in found.codes
    assert look_up("Attendance_Day") is TABLES["attendance_day"]
    assert look_up("assessment_result.score_number").derived_from == "assessment_result_score_value"


def test_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(Refused) as refused:
        look_up("birthdat")
    assert refused.value.code == "unknown_name"
    assert refused.value.message.endswith("did you mean person.birthdate?")
    with pytest.raises(Refused, match="`throughway vocabulary` lists them"):
        look_up("zzzz")


def test_the_search_looks_into_names_descriptions_and_labels() -> None:
    assert [table.name for table in search("test scores").tables] == ["assessment_result"]
    assert "person.birthdate" in {found.path for found in search("birth date").elements}
    assert ("C000255", "NotSelected") in {(s.name, code) for s, code, _ in search("not selected").codes}
    assert not search("zebra crossing").anything
    assert search("a").more
