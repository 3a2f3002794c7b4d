"""Which purposes show the same random codes, against a slow reference; and which of them keeps its codes when another joins it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agreements.rules.making import LICENSE, Pair, changed, document_of, line, purpose, sharing
from throughway.agreements.agreement_text import sections
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.effective_grants import JOINING, grants_of_text
from throughway.agreements.legal_review.review import review
from throughway.agreements.purpose_codes import agreement_of, codes_name, joined_with
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.vocabulary import TABLES

IDS = ("apple", "birch", "cedar", "dill")
Joins = Mapping[str, Sequence[str]]


def agreement(joins: Joins, *ids: str, **changes: Any) -> AgreementDocument:
    ids = ids or IDS
    return document_of({
        **sharing("study"),
        "purposes": [purpose("study", id=id, joins=list(joins.get(id, ()))) for id in ids],
        "schedule": [line("attendance_day.attendance_status", *ids)],
        **changes,
    })  # fmt: skip


def names(document: AgreementDocument, *tiers: AgreementDocument) -> dict[str, str]:
    return {id: codes_name(document, id, tiers) for id in {entry.id for entry in document.purposes}}


def same(joins: Joins, one: str, other: str) -> bool:
    """Reference: whether a walk over the stated pairs, in either direction, leads from one to the other."""
    seen, at = set[str](), [one]
    while at:
        here = at.pop()
        seen.add(here)
        at += [
            id for id in IDS if id not in seen and (id in joins.get(here, ()) or here in joins.get(id, ()))
        ]
    return other in seen


joins_of_all = st.dictionaries(
    st.sampled_from(IDS), st.lists(st.sampled_from(IDS), max_size=2, unique=True), max_size=4
)


@given(joins_of_all)
def test_codes_are_the_same_where_joined_and_nowhere_else(joins: Joins) -> None:
    stated = {id: [other for other in others if other != id] for id, others in joins.items()}
    found = names(agreement(stated))
    for one in IDS:
        for other in IDS:
            assert (found[one] == found[other]) == same(stated, one, other)
    assert {agreement_of(name) for name in found.values()} == {"by-study"}


@given(joins_of_all, joins_of_all)
def test_a_tier_joins_nothing_that_a_wider_one_keeps_apart(joins: Joins, above: Joins) -> None:
    found, wider = names(agreement(joins), agreement(above)), names(agreement(above))
    for one in IDS:
        for other in IDS:
            if found[one] == found[other]:
                assert wider[one] == wider[other]


def test_whoever_joins_takes_the_codes_of_the_other() -> None:
    alone = names(agreement({}))
    assert sorted(alone.values()) == [f"by-study/{id}" for id in IDS]
    for joining, joined in (("apple", "cedar"), ("cedar", "apple")):
        found = names(agreement({joining: [joined]}))
        assert found[joined] == found[joining] == alone[joined]
    # One more that joins changes nobody else's codes; nor does the order of the text.
    third = names(agreement({"cedar": ["birch"], "apple": ["birch"]}, *reversed(IDS)))
    assert third["birch"] == third["cedar"] == third["apple"] == alone["birch"]


def test_a_text_that_is_amended_keeps_the_codes_of_its_purposes() -> None:
    before = names(agreement({"cedar": ["birch"]}))
    after = names(agreement({"cedar": ["birch"]}, *IDS, "acorn", title="Attendance and marks"))
    assert before.items() <= after.items()


def test_figures_and_names_are_not_joined() -> None:
    """Whatever the text says: the review refuses it, and nothing follows from it."""
    document = agreement({"apple": ["birch"]})
    values = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    values["purposes"][1]["form"] = "aggregate"
    shown = names(document_of(values))
    assert shown["apple"] != shown["birch"]


def test_an_mou_says_nothing_of_purposes_and_keeps_nothing_apart() -> None:
    wide = document_of({k: v for k, v in sharing("study").items() if k not in ("purposes", "schedule")} | {"id": "wide", "tier": "mou"})  # fmt: skip
    found = names(agreement({"apple": ["birch"]}), wide)
    assert found["apple"] == found["birch"]


@pytest.mark.parametrize("above", [{}, {"birch": ["apple"]}])
def test_the_grants_of_a_license_bear_the_codes_of_both_tiers(above: Joins) -> None:
    wide = agreement(above)
    license = agreement(
        {"apple": ["birch"]}, **{k: LICENSE[k] for k in ("id", "tier", "under", "project", "precedence")}
    )
    status = [AgreementStatus(d, version_of(d), AgreementState.ACTIVE, "") for d in (license, wide)]
    codes = {g.purpose: g.codes for g in grants_of_text(status[0], status)}
    assert (codes["apple"] == codes["birch"]) == bool(above)
    assert {agreement_of(name) for name in codes.values()} == {"license"}


def test_the_text_says_with_which_purpose_the_codes_are_shared() -> None:
    document = document_of(changed(agreement({"cedar": ["birch"]}).model_dump(mode="json", by_alias=True, exclude_defaults=True), ("purposes.1.interest", "Count the days"), ("purposes.2.interest", "Hear them")))  # fmt: skip
    said = [fact for section in sections(document, {}) for paragraph in section.paragraphs for fact in paragraph.facts]  # fmt: skip
    told = [words for label, words in said if label == "Same codes"]
    assert told == [
        "As in “Hear them”: whoever reads both can put them side by side, student by student.",
        "As in “Count the days”: whoever reads both can put them side by side, student by student.",
    ]
    assert joined_with(document, "apple") == ()


def test_the_review_says_who_can_put_what_beside_what() -> None:
    values = agreement({"birch": ["apple"]}, "apple", "birch").model_dump(
        mode="json", by_alias=True, exclude_defaults=True
    )
    values["schedule"].append(line("survey_response.response_comment", "birch"))
    found = [
        f for f in review(document_of(values), Pair("", "", "study", (), "").passing_context) if f.id == "G23"
    ]
    assert [str(f.severity) for f in found] == ["warning"]
    assert found[0].message == (
        "apple and birch show the same code for a student, so case workers of reading-lab, who read both, can put attendance by day beside "
        "attendance by day and survey answers; survey_response.response_comment is free text, and a student who signs it, or names anybody, "
        "is then known in all of it; leave joins out, unless the work needs both of one student."
    )


# Keys that are of places, programs, courses, tests and days, and of no student.
OF_MANY = {
    "organization_id", "program_id", "program_identifier", "course_section_identifier", "course_identifier", "assessment_identifier",
    "assessment_subtest_identifier", "survey_identifier", "support_id", "assigning_organization_id", "receiving_organization_id",
}  # fmt: skip


def test_every_key_of_a_students_row_is_a_code_or_names_no_student() -> None:
    keys = {
        path
        for table in TABLES.values()
        if table.of_person
        for path in (
            element.path for element in table.elements.values() if "identifier" not in element.law_tags
        )
        if path.endswith(("_id", "identifier", "_key"))
    }
    assert {path for path in keys if path.partition(".")[2] not in OF_MANY} == JOINING & keys
