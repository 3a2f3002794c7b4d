"""Seals the free text that an earlier version stored in plain files.

One file after another: the same rows without their text, and the text in the vault, take the file's place in one landing, and its bytes are
shredded. An interruption leaves each file as it was or sealed; the next call goes on.
"""

from collections.abc import Callable, Collection
from contextlib import suppress

import pyarrow as pa
import pyarrow.parquet as pq

from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.store import schemas
from throughway.store.actions.landing import ChangeAuthor, NewFile, land, staging
from throughway.store.actions.removal import remove
from throughway.store.engine import DuckDBEngine
from throughway.store.free_text import joined, split
from throughway.store.selectors import StoredFileFacts, snapshot

PATIENCE = 5.0  # seconds for readers of a file; the next sweep removes one that is still read
Covering = Callable[
    [str, str], Collection[str]
]  # partner, table → the agreements whose keys open its free text


def clear_text() -> list[StoredFileFacts]:
    """The live plain files that hold free text."""
    with snapshot() as view:
        return [file for file in view.stored() if _holds_text(file)]


def _holds_text(file: StoredFileFacts) -> bool:
    """By the file's own statistics; no row is read."""
    names = schemas.free_text(file.table)
    if file.sealed or not names or not file.path.exists():
        return False
    try:
        facts = pq.read_metadata(file.path)
    except pa.ArrowInvalid:  # damaged: `check` says so
        return False
    chunks = (
        facts.row_group(g).column(c) for g in range(facts.num_row_groups) for c in range(facts.num_columns)
    )
    return any(
        chunk.path_in_schema in names
        and not (chunk.is_stats_set and chunk.statistics.null_count == chunk.num_values)
        for chunk in chunks
    )


def unsealed() -> list[str]:
    """What is in the clear, a sentence for each table and partner."""
    held: dict[tuple[str, str], int] = {}
    for file in clear_text():
        key = schemas.base(file.table), file.partner
        held[key] = held.get(key, 0) + 1
    return [
        f"An earlier version stored free text of {table} of {partner} unsealed, in {counted(number, 'file')}; run `throughway check "
        "--repair`, which seals it, then make a new backup and destroy the older ones."
        for (table, partner), number in sorted(held.items())
    ]


def seal_clear_text(*, covering: Covering, by: ChangeAuthor) -> int:
    """Seals the text of every such file; returns of how many. Left for the next call: a file that a load replaces meanwhile, and one that no
    agreement covers. Must not be called inside a transaction, nor with a snapshot open."""
    sealed = 0
    for file in clear_text():
        agreements = covering(file.partner, schemas.base(file.table))
        if not agreements:
            continue
        with suppress(Refused):  # changed meanwhile, or read
            _seal(file, tuple(sorted(agreements)), by)
            sealed += 1
            remove(files=[file.id], by=by, patience=PATIENCE)
    return sealed


def _seal(file: StoredFileFacts, agreements: tuple[str, ...], by: ChangeAuthor) -> None:
    with staging() as folder, snapshot() as view, DuckDBEngine(temp_directory=folder) as engine:
        text = view.text(file.table, file.partner, of=file.id)
        rows = joined(engine, "text", file.table, [file.path], text)
        path = folder / "plain.parquet"
        _, text = split(engine, file.table, rows, path)
        new = NewFile(file.table, file.partner, file.school_year, path=path, text=text, agreements=agreements)
        land(batch=file.batch, files=[new], replaces=[file.id], by=by)
