"""Policies: every word is ODRL's or our profile's, and read again they are the agreement."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests.agreements.documents import AUDIT, BASES, CASEWORK, MOU, changed, document_of
from tests.agreements.exchange.many import documents, meant
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.exchange.odrl import (
    ACTIONS,
    AS_JSON,
    CONTEXT,
    PROFILE,
    TERMS,
    odrl_policy,
    read_odrl,
)
from throughway.core.refusals import Refused

ODRL: dict[str, Any] = json.loads(
    (Path(__file__).parent / "standards" / "odrl-2.2.context.jsonld").read_text(encoding="utf-8")
)["@context"]

FOREIGN = {
    "@context": CONTEXT,
    "@type": "Agreement",
    "uid": "http://example.com/policy:1010",
    "permission": [
        {
            "target": "http://example.com/asset:9898",
            "assigner": "http://example.com/org:90",
            "assignee": "http://example.com/person:1",
            "action": "aggregate",
            "duty": [{"action": "obtainConsent"}],
            "constraint": [
                {"leftOperand": "purpose", "operator": "eq", "rightOperand": "reports"},
                {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": {"@value": "2027-06-30", "@type": "xsd:date"}},
                {"leftOperand": "spatial", "operator": "eq", "rightOperand": "US"},
            ],
            "remedy": [],
        }
    ],
    "prohibition": [{"target": "http://example.com/asset:9898", "action": "sell"}],
    "obligation": [
        {"action": "delete", "constraint": [{"leftOperand": "elapsedTime", "operator": "lteq",
                                             "rightOperand": {"@value": "P30D", "@type": "xsd:duration"}}]}
    ],
    "conflict": "prohibit",
}  # fmt: skip


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every node of the policy, without what stands in it as plain JSON."""
    if isinstance(value, dict):
        yield value
        for key, part in value.items():
            if key != "@context" and key.removeprefix("tw:") not in AS_JSON:
                yield from nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from nodes(part)


def is_known(word: str, own: tuple[str, ...]) -> bool:
    return word.removeprefix("tw:") in own if word.startswith("tw:") else word in ODRL or word.startswith("@")


@settings(max_examples=15, deadline=None)
@given(documents())
def test_read_again_it_is_the_same_agreement(document: AgreementDocument) -> None:
    again = read_odrl(json.dumps(odrl_policy(document)))
    assert again.document is not None, again.findings
    assert again.document.purposes == document.purposes
    assert [meant(line) for line in again.document.schedule] == [meant(line) for line in document.schedule]
    assert version_of(again.document) == version_of(document)


@pytest.mark.parametrize("base", BASES)
def test_every_good_document_comes_back_whole(base: str) -> None:
    again = read_odrl(json.dumps(odrl_policy(document_of(BASES[base]))))
    assert (again.document, again.left) == (document_of(BASES[base]), ())


@settings(max_examples=10, deadline=None)
@given(documents())
def test_every_term_is_in_odrl_or_our_profile(document: AgreementDocument) -> None:
    for node in nodes(odrl_policy(document)):
        for key in node:
            assert key in {"dct:title"} or is_known(key, TERMS), key
        if "action" in node:
            assert is_known(node["action"], ACTIONS)
        if "leftOperand" in node:
            assert is_known(node["leftOperand"], TERMS)
            assert ODRL[node["operator"]] == f"odrl:{node['operator']}"
        if "@type" in node and "uid" in node:
            assert node["@type"] in ODRL


def test_the_test_context_rejects_unknown_terms() -> None:
    assert not is_known("basis", TERMS)
    assert not is_known("tw:sell", ACTIONS)
    assert is_known("sell", ACTIONS)


def test_policy_has_what_odrl_requires_of_an_agreement() -> None:
    policy = odrl_policy(document_of(CASEWORK))
    assert policy["@context"][0] == CONTEXT
    assert policy["@type"] == "Agreement"
    assert policy["profile"].startswith(PROFILE)
    assert policy["assigner"]
    assert policy["assignee"]
    for rule in policy["permission"]:
        assert rule["assigner"]
        assert rule["assignee"]
        assert rule["target"]
        assert rule["action"]
    assert odrl_policy(document_of(MOU))["assigner"] == odrl_policy(document_of(MOU))["assignee"]


def test_policy_rules_match_the_agreement() -> None:
    policy = odrl_policy(
        document_of(changed(CASEWORK, ("onward", [{"party": "Oak", "interest": "x", "basis": "consent"}])))
    )
    first, _, match, _ = policy["permission"]
    limits = {(c["leftOperand"], c["operator"]): c["rightOperand"] for c in first["constraint"]}
    assert limits["purpose", "eq"] == "casework"
    assert limits["dateTime", "gteq"]["@value"] == "2026-07-01"
    assert limits["dateTime", "lteq"]["@value"] == "2028-06-30"
    assert limits["tw:role", "isAnyOf"] == ["case_worker", "program_manager"]
    assert [duty["action"] for duty in first["duty"]] == ["obtainConsent", "tw:train"]
    assert (first["action"], match["action"]) == ("read", "tw:link")
    forbidden = {p["action"]: p for p in policy["prohibition"]}
    assert {
        "sell",
        "tw:advertise",
        "tw:trainModels",
        "tw:enforceImmigration",
        "distribute",
    } <= forbidden.keys()
    assert forbidden["distribute"]["constraint"][0]["rightOperand"] == ["Oak"]
    assert forbidden["tw:publishSmallCounts"]["constraint"][0]["rightOperand"] == 10
    owed = {o["action"]: o["constraint"][-1]["rightOperand"]["@value"] for o in policy["obligation"]}
    assert owed == {"delete": "P60D", "inform": "PT72H"}
    assert (
        odrl_policy(document_of(changed(AUDIT, ("purposes.0.form", "aggregate"))))["permission"][0]["action"]
        == "aggregate"
    )


def test_contradicting_dates_are_reported() -> None:
    policy = odrl_policy(document_of(CASEWORK))
    policy["permission"][0]["constraint"][2]["rightOperand"]["@value"] = "2040-01-01"
    (said,) = read_odrl(json.dumps(policy)).left
    assert "2028-06-30" in said
    assert "2040-01-01" in said


def test_a_foreign_policy_is_imported_in_part() -> None:
    draft = read_odrl(json.dumps(FOREIGN))
    assert draft.values["purposes"] == [
        {"id": "reports", "from": ["http://example.com/org:90"], "recipients": ["http://example.com/person:1"],
         "basis": "consent", "form": "aggregate"}
    ]  # fmt: skip
    assert draft.values["schedule"] == [{"element": "http://example.com/asset:9898", "purposes": ["reports"]}]
    assert draft.values["terms"] == {
        "expires": "2027-06-30", "destruction": {"within_days": 30}, "prohibited": ["sale"],
    }  # fmt: skip
    left = "\n".join(draft.left)
    assert all(word in left for word in ("spatial", "remedy", "conflict"))
    assert draft.document is None


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "no JSON object"),
        ("[]", "no JSON object"),
        ("{}", "@type"),
        ('{"@type": "Party"}', "@type"),
        ('{"@type": "Agreement", "@type": "Set"}', "twice"),
        ("{" * 3000, "nested too deeply"),
        ("{]", "not readable"),
        ("{" + " " * 2_000_001, "longer than"),
    ],
)
def test_what_is_no_policy_is_refused_with_the_reason(text: str, because: str) -> None:
    with pytest.raises(Refused) as refused:
        read_odrl(text)
    assert because in refused.value.message


@pytest.mark.parametrize(
    "key",
    [
        "permission",
        "prohibition",
        "obligation",
        "assigner",
        "tw:terms",
        "tw:parties",
        "tw:under",
        "tw:partOfNobody",
        "target",
    ],
)
@pytest.mark.parametrize(
    "value", [1, "words", {"a": 1}, [1, "a", [], {}], None, [{"constraint": [{"leftOperand": []}]}]]
)
def test_a_policy_with_anything_in_a_place_is_read_or_refused(key: str, value: Any) -> None:
    for profile in ("", f"{PROFILE}1"):
        policy = {"@type": "Agreement", "profile": profile, key: value}
        if key == "target":
            policy = {
                "@type": "Agreement",
                "profile": profile,
                "permission": [{key: value, "duty": value, "constraint": value}],
            }
        draft = read_odrl(json.dumps(policy))
        assert draft.document is None
        assert draft.findings
