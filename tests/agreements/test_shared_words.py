"""Whether free text is withheld: a truth table of two purposes that list the same words, and against a slow reference."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agreements.rules.making import LICENSE, Pair, line, party, purpose, sharing
from tests.agreements.rules.making import document_of as document_of_values
from throughway.agreements.diff.access_impact import NO_LONGER, access_impacts
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.effective_grants import grants_of_text
from throughway.agreements.grant import Grant
from throughway.agreements.legal_review.review import review
from throughway.agreements.shared_words import IN_THE_VAULT, is_words, told
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.intake.contract import needs
from throughway.vocabulary import TABLES

COMMENT = "survey_response.response_comment"
SCHOOLS, LAB, PROGRAM = "riverbend-schools", "reading-lab", "bright-futures"


def document(
    *,
    id: str = "by-study",
    of_cedar: Mapping[str, Any] | None = None,
    cedar: Sequence[str] = (COMMENT,),
    transform: str = "none",
    ids: Sequence[str] = ("birch", "cedar"),
    **changes: Any,
) -> AgreementDocument:
    """Birch shows comments under codes; cedar shows these lines."""
    purposes = [purpose("study", id=each, **((of_cedar or {}) if each == "cedar" else {})) for each in ids]
    parties = [party(SCHOOLS, "discloser"), party(LAB, "recipient"), party(PROGRAM, "discloser", "recipient")]
    return document_of_values({
        **sharing("study"), "id": id, "purposes": [{**each, "from": each.get("from", [SCHOOLS])} for each in purposes], "parties": parties,
        "schedule": [
            line("attendance_day.attendance_status", *ids),
            *([line(COMMENT, "birch")] if "birch" in ids else []),
            *(line(element, "cedar", transform=transform) for element in cedar if "cedar" in ids),
        ],
        **changes,
    })  # fmt: skip


def grants(text: AgreementDocument, *above: AgreementDocument) -> tuple[Grant, ...]:
    states = [AgreementStatus(d, version_of(d), AgreementState.ACTIVE, "") for d in (text, *above)]
    return grants_of_text(states[0], states)


def showing(text: AgreementDocument, *above: AgreementDocument, element: str = COMMENT) -> set[str]:
    """The purposes that show the element."""
    table, _, name = element.partition(".")
    return {g.purpose for g in grants(text, *above) if g.table == table and name in g.columns}


BOTH, NEITHER, BIRCH = {"birch", "cedar"}, set[str](), {"birch"}
OVERLAP = {"same readers": {}, "another role": {"roles": ["leader"]}, "other recipients": {"recipients": [PROGRAM]}}  # fmt: skip
FORMS = ("pseudonymous", "identified", "aggregate")


@pytest.mark.parametrize(
    ("form", "joined", "readers", "given"), [*product(FORMS, (False, True), OVERLAP, ("both", "one"))]
)
def test_two_purposes_of_one_document(form: str, joined: bool, readers: str, given: str) -> None:
    joins = {"joins": ["birch"]} if joined else {}
    text = document(of_cedar={"form": form, **joins, **OVERLAP[readers]}, cedar=[COMMENT] if given == "both" else [])  # fmt: skip
    meet = form == "pseudonymous" and not joined and readers != "other recipients" and given == "both"
    assert showing(text) == (NEITHER if meet else BOTH if given == "both" else BIRCH)


def test_two_purposes_of_two_documents_show_their_words() -> None:
    one, other = document(ids=["birch"]), document(id="other", ids=["cedar"])
    assert showing(one, other) == {"birch"}
    assert showing(other, one) == {"cedar"}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"transform": "pseudonym"}, BOTH),  # a code of the purpose's own
        ({"transform": "suppress"}, BOTH),
        ({"transform": "mask"}, NEITHER),
        ({"of_cedar": {"from": [PROGRAM]}}, BOTH),  # the words of other students' records
        ({"cedar": ["survey_response.*"]}, BIRCH),  # a wildcard leaves comments out
    ],
)  # fmt: skip
def test_words_that_are_not_the_same(changes: Mapping[str, Any], shown: set[str]) -> None:
    assert showing(document(**changes)) == shown


def test_a_wildcard_shows_free_text_too() -> None:
    text = document(cedar=["survey_response.*"], schedule=[line("survey_response.*", "birch", "cedar")])
    assert showing(text, element="survey_response.response_value") == NEITHER
    assert showing(text, element="survey_response.response_number") == BOTH


def test_asked_for_one_purpose_alone_the_others_count() -> None:
    state = AgreementStatus(found := document(), version_of(found), AgreementState.ACTIVE, "")
    [comments] = [g for g in grants_of_text(state, (), "birch") if g.table == "survey_response"]
    assert "response_comment" not in comments.columns


def license(*ids: str, **changes: Any) -> AgreementDocument:
    return document(ids=ids, **{k: LICENSE[k] for k in ("tier", "under", "project", "precedence")} | changes, id=f"license-{'-'.join(ids)}")  # fmt: skip


def test_a_license_shows_nothing_that_the_agreement_above_it_withholds() -> None:
    """Else two licenses, one for each purpose, would show what the agreement keeps apart."""
    for one in ("birch", "cedar"):
        assert showing(license(one), document()) == NEITHER
        assert showing(license(one), document(of_cedar={"joins": ["birch"]})) == {one}


def test_a_license_joins_nothing_that_the_agreement_above_it_keeps_apart() -> None:
    joining = license("birch", "cedar", of_cedar={"joins": ["birch"]})
    assert showing(joining, document()) == NEITHER
    assert showing(joining, document(of_cedar={"joins": ["birch"]})) == BOTH


@given(
    st.dictionaries(st.sampled_from("pqrs"), st.sets(st.sampled_from("pqrs"), max_size=2), max_size=4),
    st.fixed_dictionaries({id: st.sampled_from([[LAB], [PROGRAM], [LAB, PROGRAM]]) for id in "pqrs"}),
    st.sets(st.sampled_from("pqrs")),
)
def test_no_recipient_reads_the_same_words_under_two_codes(
    joins: Mapping[str, set[str]], recipients: Mapping[str, list[str]], given: set[str]
) -> None:
    """And words are withheld for no other reason."""
    purposes = [
        purpose("study", id=id, recipients=recipients[id], **{"from": [SCHOOLS]}, joins=sorted(joins.get(id, set()) - {id}))
        for id in "pqrs"
    ]  # fmt: skip
    schedule = [line("attendance_day.attendance_status", *"pqrs")] + [line(COMMENT, *sorted(given))] * bool(given)  # fmt: skip
    text = document(purposes=purposes, schedule=schedule)
    codes = {grant.purpose: grant.codes for grant in grants(text)}

    def meets(one: str) -> bool:
        return any(codes[one] != codes[other] and {*recipients[one]} & {*recipients[other]} for other in given)  # fmt: skip

    assert showing(text) == {one for one in given if not meets(one)}


def test_what_is_withheld_is_still_stored() -> None:
    """An amended text may show it again, and nothing is destroyed because of a rule about reading."""
    found = needs(grants(document()), SCHOOLS)["survey_response"]
    assert "response_comment" in found.columns
    assert found.agreements_of(["response_comment"]) == ("by-study",)


def test_the_sentence_says_why_and_what_to_do() -> None:
    [birch] = [g for g in grants(document()) if g.withheld and g.purpose == "birch"]
    assert told(birch, *birch.withheld) == (
        "survey_response.response_comment is withheld under birch: the same words under cedar of by-study would show which codes are one "
        "student, and the agreement does not join these purposes. Its parties can list the words under one purpose alone, join the "
        "purposes (joins), or name other recipients."
    )


def said(text: AgreementDocument, **above: AgreementDocument) -> list[tuple[str, str, str]]:
    context = Pair("", "", "study", (), "").passing_context
    known = type(context)(context.partners, {**context.others, **{d.id: d for d in above.values()}})
    return [(str(f.severity), f.element, f.message) for f in review(text, known) if f.id == "G23"]


def test_the_review_names_the_purposes_the_table_the_readers_and_the_ways_on() -> None:
    assert said(document()) == [(
        "warning", "purposes[1]",
        "birch and cedar both list survey_response.response_comment for reading-lab, under different codes: the same words would join the "
        "two, so neither shows them. List them under one of the two, join the two (joins: [birch] in cedar), or name different recipients.",
    )]  # fmt: skip
    for cured in (document(cedar=()), document(of_cedar={"recipients": [PROGRAM]})):
        assert said(cured) == []
    [(_, _, joined)] = said(document(of_cedar={"joins": ["birch"]}))
    assert "show the same code for a student" in joined


def test_the_review_of_a_license_says_that_the_agreement_above_withholds() -> None:
    assert said(license("birch"), above=document()) == [(
        "warning", "purposes[0]",
        "birch lists survey_response.response_comment, which by-study withholds, so it is not shown here either: there the same words would "
        "join purposes with different codes. Amend that agreement, or leave the line out.",
    )]  # fmt: skip


def test_an_amendment_that_adds_the_second_line_says_who_no_longer_sees_the_first() -> None:
    found = {(each.kind, each.elements, each.purpose) for each in access_impacts(document(cedar=()), document())}  # fmt: skip
    assert found == {(NO_LONGER, (COMMENT,), "birch")}


def test_every_text_that_is_shown_beside_a_code_is_known() -> None:
    """Of tables that rest in the vault whole the vocabulary does not mark free text: each text of them is a short word, or counts."""
    short = {
        "city_of_birth", "address_city", "address_postal_code", "address_county_name", "county_ansi_code", "entry_id", "author",
        "author_partner", "support_id", "sending_partner", "receiving_partner", "contact_language", "program_identifier", "task_owner",
    }  # fmt: skip
    texts = {
        element.path
        for table in TABLES.values()
        if table.vaulted and table.of_person
        for element in table.elements.values()
        if element.type == "string" and "identifier" not in element.law_tags and element.name not in short
    }
    assert texts == IN_THE_VAULT
    assert all(is_words(TABLES[path.partition(".")[0]].elements[path.partition(".")[2]]) for path in texts)
    assert not is_words(
        TABLES["program"].elements["eligibility_description"]
    )  # of a program, and of no student
