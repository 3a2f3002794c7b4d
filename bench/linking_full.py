"""A full run over a million records beside Splink alone on the same rows, each in a process of its own: processor's seconds and memory.

Splink gets the comparisons of its guide, and blocks that a million rows bear: a birth date by itself would make ninety million pairs.
It gives clusters; ours gives persons, doubtful pairs, what is odd about the records, and the index for the runs that follow.
"""

import json
import logging
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from bench.linking_people import SOURCES
from bench.row import Row
from throughway.identity.linkage.accuracy import judge

MOST_MEMORY = 3.0  # GB


@dataclass(frozen=True)
class Run:
    """`seconds` of the processor, `wall`; `peak` memory in GB, and what the rows took of it before; F1 over pairs of records."""

    seconds: float
    wall: float
    peak: float
    rows: float
    f1: float


def full(records: int) -> list[Row]:
    ours, theirs = (_alone(who, records) for who in ("ours", "splink"))
    return [
        Row(f"{records:,} records, full: seconds", f"{ours.seconds:.1f} CPU-s ({ours.wall:.0f} s)",
            f"Splink alone {theirs.seconds:.1f} CPU-s ({theirs.wall:.0f} s)", f"{ours.seconds / theirs.seconds:.2f}", "≤ 1.0",
            ours.seconds <= theirs.seconds),
        Row(f"{records:,} records, full: memory", f"{ours.peak:.1f} GB, rows given included ({ours.rows:.1f})", f"Splink alone {theirs.peak:.1f} GB",
            f"{ours.peak / theirs.peak:.2f}", "≤ 3 GB", ours.peak <= MOST_MEMORY),
        Row(f"{records:,} records, full: F1 over pairs", f"{ours.f1:.4f}", f"Splink at .95 {theirs.f1:.4f}", "", "", True),
    ]  # fmt: skip


def _alone(who: str, records: int) -> Run:
    asked = [sys.executable, "-m", "bench.linking_full", who, str(records)]
    return Run(
        **json.loads(
            subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
        )
    )


def _run(who: str, records: int) -> Run:
    tables, of = _kept_apart(records)
    before = _peak()
    act = {"ours": _ours, "splink": _splink}[who]
    cpu, wall = time.process_time(), time.monotonic()
    found = act(tables)
    seconds, wall = time.process_time() - cpu, time.monotonic() - wall
    peak = _peak()
    return Run(seconds, wall, peak, before, judge(found, dict(enumerate(of.tolist(), 1))).pairs.f1)


def _kept_apart(records: int) -> tuple[dict[str, pa.Table], Any]:
    """The rows, made in a process of their own, so that making them does not count as memory of the run."""
    code = (
        "import sys, numpy, pyarrow.parquet as pq; from bench.linking_people import people; "
        "tables, of = people(int(sys.argv[2])); "
        "[pq.write_table(t, f'{sys.argv[1]}/{n}.parquet') for n, t in tables.items()]; numpy.save(f'{sys.argv[1]}/of.npy', of)"
    )
    import tempfile

    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory(prefix="throughway-bench-") as folder:
        subprocess.run([sys.executable, "-c", code, folder, str(records)], check=True)
        return (
            {n: pq.read_table(f"{folder}/{n}.parquet") for n in ("person", "person_contact")},
            np.load(f"{folder}/of.npy"),
        )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _ours(tables: dict[str, pa.Table]) -> dict[int, int]:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughway.site.settings")
    django.setup()
    from throughway.identity.linkage.resolution import resolve

    found = resolve(tables)
    return dict(zip(found.record.tolist(), found.person.tolist(), strict=True))


def _splink(tables: dict[str, pa.Table]) -> dict[int, str]:
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    rows = tables["person"].join(tables["person_contact"].drop_columns(["partner"]), "person_record")
    rows = rows.rename_columns({
        "person_record": "unique_id", "address_street_number_and_name": "street", "telephone_number": "phone",
        "last_or_surname": "last_name", "electronic_mail_address": "email",
    })  # fmt: skip
    source = np.asarray(rows["partner"])
    api = DuckDBAPI()
    settings = SettingsCreator(
        link_type="link_and_dedupe",
        unique_id_column_name="unique_id",
        comparisons=[
            cl.NameComparison("first_name"), cl.NameComparison("last_name"), cl.DateOfBirthComparison("birthdate", input_is_string=True),
            cl.LevenshteinAtThresholds("street", [1, 3]), *(cl.ExactMatch(c) for c in ("middle_name", "sex", "phone", "email")),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("first_name", "last_name"), block_on("birthdate", "first_name"), block_on("birthdate", "last_name"),
            block_on("phone", "first_name"), block_on("email"), block_on("street", "first_name"),
        ],
    )  # fmt: skip
    given = [
        api.register(rows.filter(source == name).drop_columns(["partner"]), dataset_display_name=name)
        for name in SOURCES
    ]
    linker = Linker(given, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("first_name", "last_name", "birthdate")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for block in (block_on("first_name", "last_name"), block_on("birthdate")):
        linker.training.estimate_parameters_using_expectation_maximisation(block, max_pairs=1e6)
    edges = linker.inference.predict(threshold_match_probability=0.01)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        edges, threshold_match_probability=0.95
    )
    found = clusters.as_duckdbpyrelation().project("unique_id, cluster_id").to_arrow_table()
    return {
        int(record): str(cluster)
        for record, cluster in zip(
            found["unique_id"].to_pylist(), found["cluster_id"].to_pylist(), strict=True
        )
    }


if __name__ == "__main__":
    print(json.dumps(asdict(_run(sys.argv[1], int(sys.argv[2])))))
