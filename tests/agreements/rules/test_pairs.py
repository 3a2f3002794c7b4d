"""For every rule that a document can pass or fail: one document that passes, and one that fails by that rule alone."""

import pytest

from tests.agreements.documents import text_of
from tests.agreements.rules.making import BASES, Pair
from tests.agreements.rules.table import PAIRS
from throughway.agreements import document, validation_errors
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.legal_review.review import CHECKS, review_text
from throughway.agreements.legal_review.rules import RULES

Found = set[tuple[str, str]]


def told(findings: list[ReviewFinding]) -> Found:
    return {(finding.id, str(finding.severity)) for finding in findings}


@pytest.mark.parametrize("base", BASES)
def test_a_good_document_of_each_right_is_found_without_fault(base: str) -> None:
    pair = Pair("", "", base, (), "")
    found = told(review_text(text_of(pair.passing), pair.passing_context))
    assert found == ({("G12", "warning")} if base == "emergency" else set())


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_one_passes_and_one_fails_by_that_rule_alone(pair: Pair) -> None:
    passing = told(review_text(text_of(pair.passing), pair.passing_context))
    failing = review_text(text_of(pair.failing), pair.failing_context)
    assert {id for id, _ in passing} <= pair.stands
    assert told(failing) - passing - {(id, s) for id, s in told(failing) if id in pair.stands} == {
        (pair.rule, pair.severity)
    }
    (finding, *_) = [f for f in failing if f.id == pair.rule and f.severity == pair.severity]
    assert finding.element == pair.element
    assert finding.citation
    assert finding.message.endswith((".", "?"))


def test_every_rule_has_a_pair_or_says_who_else_holds_it() -> None:
    held = {pair.rule for pair in PAIRS}
    assert {id for id, rule in RULES.items() if rule.checks} == held
    assert all(bool(rule.checks) != bool(rule.elsewhere) for rule in RULES.values())


def test_severity_of_rules_matches_their_checks() -> None:
    order = ["blocking", "warning", "advice"]
    gravest = {p.rule: min((q.severity for q in PAIRS if q.rule == p.rule), key=order.index) for p in PAIRS}
    assert {id: str(RULES[id].severity) for id in gravest} == gravest


NAMED = {f"{check.__module__.rsplit('.', 1)[-1]}.{check.__name__}": check for check in CHECKS}
READING = {
    "document.read_document": document.read_document,
    "validation_errors.demands_on": validation_errors.demands_on,
}


def test_the_law_names_each_check_and_no_other() -> None:
    named = {check for rule in RULES.values() for check in rule.checks}
    by_files = {"local_rules.added_rules"}  # what States and communities add stands in their files
    assert named == (NAMED.keys() | READING.keys()) - by_files


def test_each_check_finds_in_some_failing_document() -> None:
    lacking = {(id, check) for id, rule in RULES.items() for check in rule.checks if check in NAMED}
    for pair in PAIRS:
        read, _ = document.read_document(text_of(pair.failing))
        for check in RULES[pair.rule].checks if read is not None else ():
            if check in NAMED and any(f.id == pair.rule for f in NAMED[check](read, pair.failing_context)):
                lacking.discard((pair.rule, check))
    assert lacking == set()


def test_no_check_finds_by_a_rule_that_does_not_name_it() -> None:
    for pair in PAIRS:
        read, _ = document.read_document(text_of(pair.failing))
        for name, check in NAMED.items() if read is not None else ():
            ids = {finding.id for finding in check(read, pair.failing_context)}
            assert [id for id in ids if name not in RULES[id].checks] == [], name
