import re

import pytest

from tests.agreements.documents import BASES, CASEWORK, PARTNERS, changed, document_of
from throughway.agreements.agreement_text import AgreementParagraph, sections
from throughway.agreements.document import version_of
from throughway.agreements.plain_text import plain
from throughway.agreements.unenforced_fields import MARK, WORDS


def told(text: str) -> str:
    return " ".join(text.split())


def test_plain_text_has_parties_purposes_and_terms() -> None:
    text = told(plain(document_of(CASEWORK), {id: facts.name for id, facts in PARTNERS.items()}))
    for sentence in (
        "in force from 2026-07-01 through 2028-06-30",
        "Working with a student (casework)",
        "Match each student",
        "Riverbend Schools gives: ",
        "By what right: The written consent of the parent or eligible student (34 CFR 99.30).",
        "person.birthdate (the year only): Age decides eligibility.",
        "Who reads: Case workers and program managers of Bright Futures, about students on their own caseload.",
        "students with enrollment where entry grade level is 06, 07 or 08, on the day of the fact.",
        "Only facts from 1 July 2022.",
        "Bright Futures provides After-school at Lincoln, at Lincoln (words for people), with 60 seats, 9 hours a week.",
        "Counts of fewer than 10 people are never published.",
        "records are destroyed within 60 days (NIST SP 800-88 purge)",
        f"Version {version_of(document_of(CASEWORK))}.",
    ):
        assert sentence in text


@pytest.mark.parametrize("base", BASES)
def test_every_kind_of_document_has_plain_text(base: str) -> None:
    text = plain(document_of(BASES[base]))
    assert BASES[base]["title"] in text
    assert "None" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_what_changes_in_the_document_changes_in_the_text() -> None:
    values = changed(CASEWORK, ("purposes.0.form", "aggregate"), ("purposes.0.reach", "all"),
                     ("terms.destruction.election", "return"), ("terms.training", []),
                     ("onward", [{"party": "State", "interest": "accountability", "basis": "audit_evaluation"}]))  # fmt: skip
    text = told(plain(document_of(values)))
    assert "Counts and rates alone" in text
    assert "records are returned within 60 days" in text
    assert "Readers need no training" in text
    assert "State, for accountability (34 CFR 99.31(a)(3) and 99.35) (words for people)." in text


def test_one_of_a_kind_is_no_plural() -> None:
    ones = ("services.0.seats", "services.0.hours_per_week", "terms.destruction.within_days", "terms.exit_notice_days",
            "terms.renewal_notice_days", "terms.breach_notice_hours", "terms.publication_review_days")  # fmt: skip
    document = document_of(changed(CASEWORK, *((path, 1) for path in ones)))
    text = told(plain(document))
    assert re.findall(r"\b1 (?:seats|hours|days|days’)(?!\w)", text) == []
    assert len(re.findall(r"\b1 (?:seat|hour|day|day’s)(?!\w)", text)) == len(ones)


def test_the_publication_rule_and_the_second_person_are_in_the_text() -> None:
    before = told(plain(document_of(CASEWORK)))
    assert "percentages are coded" not in before
    assert "second person" not in before
    stated = changed(
        CASEWORK, ("terms.publication_rule", "nces-2011"), ("terms.release_approval", "two_people")
    )
    text = told(plain(document_of(stated)))
    assert "Published percentages are coded in the ranges of NCES 2011-603." in text
    assert "A publication appears only after a second person, other than its publisher, has agreed" in text


SAID = {
    "custody[].basis_details": ("custody.basis_details.function", "Sentinel"),
    "onward[].party": ("onward", [{"party": "Sentinel", "interest": "x", "basis": "consent"}]),
    "onward[].interest": ("onward", [{"party": "x", "interest": "Sentinel", "basis": "consent"}]),
    "onward[].basis": ("onward", [{"party": "x", "interest": "x", "basis": "Sentinel"}]),
    "writes[].necessity": ("writes", [{"table": "contact_note", "purposes": ["casework"], "necessity": "Sentinel"}]),
    "services[].schools": ("services.0.schools", ["Sentinel"]),
    "terms.destruction.election": ("terms.destruction.election", "return"),
    "terms.subprocessors[].name": ("terms.subprocessors", [{"name": "Sentinel", "service": "x"}]),
    "terms.subprocessors[].service": ("terms.subprocessors", [{"name": "x", "service": "Sentinel"}]),
    "terms.delivery[].from": ("terms.delivery", [{"from": "Sentinel", "what": "x", "every": "x", "format": "x"}]),
    "terms.delivery[].what": ("terms.delivery", [{"from": "x", "what": "Sentinel", "every": "x", "format": "x"}]),
    "terms.delivery[].every": ("terms.delivery", [{"from": "x", "what": "x", "every": "Sentinel", "format": "x"}]),
    "terms.delivery[].format": ("terms.delivery", [{"from": "x", "what": "x", "every": "x", "format": "Sentinel"}]),
    "project.method": ("project", {"method": "Sentinel"}),
    "project.irb.number": ("project", {"method": "x", "irb": {"number": "Sentinel", "expires": "x"}}),
    "project.irb.expires": ("project", {"method": "x", "irb": {"number": "x", "expires": "Sentinel"}}),
    "project.linked_data": ("project", {"method": "x", "linked_data": ["Sentinel"]}),
    "precedence": ("precedence", ["Sentinel"]),
}  # fmt: skip
# Told in a heading over all of them, and beside what the platform itself does.
TOLD_ABOVE = {
    "schedule[].necessity": "the reasons are words for people",
    "terms.destruction.method": "The platform destroys what it holds",
    "terms.destruction.election": "The platform destroys what it holds",
}


def said_by(paragraph: AgreementParagraph) -> list[str]:
    return [paragraph.text, *paragraph.items, *(f"{name} {value}" for name, value in paragraph.facts)]


@pytest.mark.parametrize("field", sorted(WORDS))
def test_unenforced_fields_are_marked(field: str) -> None:
    path, value = SAID.get(field, (field.replace("[]", ".0"), "Sentinel"))
    document = document_of(changed(CASEWORK, (path, value)))
    if field in TOLD_ABOVE:
        assert TOLD_ABOVE[field] in told(plain(document))
        return
    said = [each for section in sections(document, {}) for p in section.paragraphs for each in said_by(p)]
    found = [each for each in said if "Sentinel" in each]
    assert found
    assert all(MARK in each for each in found)


def test_a_clause_against_extracts_is_not_marked() -> None:
    stays = changed(CASEWORK, ("clauses.protect_from_further_disclosure", "The records stay in this system."))
    assert "The records stay in this system. (An extract is refused.)" in told(plain(document_of(stays)))
    held = changed(CASEWORK, ("terms.prohibited", ["sale", "extracts"]))
    text = told(plain(document_of(held)))
    assert "no extract of them is made." in text
    assert "Never allowed: sale (words for people)." in text
