"""The same pairs, rungs and persons on Spark as on this machine; what is marked runs where the extra `spark` and Java are."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tests.gate import making
from tests.identity.fictional_community import Maker, community, schooling
from throughway.core.refusals import Refused
from throughway.gate.actions import person_links
from throughway.identity.actions.linking import link
from throughway.identity.linkage import blocking
from throughway.identity.linkage.candidate_pairs import compare
from throughway.identity.linkage.comparisons import CLASS, SCHOOL, column
from throughway.identity.linkage.match_weights import records_in
from throughway.identity.linkage.resolution import resolve
from throughway.identity.linkage.standardization import connection, prepare
from throughway.identity.linkage.word_lists import formal_names
from throughway.identity.spark import dialect
from throughway.identity.spark.actions import BROUGHT_BACK, bring_back, connected, hand_over, score
from throughway.identity.spark.dialect import as_spark
from throughway.identity.spark.model import Model, learn, model_of, shipment
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.store.selectors import current_community

HAS_SPARK = find_spec("pyspark") is not None
HAS_JAVA = bool(os.environ.get("JAVA_HOME") or shutil.which("java"))
MASTER = "local[2]"


def on_spark(test: Any) -> Any:
    """Marks a test that needs a Spark."""
    for mark in (
        pytest.mark.spark,
        pytest.mark.filterwarnings("default"),  # pyspark's own
        pytest.mark.skipif(not HAS_SPARK, reason="the extra `spark` is not installed"),
        pytest.mark.skipif(not HAS_JAVA, reason="Spark needs Java"),
    ):
        test = mark(test)
    return test


def prepared(tables: dict[str, pa.Table]) -> tuple[duckdb.DuckDBPyConnection, pa.Table]:
    engine = connection()
    prepare(engine, tables)
    return engine, engine.execute("select * from comparable order by unique_id").to_arrow_table()


def odd(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The fictional town, with some of its records hurt as registers hurt them: nothing known, letters of other alphabets, names
    turned round, an apostrophe, a likeness with three letters in another order."""
    people = tables["person"].to_pylist()
    names = [("Søren", "Łukaszewicz"), ("Soren", "Lukaszewicz"), ("Иван", "Петров"), ("Ива", "Петров"), ("Lucia", "Ñandú"), ("Liucia", "Nandu"),
             (None, "Vale"), ("Ana", None), (None, None), ("O'Dell", "D’Arc"), ("A", "Li"), ("María José", "de la Cruz Vale"), ("Maria", "Cruz")]  # fmt: skip
    for at, row in enumerate(people[: 6 * len(names)]):
        row["first_name"], row["last_or_surname"] = names[at % len(names)]
        row["birthdate"] = None if at % 7 == 0 else people[at % 5]["birthdate"]
        row["sex"] = None if at % 3 == 0 else row["sex"]
    return {**tables, "person": pa.Table.from_pylist(people, schema=tables["person"].schema)}


# Without a Spark.


def test_every_comparison_translates_to_spark() -> None:
    engine, rows = prepared(community(60, seed=5).tables)
    weights = learn(rows)
    model = model_of(weights, shipment(engine, rows.num_rows)[0])
    again = Model.of_json(model.to_json())
    assert again.to_json() == model.to_json()
    ladder = next(c for c in again.splink["comparisons"] if c["output_column_name"] == "birth")
    told = {
        level["label_for_charts"]: (level["m_probability"], level["u_probability"])
        for level in ladder["comparison_levels"][1:]
    }
    assert told == {name: tuple(shares) for name, shares in weights.shares["birth"].items()}


def test_another_document_is_no_model() -> None:
    with pytest.raises(ValueError, match="not a linkage model"):
        Model.of_json('{"form": "another"}')


@pytest.mark.parametrize(
    "condition",
    [
        "jaccard(first_l, first_r) > 0.9",
        "regexp_matches(first_l, 'a')",
        "jaro_winkler_similarity(first_l, first_r) >= 0.6",
    ],
)
def test_untranslatable_condition_is_refused(condition: str) -> None:
    with pytest.raises(ValueError, match="Spark"):
        as_spark(condition, ())


def test_length_is_of_letters_or_of_members() -> None:
    assert (
        as_spark("len(phones_l) > 0 and len(first_r) > 3", ["phones"])
        == "SIZE(phones_l) > 0 AND LENGTH(first_r) > 3"
    )


def test_weights_are_learned_from_a_sample() -> None:
    _, rows = prepared(community(500, seed=5).tables)
    all_, some = learn(rows), learn(rows, most=rows.num_rows // 2)
    assert some.before.keys() == all_.before.keys()
    assert max(abs(some.before[both] - all_.before[both]) for both in all_.before) < 2.5


def test_only_compared_columns_are_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, rows = prepared(community(200, seed=5).tables)
    shipped, said = shipment(engine, rows.num_rows)
    assert "person_record" not in shipped.column_names
    assert said == ()
    monkeypatch.setattr(blocking, "MOST_OF_KEY", 2)
    fewer, said = shipment(engine, rows.num_rows)
    assert said
    assert sum(map(len, fewer["meets"].to_pylist())) < sum(map(len, shipped["meets"].to_pylist()))


@pytest.mark.skipif(HAS_SPARK, reason="the extra `spark` is installed")
@pytest.mark.django_db
def test_missing_extra_is_refused_before_reading(community: Community) -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    with pytest.raises(Refused) as refused:
        link(spark=MASTER, by=OPERATOR)
    assert refused.value.code == "no_spark"
    assert person_links().num_rows == 0


# With one.


@pytest.fixture(scope="module", autouse=True)
def uncompressed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spark's own configuration, as an operator writes it: what is written can be read, were it not encrypted."""
    configured = tmp_path_factory.mktemp("configured")
    (configured / "spark-defaults.conf").write_text("spark.shuffle.compress false\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(configured))
        yield


@on_spark
@pytest.mark.django_db
def test_a_run_on_spark_through_the_gate(community: Community) -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    linked = link(spark=MASTER, by=OPERATOR)
    assert (linked.records, linked.persons, linked.new_persons) == (5, 4, 4)
    assert list(current_community().staging.iterdir()) == []
    again = link(full=True, by=OPERATOR)
    assert (again.persons, again.new_persons, again.merged, again.split) == (4, 0, 0, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="module")
def spark(folder: Path) -> Iterator[Any]:
    with connected(MASTER, folder) as session:
        yield session


@on_spark
def test_similarities_equal_those_of_duckdb(spark: Any) -> None:
    maker = Maker(3)
    names = [
        *sorted({name for pair in formal_names() for name in pair}),
        "søren",
        "иван",
        "ива",
        "a",
        "ab",
        "ba",
    ]
    pairs = [("lucia", "liucia"), ("elbertson", "eelbertson"), ("a", "a"), ("", ""), (None, "a"), ("a", None)]
    for _ in range(3000):
        one = other = maker.random.choice(names)
        for _ in range(maker.random.randint(0, 3)):
            other = maker.typing_error(other) if other else maker.random.choice(names)
        pairs.append((one, other))
    table = pa.table({"a": [a for a, _ in pairs], "b": [b for _, b in pairs]})
    engine = connection()
    engine.register("words", table)
    here_ = engine.execute(
        "select a, b, jaro_winkler_similarity(a, b), damerau_levenshtein(a, b) from words"
    ).fetchall()
    hand_over(spark, table).createOrReplaceTempView("words")
    spark.udf.registerJavaFunction("jaro_sim", "uk.gov.moj.dash.linkage.JaroSimilarity", "double")
    spark.udf.registerJavaFunction(
        "damerau_levenshtein", "uk.gov.moj.dash.linkage.LevDamerauDistance", "double"
    )
    asked = (
        f"select a, b, {dialect.jaro_winkler('a', 'b')}, {dialect.damerau_levenshtein('a', 'b')} from words"
    )
    there = {tuple(row[:2]): tuple(row[2:]) for row in spark.sql(asked).collect()}
    for a, b, winkler, distance in here_:
        told = there[a, b]
        assert told[1] == distance, (a, b)
        if winkler is None or winkler > dialect.NEVER_ASKED + 1e-9:
            assert told[0] == winkler, (a, b)  # to the last bit: the ladders ask whether it reaches 0.9
        else:
            assert told[0] <= dialect.NEVER_ASKED + 1e-9, (a, b)


@on_spark
def test_spark_gives_the_same_pairs_weights_and_persons(spark: Any) -> None:
    made = community(250, seed=5)
    tables = odd(made.tables) | {"school_enrollment": schooling(made, seed=5)}
    engine, rows = prepared(tables)
    pairs, weights = compare(engine, rows.num_rows), learn(rows)
    shipped, _ = shipment(engine, rows.num_rows)
    scored = score(spark, model_of(weights, shipped).to_json(), hand_over(spark, shipped)).cache()
    found = bring_back(scored, above=-np.inf)
    assert len(found) == len(pairs) > 300
    assert (pairs.rungs[:, [column(SCHOOL), column(CLASS)]] >= 0).any(axis=0).all()
    assert np.array_equal(found.left, pairs.left)
    assert np.array_equal(found.right, pairs.right)
    assert np.array_equal(found.rungs, pairs.rungs)
    told = scored.sort("one", "other").toArrow()["weight"].to_numpy()
    names = sorted(set(rows["source"].to_pylist()))
    assert np.allclose(told, weights.alone(pairs, records_in(rows, names), names), atol=1e-9, rtol=0)
    back = bring_back(scored, BROUGHT_BACK)
    assert len(back) == (told > BROUGHT_BACK).sum() < len(pairs)
    on_one_machine, on_many = resolve(tables), resolve(tables, find=lambda engine, records: back)
    assert np.array_equal(on_many.person, on_one_machine.person)
    assert sorted(on_many.review) == sorted(on_one_machine.review)


@on_spark
def test_spark_writes_no_name(spark: Any, folder: Path) -> None:
    names = [f"wilhelmina{at}" for at in range(2000)]
    handed = hand_over(spark, pa.table({"name": names}))
    assert len(handed.repartition(3, "name").collect()) == len(names)
    written = [file for file in folder.rglob("shuffle_*.data") if file.stat().st_size]
    assert written
    assert not [file for file in written if b"wilhelmina" in file.read_bytes()]
