"""What holds when a run of linkage is killed, or meets loads, look-ups and another run (killed_runs.py)."""

import pytest

from tests.gate import making
from tests.identity import arriving_batches
from tests.town import town_of
from throughway.core.refusals import Refused
from throughway.gate.actions import linking_turn
from throughway.identity.actions.linking import link
from throughway.identity.actions.person_history import undo
from throughway.partners import OPERATOR
from throughway.store import Community


def run(community: Community, *command: str) -> dict[str, int]:
    found: dict[str, int] = town_of(community).module("tests.identity.killed_runs", *command)
    return found


@pytest.mark.django_db(transaction=True)
def test_killed_run_lands_all_or_nothing(community: Community) -> None:
    assert run(community, "steps", "70", "11")["killed"] >= 2


@pytest.mark.django_db(transaction=True)
def test_two_loads_a_run_and_a_look_up_at_once(community: Community) -> None:
    assert run(community, "beside", "2", "0")["records"] == 42


@pytest.mark.django_db
def test_two_runs_at_once_are_refused_in_a_sentence(community: Community) -> None:
    arriving_batches.register()
    making.in_effect(arriving_batches.agreed())
    with linking_turn():
        for act in (lambda: link(by=OPERATOR), lambda: undo(event=1, by=OPERATOR)):
            with pytest.raises(Refused, match="Records are being linked or destroyed; try again") as refused:
                act()
            assert refused.value.code == "busy"
