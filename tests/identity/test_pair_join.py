"""Pairs that meet by keys: bounded, whatever ten thousand records share, and on the rungs that the ladders say."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tests.identity.fictional_community import community
from throughway.identity.incremental.index import Layer, LinkageIndex, RememberedPairs
from throughway.identity.linkage import pair_join
from throughway.identity.linkage.candidate_pairs import compare, compare_by_chance
from throughway.identity.linkage.comparison_levels import ladder
from throughway.identity.linkage.comparisons import COMPARISONS
from throughway.identity.linkage.pair_join import pairs_sharing_keys
from throughway.identity.linkage.resolution import resolve
from throughway.identity.linkage.standardization import connection, prepare

MANY = 10_000


def shared(**same: str) -> dict[str, pa.Table]:
    """Ten thousand records of one source that share this, and are otherwise several hundred people of each name and birth date."""
    number = list(range(1, MANY + 1))
    letters = "abcdefghijklmnopqrst"
    made = {
        "first_name": [f"{letters[n % 20]}nna{letters[n // 20 % 20]}" for n in number],
        "last_or_surname": [f"r{letters[n * 7 % 19]}os{letters[n // 400 % 20]}" for n in number],
        "birthdate": [f"{2005 + n % 10}-{1 + n // 10 % 12:02}-{1 + n // 120 % 28:02}" for n in number],
        "telephone_number": [f"555{n:07}" for n in number],
        "electronic_mail_address": [f"a{n}@mail.example" for n in number],
        "address_street_number_and_name": [f"{n} Oak Street" for n in number],
    } | {name: [value] * MANY for name, value in same.items()}
    who = {"person_record": number, "partner": ["north"] * MANY}
    contact = ("telephone_number", "electronic_mail_address", "address_street_number_and_name")
    return {
        "person": pa.table(who | {name: values for name, values in made.items() if name not in contact}),
        "person_contact": pa.table(who | {name: made[name] for name in contact}),
    }


@pytest.mark.parametrize(
    ("same", "told"),
    [
        ({"telephone_number": "555 010 0000"}, "One telephone number is shared by 10,000 records"),
        ({"first_name": "Test", "last_or_surname": "Student", "birthdate": "1900-01-01"}, "One and the same name stands in 100%"),
    ],
)  # fmt: skip
def test_ten_thousand_records_that_share_something_stay_bounded(same: dict[str, str], told: str) -> None:
    found = resolve(shared(**same))
    assert len(found.scored.one) < 20 * MANY
    assert len(set(found.person.tolist())) > 0.9 * MANY  # nobody is joined for it
    assert any(told in sentence for sentence in found.noticed)


def test_no_key_is_shared_by_more_than_can_be_compared_and_the_report_says_so() -> None:
    with connection() as engine:
        engine.execute(
            f"create table comparable as select range as unique_id, 'ana' as first, range // 4 as surname from range({MANY})"
        )
        found = pairs_sharing_keys(engine, "comparable", MANY, [("first",), ("surname",)])
    assert (found.right // 4 == found.left // 4).all()
    assert len(found.left) == MANY // 4 * 6
    [sentence] = found.said
    assert sentence.startswith("One first name is shared by 10,000 records")


def test_all_keys_together_make_no_more_pairs_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_join, "PAIRS_AT_LEAST", 1_000)
    monkeypatch.setattr(pair_join, "PAIRS_FOR_EACH", 1)
    with connection() as engine:
        engine.execute(
            f"create table comparable as select range as unique_id, range // 300 as surname from range({MANY})"
        )
        found = pairs_sharing_keys(engine, "comparable", MANY, [("surname",)])
    assert len(found.left) <= MANY
    assert found.said


def test_a_pair_that_meets_by_several_keys_is_one_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_join, "AT_ONCE", 7)
    with connection() as engine:
        engine.execute(
            "create table comparable as select range as unique_id, range % 5 as first, range % 10 as surname from range(60)"
        )
        found = pairs_sharing_keys(engine, "comparable", 60, [("first",), ("surname",)])
    expected = [(a, b) for a in range(60) for b in range(a + 1, 60) if a % 5 == b % 5]
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == expected


def test_pairs_stand_on_the_rungs_that_the_ladders_say() -> None:
    with connection() as engine:
        records = prepare(engine, community(150, seed=5).tables)
        for pairs in (compare(engine, records), compare_by_chance(engine, records).drawn):
            assert (plainly(engine, pairs.left, pairs.right) == pairs.rungs).all()


def plainly(engine: duckdb.DuckDBPyConnection, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    columns = [row[0] for row in engine.execute("describe comparable").fetchall()]
    sides = ", ".join(f"a.{name} as {name}_l, b.{name} as {name}_r" for name in columns)
    engine.register("asked", pa.table({"l": left, "r": right, "number": np.arange(len(left))}))
    rungs = ", ".join(ladder(comparison) for comparison in COMPARISONS)
    found = engine.execute(
        f"select {rungs} from (select number, {sides} from asked join comparable a on a.unique_id = l join comparable b on b.unique_id = r)"
        " order by number"
    ).fetchall()
    return np.array(found, np.int8).reshape(len(left), len(COMPARISONS))


def test_a_key_that_many_runs_together_made_common_finds_nobody_either() -> None:
    rows = pa.table({"person_record": list(range(1, 251)), "source": ["north"] * 250})
    none = np.zeros(0, np.int64)
    pairs = RememberedPairs(none, none, np.zeros((0, len(COMPARISONS)), np.int8))
    key = np.array([7], np.uint64)

    def layer(first: int) -> Layer:
        numbers = pa.array(range(first, first + 250), pa.int64())
        return Layer(
            rows.set_column(0, "person_record", numbers), np.repeat(key, 250), np.arange(250), pairs, none
        )

    asking = np.array([0])
    assert len(LinkageIndex([layer(1)]).candidates(key, asking)[1]) == 250
    assert len(LinkageIndex([layer(1), layer(251)]).candidates(key, asking)[1]) == 0
