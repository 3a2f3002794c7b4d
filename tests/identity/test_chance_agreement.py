"""Exact agreements by chance are counted over all pairs, with the same result as comparing every two records."""

from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.identity.fictional_community import community
from tests.identity.incremental_community import Community
from throughway.identity.incremental.linkage_state import pack_state, unpack_state
from throughway.identity.linkage import match_weights
from throughway.identity.linkage.candidate_pairs import (
    AGREEMENT_QUERIES,
    CandidatePairs,
    ChanceAgreement,
    LevelCounts,
    compare,
    compare_by_chance,
    compare_these,
    count_agreements,
)
from throughway.identity.linkage.comparisons import BIRTH, FAMILY, MIDDLE, column
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.identity.linkage.standardization import connection, prepare
from throughway.identity.spark.model import learn

FIRSTS = st.sampled_from([None, "Ana", "Lucia", "Vale", "Ana Lucia"])
LASTS = st.sampled_from([None, "Vale", "Ana", "Vale Quin", "Quin Vale", "Lucia", "Ana Lucia"])
MIDDLES = st.sampled_from([None, "L", "Lucia", "Noor"])
BIRTHS = st.sampled_from(
    [None, *(date(2012, month, day) for month, day in ((3, 4), (4, 3), (5, 5), (3, 14)))]
)
SEXES = st.sampled_from([None, "Male", "Female"])
RECORDS = st.lists(st.tuples(FIRSTS, MIDDLES, LASTS, BIRTHS, SEXES), min_size=2, max_size=20)


def tables(records: list[tuple[object, ...]]) -> dict[str, pa.Table]:
    names = ("first_name", "middle_name", "last_or_surname", "birthdate", "sex")
    rows = [dict(zip(names, record, strict=True)) for record in records]
    person = [{"person_record": n, "partner": "north", **row} for n, row in enumerate(rows)]
    return {"person": pa.Table.from_pylist(person)}


def one_by_one(rows: pa.Table) -> dict[str, LevelCounts]:
    """Every two records, on the rungs of the ladders."""
    two = np.array(list(combinations(range(rows.num_rows), 2)), np.int64).reshape(-1, 2)
    rungs = compare_these(rows, two[:, 0], two[:, 1]).rungs
    found = {}
    for comparison, (_, on) in AGREEMENT_QUERIES.items():
        rung = rungs[:, column(comparison)]
        levels = {name: int((rung == comparison.level(name)).sum()) for name in on}
        found[comparison.name] = LevelCounts(int((rung >= 0).sum()), levels)
    return found


@settings(max_examples=25, deadline=None)
@given(RECORDS)
# Names turned round, of which the whole is written alike.
@example([("Ana", "Lucia", "Ana Lucia", None, None), ("Ana Lucia", None, "Ana", None, None)])
def test_exact_agreements_are_counted_as_if_listed(records: list[tuple[object, ...]]) -> None:
    rows = rows_of(tables(records))
    with connection() as engine:
        engine.register("rows", rows)
        assert count_agreements(engine, "rows") == one_by_one(rows)


@pytest.fixture(scope="module")
def town() -> tuple[pa.Table, CandidatePairs, ChanceAgreement]:
    """So many records that some pairs alone are drawn: the rows, the pairs that meet, and what chance makes agree."""
    with connection() as engine:
        records = prepare(engine, community(420, seed=19).tables)
        rows = engine.execute("select * from comparable order by unique_id").to_arrow_table()
        return rows, compare(engine, records), compare_by_chance(engine, records)


def test_u_is_the_share_of_pairs_of_two_persons(
    town: tuple[pa.Table, CandidatePairs, ChanceAgreement], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where what is thought beforehand is worth nothing; and it does not hang on which pairs were drawn."""
    rows, pairs, chance = town
    assert len(chance.drawn) < chance.possible
    monkeypatch.setattr(match_weights, "PAIRS_BEHIND_U", 1e-6)
    one_person = np.random.default_rng(1).random(len(pairs))
    fewer = replace(
        chance,
        drawn=CandidatePairs(*(e[::2] for e in (chance.drawn.left, chance.drawn.right, chance.drawn.rungs))),
    )
    kinds, whole = match_weights._Patterns(pairs.rungs), one_by_one(rows)
    for some in (chance, fewer):
        _, u = match_weights._learned(kinds, match_weights._Patterns(some.drawn.rungs), some, one_person)
        for comparison, (_, on) in AGREEMENT_QUERIES.items():
            rung, told = pairs.rungs[:, column(comparison)], whole[comparison.name]
            of_two = told.compared - one_person[rung >= 0].sum()
            for name in on:
                expected = max(told.on[name] - one_person[rung == comparison.level(name)].sum(), 0.0) / of_two
                found = u[column(comparison)][comparison.level(name)]
                assert found == pytest.approx(expected, rel=1e-6, abs=1e-9), (comparison.name, name)
            assert u[column(comparison)].sum() == pytest.approx(1)


def test_uncounted_levels_divide_the_rest_as_drawn_pairs_do(
    town: tuple[pa.Table, CandidatePairs, ChanceAgreement],
) -> None:
    _, pairs, chance = town
    kinds, drawn = match_weights._Patterns(pairs.rungs), match_weights._Patterns(chance.drawn.rungs)
    nobody = np.zeros(len(pairs))
    _, counted_too = match_weights._learned(kinds, drawn, chance, nobody)
    _, drawn_alone = match_weights._learned(kinds, drawn, replace(chance, counted={}), nobody)
    one, other = (each[column(BIRTH)] for each in (counted_too, drawn_alone))
    low = [BIRTH.level(name) for name in ("one digit", "one part", "two digits", "different")]
    assert one[low] / one[low].sum() == pytest.approx(other[low] / other[low].sum())
    assert (
        counted_too[column(FAMILY)] == drawn_alone[column(FAMILY)]
    ).all()  # nearly the same address is no exact agreement


def test_incremental_runs_and_spark_use_the_same_u() -> None:
    made = community(420, seed=19)
    town = Community(made.tables, set(made.truth))
    found = town.whole()
    kept = unpack_state([pack_state(town.state)])
    assert kept is not None
    learned = learn(town.state.known.rows).shares
    for comparison in AGREEMENT_QUERIES:
        expected = {name: u for name, (_, u) in found.shares[comparison.name].items()}
        assert {name: u for name, (_, u) in kept.weights.shares[comparison.name].items()} == expected
        assert {name: u for name, (_, u) in learned[comparison.name].items()} == pytest.approx(expected)


def test_unshared_value_keeps_its_prior(
    town: tuple[pa.Table, CandidatePairs, ChanceAgreement],
) -> None:
    """What a ladder says beforehand stays worth its share of the pairs that were drawn."""
    _, pairs, chance = town
    none = replace(chance, counted={MIDDLE.name: LevelCounts(chance.possible, {"same": 0})})
    _, u = match_weights._learned(
        match_weights._Patterns(pairs.rungs),
        match_weights._Patterns(chance.drawn.rungs),
        none,
        np.zeros(len(pairs)),
    )
    behind = match_weights.PAIRS_BEHIND_U / len(chance.drawn)
    assert u[column(MIDDLE)][MIDDLE.level("same")] == pytest.approx(
        MIDDLE.levels[0].u * behind / (1 + behind)
    )
