"""Holds what entries are found by against the entries themselves."""

from django.db import connection

from throughway.ledger.bloom_filter import COLUMNS, sieve_of
from throughway.store.number_packing import unpack

AT_ONCE = 1_000


def problems() -> list[str]:
    """One sentence where an entry could not be found from its students any more."""
    columns = ", ".join(f"s.{name}" for name in COLUMNS)
    wrong: list[str] = []
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT e.id, e.students, e.students_low, e.students_high, s.low, s.high, {columns} "
            "FROM gate_ledgerentry e LEFT JOIN gate_ledgersieve s ON s.entry = e.id"
        )
        while lot := cursor.fetchmany(AT_ONCE):
            wrong += [
                id for id, packed, low, high, *found in lot if found != [low, high, *_words(packed, found)]
            ]
    if not wrong:
        return []
    return [
        f"{len(wrong):,} entries of the ledger cannot be found from their students, the first is {min(wrong)}: the table "
        "gate_ledgersieve was changed outside Throughway. Restore it from the newest backup of the database."
    ]


def _words(packed: object, found: list[object]) -> tuple[object, ...]:
    try:
        return sieve_of(unpack(bytes(packed)))  # type: ignore[call-overload]
    except (ValueError, TypeError):
        return tuple(found[2:])  # that the set was changed is told by its seal
