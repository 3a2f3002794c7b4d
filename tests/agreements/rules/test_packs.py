"""Rules of a State or a community: what a file may say, what its demands find, and that the stricter wins."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.agreements.documents import ABSENT, changed, text_of
from tests.agreements.rules.making import BASES, Change, Pair, line
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.legal_review.review import review_text
from throughway.agreements.legal_review.rule_pack import (
    DEMANDS,
    Pack,
    inspection_terms,
    packs_in,
    read_pack,
    shipped,
)
from throughway.agreements.legal_review.rules import RULES
from throughway.core.refusals import Refused
from throughway.partners import PartnerFacts, PartnerKind

RULE: dict[str, Any] = {
    "id": "TOWN-1",
    "title": "Counts are large",
    "citation": "Town code 1",
    "cure": "State more.",
}


def pack(*rules: dict[str, Any], id: str = "town", **more: Any) -> Pack:
    values = {
        "throughway": "rules/1",
        "id": id,
        "title": "Our Town",
        "rules": [{**RULE, **rule} for rule in rules],
        **more,
    }
    return read_pack(json.dumps(values), "town.yaml")


def found(base: str, changes: list[Change], *packs: Pack) -> list[ReviewFinding]:
    context = replace(Pair("", "", base, (), "").passing_context, packs=packs)
    return review_text(text_of(changed(BASES[base], *changes)), context)


# One demand each: the base that passes, what is changed to fail, and the finding's place.
DEMANDED: list[tuple[dict[str, Any], str, list[Change], list[Change], str]] = [
    ({"clauses": "right_to_audit"}, "study", [], [("clauses.right_to_audit", "")], "clauses.right_to_audit"),
    ({"filled": "terms.storage_country"}, "study", [("terms.storage_country", "US")], [("terms.storage_country", ABSENT)],
     "terms.storage_country"),
    ({"filled": "contacts.security"}, "study", [], [("parties.1.contacts.security", ABSENT)], "parties[1].contacts.security"),
    ({"filled": "records.from"}, "study", [("records", {"from": "2025-01-01"})], [("records", ABSENT)], "records.from"),
    ({"filled": "project.irb"}, "license", [], [("project.irb", ABSENT)], "project.irb"),
    ({"at_least": {"terms.minimum_cell": 10}}, "study", [], [("terms.minimum_cell", 9)], "terms.minimum_cell"),
    ({"at_most": {"terms.destruction.within_days": 60}}, "study", [], [("terms.destruction.within_days", 61)],
     "terms.destruction.within_days"),
    ({"at_most": {"terms.breach_notice_hours": 72}}, "study", [], [("terms.breach_notice_hours", 73)], "terms.breach_notice_hours"),
    ({"at_most": {"terms.breach_notice_hours": 72}}, "study", [], [("terms.breach_notice_hours", ABSENT)],
     "terms.breach_notice_hours"),
    ({"at_most": {"term_days": 731}}, "study", [], [("terms.expires", "2028-07-01")], "terms.expires"),
    ({"forbid": {"elements": ["person.sex"]}}, "consent", [], [("schedule.1", line("person.sex"))], "schedule[1].element"),
    ({"forbid": {"elements": ["course_grade.*"]}}, "consent", [], [("schedule.1", line("course_grade.course_title"))],
     "schedule[1].element"),
    ({"forbid": {"tables": ["survey_response"]}}, "consent", [], [("schedule.1", line("survey_response.response_comment"))],
     "schedule[1].element"),
    ({"forbid": {"tags": ["FOSTER"]}}, "consent", [], [("schedule.1", line("person_status.foster_care_status"))],
     "schedule[1].element"),
    ({"country": ["US"]}, "study", [("terms.storage_country", "US")], [("terms.storage_country", "CA")], "terms.storage_country"),
    ({"prohibited": ["sale"]}, "study", [("terms.prohibited", ["sale"])], [("terms.prohibited", ["advertising"])],
     "terms.prohibited"),
    ({"training": ["ferpa-basics"]}, "study", [], [("terms.training", ["other"])], "terms.training"),
    ({"forms": ["pseudonymous", "aggregate"]}, "study", [], [("purposes.0.form", "identified")], "purposes[0].form"),
    ({"reach": ["caseload"]}, "consent", [], [("purposes.0.reach", "roster")], "purposes[0].reach"),
    ({"bases": ["consent"]}, "consent", [], [
        ("purposes.0.basis", "financial_aid"), ("purposes.0.basis_details", {"aid": "Grant"})], "purposes[0].basis"),
    ({"election": ["destroy"]}, "consent", [], [("terms.destruction.election", "return")], "terms.destruction.election"),
    ({"joinder": "closed"}, "consent", [], [("joinder", {"open_to": ["lea"]})], "joinder"),
    ({"onward": "none"}, "consent", [], [("onward", [{"party": "City", "interest": "x", "basis": "consent"}])], "onward[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("demand", "base", "given", "change", "element"), DEMANDED)
def test_a_demand_passes_one_document_and_fails_the_other(
    demand: dict[str, Any], base: str, given: list[Change], change: list[Change], element: str
) -> None:
    rules = pack({**demand, "severity": "blocking"})
    assert [f.id for f in found(base, given, rules)] == []
    failing = [f for f in found(base, [*given, *change], rules) if f.id not in RULES]
    assert [(f.id, f.severity, f.element, f.citation) for f in failing] == [
        ("TOWN-1", "blocking", element, "Town code 1")
    ]
    assert "Our Town" in failing[0].message


def test_every_demand_is_in_the_table() -> None:
    asked_of_answers = {"inspect_within"}  # not of a document
    assert {next(iter(demand)) for demand, *_ in DEMANDED} == set(DEMANDS) - asked_of_answers


# ----- within how long a family sees the record

FRIDAY = date(2026, 12, 4)


@pytest.mark.parametrize(
    ("term", "last"),
    [
        ({"days": 10}, date(2026, 12, 14)),
        ({"days": 45}, date(2027, 1, 18)),
        ({"business_days": 1}, date(2026, 12, 7)),
        ({"business_days": 5}, date(2026, 12, 11)),
        ({"business_days": 10}, date(2026, 12, 18)),
    ],
)
def test_the_last_day_of_a_term(term: dict[str, int], last: date) -> None:
    (rule,) = pack({"inspect_within": term}).rules
    assert rule.inspect_within is not None
    assert rule.inspect_within.last_day(FRIDAY) == last


@pytest.mark.parametrize("received", [date(2026, 12, 5), date(2026, 12, 6)])
def test_of_a_request_at_the_weekend_monday_is_the_first_business_day(received: date) -> None:
    (rule,) = pack({"inspect_within": {"business_days": 1}}).rules
    assert rule.inspect_within is not None
    assert rule.inspect_within.last_day(received) == date(2026, 12, 7)


@pytest.mark.parametrize(
    ("more", "kind", "binds"),
    [
        ({}, PartnerKind.CBO, True),
        ({"when": {"disclosers": ["lea", "charter"]}}, PartnerKind.CHARTER, True),
        ({"when": {"disclosers": ["lea", "charter"]}}, PartnerKind.CBO, False),
        ({"when": {"disclosers": ["ed_funded"]}}, PartnerKind.COLLEGE, True),
    ],
)
def test_whom_a_term_binds(more: dict[str, Any], kind: PartnerKind, binds: bool) -> None:
    rules = pack({"inspect_within": {"days": 10}, **more})
    assert bool(inspection_terms([rules], PartnerFacts("x", "X", kind))) is binds
    assert found("consent", [], rules) == []  # it asks nothing of a document


def test_the_terms_that_come_with_the_platform() -> None:
    for name, days in (("california-inspection", 5), ("illinois-inspection", 10)):
        (rule,) = read_pack(shipped()[name], name).rules
        assert rule.counsel
        assert rule.quote is None
        assert rule.inspect_within is not None
        assert rule.inspect_within.business_days == days


@pytest.mark.parametrize(
    ("when", "speaks"),
    [
        ({}, True), ({"bases": ["study"]}, True), ({"bases": "consent"}, False), ({"kinds": ["research"]}, True),
        ({"kinds": ["casework"]}, False), ({"forms": ["pseudonymous"]}, True), ({"forms": ["identified"]}, False),
        ({"tiers": ["dsa"]}, True), ({"tiers": ["dul"]}, False), ({"disclosers": ["lea"]}, True),
        ({"disclosers": ["ed_funded"]}, True), ({"disclosers": ["cbo"]}, False), ({"recipients": ["agency"]}, True),
        ({"recipients": ["nonprofit"]}, False), ({"bases": ["study"], "recipients": ["lea"]}, False),
    ],
)  # fmt: skip
def test_a_rule_applies_only_under_its_condition(when: dict[str, Any], speaks: bool) -> None:
    rules = pack({"when": when, "filled": "terms.storage_country"})
    assert bool(found("study", [], rules)) is speaks


def test_no_rule_applies_when_nothing_is_shared() -> None:
    assert found("mou", [], pack({"filled": "terms.storage_country"})) == []


# ----- the stricter wins


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (20, []),
        (15, [("B-1", "warning")]),
        (8, [("B-1", "blocking")]),  # as grave as the gravest that is broken, cited by the strictest
        (3, [("B-1", "blocking")]),  # the law's own 5 is said no second time
    ],
)
def test_of_two_files_and_the_law_the_stricter_is_cited_once(
    cell: int, expected: list[tuple[str, str]]
) -> None:
    lax = pack({"id": "A-1", "severity": "blocking", "at_least": {"terms.minimum_cell": 10}}, id="a")
    strict = pack({"id": "B-1", "severity": "warning", "at_least": {"terms.minimum_cell": 20}}, id="b")
    for packs in ((lax, strict), (strict, lax)):
        told = [(f.id, str(f.severity)) for f in found("consent", [("terms.minimum_cell", cell)], *packs)]
        assert told == expected


def test_the_law_stays_where_a_file_asks_for_less() -> None:
    lax = pack({"id": "A-1", "severity": "blocking", "at_least": {"terms.minimum_cell": 2}})
    assert [f.id for f in found("consent", [("terms.minimum_cell", 4)], lax)] == ["ESSA-n"]
    assert [(f.id, str(f.severity)) for f in found("consent", [("terms.minimum_cell", 1)], lax)] == [
        ("ESSA-n", "blocking")
    ]


def test_at_most_the_smaller_number_is_the_stricter() -> None:
    rules = pack({"id": "A-1", "at_most": {"terms.breach_notice_hours": 168}},
                 {"id": "A-2", "at_most": {"terms.breach_notice_hours": 72}})  # fmt: skip
    assert [f.id for f in found("study", [("terms.breach_notice_hours", 200)], rules)] == ["A-2"]
    assert [f.id for f in found("study", [("terms.breach_notice_hours", 100)], rules)] == ["A-2"]
    assert found("study", [("terms.breach_notice_hours", 72)], rules) == []


def test_a_stricter_rule_of_other_agreements_does_not_count_here() -> None:
    rules = pack({"id": "A-1", "at_least": {"terms.minimum_cell": 10}},
                 {"id": "A-2", "when": {"bases": ["consent"]}, "at_least": {"terms.minimum_cell": 20}})  # fmt: skip
    assert [f.id for f in found("study", [("terms.minimum_cell", 9)], rules)] == ["A-1"]


# ----- a file that says anything else

GOOD = {
    "throughway": "rules/1",
    "id": "town",
    "title": "Our Town",
    "rules": [{**RULE, "clauses": ["termination"]}],
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("throughway", "rules/2"), "throughway"),
        (("title", ABSENT), "title is missing"),
        (("id", "Our Town"), "id"),
        (("rulez", []), "rulez is not a field"),
        (("rules", []), "rules"),
        (("rules.0.wehn", {}), "rules[0].wehn is not a field"),
        (("rules.0.when", {"base": "study"}), "rules[0].when.base is not a field"),
        (("rules.0.when", {"bases": ["trust"]}), "rules[0].when.bases[0]"),
        (("rules.0.when", {"disclosers": ["school"]}), "not a kind or legal status"),
        (("rules.0.citation", ABSENT), "rules[0].citation is missing"),
        (("rules.0.cure", ABSENT), "rules[0].cure is missing"),
        (("rules.0.severity", "fatal"), "rules[0].severity"),
        (("rules.0.clauses", ["no_gossip"]), "not a clause of an agreement"),
        (("rules.0.clauses", ABSENT), "exactly one thing"),
        (("rules.0.country", ["US"]), "exactly one thing"),
        (("rules.0.id", "S1"), "built-in rule of law"),
        (("rules.1", {**RULE, "onward": "none"}), "is used twice"),
        (("rules.0", {**RULE, "at_least": {"terms.mood": 1}}), "not a number of an agreement"),
        (("rules.0", {**RULE, "at_least": {}}), "rules[0].at_least"),
        (("rules.0", {**RULE, "at_least": {"terms.minimum_cell": "ten"}}), "rules[0].at_least"),
        (("rules.0", {**RULE, "filled": ["terms.mood"]}), "not a place that a rule may ask for"),
        (("rules.0", {**RULE, "forbid": {"elements": ["person.mood"]}}), "not an element of the vocabulary"),
        (("rules.0", {**RULE, "forbid": {"tables": ["moods"]}}), "not a table of the vocabulary"),
        (("rules.0", {**RULE, "forbid": {"tags": ["MOOD"]}}), "not a tag of the vocabulary"),
        (("rules.0", {**RULE, "forbid": {}}), "forbids nothing"),
        (("rules.0", {**RULE, "inspect_within": {"days": 46}}), "rules[0].inspect_within.days"),
        (("rules.0", {**RULE, "inspect_within": {"days": 0}}), "rules[0].inspect_within.days"),
        (("rules.0", {**RULE, "inspect_within": {"business_days": 32}}), "rules[0].inspect_within.business_days"),
        (("rules.0", {**RULE, "inspect_within": {}}), "days or business_days"),
        (("rules.0", {**RULE, "inspect_within": {"days": 5, "business_days": 5}}), "days or business_days"),
        (("rules.0", {**RULE, "inspect_within": {"days": 5}, "when": {"bases": ["study"]}}), "may name disclosers alone"),
        (("rules.0", {**RULE, "election": ["burn"]}), "rules[0].election"),
    ],
)  # fmt: skip
def test_a_file_with_anything_else_is_refused(change: Change, said: str) -> None:
    with pytest.raises(Refused) as refused:
        read_pack(json.dumps(changed(GOOD, change)), "town.yaml")
    assert refused.value.code == "bad_rules"
    assert "town.yaml" in refused.value.message
    assert said in refused.value.message, refused.value.message


@pytest.mark.parametrize("text", ["", "- a", "just words", "a: [1", "[" * 5000])
def test_what_is_no_file_of_rules_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"town\.yaml cannot be used"):
        read_pack(text, "town.yaml")


def test_rule_files_are_reread_when_they_change(tmp_path: Path) -> None:
    assert packs_in(tmp_path / "rules") == ()
    (tmp_path / "b.yaml").write_text(
        json.dumps({**GOOD, "id": "b", "rules": [{**GOOD["rules"][0], "id": "B-1"}]})
    )
    (tmp_path / "a.yaml").write_text(json.dumps(GOOD))
    (tmp_path / "notes.txt").write_text("no rules")
    assert [p.id for p in packs_in(tmp_path)] == ["town", "b"]
    (tmp_path / "a.yaml").write_text(json.dumps({**GOOD, "title": "Another town"}))
    assert packs_in(tmp_path)[0].title == "Another town"
    (tmp_path / "b.yaml").write_text(json.dumps(GOOD))
    with pytest.raises(Refused, match="also used in another file"):
        packs_in(tmp_path)
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(Refused, match=r"b\.yaml"):
        packs_in(tmp_path)


# ----- New York, as it comes with the platform

NEW_YORK = read_pack(shipped()["new-york"], "new-york.yaml")
GIVEN: list[Change] = [
    ("terms.prohibited", ["sale", "advertising"]), ("terms.storage_country", "US"),
    ("terms.subprocessors", [{"name": "A host", "service": "hosting"}]),
]  # fmt: skip
AGAINST_NEW_YORK: dict[str, Change] = {
    "NY-2d-4f": ("terms.prohibited", ["sale"]),
    "NY-121.9-use": ("clauses.use_only_for_purpose", ""),
    "NY-121.9-pass": ("clauses.no_redisclosure", ""),
    "NY-121.3-sub": ("terms.subprocessors", []),
    "NY-121.3-store": ("terms.storage_country", ABSENT),
    "NY-121.3-end": ("clauses.destroy_when_no_longer_needed", ""),
    "NY-121.6-train": ("terms.training", []),
    "NY-121.6-plan": ("parties.1.contacts.security", ABSENT),
    "NY-121.10-told": ("terms.breach_notice_hours", 169),
}


def test_a_document_that_meets_new_york_rules() -> None:
    assert found("consent", GIVEN, NEW_YORK) == []
    assert {rule.id for rule in NEW_YORK.rules} == AGAINST_NEW_YORK.keys()


@pytest.mark.parametrize("rule", AGAINST_NEW_YORK)
def test_each_new_york_rule_finds_alone(rule: str) -> None:
    failing = [f for f in found("consent", [*GIVEN, AGAINST_NEW_YORK[rule]], NEW_YORK) if f.id not in RULES]
    assert [f.id for f in failing] == [rule]


def test_new_york_rules_have_citation_and_counsel() -> None:
    for rule in NEW_YORK.rules:
        assert rule.counsel
        assert rule.quote is None
        assert rule.text_date is not None
        assert "2-d" in rule.citation or "121" in rule.citation
