"""The files of an extract: tables as CSV and Parquet, the codebook, families' statements, and the manifest that binds them."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from throughway.core.spreadsheet import FORMULA, safe
from throughway.extracts.folder import digest

FORMAT = "throughway-extract/1"
MANIFEST = "manifest.json"
LIKE_A_FORMULA = f"^[{''.join(FORMULA)}]".replace("-", r"\-")


def by_value(rows: pa.Table) -> pa.Table:
    """The rows by what stands in them, first the random code: where they lay in the store says nothing any more."""
    return rows.sort_by([(name, "ascending") for name in rows.column_names])


def write_tables(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    data = folder / "data"
    data.mkdir()
    for table, rows in tables.items():
        plain = rows.replace_schema_metadata(None)
        pq.write_table(plain, data / f"{table}.parquet", compression="zstd")
        pa.csv.write_csv(_for_spreadsheets(plain), data / f"{table}.csv")


def _for_spreadsheets(rows: pa.Table) -> pa.Table:
    """Texts that a spreadsheet would compute get a quote before them, as `spreadsheet.safe` does."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_string(field.type):
            quoted = pc.replace_substring_regex(rows[field.name], LIKE_A_FORMULA, r"'\0")
            rows = rows.set_column(place, field, quoted)
    return rows


def write_lines(path: Path, heading: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(heading)
        writer.writerows([safe(cell) for cell in line] for line in lines)


def listed(folder: Path, rows: Mapping[str, int]) -> list[dict[str, Any]]:
    """Every file so far with its digest; `rows` by table."""
    return [
        {
            "name": path.relative_to(folder).as_posix(),
            "sha256": digest(path),
            "bytes": path.stat().st_size,
            **({"rows": rows[path.stem]} if path.parent != folder else {}),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    text = json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
