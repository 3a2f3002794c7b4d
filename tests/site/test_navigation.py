"""Where each role can go, and that it arrives."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.site.people import signed_in
from throughway.partners import Actor, Role
from throughway.site.navigation import HEADER, LABELS, destinations, quiet_destinations

QUERIES = 15


@pytest.mark.parametrize("role", list(Role))
def test_each_destination_opens(people: dict[Role, Actor], role: Role) -> None:
    client = signed_in(people[role])
    client.get("/open-steps/")  # after a change the first look asks the rooms anew what is open
    for to in [*destinations(role, "/"), *quiet_destinations(role)]:
        with CaptureQueriesContext(connection) as asked:
            response = client.get(to.href)
        assert response.status_code == 200, to.label
        assert len(asked) <= QUERIES, f"{to.label} asks {len(asked)} times"


@pytest.mark.parametrize("role", list(Role))
def test_every_destination_is_there_and_they_are_few(role: Role) -> None:
    assert [to.label for to in destinations(role, "/")] == [LABELS[name] for name in HEADER[role]]
    assert 3 <= len(HEADER[role]) <= 5


def test_the_page_one_is_on_is_marked() -> None:
    marked = {to.label for to in destinations(Role.LEADER, "/partners/oak/") if to.is_current}
    assert marked == {"Partners"}
    assert [to.label for to in destinations(Role.LEADER, "/") if to.is_current] == ["Home"]
