"""Our ladders as Splink's settings for Spark.

Splink is imported inside: it takes a second that most commands need not spend.
"""

from collections.abc import Collection, Mapping
from typing import Any

from throughway.identity.linkage.comparisons import COMPARISONS, Comparison
from throughway.identity.spark.dialect import as_spark

Shares = Mapping[str, Mapping[str, tuple[float, float]]]


def settings(meets: str, shares: Shares, lists: Collection[str], retained: Collection[str]) -> dict[str, Any]:
    """A model in Splink's own form. `meets`: the column of lists of which two records that are worth comparing share a member. `shares`: m and u of each rung. `lists`: columns that hold lists. `retained`: columns that
    the answer shows of both records."""
    from splink import SettingsCreator, block_on

    asked = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=[_ladder(comparison, shares[comparison.name], lists) for comparison in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on(meets, arrays_to_explode=[meets])],
        # An even chance is no bits: what two sources have in common beforehand is not the same for all, and is added beside.
        probability_two_random_records_match=0.5,
        retain_matching_columns=True,  # else Splink keeps no gamma columns
        additional_columns_to_retain=list(retained),
    )
    told: dict[str, Any] = asked.create_settings_dict("spark")
    return told


def _ladder(
    comparison: Comparison, shares: Mapping[str, tuple[float, float]], lists: Collection[str]
) -> dict[str, Any]:
    unknown = {
        "sql_condition": as_spark(comparison.unknown, lists),
        "label_for_charts": "cannot be compared",
        "is_null_level": True,
    }
    rungs = [
        {
            "sql_condition": "ELSE" if level.condition == "else" else as_spark(level.condition, lists),
            "label_for_charts": level.name,
            "m_probability": shares[level.name][0],
            "u_probability": shares[level.name][1],
        }
        for level in comparison.levels
    ]
    return {"output_column_name": comparison.name, "comparison_levels": [unknown, *rungs]}
