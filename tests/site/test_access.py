"""Every address × every role, compared with the table that people have read."""

import pytest
from django.test import Client

from tests.site.matrix import WHO, Address, addresses, found, written
from tests.site.people import program, signed_in
from throughway.partners import Actor, Role


def test_the_table_has_every_address_and_no_other() -> None:
    assert set(written()) == {address.name for address in addresses()}
    assert all(set(row) == set(WHO) for row in written().values())


def test_site_answers_as_the_access_table(db: None, community: object) -> None:
    assert found() == written()


def test_public_pages_are_sign_in_the_register_and_the_directory() -> None:
    """Deny by default: an address is open to strangers only when it is named here."""
    access = {
        "account_login",
        "account_logout",
        "choose_passphrase",
        "language",
        "openid_connect_login",
        "openid_connect_callback",
    }
    public = {"register:list", "register:one", "register:json"}
    directory = {"directory:list", "directory:one", "directory:json"}
    monitors = {"health"}
    closed = {"signin", "token"}
    assert {
        name for name, row in written().items() if row["stranger"] not in closed
    } == access | public | directory | monitors


@pytest.mark.parametrize("role", list(Role))
def test_page_of_other_roles_looks_unknown(people: dict[Role, Actor], role: Role) -> None:
    browser = signed_in(people[role])
    closed: list[Address] = [
        a for a in addresses() if a.allowed is not None and role not in a.allowed and not a.is_for_programs
    ]
    for address in closed:
        for response in (browser.get(address.path), browser.post(address.path)):
            assert response.status_code == 404, address.name
            assert "Page not found" in response.content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_endpoint_of_other_roles_looks_unknown(people: dict[Role, Actor], role: Role) -> None:
    asking = program(people[role])
    closed = [a for a in addresses() if a.is_for_programs and a.allowed is not None and role not in a.allowed]
    unknown = asking.get("/api/nowhere")
    assert unknown.status_code == 404
    for address in closed:
        for method in ("get", "post", "put", "delete", "options"):
            response = getattr(asking, method)(address.path)
            assert (response.status_code, response.content) == (404, unknown.content), address.name
            assert dict(response.headers) == dict(unknown.headers), address.name


def test_api_answers_alike_without_a_token(db: None, community: object) -> None:
    asked = [a.path for a in addresses() if a.is_for_programs] + ["/api/nowhere", "/api/agreements/nowhere/x"]
    answers = [
        getattr(Client(), method)(path) for path in asked for method in ("get", "post", "options", "put")
    ]
    assert {(a.status_code, a.content) for a in answers} == {(401, answers[0].content)}
    assert {a.headers["WWW-Authenticate"] for a in answers} == {'Bearer realm="Throughway"'}


def test_session_does_not_open_the_api(people: dict[Role, Actor]) -> None:
    browser = signed_in(people[Role.LEADER])
    assert browser.get("/").status_code == 200
    for address in (a for a in addresses() if a.is_for_programs):
        response = browser.get(address.path)
        assert (response.status_code, "Set-Cookie" in response.headers) == (401, False), address.name
