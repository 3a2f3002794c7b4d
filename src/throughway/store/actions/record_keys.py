"""A partner's record keys of learners and the record numbers that replace them, also before any of the records has been loaded.

A consent or a caseload may name a student before the partner's file comes in. The key is stored in the vault in either case, and
everything else refers to the number.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from throughway.core.refusals import Refused
from throughway.store import process_locks, schemas
from throughway.store.actions.landing import ChangeAuthor, NewFile, land
from throughway.store.models import RecordCounter
from throughway.store.selectors import current_community, snapshot

# Record numbers stay below the ids of persons, so that the two cannot be confused.
RECORDS_END = 2**40
KEYS, OF_LEARNERS = "record_key", "person"
PATIENCE = 60.0  # seconds to wait for a load of the partner


def turn_of(partner: str) -> Path:
    """The lock file for numbering one partner's keys, so that a key gets one number."""
    folder = current_community().data / "intake"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / partner


def reserve_records(n: int) -> range:
    """`n` record numbers that were never issued before and will never be reissued."""
    with transaction.atomic(durable=True):
        counter, _ = RecordCounter.objects.select_for_update().get_or_create(id=1)
        reserved = range(counter.next, counter.next + n)
        if reserved.stop > RECORDS_END:
            raise Refused("This community has given out all record numbers (2**40).", code="full")
        counter.next = reserved.stop
        counter.save()
    return reserved


def number_keys(
    *, partner: str, keys: Collection[str], agreements: Sequence[str], by: ChangeAuthor
) -> dict[str, int]:
    """The record number of each of these record keys of the partner's learners; new numbers are issued and land in the vault, covered
    by `agreements`. Refused (busy) while a load of the partner runs. Must not be called inside a transaction."""
    wanted = set(keys)
    with process_locks.turn(turn_of(partner), alone=True, patience=PATIENCE) as granted:
        if not granted:
            raise Refused(f"A load for {partner} is still running; try again when it has ended.", code="busy")
        found = {key: number for key, number in record_numbers(partner).items() if key in wanted}
        new = sorted(wanted - found.keys())
        if new:
            numbers = np.random.default_rng().permutation(np.array(reserve_records(len(new)), dtype=np.int64))
            rows = pa.table(
                {"kind": [OF_LEARNERS] * len(new), "key": new, "record": numbers}, schema=schemas.schema(KEYS)
            )
            file = NewFile(
                table=KEYS, partner=partner, school_year=0, arrow=rows, agreements=tuple(agreements)
            )
            land(batch="keys", files=[file], by=by)
            found |= dict(zip(new, numbers.tolist(), strict=True))
    return found


def record_numbers(partner: str) -> dict[str, int]:
    """The partner's record keys of its learners, each with its record number."""
    with snapshot() as stored:
        keys = stored.sealed(KEYS, partner)
    persons = keys.filter(pc.equal(keys["kind"], OF_LEARNERS))
    return dict(zip(persons["key"].to_pylist(), persons["record"].to_pylist(), strict=True))
