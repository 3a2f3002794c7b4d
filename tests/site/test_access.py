"""Every address × every role, held against the table that people have read."""

import pytest

from tests.site.matrix import WHO, Address, addresses, found, written
from tests.site.people import signed_in
from throughway.partners import Actor, Role


def test_the_table_has_every_address_and_no_other() -> None:
    assert set(written()) == {address.name for address in addresses()}
    assert all(set(row) == set(WHO) for row in written().values())


def test_the_site_answers_as_the_table_says(db: None, community: object) -> None:
    assert found() == written()


def test_whatever_a_stranger_may_open_is_of_the_door_or_the_public_register() -> None:
    """Deny by default: an address is open to strangers only when it is named here."""
    door = {"account_login", "account_logout", "choose_passphrase", "language"}
    public = {"register:list", "register:one", "register:json"}
    assert {name for name, row in written().items() if row["stranger"] != "signin"} == door | public


@pytest.mark.parametrize("role", list(Role))
def test_a_screen_that_does_not_name_a_role_is_unknown_to_it(people: dict[Role, Actor], role: Role) -> None:
    browser = signed_in(people[role])
    closed: list[Address] = [a for a in addresses() if a.allowed is not None and role not in a.allowed]
    for address in closed:
        for response in (browser.get(address.path), browser.post(address.path)):
            assert response.status_code == 404, address.name
            assert "There is no such page for you" in response.content.decode()
