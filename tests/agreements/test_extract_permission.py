"""By which words and terms the records stay in the system."""

import pytest

from tests.agreements.documents import LICENSE, STUDY, changed, document_of
from throughway.agreements.extract_permission import is_license, term_against_extracts

CLAUSE = "clauses.protect_from_further_disclosure"


@pytest.mark.parametrize(
    ("words", "stays"),
    [
        ("The coded records stay in this system.", True),
        ("Access is logged. Records remain within the shared data system at all times.", True),
        ("The records are only read in the platform.", True),
        ("The records of this license stay in this system, and no extract or copy is made.", True),
        ("The records stay in the shared system or on encrypted machines of the organization.", False),
        (
            "The records stay in this system; only a license under this study lets an evaluator take rows along.",
            False,
        ),
        ("The records stay in this system unless a license says otherwise.", False),
        ("The records are kept in a locked room.", False),
        ("", False),
    ],
)
def test_a_clause_against_extracts_without_exception(words: str, stays: bool) -> None:
    document = document_of(changed(STUDY, (CLAUSE, words)))
    assert term_against_extracts(document) == (CLAUSE if stays else "")


def test_extracts_may_be_prohibited_by_name() -> None:
    document = document_of(changed(STUDY, ("terms.prohibited", ["sale", "extracts"])))
    assert term_against_extracts(document) == "terms.prohibited"


def test_only_a_use_license_is_one() -> None:
    assert is_license(document_of(LICENSE))
    assert not is_license(document_of(STUDY))
