"""The files of an extract: tables, codebook and manifest in a folder that is created atomically."""

import csv
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from throughway.core.refusals import Refused
from throughway.core.spreadsheet import LIKE_A_FORMULA, safe
from throughway.store.durable_files import digest, fsync_path


def check(out: Path, community: Path) -> None:
    """Refused unless `out` does not exist yet or is an empty folder, its parent is writable, and it is outside the community's
    folders, where a copy would survive a destruction."""
    if out.resolve().is_relative_to(community.resolve()):
        raise Refused(
            "An extract leaves the platform; name a folder outside the community's folder.", code="out"
        )
    if out.is_symlink() or (out.exists() and not out.is_dir()) or (out.is_dir() and any(out.iterdir())):
        raise Refused(
            "The folder for the extract already exists; name a folder that does not exist yet.",
            code="out",
        )
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK | os.X_OK):
        raise Refused(
            "The parent folder of the extract does not exist or cannot be written to; create it first.",
            code="out",
        )


@contextmanager
def hidden_until_complete(out: Path) -> Iterator[Path]:
    """A hidden folder next to `out`, to be filled; it is renamed to `out` once everything is on the disk. Removed where the block
    fails; the next call removes leftovers of a killed process."""
    _sweep(out)
    partial = out.parent / f".{out.name}.{os.getpid()}.partial"
    partial.mkdir(mode=0o700)
    try:
        yield partial
        for path in sorted(partial.rglob("*")):
            fsync_path(path)
        fsync_path(partial)
        os.rename(partial, out)  # replaces an empty folder, never a full one
        fsync_path(out.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _sweep(out: Path) -> None:
    for left in out.parent.glob(f".{out.name}.*.partial"):
        number = left.name.removesuffix(".partial").rpartition(".")[2]
        if number.isdigit() and not _runs(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()


FORMAT = "throughway-extract/1"
MANIFEST = "manifest.json"


def by_value(rows: pa.Table) -> pa.Table:
    """The rows sorted by their values, the random code first, so that their order does not show their positions in the store."""
    return rows.sort_by([(name, "ascending") for name in rows.column_names])


def write_tables(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    data = folder / "data"
    data.mkdir()
    for table, rows in tables.items():
        plain = rows.replace_schema_metadata(None)
        pq.write_table(plain, data / f"{table}.parquet", compression="zstd")
        pa.csv.write_csv(_for_spreadsheets(plain), data / f"{table}.csv")


def _for_spreadsheets(rows: pa.Table) -> pa.Table:
    """Prefixes texts that a spreadsheet would compute with a quote, as `spreadsheet.safe` does."""
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
