"""Schedule B: every row finds its elements and back, in each way that people write it; nothing is dropped unsaid."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agreements.documents import CASEWORK, MOU, document_of
from throughway.agreements.exchange.ndpa import (
    ScheduleBRow,
    as_csv,
    elements_of,
    folded,
    not_student_data,
    read_ndpa,
    rows,
    ticked,
)
from throughway.core.refusals import Refused
from throughway.vocabulary import TABLES

STUDENT = [e.path for table in TABLES.values() for e in table.elements.values() if e.ndpa_category]
WITH_ELEMENTS = [row for row in rows() if row.elements]
EXACT = [row for row in WITH_ELEMENTS if row.exact]
NOWHERE = [row for row in rows() if not row.elements and row.category != "None"]

WORDS = """
Demographics:
  - Date of birth
  - Favourite colour
Special Indicator:
  Low income status: yes
  Living situations: no
Student Contact Information: [Email]
Transportation:
  Student bus assignment: x
Enrollment: ["Other enrollment information - Please specify: locker"]
Student Identifiers:
  State ID number: true
"""


def elements(text: str) -> set[str]:
    return {line["element"] for line in read_ndpa(text).values["schedule"]}


def words(*chosen: ScheduleBRow) -> str:
    """The rows by their words alone, as a district's form has them."""
    lines = [f'"{row.category}","{row.element}",{"X" if row in chosen else ""}' for row in rows()]
    return "\n".join(["Category of Data,Elements,Check if used by your system", *lines])


# ---- the table ----


def test_schedule_b_covers_all_student_elements() -> None:
    placed = [e for row in EXACT for e in row.elements]
    assert len(placed) == len(set(placed))
    assert {e for row in rows() for e in row.elements} == set(STUDENT)
    assert not set(placed) & {
        e for row in WITH_ELEMENTS if not row.exact and "Local" in row.element for e in row.elements
    }


def test_a_row_without_elements_says_why() -> None:
    assert all(row.note for row in rows() if not row.elements)
    assert len(NOWHERE) > 10


def test_no_two_rows_have_the_same_words() -> None:
    seen = [(folded(row.category), folded(wording)) for row in rows() for wording in (row.element, *row.also)]
    assert len(seen) == len(set(seen))


# ---- there and back ----


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(EXACT), min_size=1, unique_by=lambda row: (row.category, row.element)))
def test_rows_and_elements_map_both_ways(chosen: list[ScheduleBRow]) -> None:
    found = elements(words(*chosen))
    assert found == {e for row in chosen for e in row.elements}
    assert {t.row for t in ticked(found) if t.elements and t.row.exact} == set(chosen)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(STUDENT), min_size=1, unique=True))
def test_elements_written_out_come_back_exactly(chosen: list[str]) -> None:
    found = ticked(chosen)
    assert elements(as_csv(found)) == set(chosen)
    checklist = "".join(
        f"## {each.row.category}\n- [x] {each.row.element} ({', '.join(each.elements)})\n"
        for each in found
        if each.elements
    )
    assert elements(checklist) == set(chosen)


@pytest.mark.parametrize("row", WITH_ELEMENTS, ids=lambda row: row.element[:40])
def test_a_row_matched_by_words_gives_all_its_elements(row: ScheduleBRow) -> None:
    assert elements(words(row)) == set(row.elements)
    for wording in (row.element, *row.also):
        assert elements(f"## {row.category}\n\n- [x] {wording}") == set(row.elements)
        assert elements(
            f"| Category of Data | Elements | Used |\n|---|---|---|\n| {row.category} | {wording} | ☒ |"
        ) == set(row.elements)


@pytest.mark.parametrize("row", NOWHERE, ids=lambda row: row.element[:40])
def test_a_row_that_the_vocabulary_lacks_is_named(row: ScheduleBRow) -> None:
    draft = read_ndpa(words(row, EXACT[0]))
    assert any(sentence.startswith(f"{row.category}, {row.element}:") for sentence in draft.left)


def test_a_schedule_in_words_becomes_a_draft() -> None:
    draft = read_ndpa(WORDS)
    found = elements(WORDS)
    assert "person.birthdate" in found
    assert "person_status.economic_disadvantage_status" in found
    assert "person_status.homelessness_status" not in found
    assert "guardian.electronic_mail_address" not in found
    left = "\n".join(draft.left)
    assert all(
        word in left
        for word in ("Favourite colour", "Student bus assignment", "locker", "identification system")
    )
    assert draft.values["purposes"][0]["basis"] == "school_official"
    assert draft.document is None
    missing = {finding.element for finding in draft.findings}
    assert {"id", "title", "parties", "terms", "clauses"} <= missing


def test_a_category_applies_to_the_rows_below_it() -> None:
    text = "Category of Data,Elements,Check\nDemographics,Date of Birth,X\n,Gender,yes\n,Place of Birth,\n"
    assert elements(text) == {"person.birthdate", "person.sex"}


def test_none_with_another_ticked_row_is_reported() -> None:
    none = next(row for row in rows() if row.category == "None")
    assert "None is ticked, and other rows are too" in read_ndpa(words(none, EXACT[0])).left[0]
    assert read_ndpa(words(none)).left == ()


# ---- from an agreement ----


def test_an_agreement_ticks_the_rows_of_its_schedule() -> None:
    shown = elements_of(document_of(CASEWORK))
    found = {(t.row.category, t.row.element): t.elements for t in ticked(shown) if t.elements}
    assert found["Demographics", "Date of Birth"] == ("person.birthdate",)
    assert ("Transcript", "Student course grades") not in found
    assert {e for es in found.values() for e in es} | set(not_student_data(shown)) == set(shown)
    assert not_student_data(["organization.organization_name", "person.sex", "shoes.size"]) == (
        "organization.organization_name", "shoes.size",
    )  # fmt: skip


def test_an_agreement_that_shares_nothing_ticks_none() -> None:
    (only,) = [t for t in ticked(elements_of(document_of(MOU))) if t.elements]
    assert only.row.category == "None"
    assert as_csv((only,)).splitlines()[1] == "None,No Student Data collected at this time,X,"


@pytest.mark.parametrize(
    "text",
    ["", "words", "- a list", "Category,Elements,Check\nDemographics,Shoe size,X", "## Demographics\n- [x] Shoe size",
     'Category,"no end', "a: 1", "x" * 2_000_001, "Demographics: {Date of Birth: no}", "[1, {2: 3}]", "? [a]\n: b"],
)  # fmt: skip
def test_what_ticks_no_row_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="Schedule B"):
        read_ndpa(text)


def test_a_line_of_many_blanks_is_read_once() -> None:
    """Each of these took minutes, when a pattern tried every run of blanks again."""
    blanks = " " * 100_000
    for heading in (f"# A{blanks}b", f"**A{blanks}b**{blanks}", "#" * 100_000):
        text = f"{heading}\n- [x] A{blanks}b\n## Demographics\n- [x] Date of Birth{blanks}\n"
        assert elements(text) == {"person.birthdate"}
