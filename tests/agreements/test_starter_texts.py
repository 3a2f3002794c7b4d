"""Templates: whole documents once their parties have answered, and honest about what is still to be answered before."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agreements.documents import BASES, CASEWORK, STUDY, changed, context, document_of
from throughway.agreements.document import AgreementDocument, read_document, version_of
from throughway.agreements.document_sections import Clauses
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.legal_review.clauses import REQUIRED
from throughway.agreements.legal_review.findings import Severity
from throughway.agreements.legal_review.review import review_text
from throughway.agreements.lenient_parse import readable_part
from throughway.agreements.starter_texts import Template, begin, part_of, stricter_terms, template, templates
from throughway.core.refusals import Refused
from throughway.core.yaml_text import values_of

SEATS: dict[str, dict[str, list[str]]] = {
    "matched-evaluation": {"school": ["riverbend-schools"], "program": ["bright-futures"], "keeper": ["riverbend-backbone"]},
    "shared-casework": {"school": ["riverbend-schools"], "program": ["bright-futures"], "keeper": ["riverbend-backbone"]},
    "mou": {"school": ["riverbend-schools"], "program": ["bright-futures", "reading-lab"], "keeper": ["riverbend-backbone"]},
    "consent": {"school": ["riverbend-schools"], "program": ["bright-futures"], "keeper": ["riverbend-backbone"]},
    "school-official": {"school": ["riverbend-schools"], "official": ["bright-futures"], "keeper": ["riverbend-backbone"]},
    "youth-collaborative": {"school": ["riverbend-schools"], "collaborative": ["bright-futures"], "keeper": ["riverbend-backbone"]},
    "evaluation": {"authority": ["riverbend-schools"], "evaluator": ["reading-lab"]},
    "study": {"school": ["riverbend-schools"], "researcher": ["reading-lab"]},
    "dul": {"giver": ["riverbend-schools"], "reader": ["reading-lab"]},
    "open": {"school": ["riverbend-schools"], "program": ["bright-futures"], "keeper": ["riverbend-backbone"]},
}  # fmt: skip
# A wider agreement that has what the method of the template's example needs.
WIDER: dict[str, Any] = {**STUDY, "id": "school-study", "schedule": [
    {"element": f"{table}.*", "purposes": ["study-reading"], "necessity": "The comparison needs it"}
    for table in ("assessment_result", "school_enrollment", "program_participation")
]}  # fmt: skip
EVERY = pytest.mark.parametrize("found", templates(), ids=lambda found: found.id)


def filled(found: Template, **more: Any) -> dict[str, Any]:
    seats = SEATS[found.id]
    known: dict[str, Any] = {
        "id": f"new-{found.id}",
        "title": "Working together",
        "effective": date(2026, 7, 1),
        "expires": date(2028, 6, 30),
        "answers": {question.id: question.such_as for question in found.questions},
        "signatories": {p: ("Director", "Bylaws 4.2") for partners in seats.values() for p in partners},
        "under": document_of(WIDER) if found.id == "dul" else None,
    }
    return begin(found, parties=seats, **(known | more))


def test_there_is_one_for_each_way_to_share() -> None:
    assert [found.id for found in templates()] == list(SEATS)
    assert len({found.wish for found in templates()}) == len(SEATS)


@EVERY
def test_a_filled_template_passes_the_review(found: Template) -> None:
    text = as_yaml(filled(found))
    assert read_document(text)[1] == []
    grave = [f for f in review_text(text, context(WIDER)) if f.severity is not Severity.ADVICE]
    assert grave == []


@EVERY
def test_an_unfilled_template_lists_open_questions(found: Template) -> None:
    text = as_yaml(begin(found, parties={}, id="new"))
    blocking = {f.element for f in review_text(text, context(WIDER)) if f.blocks}
    assert {"title", "parties", "terms.effective", "terms.expires"} <= blocking


@EVERY
def test_each_question_is_one_that_the_review_asks(found: Template) -> None:
    """An answer left out is a finding: nothing that only the parties can say is quietly missing."""
    whole = {question.id: question.such_as for question in found.questions}
    for question in found.questions:
        if found.id == "dul" and question.id.startswith("determination"):
            continue  # asked only of a license that takes no purposes over from a wider agreement
        if question.id in ("seats", "hours"):
            continue  # a promise may be without numbers
        rest = {id: answer for id, answer in whole.items() if id != question.id}
        found_then = review_text(as_yaml(filled(found, answers=rest)), context(WIDER))
        assert any(f.blocks for f in found_then), question.id


@EVERY
def test_a_template_has_the_required_clauses(found: Template) -> None:
    document, _ = read_document(as_yaml(filled(found)))
    assert document is not None
    bases = {purpose.basis for purpose in document.purposes} | {c.basis for c in document.custody}
    asked = {clause.name for basis in bases for clause in REQUIRED.get(basis, ())}
    written = {name for name in Clauses.model_fields if len(getattr(document.clauses, name)) > 40}
    assert asked <= written
    assert {"breach_notice", "right_to_audit", "termination"} <= written


@EVERY
def test_optional_parts_may_stay_empty(found: Template) -> None:
    without = {part.id: SEATS[found.id][part.id] for part in found.parts if not part.optional}
    whole = {question.id: question.such_as for question in found.questions}
    signs = {p: ("Director", "Bylaws 4.2") for partners in without.values() for p in partners}
    values = begin(
        found,
        parties=without,
        id="new",
        title="Working together",
        effective=date(2026, 7, 1),
        expires=date(2028, 6, 30),
        answers=whole,
        signatories=signs,
        under=document_of(WIDER) if found.id == "dul" else None,
    )
    grave = [f for f in review_text(as_yaml(values), context(WIDER)) if f.severity is not Severity.ADVICE]
    # Without a partner that houses the records nobody matches them, and the review says so.
    assert [f for f in grave if f.id != "G18"] == []
    assert not grave or "keeper" not in without


@EVERY
def test_no_part_is_called_like_a_question(found: Template) -> None:
    assert not {part.id for part in found.parts} & {question.id for question in found.questions}


@EVERY
def test_nothing_of_the_template_stays_in_the_text(found: Template) -> None:
    text = as_yaml(filled(found))
    assert "<" not in text
    assert "needs:" not in text


def test_one_partner_in_two_parts_is_one_party_with_both_roles() -> None:
    seats = {
        "school": ["riverbend-schools"],
        "official": ["riverbend-backbone"],
        "keeper": ["riverbend-backbone"],
    }
    values = begin("school-official", parties=seats, id="new")
    assert [(p["partner"], p["roles"]) for p in values["parties"]] == [
        ("riverbend-schools", ["discloser"]),
        ("riverbend-backbone", ["recipient", "steward"]),
    ]


# word → the part that it names in the template for a school official, or None when it names none
NAMED = [("school", "school"), ("official", "official"), ("discloser", "school"), ("recipient", "official"),
         ("steward", "keeper"), ("discloser,recipient", None), ("nobody", None), ("", None)]  # fmt: skip


@pytest.mark.parametrize(("words", "part"), NAMED)
def test_a_part_is_named_by_itself_or_by_its_roles(words: str, part: str | None) -> None:
    if part is None:
        with pytest.raises(Refused, match="has no part"):
            part_of(template("school-official"), words)
    else:
        assert part_of(template("school-official"), words) == part


def test_an_unknown_template_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(Refused, match="there are matched-evaluation, shared-casework, mou, consent"):
        begin("nda", parties={}, id="new")


def test_a_license_takes_what_concerns_its_parties() -> None:
    license = AgreementDocument.model_validate(filled(template("dul"), expires=date(2140, 1, 1)))
    wider = document_of(WIDER)
    assert license.under == (wider.id,)
    assert [purpose.id for purpose in license.purposes] == ["study-reading"]
    assert [line.element for line in license.schedule] == [line.element for line in wider.schedule]
    assert license.terms.expires == wider.terms.expires
    assert license.terms.minimum_cell == 11


def test_the_stricter_terms_apply() -> None:
    own = {
        "effective": None, "expires": "2140-01-01", "minimum_cell": 11, "training": ["ferpa-basics"], "prohibited": ["sale"],
        "destruction": {"within_days": 400, "method": "NIST SP 800-88 purge"}, "storage_country": "US",
    }  # fmt: skip
    terms = WIDER["terms"]
    text = changed(
        WIDER, ("terms.minimum_cell", 20), ("terms.training", ["coding"]), ("terms.prohibited", ["extracts"])
    )
    assert stricter_terms(own, [document_of(text)]) == own | {
        "expires": str(terms["expires"]), "minimum_cell": 20, "training": ["ferpa-basics", "coding"], "prohibited": ["sale", "extracts"],
        "destruction": own["destruction"] | {"within_days": terms["destruction"]["within_days"]},
    }  # fmt: skip
    assert stricter_terms(own, []) == own


@pytest.mark.parametrize(
    ("own", "wider", "applies"),
    [
        (None, "nces-2011", "nces-2011"),
        ("edfacts", "nces-2011", "edfacts"),
        ("nces-2011", "edfacts", "edfacts"),
    ],
)
def test_the_stricter_publication_rule_applies(own: str | None, wider: str, applies: str) -> None:
    terms = {"destruction": {"within_days": 30}} | ({"publication_rule": own} if own else {})
    text = changed(WIDER, ("terms.publication_rule", wider), ("terms.release_approval", "two_people"))
    found = stricter_terms(terms, [document_of(text)])
    assert (found["publication_rule"], found["release_approval"]) == (applies, "two_people")


# ---- the text ----


@pytest.mark.parametrize("name", BASES)
def test_a_document_written_and_read_is_the_same_version(name: str) -> None:
    before = document_of(BASES[name])
    after, faults = read_document(as_yaml(BASES[name]))
    assert faults == []
    assert after is not None
    assert version_of(after) == version_of(before)


@EVERY
def test_a_started_document_written_and_read_is_the_same(found: Template) -> None:
    values = begin(found, parties=SEATS[found.id], id="new")
    read = values_of(as_yaml(values))
    assert read == values
    assert isinstance(read, dict)
    assert readable_part(read) == readable_part(values)
    assert list(read) == list(values)


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=300
)


@given(st.lists(WORDS.map(str.strip), min_size=1, max_size=3), st.integers(0, 9**17), st.booleans())
def test_any_text_round_trips_through_yaml(words: list[str], number: int, truth: bool) -> None:
    values = {
        "title": words[0],
        "terms": {"training": words, "minimum_cell": number},
        "parties": [{"contacts": {"data": truth}}],
    }
    read = values_of(as_yaml(values))
    assert read == values


def test_matching_records_stays_with_the_wider_agreement() -> None:
    values = begin(
        "dul",
        parties={"giver": ["riverbend-schools"], "reader": ["bright-futures", "riverbend-backbone"]},
        id="new",
        under=document_of(CASEWORK),
    )
    assert {purpose["kind"] for purpose in values["purposes"]} == {"casework"}
    assert {id for line in values["schedule"] for id in line["purposes"]} == {"casework"}
    assert all(purpose["from"] == ["riverbend-schools"] for purpose in values["purposes"])
