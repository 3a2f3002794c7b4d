"""What holds between processes, and when one of them is killed (crashing.py)."""

from collections.abc import Callable

import pytest

from tests.town import town_of
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(community: Community) -> Callable[..., dict[str, int]]:
    """Runs crashing.py in a process of its own."""
    town = town_of(community)
    return lambda *words: town.module("tests.store.crashing", *words)


def test_process_killed_at_any_moment_keeps_one_state(
    run: Callable[..., dict[str, int]],
) -> None:
    result = run("random", "30", "2026")
    assert result["killed"] == 30
    assert result["left"] >= 3  # kills did fall into the midst of landings
    assert result["landed"] >= 5


def test_process_killed_at_each_step_keeps_one_state(
    run: Callable[..., dict[str, int]],
) -> None:
    result = run("steps", "0", "0")
    assert result["killed"] >= 50
    assert result["left"] >= 20


def test_readers_beside_a_writer_and_a_sweep_see_one_state(run: Callable[..., dict[str, int]]) -> None:
    result = run("readers", "40", "0")
    assert result == {"readers": 2, "readings": result["readings"], "landed": 41}
    assert result["readings"] >= 20
