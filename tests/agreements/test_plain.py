import pytest

from tests.agreements.documents import BASES, CASEWORK, PARTNERS, changed, document_of
from throughway.agreements.document import version_of
from throughway.agreements.plain import plain


def told(text: str) -> str:
    return " ".join(text.split())


def test_a_lawyer_reads_who_gives_what_to_whom_by_what_right_until_when() -> None:
    text = told(plain(document_of(CASEWORK), {id: facts.name for id, facts in PARTNERS.items()}))
    for sentence in (
        "in force from 2026-07-01 through 2028-06-30",
        "Riverbend Schools gives records to Bright Futures for casework: Match each student",
        "the written consent of the parent or eligible student (34 CFR 99.30)",
        "person.birthdate (the year only): Age decides eligibility.",
        "case worker and program manager; students assigned to them",
        "students with a row in school_enrollment where entry_grade_level IN ('06', '07', '08')",
        "Only facts from 2022-07-01.",
        "Bright Futures provides After-school at Lincoln, at Lincoln, with 60 seats, 9 hours a week.",
        "Counts of fewer than 10 persons are never published.",
        "records are destroyed within 60 days (NIST SP 800-88 purge)",
        f"Version {version_of(document_of(CASEWORK))}.",
    ):
        assert sentence in text


@pytest.mark.parametrize("base", BASES)
def test_every_kind_of_document_can_be_told(base: str) -> None:
    text = plain(document_of(BASES[base]))
    assert BASES[base]["title"] in text
    assert "None" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_what_changes_in_the_document_changes_in_the_text() -> None:
    values = changed(CASEWORK, ("purposes.0.form", "aggregate"), ("purposes.0.reach", "all"),
                     ("terms.destruction.election", "return"), ("terms.training", []),
                     ("onward", [{"party": "State", "interest": "accountability", "basis": "audit_evaluation"}]))  # fmt: skip
    text = told(plain(document_of(values)))
    assert "only counts and rates" in text
    assert "records are returned within 60 days" in text
    assert "No training is asked" in text
    assert "State, for accountability (34 CFR 99.31(a)(3) and 99.35)." in text
