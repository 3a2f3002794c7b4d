"""Splink finds the pairs worth comparing and says on which rung of each ladder they stand.

Splink 5 is imported inside the functions: it takes a second that most commands need not spend.
"""

import logging
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from throughway.identity.linkage import blocking
from throughway.identity.linkage.evidence import COMPARISONS, Rungs

TOO_FEW_TO_TEACH = 500  # chance pairs; beside the prior of thousands they would say nothing
FEWEST_DRAWN, MOST_DRAWN, DRAWN_PER_RECORD = 100_000, 1_000_000, 25

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Compared pairs: `left` and `right` are numbers of rows of `comparable`, `rungs` one row a pair and one column a
    comparison, -1 where it cannot be compared."""

    left: Integers
    right: Integers
    rungs: Rungs

    def __len__(self) -> int:
        return len(self.left)


def compare(engine: duckdb.DuckDBPyConnection, records: int) -> Pairs:
    """Every pair of `comparable` that shares enough to be worth a look (blocking), compared."""
    if records < 2:
        return _none()
    return _compared(_linker(engine, records, [_as_splink(rule) for rule in blocking.rules(records)]))


def compare_by_chance(engine: duckdb.DuckDBPyConnection, records: int, seed: int = 7) -> Pairs:
    """Pairs drawn at random, compared: what chance alone makes agree. All pairs where there are few."""
    possible = records * (records - 1) // 2
    if possible < TOO_FEW_TO_TEACH:
        return _none()
    wanted = min(MOST_DRAWN, max(FEWEST_DRAWN, DRAWN_PER_RECORD * records))
    if possible <= wanted:
        left, right = np.triu_indices(records, k=1)
    else:
        random = np.random.default_rng(seed)
        drawn = random.integers(0, records, size=(2, wanted))
        drawn = drawn[:, drawn[0] != drawn[1]]
        left, right = drawn.min(axis=0), drawn.max(axis=0)
    linker = _linker(engine, records, [])
    blocked = pa.table({"join_key_l": left, "join_key_r": right, "match_key": pa.array(["0"] * len(left))})
    engine.register("drawn_pairs", blocked)
    linker.table_management.register_blocked_pairs_for_predict(linker._db_api.register("drawn_pairs"))
    return _compared(linker)


def _none() -> Pairs:
    empty = np.zeros(0, np.int64)
    return Pairs(empty, empty, np.zeros((0, len(COMPARISONS)), np.int8))


def _as_splink(rule: blocking.Rule) -> Any:
    from splink import block_on

    parts = [blocking.columns(part) for part in rule]
    if all(len(names) == 1 for names in parts):
        lists = [names[0] for part, names in zip(rule, parts, strict=True) if blocking.is_list(part)]
        return block_on(*(name for [name] in parts), arrays_to_explode=lists or None)
    crosswise = [both for names in parts for both in zip(names, reversed(names), strict=True)]
    return " and ".join(f"l.{one} = r.{other}" for one, other in crosswise)


def _linker(engine: duckdb.DuckDBPyConnection, records: int, rules: list[Any]) -> Any:
    from splink import DuckDBAPI, Linker, SettingsCreator

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(engine)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=[_ladder(at) for at in range(len(COMPARISONS))],
        blocking_rules_to_generate_predictions=rules,
        probability_two_random_records_match=1 / max(records, 2),
        retain_matching_columns=True,  # else Splink keeps no gamma columns
    )
    return Linker(api.register("comparable"), settings, log_level=None, validate_settings=False)


def _ladder(at: int) -> dict[str, Any]:
    comparison = COMPARISONS[at]
    unknown = {
        "sql_condition": comparison.unknown,
        "label_for_charts": "cannot be compared",
        "is_null_level": True,
    }
    rungs = [
        {
            "sql_condition": "ELSE" if level.condition == "else" else level.condition,
            "label_for_charts": level.name,
            "m_probability": level.m,
            "u_probability": level.u,
        }
        for level in comparison.levels
    ]
    return {"output_column_name": comparison.name, "comparison_levels": [unknown, *rungs]}


def _compared(linker: Any) -> Pairs:
    wanted = ", ".join(["unique_id_l", "unique_id_r", *(f"gamma_{c.name}" for c in COMPARISONS)])
    scored = (
        linker.inference.predict(warning_mode="never").as_duckdbpyrelation().project(wanted).to_arrow_table()
    )
    left, right = (scored[f"unique_id_{side}"].to_numpy().astype(np.int64) for side in "lr")
    order = np.lexsort((right, left))
    rungs = np.stack([scored[f"gamma_{c.name}"].to_numpy() for c in COMPARISONS], axis=1).astype(np.int8)
    return Pairs(left[order], right[order], rungs[order])
