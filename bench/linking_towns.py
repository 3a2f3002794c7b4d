"""Towns that `simulate` writes, of several sizes: recall and precision between sources, against the true persons, and what is missed.

The records are read from the feeds as loading reads them, with what Riverbend's own agreement shows of them to linkage: persons and
contacts, and of both districts the school and grade. Scopes and consents are left out, and so is what no record of a student is in.
"""

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import django
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.row import Row

SIZES, SEEDS = (2_000, 10_000, 50_000), (11, 12, 13)
RECALL, PRECISION = 0.985, 0.997
TOWNS = ""  # a folder with towns that were written before, as t50000-11; empty: new ones are written
# Of the districts' student information system, the files without students' names are large and not read.
LARGE = ("StudentAttendance.xml", "StudentTranscript.xml", "StudentAssessment.xml")
SHOWN = ("person", "person_contact", "school_enrollment")


def measure() -> list[Row]:
    return [row for size in SIZES for row in _of_size(size)]


def _of_size(size: int) -> Iterator[Row]:
    found = [judged(size, seed) for seed in SEEDS]
    told = ", ".join(f"{each['recall']:.4f} ({each['precision']:.4f})" for each in found)
    mean = {name: float(np.mean([each[name] for each in found])) for name in ("recall", "precision")}
    kept = mean["recall"] >= RECALL and mean["precision"] >= PRECISION
    promised = f"≥ {RECALL} (≥ {PRECISION})" if size == SIZES[-1] else ""
    yield Row(
        f"{size:,} students, {len(SEEDS)} towns: recall (precision) between sources", told, "",
        f"mean {mean['recall']:.4f} ({mean['precision']:.4f})", promised, kept or not promised,
    )  # fmt: skip
    yield Row(
        f"{size:,} students: missed pairs, by why",
        "; ".join(_missed(each["missed"]) for each in found),
        "",
        "",
        "",
        True,
    )
    yield Row(
        f"{size:,} students: two students of one system joined",
        ", ".join(str(each["within"]) for each in found),
        "",
        "",
        "",
        True,
    )


def _missed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{why} {number:,}" for why, number in Counter(counts).most_common())


def judged(size: int, seed: int) -> dict[str, Any]:
    """One town."""
    from throughway.identity.linkage.resolution import resolve

    with tempfile.TemporaryDirectory(prefix="throughway-bench-") as made:
        folder = Path(TOWNS) / f"t{size}-{seed}" if TOWNS else Path(made) / "town"
        if not TOWNS:
            from throughway.demo.simulate import simulate

            simulate(folder, students=size, seed=seed, today=date.today())
        tables, truth = read(folder, Path(made))
    began = time.process_time()
    resolved = resolve(tables)
    found = dict(zip(resolved.record.tolist(), resolved.person.tolist(), strict=True))
    return against(truth, found, resolved) | {"seconds": time.process_time() - began}


def read(folder: Path, into: Path) -> tuple[dict[str, pa.Table], dict[int, tuple[str, str]]]:
    """What linkage reads of a town, and the partner and true person of each record."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughway.site.settings")
    django.setup()
    from throughway.demo.feeds import LOADS
    from throughway.demo.loading import OF_DISTRICTS
    from throughway.identity.linkage.standardization import GRANTED
    from throughway.intake.cell_checks import checked
    from throughway.intake.crosswalk import Crosswalk
    from throughway.intake.formats import reader_of
    from throughway.intake.raw_cells import load_engine

    columns = {name: GRANTED[name] for name in SHOWN}
    parts: dict[str, list[pa.Table]] = {name: [] for name in SHOWN}
    for number, (partner, name, format, crosswalk) in enumerate([*OF_DISTRICTS, *LOADS]):
        mapping = Crosswalk.of_file(folder / "crosswalks" / crosswalk) if crosswalk else None
        if mapping and mapping.tables and not set(mapping.tables) & set(SHOWN):
            continue
        here = into / f"feed-{number}"
        here.mkdir()
        staged = reader_of(format)(
            _small(folder / "feeds" / partner / name, here),
            into=here,
            partner=partner,
            crosswalk=mapping,
            school_year=2026,
        )
        with load_engine(here) as engine:
            for table in SHOWN:
                if table not in staged.tables or (table == "school_enrollment" and "schools" not in partner):
                    continue
                rows = checked(engine, staged, table)
                wanted = [f"CAST({c} AS VARCHAR) AS {c}" for c in columns[table] if c in rows.filled]
                read_so = engine.run(
                    f"SELECT {', '.join(['_person', *wanted])} FROM {rows.relation} WHERE NOT _aside"
                )
                read_so = read_so.append_column("partner", pa.array([partner] * len(read_so)))
                if table == "person":
                    read_so = read_so.append_column(
                        "source_system", pa.array([staged.source_system] * len(read_so))
                    )
                parts[table].append(read_so)
        shutil.rmtree(here)
    return _numbered(parts, folder / "truth" / "persons.csv")


def _small(path: Path, here: Path) -> Path:
    """The folder without its largest files."""
    if not (path / LARGE[0]).exists():
        return path
    copied = here / "feed"
    copied.mkdir()
    for file in path.iterdir():
        if file.name not in LARGE:
            (copied / file.name).symlink_to(file)
    return copied


def _numbered(
    parts: Mapping[str, list[pa.Table]], truth: Path
) -> tuple[dict[str, pa.Table], dict[int, tuple[str, str]]]:
    """The tables under record numbers in random order, one for each partner and key."""
    import pyarrow.csv as csv

    listed = csv.read_csv(
        truth,
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(("partner", "record_key", "person"), pa.string())
        ),
    )
    keys = pc.binary_join_element_wise(listed["partner"], listed["record_key"], "\n").combine_chunks()
    numbers = np.random.default_rng(5).permutation(len(keys)) + 1
    made = {}
    for name, held in parts.items():
        rows = pa.concat_tables(held, promote_options="default")
        at = pc.index_in(pc.binary_join_element_wise(rows["partner"], rows["_person"], "\n"), keys)
        rows = rows.append_column("person_record", pc.take(pa.array(numbers), at)).filter(pc.is_valid(at))
        if name == "person":
            rows = rows.append_column("own_number", pa.array(["true"] * len(rows)))
        made[name] = rows.drop_columns(["_person"])
    of = zip(numbers.tolist(), listed["partner"].to_pylist(), listed["person"].to_pylist(), strict=True)
    return made, {number: (partner, person) for number, partner, person in of}


def against(truth: Mapping[int, tuple[str, str]], found: Mapping[int, int], resolved: Any) -> dict[str, Any]:
    """Recall and precision over pairs of records of two partners; why pairs are missed; how many of one partner's were joined wrongly."""
    known = {record: truth[record] for record in found}
    true, made = (
        _pairs((person, record) for record, (_, person) in known.items()),
        _pairs((person, record) for record, person in found.items()),
    )
    across = {pair for pair in true if known[pair[0]][0] != known[pair[1]][0]}
    joined = {pair for pair in made if known[pair[0]][0] != known[pair[1]][0]}
    within = sum(known[a][0] == known[b][0] and known[a][1] != known[b][1] for a, b in made)
    scored = resolved.scored
    weight = {
        pair: (weight, posterior)
        for pair, weight, posterior in zip(
            zip(scored.one.tolist(), scored.other.tolist(), strict=True),
            scored.weight.tolist(),
            scored.posterior.tolist(),
            strict=True,
        )
    }
    why: Counter[str] = Counter()
    for pair in across - joined:
        bits, chance = weight.get(pair, (None, 0.0))
        if bits is None:
            why["not compared"] += 1
        elif bits <= 0:
            why["too little in common"] += 1
        elif chance < 0.5:
            why["a rival"] += 1
        else:
            why["left by the decision"] += 1
    hit = len(across & joined)
    return {
        "recall": hit / len(across), "precision": hit / max(len(joined), 1), "missed": dict(why), "within": within,
        "records": len(known), "pairs": len(across), "missed_pairs": across - joined, "weight": weight,
    }  # fmt: skip


def _pairs(of: Iterator[tuple[Any, int]]) -> set[tuple[int, int]]:
    groups: dict[Any, list[int]] = {}
    for person, record in of:
        groups.setdefault(person, []).append(record)
    return {
        (min(a, b), max(a, b)) for held in groups.values() for at, a in enumerate(held) for b in held[:at]
    }
