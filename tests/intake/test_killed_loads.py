"""A load that is killed at any moment leaves the old state or the new, and the next one completes it (killing.py)."""

import pytest

from tests.town import town_of
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)


def test_killed_load_leaves_the_old_or_the_new_state(community: Community) -> None:
    result = town_of(community).module("tests.intake.killing", "25", "2026")
    assert result["killed"] == 25
    assert result["midst"] >= 5  # kills did fall into the midst of loads
    assert result["versions"] >= 7  # some of those killed had landed their version before
