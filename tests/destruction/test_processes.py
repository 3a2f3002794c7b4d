"""What holds when a destruction is killed, ordered twice, or meets loads, linkage and queries (killing.py)."""

import pytest

from tests.town import town_of
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)


def run(community: Community, *command: str) -> dict[str, int]:
    found: dict[str, int] = town_of(community).module("tests.destruction.killing", *command)
    return found


def test_killed_destruction_is_continued(community: Community) -> None:
    result = run(community, "random", "3", "2026")
    assert result["certificates"] == 3


def test_destruction_killed_before_a_step_is_continued(community: Community) -> None:
    result = run(community, "steps", "30", "7")
    assert result["killed"] >= 5
    assert result["midst"] >= 3


def test_undo_killed_before_a_step_is_continued(community: Community) -> None:
    result = run(community, "undo", "40", "11")
    assert result["killed"] >= 3
    assert result["midst"] >= 2


def test_destruction_during_loads_linkage_and_queries(community: Community) -> None:
    result = run(community, "beside", "2", "0")
    assert result["destroyed"] == 2
    assert min(result[who] for who in ("read", "bring", "recognise")) >= 1
