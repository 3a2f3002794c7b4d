"""Data contracts: valid by the standard's own schema, and the agreement again when they are read."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from tests.agreements.documents import BASES, CASEWORK, MOU, PARTNERS, changed, document_of
from tests.agreements.exchange.many import documents, meant
from throughway.agreements.document import AgreementDocument, document_values, version_of
from throughway.agreements.exchange.imported import as_portable_yaml, as_yaml_stream
from throughway.agreements.exchange.odcs import odcs_contracts, read_odcs
from throughway.agreements.states import AgreementState
from throughway.core.refusals import Refused
from throughway.vocabulary import covered

SCHEMA = json.loads(
    (Path(__file__).parent / "standards" / "odcs-3.1.0.schema.json").read_text(encoding="utf-8")
)
VALID = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
NAMES = {id: facts.name for id, facts in PARTNERS.items()}

FOREIGN = """
apiVersion: v3.0.2
kind: DataContract
id: Attendance Extract
version: 1.0.0
status: active
name: Attendance extract
schema:
- name: ATT
  physicalName: attendance_day
  properties:
  - name: attendance_event_date
  - name: Attendance Status
  - {name: birthdate, transformLogic: year(birthdate)}
slaProperties:
- {property: retention, value: 45, unit: d}
- {property: generalAvailability, value: '2026-07-01'}
price: {priceAmount: 10}
customProperties:
- {property: owner, value: somebody}
"""


def faults(contract: dict[str, Any]) -> list[str]:
    return [error.message for error in VALID.iter_errors(json.loads(json.dumps(contract)))]


def custom(contract: dict[str, Any]) -> dict[str, Any]:
    return {own["property"]: own["value"] for own in contract["customProperties"]}


def of(contract: dict[str, Any], table: str) -> dict[str, Any]:
    return next(t for t in contract["schema"] if t["name"] == table)


def column(contract: dict[str, Any], path: str) -> dict[str, Any]:
    table, _, name = path.partition(".")
    return next(p for p in of(contract, table)["properties"] if p["name"] == name)


@pytest.mark.parametrize("base", BASES)
def test_each_contract_is_valid_by_the_standards_schema(base: str) -> None:
    for contract in odcs_contracts(document_of(BASES[base]), NAMES):
        assert faults(contract) == []


def test_each_state_has_a_word_of_the_standard() -> None:
    said = {
        state: odcs_contracts(document_of(MOU), NAMES, state.value)[0]["status"] for state in AgreementState
    }
    assert {said[AgreementState.DRAFT], said[AgreementState.SIGNED], said[AgreementState.ACTIVE], said[AgreementState.CLOSED]} == {
        "draft", "proposed", "active", "retired",
    }  # fmt: skip


def test_the_schema_is_one_that_refuses() -> None:
    (contract,) = odcs_contracts(document_of(BASES["study"]), NAMES)
    assert faults({**contract, "kind": "Contract"})
    assert faults({**contract, "parties": []})
    assert faults({key: value for key, value in contract.items() if key != "status"})


@settings(max_examples=15, deadline=None)
@given(documents())
def test_read_again_it_is_the_same_agreement(document: AgreementDocument) -> None:
    contracts = odcs_contracts(document, NAMES)
    for contract in contracts:
        assert faults(contract) == []
    for text in (as_yaml_stream(contracts), json.dumps(contracts)):
        again = read_odcs(text)
        assert again.document is not None, again.findings
        assert [meant(line) for line in again.document.schedule] == [
            meant(line) for line in document.schedule
        ]
        assert version_of(again.document) == version_of(document)


@pytest.mark.parametrize("base", BASES)
def test_every_good_document_comes_back_whole(base: str) -> None:
    document = document_of(BASES[base])
    again = read_odcs(as_yaml_stream(odcs_contracts(document, NAMES)))
    assert (again.document, again.left) == (document, ())


def test_one_contract_for_each_discloser() -> None:
    schools, program = odcs_contracts(document_of(CASEWORK), NAMES, "active")
    assert (schools["id"], program["id"]) == (
        "riverbend-casework-2026/riverbend-schools", "riverbend-casework-2026/bright-futures",
    )  # fmt: skip
    assert schools["apiVersion"] == "v3.1.0"
    assert schools["status"] == "active"
    assert schools["version"] == version_of(document_of(CASEWORK))
    assert {t["name"] for t in schools["schema"]} == {"attendance_day", "person", "person_contact"}
    assert {t["name"] for t in program["schema"]} == {"service_received", "person", "person_contact"}
    shown = {p["name"] for p in of(schools, "attendance_day")["properties"]}
    assert shown == {e.name for e in covered("attendance_day.*")}


def test_a_column_has_class_transform_and_necessity() -> None:
    schools, _ = odcs_contracts(document_of(CASEWORK), NAMES)
    birthdate = column(schools, "person.birthdate")
    assert birthdate["transformLogic"] == "EXTRACT(YEAR FROM birthdate)"
    assert birthdate["transformDescription"] == "the year only"
    assert birthdate["classification"] == "confidential"
    assert custom(birthdate)["lines"][0]["necessity"] == "Age decides eligibility"
    assert custom(birthdate)["cedsGlobalId"] == "000033"
    assert column(schools, "person.first_name")["criticalDataElement"] is True
    meals = "person_status.eligibility_status_for_school_food_service_programs"
    line = {"element": meals, "purposes": ["casework"], "from": ["riverbend-schools"]}
    (of_meals, _) = odcs_contracts(document_of(changed(CASEWORK, ("schedule.5", line))), NAMES)
    assert column(of_meals, meals)["classification"] == "restricted"
    assert column(of_meals, meals)["tags"] == ["NSLP"]


def test_contract_states_approvers_retention_and_basis() -> None:
    schools, _ = odcs_contracts(document_of(CASEWORK), NAMES)
    role = next(r for r in schools["roles"] if r["role"] == "casework/bright-futures/case_worker")
    assert (role["firstLevelApprovers"], role["secondLevelApprovers"]) == (
        "Superintendent",
        "Executive director",
    )
    levels = {level["property"]: level for level in schools["slaProperties"]}
    assert (levels["retention"]["value"], levels["retention"]["unit"]) == (60, "d")
    assert (levels["frequency"]["value"], levels["frequency"]["element"]) == ("week", "attendance_day")
    said = custom(schools)
    assert said["consent"] == ["casework"]
    assert {"purpose": "casework", "basis": "consent", "citation": "34 CFR 99.30"} in said["basis"]
    assert said["destruction"]["within_days"] == 60
    assert [party["partner"] for party in said["parties"]] == list(document_of(CASEWORK).partners)


def test_a_memorandum_is_a_contract_without_a_schema() -> None:
    (contract,) = odcs_contracts(document_of(MOU), NAMES)
    assert "schema" not in contract
    assert contract["id"] == "riverbend-mou-2025"


def test_the_contract_of_one_discloser_gives_its_lines_alone() -> None:
    _, program = odcs_contracts(document_of(CASEWORK), NAMES)
    again = read_odcs(as_portable_yaml(program))
    assert [line["element"] for line in again.values["schedule"]] == [
        "service_received.*",
        "person.*",
        "person_contact.*",
    ]


def test_additions_to_our_contract_are_imported() -> None:
    schools, _ = odcs_contracts(document_of(CASEWORK), NAMES)
    of(schools, "attendance_day")["properties"].append({"name": "favourite_weekday"})
    again = read_odcs(as_portable_yaml(schools))
    assert {"element": "attendance_day.favourite_weekday"} in again.values["schedule"]


def test_removal_from_a_wildcard_is_reported() -> None:
    schools, _ = odcs_contracts(document_of(CASEWORK), NAMES)
    table = of(schools, "attendance_day")
    table["properties"] = [p for p in table["properties"] if p["name"] != "attendance_status"]
    (said,) = read_odcs(as_portable_yaml(schools)).left
    assert "attendance_day" in said
    assert "attendance_status" in said


def test_a_foreign_contract_is_imported_in_part() -> None:
    draft = read_odcs(FOREIGN)
    assert draft.values["id"] == "attendance-extract"
    assert [line["element"] for line in draft.values["schedule"]] == [
        "attendance_day.attendance_event_date", "attendance_day.attendance_status", "attendance_day.birthdate",
    ]  # fmt: skip
    assert draft.values["terms"] == {"effective": "2026-07-01", "destruction": {"within_days": 45}}
    left = "\n".join(draft.left)
    assert all(word in left for word in ("price", "owner", "transformLogic"))
    assert {"tier", "parties", "purposes", "clauses"} <= {finding.element for finding in draft.findings}


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "it is empty"),
        ("[]", "it is empty"),
        ("- a\n- b", "kind: DataContract"),
        ("kind: DataContract\napiVersion: v2.2.2", "apiVersion"),
        ("{", "not readable"),
        ("[1, 2", "neither YAML nor JSON"),
        ("a: &a [1]\nb: [*a, *a", "not readable"),
        ("x" * 2_000_001, "longer than"),
        (
            "---\n" * 3
            + "kind: DataContract\napiVersion: v3.1.0\nid: a\n---\nkind: DataContract\napiVersion: v3.1.0\nid: b",
            "several",
        ),
        ("---\nkind: DataContract\n" * 201, "more than 200"),
        ("[" * 5000 + "]" * 5000, "neither|nested too deeply"),  # Python 3.13 reads deeper than 3.11
    ],
)
def test_what_is_no_contract_is_refused_with_the_reason(text: str, because: str) -> None:
    with pytest.raises(Refused, match=because):
        read_odcs(text)


@pytest.mark.parametrize("section", ["schema", "customProperties", "slaProperties", "terms"])
@pytest.mark.parametrize("value", [1, "words", {"a": 1}, [1, "a", [], {}], None])
def test_a_contract_with_anything_in_a_place_is_read_or_refused(section: str, value: Any) -> None:
    contract = {"kind": "DataContract", "apiVersion": "v3.1.0", "id": 1, section: value}
    if section == "terms":
        contract = {**contract, "terms": None, "customProperties": [{"property": "terms", "value": value}]}
    draft = read_odcs(json.dumps(contract))
    assert draft.document is None
    assert draft.findings


def test_other_yaml_readers_read_the_same_values() -> None:
    text = as_portable_yaml({"id": "001649", "grade": "06", "day": "2026-07-01", "yes": "no", "n": 6})
    assert "'001649'" in text
    assert "'06'" in text
    assert document_values(document_of(MOU))["terms"]["effective"] == "2025-07-01"
