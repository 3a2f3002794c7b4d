"""What others make of the same rows: Splink by its tutorial, Splink's best shipped decision, ECM, GoldenMatch.

Each peer returns record number to person, over `linking_sets.People`. Settings are those that its own guide gives for
records of people; none saw the truth.
"""

import logging
import resource
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any

from bench.linking_sets import PLAIN, People

Found = Mapping[int, object]
PATIENCE = 300  # of the processor's seconds that GoldenMatch may take for one set
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
    if "middle_name" in held:
        blocks += [block_on("first_name", "middle_name"), block_on("last_name", "middle_name")]
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


def ecm(people: People) -> tuple[set[tuple[int, int]], float]:
    """The pairs that recordlinkage's ECM classifier calls matches (it has no decision over persons), and seconds."""
    import recordlinkage as rl

    began = time.process_time()
    rows = people.rows.drop(columns=[c for c in PLAIN if people.rows[c].isna().all()])
    sources = sorted(rows["source"].unique())
    sides = [rows[rows["source"] == source] for source in sources]
    given = sides if len(sides) == 2 else [rows]
    indexer = rl.Index()
    for keys in (["birthdate"], ["first_name", "last_name"], ["last_name", "middle_name"], ["first_name", "middle_name"],
                 ["street", "first_name"]):  # fmt: skip
        if set(keys) <= set(rows):
            indexer.block(keys)
    pairs = indexer.index(*given)
    compare = rl.Compare()
    for column in ("first_name", "last_name", "street"):
        if column in rows:
            compare.string(column, column, method="jarowinkler", threshold=0.85)
    for column in ("birthdate", "middle_name", "sex", "ssn"):
        if column in rows:
            compare.exact(column, column)
    matched = rl.ECMClassifier(binarize=0.5).fit_predict(compare.compute(pairs, *given))
    found = {(min(a, b), max(a, b)) for a, b in matched}
    return found, time.process_time() - began


def goldenmatch(people: People) -> Found | str:
    """GoldenMatch without configuration, in a process of its own; records it leaves alone are persons of their own. Where it takes
    too long or ends badly, why there is nothing of it."""
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=_at_most, initargs=(PATIENCE,)) as pool:
        try:
            return pool.submit(_goldenmatch, people).result()
        except BrokenProcessPool:
            return f"it takes more than {PATIENCE} CPU-s"
        except Exception as error:  # its own faults must not end the others' rows
            return f"it ended with {type(error).__name__}"


def _at_most(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _goldenmatch(people: People) -> Found:
    import goldenmatch as gm
    import pyarrow as pa

    empty = [column for column in PLAIN if people.rows[column].isna().all()]
    rows = people.rows.drop(columns=[*empty, "source"])
    made = gm.dedupe_df(pa.Table.from_pandas(rows, preserve_index=False))
    records = rows.index.tolist()
    found: dict[int, object] = {record: ("alone", record) for record in records}
    for number, cluster in made.clusters.items():
        for member in cluster["members"]:
            found[records[int(member)]] = number
    return found
