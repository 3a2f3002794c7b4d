"""Random codes that stand for persons under one purpose of one agreement only (34 CFR 99.31(b)(2)).

Codes are drawn at random, never derived: a hash of a name, birth date or id would be "based on personal information". Each purpose has
its own codes, so that what two purposes show cannot be joined unless the agreement joins them (`agreements/purpose_codes.py`); within one
purpose they do not change. They are kept under their name, and sealed for their agreement.
"""

import os
from base64 import b32encode
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import CODES, VALUE_CODES, coded, coded_columns
from throughway.agreements.purpose_codes import agreement_of
from throughway.core.refusals import Refused
from throughway.gate.actions.current_row_scope import records
from throughway.gate.compiler import TableRead
from throughway.partners.actor import Actor
from throughway.store import schemas
from throughway.store.actions.landing import NewFile, land
from throughway.store.actions.links import links_of
from throughway.store.engine import DuckDBEngine
from throughway.store.models import LIVE, StoredFile
from throughway.store.record_numbers import distinct
from throughway.store.selectors import Snapshot, snapshot
from throughway.vocabulary import TABLES

BYTES = 10  # 80 random bits make 16 letters and digits
TRIES = 5
KEYS = {CODES: ["person"], VALUE_CODES: ["element", "value"]}


def codes_of(stored: Snapshot, table: str, codes: str) -> pa.Table:
    """The codes of this name so far, of persons (`pseudonym`) or of values (`value_code`); one code for each."""
    held = stored.sealed(table, codes)
    if len(stored.stored(table, codes)) < 2:
        return held
    # If two processes ever drew a code for the same person or value, all readers use the first in order.
    first = held.group_by(KEYS[table]).aggregate([("code", "min")])
    return first.rename_columns([*KEYS[table], "code"])


def draw_codes(
    stored: Snapshot, grants: Sequence[Grant], linked: Collection[str], by: Actor, reads: Sequence[TableRead]
) -> bool:
    """Draws a code for every person and value that a query reads and that has no code yet under the purpose. Returns
    whether any was drawn: only a later snapshot contains new codes."""
    persons: dict[str, list[NDArray[np.int64]]] = {}
    values: dict[tuple[str, str], set[str]] = {}
    links = links_of(stored)
    for grant in grants:
        columns = {name for read in reads if read.table == grant.table for name in read.columns}
        if "person_id" in columns and coded(grant):
            numbers = records(stored, grant.table, grant.discloser)
            of_persons = links.persons_of(numbers) if grant.discloser in linked else numbers
            persons.setdefault(grant.codes, []).append(of_persons)
        for name in columns & coded_columns(grant):
            found = _distinct_values(stored, grant.table, grant.discloser, name)
            values.setdefault((grant.codes, name), set()).update(found)
    drawn = [
        draw_for_persons(codes, distinct(np.concatenate(parts)), by=by) for codes, parts in persons.items()
    ]
    drawn += [draw_for_values(codes, name, texts, by=by) for (codes, name), texts in values.items()]
    return any(drawn)


def _distinct_values(stored: Snapshot, table: str, discloser: str, column: str) -> list[str]:
    """The distinct values of one column, as text."""
    with DuckDBEngine() as engine:
        engine.register("held", stored_rows(stored, table, (discloser,)), columns=schemas.columns(table))
        sql = f'SELECT DISTINCT CAST("{column}" AS VARCHAR) AS value FROM held WHERE "{column}" IS NOT NULL'
        values: list[str] = engine.run(sql)["value"].to_pylist()
    if column in schemas.free_text(table):
        values += stored.text(table, discloser)[column].drop_null().to_pylist()
    return values


def stored_rows(
    stored: Snapshot, table: str, disclosers: Sequence[str], only: Sequence[int] | None = None
) -> pa.Table | Sequence[Path]:
    """The rows of a vocabulary table that these partners gave: loaded into memory from the vault, otherwise as files. `only`: of a
    typed table, just the rows of these record numbers."""
    if TABLES[table].vaulted:
        return pa.concat_tables(stored.sealed(table, discloser, only) for discloser in disclosers)
    return [path for one in disclosers for path in stored.files(table, one)] or schemas.empty(table)


def draw_for_persons(codes: str, persons: NDArray[np.int64], *, by: Actor) -> bool:
    """Draws a code for each of these persons without one among the codes of this name; returns whether any was drawn."""

    def missing(known: pa.Table) -> dict[str, pa.Array]:
        return {"person": pa.array(np.setdiff1d(persons, known["person"].to_numpy()), pa.int64())}

    return _draw(CODES, codes, missing, by)


def draw_for_values(codes: str, element: str, values: Collection[str], *, by: Actor) -> bool:
    """Draws a code for each value of the element (its name without the table) without one among the codes of this name."""

    def missing(known: pa.Table) -> dict[str, pa.Array]:
        have = {
            v
            for e, v in zip(known["element"].to_pylist(), known["value"].to_pylist(), strict=True)
            if e == element
        }
        new = sorted(set(values) - have)
        return {
            "number": pa.array(range(known.num_rows, known.num_rows + len(new)), pa.int64()),
            "element": pa.array([element] * len(new), pa.string()),
            "value": pa.array(new, pa.string()),
        }

    return _draw(VALUE_CODES, codes, missing, by)


def _draw(table: str, codes: str, missing: Callable[[pa.Table], dict[str, pa.Array]], by: Actor) -> bool:
    for _ in range(TRIES):
        with snapshot() as stored:
            before = len(stored.stored(table, codes))
            wanted = missing(codes_of(stored, table, codes))
        count = len(next(iter(wanted.values())))
        if not count:
            return False
        drawn = pa.table({**wanted, "code": pa.array(_random(count), pa.string())})
        new = NewFile(table, codes, 0, arrow=drawn, agreements=(agreement_of(codes),))
        try:
            land(
                batch="codes",
                files=[new],
                by=by,
                within=partial(_check_nothing_else, table, codes, before),
            )
            return True
        except Refused as refused:
            if refused.code != "changed_meanwhile":
                raise
    raise Refused("Codes are being assigned for the same purpose; try again in a minute.", code="busy")


def _check_nothing_else(table: str, codes: str, before: int) -> None:
    """Called within the landing: checks that no other process has drawn codes since the missing ones were listed."""
    live = StoredFile.objects.filter(table=table, partner=codes, state=LIVE).count()
    if live != before + 1:  # the file now being landed counts too
        raise Refused("Codes were drawn meanwhile.", code="changed_meanwhile")


def _random(n: int) -> list[str]:
    text = b32encode(os.urandom(BYTES * n)).decode()
    width = BYTES * 8 // 5
    return [text[i * width : (i + 1) * width] for i in range(n)]
