"""The page on the API has every endpoint, with the roles that may ask it, and no other."""

import re
from pathlib import Path

from throughway.partners import Role
from throughway.partners.api_endpoints import LARGEST, RATES
from throughway.site.api.views import FAULTS, endpoints

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(GET|POST) (/api/\S*)` \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)


def test_every_endpoint_is_on_the_page() -> None:
    assert sorted((method, address) for method, address, *_ in ROWS) == sorted(
        (each.contract.method, each.address) for each in endpoints()
    )


def test_endpoint_roles_match_the_program() -> None:
    told = {(method, address): said for method, address, _, said in ROWS}
    for each in endpoints():
        said = told[each.contract.method, each.address]
        named = set(Role) if said.startswith("every role") else {r for r in Role if r.label.lower() in said}
        assert named == each.contract.allowed, each.address


def test_endpoint_parameters_are_on_the_page() -> None:
    told = {(method, address): what for method, address, what, _ in ROWS}
    for each in endpoints():
        for field in each.contract.takes.model_fields:
            assert re.search(rf"`[?&]?{field}[=`]", told[each.contract.method, each.address]), (
                each.address,
                field,
            )


def test_every_status_is_on_the_page() -> None:
    said = set(re.findall(r"\b[45]\d\d\b", " ".join(re.findall(r"^\| ([\d, ]+) \|", PAGE, re.MULTILINE))))
    assert said == {*FAULTS, "500", "503"}


def test_the_limits_are_those_of_the_program() -> None:
    assert LARGEST == 1024 * 1024
    assert RATES == {"failed": "60/5m/ip", "asked": "300/m/key"}
