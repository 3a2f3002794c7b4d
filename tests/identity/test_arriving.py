"""Records that come day by day are recognised as a full run would, and nobody's id changes for it."""

import random

import pytest

from tests.gate import making
from tests.identity import arriving
from tests.identity.fictional import community as fiction
from throughway.gate.actions import person_links
from throughway.identity.actions import link
from throughway.partners import OPERATOR
from throughway.store import Community

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed(community: Community) -> None:
    arriving.register()
    making.in_effect(arriving.agreed())


def links_now() -> dict[int, int]:
    links = person_links()
    return dict(zip(links["record"].to_pylist(), links["person"].to_pylist(), strict=True))


@pytest.mark.usefixtures("agreed")
def test_batches_give_what_a_full_run_gives() -> None:
    made = fiction(600, seed=11)
    numbers = sorted(made.truth)
    random.Random(5).shuffle(numbers)
    first = len(numbers) * 7 // 10
    arriving.arrive(made.tables, "load-0", set(numbers[:first]))
    assert link(by=OPERATOR).why_full
    batch = 40
    for day, at in enumerate(range(first, len(numbers), batch), start=1):
        arriving.arrive(made.tables, f"load-{day}", set(numbers[at : at + batch]))
        linked = link(by=OPERATOR)
        assert not linked.why_full
    one = arriving.groups(links_now())
    assert link(full=True, by=OPERATOR).why_full
    other = arriving.groups(links_now())
    differ = sum(one[record] != other[record] for record in other)
    assert len(one) == len(other)
    assert differ <= 0.001 * len(other) + 2
