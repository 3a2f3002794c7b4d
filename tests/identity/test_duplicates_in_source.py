"""The share of duplicates in a source sets the evidence needed for another one, and the threshold changes gradually."""

import itertools

import numpy as np
import pyarrow as pa
import pytest

from tests.identity.fictional_community import community
from tests.identity.incremental_community import differ, partition
from throughway.identity.linkage.clustering import OFTEN, SELDOM, decide
from throughway.identity.linkage.match_weights import weigh
from throughway.identity.linkage.resolution import compare_all

STEPS = np.linspace(0.0, 0.2, 41)


@pytest.fixture(scope="module")
def by_share() -> list[dict[int, frozenset[int]]]:
    """A list of entries, of which some are hardly alike: who is who in it, if so many of its records were doubles."""
    tables = community(900, seed=3, home=False).tables
    one = {name: t.set_column(1, "partner", pa.array(["north"] * t.num_rows)) for name, t in tables.items()}
    compared = compare_all(one)
    source = compared.records.source
    weighed = weigh(compared.pairs, compared.chance, compared.records)
    found = [decide(compared.pairs, weighed, source, doubled=np.array([share])).person for share in STEPS]
    return [partition(dict(enumerate(person.tolist()))) for person in found]


def test_a_few_more_duplicates_change_few_records(by_share: list[dict[int, frozenset[int]]]) -> None:
    whole = differ(by_share[0], by_share[-1])
    assert whole > 50  # so many depend on it
    steps = [differ(one, other) for one, other in itertools.pairwise(by_share)]
    assert max(steps) <= 0.25 * whole


def test_shares_beyond_the_thresholds_change_nothing(by_share: list[dict[int, frozenset[int]]]) -> None:
    few = [found for found, share in zip(by_share, STEPS, strict=True) if share <= SELDOM]
    many = [found for found, share in zip(by_share, STEPS, strict=True) if share >= OFTEN]
    assert all(found == few[0] for found in few)
    assert all(found == many[0] for found in many)
