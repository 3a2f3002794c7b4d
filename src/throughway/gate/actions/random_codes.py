"""Random codes that stand for persons under one agreement alone (34 CFR 99.31(b)(2)).

A code is drawn, never derived: of a name, a birth date or an id by hash would be "based on personal information". Each
agreement has its own, so that extracts of two cannot be joined; within one they stay as they are.
"""

import os
from base64 import b32encode
from collections.abc import Callable, Collection

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from throughway.agreements.grant_sql import CODES, VALUE_CODES
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.store.actions import NewFile, land
from throughway.store.models import LIVE, StoredFile
from throughway.store.selectors import Snapshot, snapshot

BYTES = 10  # 80 random bits make 16 letters and digits
TRIES = 5
KEYS = {CODES: ["person"], VALUE_CODES: ["element", "value"]}


def codes_of(stored: Snapshot, table: str, agreement: str) -> pa.Table:
    """The agreement's codes so far, of persons (`pseudonym`) or of values (`value_code`); one for each."""
    held = stored.sealed(table, agreement)
    if len(stored.stored(table, agreement)) < 2:
        return held
    # Should two processes ever have drawn for the same, the first in order counts, for everybody and always.
    first = held.group_by(KEYS[table]).aggregate([("code", "min")])
    return first.rename_columns([*KEYS[table], "code"])


def draw_for_persons(agreement: str, persons: NDArray[np.int64], *, by: Actor) -> None:
    """Draws a code for each of these persons who has none yet under the agreement."""

    def missing(known: pa.Table) -> dict[str, pa.Array]:
        return {"person": pa.array(np.setdiff1d(persons, known["person"].to_numpy()), pa.int64())}

    _draw(CODES, agreement, missing, by)


def draw_for_values(agreement: str, element: str, values: Collection[str], *, by: Actor) -> None:
    """Draws a code for each value of the element (its name without the table) that has none yet under the agreement."""

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

    _draw(VALUE_CODES, agreement, missing, by)


def _draw(table: str, agreement: str, missing: Callable[[pa.Table], dict[str, pa.Array]], by: Actor) -> None:
    for _ in range(TRIES):
        with snapshot() as stored:
            before = len(stored.stored(table, agreement))
            wanted = missing(codes_of(stored, table, agreement))
        count = len(next(iter(wanted.values())))
        if not count:
            return
        drawn = pa.table({**wanted, "code": pa.array(_random(count), pa.string())})
        new = NewFile(table=table, partner=agreement, school_year=0, arrow=drawn, agreements=(agreement,))
        try:
            land(batch="codes", files=[new], by=by, within=_NothingElse(table, agreement, before))
            return
        except Refused as refused:
            if refused.code != "changed_meanwhile":
                raise
    raise Refused("Others are drawing codes under the same agreement; try again in a minute.", code="busy")


class _NothingElse:
    """Within the landing: no other process has drawn codes since the ones that are missing were counted."""

    def __init__(self, table: str, agreement: str, before: int) -> None:
        self._table, self._agreement, self._before = table, agreement, before

    def __call__(self) -> None:
        live = StoredFile.objects.filter(table=self._table, partner=self._agreement, state=LIVE).count()
        if live != self._before + 1:  # the file that is being landed counts
            raise Refused("Codes were drawn meanwhile.", code="changed_meanwhile")


def _random(n: int) -> list[str]:
    text = b32encode(os.urandom(BYTES * n)).decode()
    width = BYTES * 8 // 5
    return [text[i * width : (i + 1) * width] for i in range(n)]
