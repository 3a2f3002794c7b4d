"""Seals the free text that an earlier version stored in plain files.

One file after another: the same rows without their text, and the text in the vault, take the file's place in one landing, and its bytes are
shredded. An interruption leaves each file as it was or sealed, and perhaps the bytes of a superseded one; the next call goes on.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import Error

from throughway.core.disk_full import full, is_full
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.store import durable_files, schemas
from throughway.store.actions.landing import ChangeAuthor, NewFile, land, staging
from throughway.store.actions.maintenance import problem_of
from throughway.store.actions.removal import remove, sweep
from throughway.store.engine import DuckDBEngine
from throughway.store.free_text import joined, split
from throughway.store.models import RETIRED, StoredFile
from throughway.store.selectors import StoredFileFacts, current_community, path_of, snapshot
from throughway.store.vault import Vault

PATIENCE = 5.0  # seconds for readers of superseded files; the next sweep removes what is still read
Covering = Callable[
    [str, str], Collection[str]
]  # partner, table → the agreements whose keys open its free text


@dataclass(frozen=True)
class Sealing:
    """How many files' text was sealed, and a sentence for each file that could not be."""

    files: int
    problems: tuple[str, ...] = ()


def clear_text() -> list[StoredFileFacts]:
    """The live plain files that hold free text."""
    with snapshot() as view:
        return [
            file for file in view.stored() if not file.sealed and _holds_text(file.table, file.path)
        ]  # `check` names a damaged one


def _holds_text(table: str, path: Path, *, damaged: bool = False) -> bool:
    """By the file's own statistics; no row is read. `damaged`: the answer where it cannot be read."""
    names = schemas.free_text(table)
    if not names or not path.exists():
        return False
    try:
        facts = pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError):
        return damaged
    chunks = (
        facts.row_group(g).column(c) for g in range(facts.num_row_groups) for c in range(facts.num_columns)
    )
    return any(
        chunk.path_in_schema in names
        and not (chunk.is_stats_set and chunk.statistics.null_count == chunk.num_values)
        for chunk in chunks
    )


def unsealed() -> list[str]:
    """What is in the clear, a sentence for each table and partner: files in use, and superseded ones whose bytes are still there."""
    community = current_community()
    live = [(file.table, file.partner) for file in clear_text()]
    superseded = [
        (file.table, file.partner)
        for file in StoredFile.objects.filter(state=RETIRED, sealed=False).defer("records")
        # A part of it may be overwritten already.
        if _holds_text(file.table, path_of(community, file), damaged=True)
    ]
    return [
        *(
            f"An earlier version stored free text of {table} of {partner} unsealed, in {counted(number, 'file')}; run `throughway check "
            "--repair`, which seals it, then make a new backup and destroy the older ones."
            for table, partner, number in _counted(live)
        ),
        *(
            f"{counted(number, 'superseded file')} with unsealed free text of {table} of {partner} {'is' if number == 1 else 'are'} still on "
            "the disk; run `throughway check --repair`, which removes what no query reads any more."
            for table, partner, number in _counted(superseded)
        ),
    ]


def _counted(files: Iterable[tuple[str, str]]) -> list[tuple[str, str, int]]:
    held = Counter((schemas.base(table), partner) for table, partner in files)
    return [(*key, number) for key, number in sorted(held.items())]


def seal_clear_text(*, covering: Covering, by: ChangeAuthor) -> Sealing:
    """Seals the text of every such file, and removes what earlier calls left. A file that a load replaces meanwhile is left for the next
    call; one that is damaged, finds no room or has no agreement does not hold up the others. Refused (other_store). Must not be called
    inside a transaction, nor with a snapshot open."""
    sealed: list[str] = []
    problems: list[str] = []
    for file in clear_text():
        try:
            _seal(file, covering, by)
        except (Refused, OSError, pa.ArrowException, Error) as error:
            if not isinstance(error, Refused) or error.code != "changed_meanwhile":
                problems.append(_why_not(file, error))
            continue
        sealed.append(file.id)
        with suppress(Refused):  # a query reads it
            remove(files=[file.id], by=by, patience=0.0)
    with suppress(Refused):
        remove(files=sealed, by=by, patience=PATIENCE)
    sweep(by=by)
    return Sealing(len(sealed), tuple(problems))


def _seal(file: StoredFileFacts, covering: Covering, by: ChangeAuthor) -> None:
    if problem := problem_of(Vault(current_community()), file, durable_files.digest(file.path)):
        raise Refused(problem, code="damaged")
    agreements = tuple(sorted(covering(file.partner, schemas.base(file.table))))
    if not agreements:
        raise Refused(
            "no agreement that began here and is not destroyed covers it, so it has no key; destroy what is left of the partner "
            f"(`throughway destroy --partner {file.partner}`)",
            code="uncovered",
        )
    with staging() as folder, snapshot() as view, DuckDBEngine(temp_directory=folder) as engine:
        text = view.text(file.table, file.partner, of=file.id)
        rows = joined(engine, "text", file.table, [file.path], text)
        path = folder / "plain.parquet"
        _, text = split(engine, file.table, rows, path)
        new = NewFile(file.table, file.partner, file.school_year, path=path, text=text, agreements=agreements)
        land(batch=file.batch, files=[new], replaces=[file.id], by=by)


def _why_not(file: StoredFileFacts, error: Exception) -> str:
    """In one sentence, without a value of a record."""
    if isinstance(error, Refused) and error.code == "damaged":
        return error.message
    why = "it could not be read or written; run `throughway check`"
    if is_full(error):
        why = full().message
    elif isinstance(error, Refused):
        why = error.message
    return f"Free text of {file.table} of {file.partner}, file {file.path.name}, is still unsealed: {why.rstrip('.')}."
