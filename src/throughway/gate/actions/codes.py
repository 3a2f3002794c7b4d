"""Random codes that stand for persons under one agreement alone (34 CFR 99.31(b)(2)).

A code is drawn, never derived: of a name, a birth date or an id by hash would be "based on personal information". Each
agreement has its own, so that extracts of two cannot be joined; within one they stay as they are.
"""

import os
from base64 import b32encode

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from throughway.partners.actor import Actor
from throughway.refusals import Refused
from throughway.store.actions import NewFile, land
from throughway.store.models import LIVE, StoredFile
from throughway.store.reading import Snapshot, snapshot

CODES = "pseudonym"
BYTES = 10  # 80 random bits make 16 letters and digits
TRIES = 5


def codes_of(stored: Snapshot, agreement: str) -> pa.Table:
    """`person`, `code` of the agreement so far; one code for each person."""
    table = stored.sealed(CODES, agreement)
    if table.num_rows < 2:
        return table
    ordered = table.sort_by([("person", "ascending"), ("code", "ascending")])
    persons = ordered["person"].to_numpy()
    return ordered.filter(pa.array(np.r_[True, persons[1:] != persons[:-1]]))


def draw_codes(agreement: str, persons: NDArray[np.int64], *, by: Actor) -> None:
    """Draws a code for each of these persons who has none yet under the agreement."""
    for _ in range(TRIES):
        with snapshot() as stored:
            before = [file.id for file in stored.stored(CODES, agreement)]
            known = codes_of(stored, agreement)
        missing = np.setdiff1d(persons, known["person"].to_numpy())
        if not len(missing):
            return
        drawn = pa.table({"person": pa.array(missing), "code": pa.array(_random(len(missing)))})
        new = NewFile(
            table=CODES,
            partner=agreement,
            school_year=0,
            arrow=drawn.cast(known.schema),
            agreements=(agreement,),
        )
        try:
            land(batch="codes", files=[new], by=by, within=_NothingElse(agreement, len(before)))
            return
        except Refused as refused:
            if refused.code != "changed_meanwhile":
                raise
    raise Refused("Others are drawing codes under the same agreement; try again in a minute.", code="busy")


class _NothingElse:
    """Within the landing: no other process has drawn codes since the ones that are missing were counted."""

    def __init__(self, agreement: str, before: int) -> None:
        self._agreement, self._before = agreement, before

    def __call__(self) -> None:
        live = StoredFile.objects.filter(table=CODES, partner=self._agreement, state=LIVE).count()
        if live != self._before + 1:
            raise Refused("Codes were drawn meanwhile.", code="changed_meanwhile")


def _random(n: int) -> list[str]:
    text = b32encode(os.urandom(BYTES * n)).decode()
    width = BYTES * 8 // 5
    return [text[i * width : (i + 1) * width] for i in range(n)]
