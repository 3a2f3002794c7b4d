"""A full run over a million records, a batch of new ones against them, one record looked up, and ids over a hundred daily batches.

`python -m bench linking_more --set RECORDS=100000` measures on fewer. The peer of a batch is Splink's `predict_between` alone on the same rows: it gives
edges, and no persons. Both begin with rows prepared and in memory; processor's seconds, in turns, the least of five.
"""

import logging
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.linking_full import full
from bench.linking_people import people
from bench.row import Row

RECORDS, NEW, LOOKED_UP = 1_000_000, 10_000, 200


def measure(records: int | None = None) -> list[Row]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughway.site.settings")
    django.setup()
    from bench.linking_days import over_days

    records = records or RECORDS
    rows = []
    for taken in (lambda: full(records), lambda: at_once(records), over_days):
        rows += taken()
        print(*rows, sep="\n", file=sys.stderr)  # a million records take long: what was taken is told at once
    return rows


def at_once(records: int) -> list[Row]:
    from throughway.identity.incremental.incremental_decision import RecordChanges, update_state
    from throughway.identity.linkage.prepared_statements import rows_of
    from throughway.identity.person_ids import LOWEST, assign

    new = max(min(NEW, records // 100), 10)
    tables, _ = people(records)
    known, links, kept = _known({n: t.slice(0, records - new) for n, t in tables.items()})
    began = time.process_time()
    known.known.numbers  # noqa: B018  opened
    kept["opened"] += time.process_time() - began
    rows = rows_of({n: t.slice(records - new) for n, t in tables.items()}, known.no_evidence)
    touched = rows["person_record"].to_numpy().astype(np.int64)
    told: dict[str, int] = {}

    def ours() -> None:
        changes = RecordChanges(rows, touched, links.together(touched))
        found, later = update_state(known, changes, links.persons_of, ((), ()))
        numbers = np.unique(np.concatenate([np.array(g) for g in found.groups]))
        persons = links.persons_of(numbers)
        linked = persons != numbers
        before = dict(zip(numbers[linked].tolist(), persons[linked].tolist(), strict=True))
        made = assign(found.groups, before, left={}, given_out=sorted(set(before.values())),
                      draw=lambda: LOWEST + secrets.randbelow(2**50))  # fmt: skip
        told["pairs"], told["decided"], told["moved"] = (
            len(later.known.pairs) - len(known.known.pairs),
            len(numbers),
            len(made.events),
        )

    least = _in_turns({"ours": ours, "splink": _splink(tables, records - new)}, 5)
    clocks = []
    rows = rows.cast(known.known.rows.schema)
    for place in np.random.default_rng(1).integers(0, rows.num_rows, LOOKED_UP).tolist():
        clocks.append(_look_up(known, rows.slice(place, 1)))
    p50, p95 = np.quantile(clocks, [0.5, 0.95]).tolist()
    one = _in_turns({"splink": _splink(tables, records - new, one=records)}, 5)["splink"]
    print(told, file=sys.stderr)
    return [
        Row(f"what a full run over {records - new:,} keeps, written and opened again", f"{kept['bytes'] / 2**20:.0f} MB, written {kept['written']:.1f} CPU-s, opened {kept['opened']:.1f} CPU-s",
            "", "", "", True),
        Row(f"{new:,} new records into {records - new:,} known: edges and persons", f"{least['ours']:.2f} CPU-s",
            f"Splink predict_between, edges only {least['splink']:.2f} CPU-s", f"{least['ours'] / least['splink']:.2f}", "≤ 1.0",
            least["ours"] <= least["splink"]),
        Row(f"one record looked up among {records - new:,}, scored, p95", f"{1000 * p95:.0f} ms CPU (p50 {1000 * p50:.0f})",
            f"Splink predict_between {1000 * one:.0f} ms CPU", f"{one / p95:.1f} × faster", "≤ 30 ms and ≥ 10 ×",
            p95 <= 0.030 and one >= 10 * p95),
    ]  # fmt: skip


def _known(tables: dict[str, pa.Table]) -> tuple[Any, Any, dict[str, float]]:
    """What a full run over these records keeps, as it is opened again, the links it made, and what keeping took."""
    from throughway.identity.incremental.linkage_state import pack_state, state_after, unpack_state
    from throughway.identity.linkage.resolution import resolve
    from throughway.identity.person_ids import LOWEST
    from throughway.store.links import Links

    found = resolve(tables)
    whole = pack_state(state_after(found, {}, {}, {}, []))
    with tempfile.TemporaryDirectory(prefix="throughway-bench-") as folder:
        at, path = time.process_time(), Path(folder) / "known.parquet"
        pq.write_table(whole, path, compression="none")
        written = time.process_time() - at
        del whole
        at = time.process_time()
        known = unpack_state([pq.read_table(path)])
        opened, size = time.process_time() - at, path.stat().st_size
    links = Links(found.record, found.person + LOWEST)
    return known, links, {"bytes": size, "written": written, "opened": opened}


def _look_up(known: Any, row: pa.Table) -> float:
    from throughway.identity.incremental.incoming_records import incoming, nearest

    row = row.set_column(
        row.schema.get_field_index("person_record"), "person_record", pa.array([0], pa.int64())
    )
    at = time.process_time()
    batch = incoming(row, known.salt, known.rules, np.array([0]))
    nearest(known.known, batch, known.weights, known.sources)
    return time.process_time() - at


def _splink(tables: dict[str, pa.Table], known: int, one: int | None = None) -> Callable[[], None]:
    """Splink's own comparisons of names, birth date, street and telephone, untrained: to score takes as long."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    rows = tables["person"].join(tables["person_contact"].drop_columns(["partner"]), "person_record")
    rows = rows.rename_columns({"person_record": "unique_id", "address_street_number_and_name": "street", "telephone_number": "phone",
                                "first_name": "first", "last_or_surname": "last", "middle_name": "middle"})  # fmt: skip
    number = np.asarray(rows["unique_id"])
    api = DuckDBAPI()
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=[
            cl.NameComparison("first"), cl.NameComparison("last"), cl.DateOfBirthComparison("birthdate", input_is_string=True),
            cl.LevenshteinAtThresholds("street", [1, 3]), cl.ExactMatch("phone"), cl.ExactMatch("middle"), cl.ExactMatch("sex"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("birthdate", "last"), block_on("birthdate", "first"), block_on("first", "last"), block_on("first", "middle"),
            block_on("last", "middle"), block_on("street", "first"), block_on("phone", "first"), block_on("birthdate", "sex", "middle"),
        ],
    )  # fmt: skip
    left = api.register(rows.filter(number <= known))
    right = api.register(rows.filter(number == one if one else number > known))
    linker = Linker(left, settings, log_level=None, validate_settings=False)
    for column in ("first", "last"):
        linker.table_management.compute_tf_table(column)

    def ask() -> None:
        linker.inference.predict_between(
            left, right, warning_mode="never"
        ).as_duckdbpyrelation().to_arrow_table()

    return ask


def _in_turns(acts: dict[str, Callable[[], None]], times: int) -> dict[str, float]:
    least = dict.fromkeys(acts, float("inf"))
    for _ in range(times):
        for name, act in acts.items():
            at = time.process_time()
            act()
            least[name] = min(least[name], time.process_time() - at)
    return least


if __name__ == "__main__":
    for row in measure(int(sys.argv[1])):
        print(row)
