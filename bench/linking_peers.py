"""What others make of the same rows: Splink by its tutorial, Splink's best shipped decision, ECM, GoldenMatch.

Each peer returns record number to person, over `linking_sets.People`. Settings are those that its own guide gives for
records of people; none saw the truth.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any

from bench.linking_sets import PLAIN, People

Found = Mapping[int, object]
CERTAIN = 0.95  # the threshold of Splink's tutorial


def splinks(people: People) -> dict[str, tuple[Found, float]]:
    """Splink's two decisions on one model: its tutorial's connected components, and single best links.

    With each, the processor's seconds it took, training and scoring included in both.
    """
    began = time.process_time()
    linker, edges = _scored(people)
    scored = time.process_time() - began
    found = {}
    for name, decide in (("default path", _components), ("single best links", _single_best)):
        began = time.process_time()
        clusters = decide(linker, edges, people).as_pandas_dataframe()
        found[name] = (
            dict(zip(clusters["unique_id"].astype(int), clusters["cluster_id"].astype(str), strict=True)),
            scored + time.process_time() - began,
        )
    return found


def _components(linker: Any, edges: Any, people: People) -> Any:
    return linker.clustering.cluster_pairwise_predictions_at_threshold(
        edges, threshold_match_probability=CERTAIN
    )


def _single_best(linker: Any, edges: Any, people: People) -> Any:
    sources = sorted(people.rows["source"].unique())
    if len(sources) == 1:
        return _components(linker, edges, people)
    return linker.clustering.cluster_using_single_best_links(
        edges,
        duplicate_free_datasets=[_plain(source) for source in sources],
        threshold_match_probability=CERTAIN,
    )


def _scored(people: People) -> tuple[Any, Any]:
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    rows = people.rows.rename_axis("unique_id").reset_index().rename(columns={"source": "source_dataset"})
    held = {column for column in PLAIN if people.rows[column].notna().any()}
    comparisons = [cl.NameComparison("first_name"), cl.NameComparison("last_name")]
    blocks = [block_on("first_name", "last_name")]
    if "birthdate" in held:
        comparisons.append(cl.DateOfBirthComparison("birthdate", input_is_string=True))
        blocks += [block_on("birthdate")]
    if "street" in held:
        comparisons.append(cl.LevenshteinAtThresholds("street", [1, 3]))
        blocks += [block_on("street", "first_name"), block_on("street", "last_name")]
    comparisons += [
        cl.ExactMatch(column) for column in ("middle_name", "sex", "ssn", "phone", "email") if column in held
    ]
    blocks += [block_on(column) for column in ("ssn", "phone", "email") if column in held]
    sources = sorted(people.rows["source"].unique())
    kind = {1: "dedupe_only", 2: "link_only"}.get(len(sources), "link_and_dedupe")
    settings = SettingsCreator(
        link_type=kind, unique_id_column_name="unique_id", comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocks,
    )  # fmt: skip
    api = DuckDBAPI()
    if kind == "dedupe_only":
        given: Any = api.register(rows.drop(columns="source_dataset"))
    else:
        given = [
            api.register(
                rows[rows["source_dataset"] == source].drop(columns="source_dataset"),
                dataset_display_name=_plain(source),
            )
            for source in sources
        ]
    linker = Linker(given, settings, log_level=None)
    sure = [block_on("first_name", "last_name", "birthdate" if "birthdate" in held else "ssn")]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("first_name", "last_name"))
    if "birthdate" in held:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("birthdate"))
    elif "ssn" in held:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("ssn"))
    return linker, linker.inference.predict(threshold_match_probability=0.01)


def _plain(source: str) -> str:
    return source.replace(" ", "_")
