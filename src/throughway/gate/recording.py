"""Writes the ledger of disclosures and tells what it says.

`append` joins the caller's transaction and is durable when that commits (SQLite runs with `synchronous=FULL`). Entries are
not chained to each other, since a chain would make writers wait for one another; one sealer at a time gives committed
entries their places in a Merkle tree (`sealing.py`).
"""

from collections.abc import Collection
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial, reduce
from hashlib import sha256
from operator import or_
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.db.models import Q

from throughway.gate.entry import Entry
from throughway.gate.leaf import COLUMNS, DAYS, LATER, LISTS, MOMENTS, as_json, one_line
from throughway.gate.models import LedgerEntry
from throughway.gate.sealing import head, seal, seal_soon
from throughway.gate.verification import Verdict
from throughway.gate.verifying import verify
from throughway.store.compact import pack, unpack

__all__ = ["Entry", "Verdict", "append", "head", "of_records", "seal", "verify"]

AT_ONCE = 250  # entries read together: a set of 100,000 students takes about 130 kB
MANY = 100  # numbers above which one range is asked for instead of each number
WRITTEN = (*COLUMNS, *LATER)


def append(entry: Entry) -> str:
    """Writes the entry within the caller's transaction and returns its id; nobody may see the data before it commits."""
    students = np.unique(np.asarray(entry.students, dtype=np.int64))
    packed = pack(students)
    values = _values(entry, students, packed)
    # Plain SQL, with the very text of which the leaf will be made: a third of the time that a model takes.
    with connection.cursor() as cursor:
        cursor.execute(
            _insert(connection.vendor), [*(_stored(name, values[name]) for name in WRITTEN), packed]
        )
    # Robust: an entry that is written stands, whatever hinders its sealing; the next sealing takes it along.
    transaction.on_commit(lambda: seal_soon(values["id"], by=entry.actor), robust=True)
    return values["id"]


def _values(entry: Entry, students: npt.NDArray[np.int64], packed: bytes) -> dict[str, str]:
    """The text of each column."""
    return {
        "id": str(uuid4()),
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
        "outcome": entry.outcome,
        "actor_email": one_line(entry.actor.email),
        "actor_partner": entry.actor.partner or "",
        "actor_role": entry.actor.role,
        "purpose": one_line(entry.purpose),
        "interest": one_line(entry.interest),
        "basis": one_line(entry.basis),
        "on_day": entry.on.isoformat(),
        "agreements": as_json(entry.agreements),
        "disclosers": as_json(entry.disclosers),
        "recipients": as_json(entry.recipients),
        "onward": as_json(entry.onward),
        "elements": as_json(entry.elements),
        "sql_sha256": entry.sql_sha256,
        "rows": _number(entry.rows),
        "students_sha256": sha256(packed).hexdigest(),
        "students_count": str(len(students)),
        "students_low": _number(students[0] if len(students) else None),
        "students_high": _number(students[-1] if len(students) else None),
        "exempt": one_line(entry.exempt),
        "reasons": as_json([_plain(reason) for reason in entry.reasons]),
        "threat": one_line(entry.threat),
    }


def _number(value: int | None) -> str:
    return "" if value is None else str(int(value))


def _insert(vendor: str) -> str:
    casts = {
        **dict.fromkeys(MOMENTS, "%s::timestamp AT TIME ZONE 'UTC'"),
        **dict.fromkeys(DAYS, "%s::date"),
        **dict.fromkeys(LISTS, "%s::jsonb"),
    }
    marks = [casts.get(name, "%s") if vendor == "postgresql" else "%s" for name in WRITTEN]
    return f"INSERT INTO gate_ledgerentry ({', '.join(WRITTEN)}, students) VALUES ({', '.join(marks)}, %s)"


def _stored(name: str, text: str) -> str | int | None:
    """The text as its column takes it."""
    if name in NUMBERS:
        return int(text) if text else None
    return text


NUMBERS = {"rows", "students_count", "students_low", "students_high"}


def of_records(numbers: Collection[int]) -> list[dict[str, Any]]:
    """Every entry that may concern one of these record numbers, oldest first, without the other students in it."""
    wanted = np.unique(np.fromiter(numbers, dtype=np.int64))
    if not len(wanted):
        return []
    ranges = [(int(n), int(n)) for n in wanted]
    if len(wanted) > MANY:
        ranges = [(int(wanted[0]), int(wanted[-1]))]
    near = reduce(or_, (Q(students_low__lte=high, students_high__gte=low) for low, high in ranges))
    # The sets first, and all else only of the entries that concern them: most entries tell of others.
    sets = LedgerEntry.objects.filter(near).order_by("at", "id").values_list("id", "students")
    concerned = lru_cache(maxsize=MANY)(
        partial(_concerns, wanted=wanted)
    )  # reports read the same students again
    found = [id for id, packed in sets.iterator(chunk_size=4 * AT_ONCE) if concerned(bytes(packed))]
    rows = (LedgerEntry.objects.in_bulk(found[at : at + AT_ONCE]) for at in range(0, len(found), AT_ONCE))
    return [_told(row) for lot in rows for row in sorted(lot.values(), key=lambda row: (row.at, row.id))]


def _concerns(packed: bytes, wanted: npt.NDArray[np.int64]) -> bool:
    """A set that was made unreadable may concern anyone: never fewer."""
    try:
        held = unpack(packed)
    except ValueError:
        return True
    place = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    return bool(len(held)) and bool((held[place] == wanted).any())


def _told(row: LedgerEntry) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at.astimezone(UTC).isoformat(),
        "outcome": row.outcome,
        "actor": {"email": row.actor_email, "partner": row.actor_partner or None, "role": row.actor_role},
        "purpose": row.purpose,
        "interest": row.interest,
        "basis": row.basis,
        "on": row.on_day.isoformat(),
        "agreements": [{"id": id, "version": version} for id, version in row.agreements],
        "disclosers": row.disclosers,
        "recipients": row.recipients,
        "onward": row.onward,
        "elements": row.elements,
        "rows": row.rows,
        "students": row.students_count,
        "exempt": row.exempt,
        "threat": row.threat,
        "reasons": row.reasons,
    }


def _plain(reason: Any) -> Any:
    """A reason as JSON holds it: a sentence, or a mapping of text."""
    if isinstance(reason, str):
        return reason
    return asdict(reason) if is_dataclass(reason) and not isinstance(reason, type) else dict(reason)
