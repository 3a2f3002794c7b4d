"""Pairs that meet by keys: bounded, whatever ten thousand records share, and on the rungs that the ladders say."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tests.identity.fictional_community import community
from throughway.identity.incremental.linkage_state import KnownRecords, RememberedPairs
from throughway.identity.linkage import blocking
from throughway.identity.linkage.blocking import pairs_sharing_keys
from throughway.identity.linkage.candidate_pairs import compare, compare_by_chance
from throughway.identity.linkage.comparison_levels import level_sql
from throughway.identity.linkage.comparisons import COMPARISONS, with_definitions
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
        ({"first_name": "Test", "last_or_surname": "Student", "birthdate": "1900-01-01"}, "100% of the records of"),
    ],
)  # fmt: skip
def test_ten_thousand_records_of_one_value_make_few_pairs(same: dict[str, str], told: str) -> None:
    found = resolve(shared(**same))
    assert len(found.scored.one) < 20 * MANY
    assert len(set(found.person.tolist())) > 0.9 * MANY  # nobody is joined for it
    assert any(told in sentence for sentence in found.warnings)


def test_crowded_keys_are_left_out_and_reported() -> None:
    with connection() as engine:
        engine.execute(
            f"create table comparable as select range as unique_id, 'ana' as first, range // 4 as surname from range({MANY})"
        )
        found = pairs_sharing_keys(engine, "comparable", MANY, [("first",), ("surname",)])
    assert (found.right // 4 == found.left // 4).all()
    assert len(found.left) == MANY // 4 * 6
    [sentence] = found.warnings
    assert sentence.startswith("One first name is shared by 10,000 records")


def test_total_number_of_pairs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "PAIRS_AT_LEAST", 1_000)
    monkeypatch.setattr(blocking, "PAIRS_FOR_EACH", 1)
    with connection() as engine:
        engine.execute(
            f"create table comparable as select range as unique_id, range // 300 as surname from range({MANY})"
        )
        found = pairs_sharing_keys(engine, "comparable", MANY, [("surname",)])
    assert len(found.left) <= MANY
    assert found.warnings


def test_pair_with_several_keys_is_listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "AT_ONCE", 7)
    with connection() as engine:
        engine.execute(
            "create table comparable as select range as unique_id, range % 5 as first, range % 10 as surname from range(60)"
        )
        found = pairs_sharing_keys(engine, "comparable", 60, [("first",), ("surname",)])
    expected = [(a, b) for a in range(60) for b in range(a + 1, 60) if a % 5 == b % 5]
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == expected


def test_levels_equal_those_of_plain_conditions() -> None:
    with connection() as engine:
        records = prepare(engine, community(150, seed=5).tables)
        for pairs in (compare(engine, records), compare_by_chance(engine, records).drawn):
            assert (plainly(engine, pairs.left, pairs.right) == pairs.rungs).all()


def plainly(engine: duckdb.DuckDBPyConnection, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    columns = [row[0] for row in engine.execute("describe comparable").fetchall()]
    sides = ", ".join(f"a.{name} as {name}_l, b.{name} as {name}_r" for name in columns)
    engine.register("asked", pa.table({"l": left, "r": right, "number": np.arange(len(left))}))
    rungs = ", ".join(with_definitions(level_sql(comparison)) for comparison in COMPARISONS)
    found = engine.execute(
        f"select {rungs} from (select number, {sides} from asked join comparable a on a.unique_id = l join comparable b on b.unique_id = r)"
        " order by number"
    ).fetchall()
    return np.array(found, np.int8).reshape(len(left), len(COMPARISONS))


def test_key_that_became_crowded_over_runs_is_left_out() -> None:
    def rows(first: int) -> pa.Table:
        numbers = pa.array(range(first, first + 250), pa.int64())
        return pa.table({"person_record": numbers, "source": ["north"] * 250})

    none = np.zeros(0, np.int64)
    pairs = RememberedPairs(none, none, np.zeros((0, len(COMPARISONS)), np.int8))
    key, owner = np.array([7], np.uint64), np.array([0])
    known = KnownRecords(rows(1), np.repeat(key, 250), np.arange(250), pairs)
    assert len(known.sharing_keys(key, owner)[1]) == 250
    later = known.updated(none, rows(251), np.repeat(key, 250), np.arange(250), pairs)
    assert later.numbers.tolist() == list(range(1, 501))
    assert len(later.sharing_keys(key, owner)[1]) == 0
