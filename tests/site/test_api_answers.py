"""What the API gives besides students' data: as the command line gives it, as its description says, to whom the pages show it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from tests.gate import making
from tests.gate.test_attacks_pages import settle
from tests.publication.test_registry import published
from tests.site.matrix import addresses
from tests.site.people import program
from throughway.agreements.exchange.export_formats import FORMS
from throughway.cli.root import main
from throughway.gate.actions import enter
from throughway.intake.load_report import Counts
from throughway.intake.models import IntakeBatch
from throughway.partners import Role
from throughway.partners.selectors import actor
from throughway.site.api.views import endpoints, openapi
from throughway.store.selectors import current_community

pytestmark = pytest.mark.django_db(transaction=True)

HUB, NORTH, WORKER, EVALUATOR = (
    "officer@hub.example",
    "officer@north.example",
    "worker@harbor.example",
    "evaluator@harbor.example",
)


@pytest.fixture
def town(community: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("THROUGHWAY_COMMUNITY", str(community.root))
    return settle(tmp_path)


def commanded(*words: str) -> Any:
    done = CliRunner().invoke(main, ["--community", str(current_community().root), *words, "--json"])
    return json.loads(done.stdout)


def asked(who: str, address: str) -> Any:
    response = program(actor(who)).get(f"/api/{address}")
    assert response.status_code == 200, (address, response.content)
    return response.json()


def test_registers_equal_the_command_line(town: dict[str, str]) -> None:
    assert asked(WORKER, "partners") == commanded("partner", "list")
    assert asked(HUB, "agreements") == commanded("agreement", "list")
    for option in ("plain", "sql", "odcs", "odrl"):
        assert asked(HUB, f"agreements/sharing-2026?form={option}") == commanded(
            "agreement", "show", "sharing-2026", f"--{option}"
        )
    assert asked(HUB, "agreements/sharing-2026") == asked(HUB, "agreements/sharing-2026?form=plain")
    assert {"odcs", "odrl", "plain"} <= FORMS.keys()


def test_one_sees_the_agreements_that_the_pages_show(town: dict[str, str]) -> None:
    """Those of one's own partner; the backbone's people see all."""
    assert [each["id"] for each in asked(WORKER, "agreements")["agreements"]] == ["sharing-2026"]
    assert [each["id"] for each in asked(HUB, "agreements")["agreements"]] == ["quiet-2026", "sharing-2026"]


def test_a_document_is_reviewed_as_by_the_command(town: dict[str, str], tmp_path: Path) -> None:
    asking = program(actor(HUB))
    texts = [
        "a: 1",
        "{",
        json.dumps(making.sharing(id="new-2026")),
        "",
        "- 1",
        "a: &x [*x]",
        "!!python/object:os.system {}",
        "x" * 50_000,
    ]
    for number, text in enumerate(texts):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text, encoding="utf-8")
        response = asking.post(
            "/api/agreements/review", json.dumps({"text": text}), content_type="application/json"
        )
        said = commanded("agreement", "review", str(file))
        for finding in said["findings"]:  # the command names the file as well
            finding["message"] = finding["message"].removeprefix(f"{file.name}: ")
        assert (response.status_code, response.json()) == (200, said), text[:50]
    assert not {"new-2026"} & {each["id"] for each in asked(HUB, "agreements")["agreements"]}


def test_loads_are_those_of_ones_own_partner(town: dict[str, str]) -> None:
    counts = Counts(read=5, landed=3, quarantined=1, unchanged=1)
    IntakeBatch.objects.create(
        id="b-2", partner="harbor", format="csv", source="names-of-ada.csv", at=datetime.now(UTC), by="x",
        counts={"person": vars(counts)}, refused_columns=["Case Notes"], cells_emptied=2,
    )  # fmt: skip
    own = asked(WORKER, "loads")
    assert [each["batch"] for each in own["loads"]] == ["b-2"]
    assert own["loads"][0]["tables"] == {"person": vars(counts)}
    assert asked(WORKER, "loads/b-2") == own["loads"][0]
    assert "of-ada" not in json.dumps(own)  # what a file was called may name somebody
    assert [each["batch"] for each in asked(NORTH, "loads")["loads"]] == ["hush-hush-1"]


def test_persons_of_own_partner_or_all_for_the_steward(town: dict[str, str]) -> None:
    assert asked(HUB, "persons") | {"linked": None} == {
        "records": 5, "persons": 4, "linked": None,
        "partners": [{"partner": "harbor", "records": 2, "persons": 2}, {"partner": "north", "records": 3, "persons": 3}],
    }  # fmt: skip
    assert asked(NORTH, "persons")["partners"] == [{"partner": "north", "records": 3, "persons": 3}]
    assert asked(NORTH, "persons")["records"] == asked(NORTH, "persons")["persons"] == 3


def test_releases_equal_the_command_line(town: dict[str, str]) -> None:
    id = published(by=actor(EVALUATOR))
    assert asked(NORTH, "releases") == commanded("publish", "list")
    assert (
        asked(WORKER, f"releases/{id}")
        == asked(WORKER, f"releases/{id.lower()}")
        == commanded("publish", "show", id)
    )
    # Who published it is told within the partner, as an address is elsewhere.
    shown = commanded("publish", "show", id)
    hidden = {"by": "", "determination": shown["determination"] | {"by": ""}}
    assert asked(NORTH, f"releases/{id}") == shown | hidden


def test_description_is_valid_openapi_and_complete() -> None:
    told = openapi()
    assert told["openapi"] == "3.1.0"
    paths = {a.path for a in addresses() if a.is_for_programs and a.name != "api:nothing_here"}
    assert len(told["paths"]) == len(paths) == len(endpoints())
    ids = [operation["operationId"] for each in told["paths"].values() for operation in each.values()]
    assert len(set(ids)) == len(ids)
    for address, methods in told["paths"].items():
        for operation in methods.values():
            parts = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert all(f"{{{part}}}" in address for part in parts)
            assert address.count("{") == len(parts)
            assert operation["summary"].endswith(".")
            assert {"200", "401", "404"} <= operation["responses"].keys()
    for name, schema in told["components"]["schemas"].items():
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
        assert name
    assert not _lost(told, told)


def _lost(part: Any, whole: Any) -> list[str]:
    """References that lead nowhere."""
    if isinstance(part, list):
        return [each for item in part for each in _lost(item, whole)]
    if not isinstance(part, dict):
        return []
    found = [each for item in part.values() for each in _lost(item, whole)]
    reference = part.get("$ref")
    if isinstance(reference, str):
        at: Any = whole
        for step in reference.removeprefix("#/").split("/"):
            at = at.get(step, {})
        found += [] if at else [reference]
    return found


def test_answers_are_what_the_description_says(town: dict[str, str]) -> None:
    """Each endpoint's answer to one who may ask, and each refusal, against the description."""
    told = openapi()
    schemas = told["components"]
    entry = (
        enter(actor=actor("evaluator@hub.example"), purpose="planning")
        .query("SELECT 1 AS one FROM attendance_day")
        .disclosure
    )
    asking = {who: program(actor(who)) for who in (HUB, NORTH, WORKER, EVALUATOR)}
    head = asking[HUB].get("/api/ledger/head").json()
    questions: dict[str, list[tuple[str, dict[str, str], Any]]] = {
        "query": [(WORKER, {}, {"sql": "SELECT * FROM person", "purpose": "casework"}), (WORKER, {}, {"sql": "x", "purpose": "casework"}),
                  (WORKER, {}, {"sql": "SELECT * FROM person", "purpose": "nowhere"})],
        "student": [(WORKER, {"person": str(2**41 + 5)}, {"purpose": "casework"}), (WORKER, {"person": "12"}, {"purpose": "casework"})],
        "seen_by": [(HUB, {"person": "12"}, {})], "seen_by_key": [(HUB, {}, {"partner": "north", "record_key": "n-12"})],
        "head": [(HUB, {}, {})], "verify": [(HUB, {}, {}), (HUB, {}, {"head": head})], "growth": [(HUB, {}, {"head": head})],
        "proof": [(HUB, {"entry": entry}, {}), (NORTH, {"entry": entry}, {})],
        "tied_proof": [(HUB, {"entry": entry}, {"head": head}), (NORTH, {"entry": entry}, {"head": head})],
        "agreement": [(HUB, {"id": "sharing-2026"}, {"form": form}) for form in ("plain", "sql", "odcs", "odrl", "pdf")],
        "review": [(HUB, {}, {"text": "a: 1"}), (HUB, {}, {"text": json.dumps(making.sharing())})],
        "load": [(NORTH, {"batch": "hush-hush-1"}, {})], "release": [(HUB, {"release": "AB12CD34"}, {})],
        "pipeline_of": [(HUB, {"release": "AB12CD34"}, {})],
    }  # fmt: skip
    statuses = set()
    for each in endpoints():
        operation = told["paths"][each.address][each.contract.method.lower()]
        for who, parts, said in questions.get(each.name, [(HUB, {}, {})]):
            path = each.address.format(**parts)
            response = (
                asking[who].get(path, said)
                if each.contract.method == "GET"
                else asking[who].post(path, json.dumps(said), content_type="application/json")
            )
            status = str(response.status_code)
            statuses.add(status)
            assert status in operation["responses"], (each.name, status, response.content)
            schema = operation["responses"][status]["content"]["application/json"]["schema"]
            Draft202012Validator({**schema, "components": schemas}).validate(response.json())
    assert statuses >= {"200", "403", "404", "422"}


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.EVALUATOR])
def test_the_description_says_who_may_ask(role: Role) -> None:
    for each in endpoints():
        text = openapi()["paths"][each.address][each.contract.method.lower()]["description"]
        assert ("Open to" in text) == (role not in each.contract.allowed), each.address
