"""The SQL by which an entry is written: each value as the very text of which its leaf will be made."""

from collections.abc import Iterator
from itertools import count, repeat

from throughway.ledger.bloom_filter import COLUMNS as SIEVE
from throughway.ledger.leaf import COLUMNS, DAYS, LATER, LISTS, MOMENTS

WRITTEN = (*COLUMNS, *LATER, "mac")
NUMBERS = ("rows", "students_count", "students_low", "students_high")
# How each database takes the text of a column; any other takes it as it is.
TAKEN = {
    "sqlite": dict.fromkeys(NUMBERS, "nullif(%s, '')"),
    "postgresql": {
        **dict.fromkeys(NUMBERS, "nullif(%s::text, '')::bigint"),
        **dict.fromkeys(MOMENTS, "%s::timestamp AT TIME ZONE 'UTC'"),
        **dict.fromkeys(DAYS, "%s::date"),
        **dict.fromkeys(LISTS, "%s::jsonb"),
        **dict.fromkeys(SIEVE, "%s::bigint"),
    },
}


def _marks(vendor: str, columns: tuple[str, ...], marks: Iterator[str]) -> str:
    return ", ".join(TAKEN[vendor].get(name, "%s").replace("%s", next(marks)) for name in columns)


def _entry(vendor: str, marks: Iterator[str], students: str) -> str:
    return (
        f"INSERT INTO gate_ledgerentry ({', '.join(WRITTEN)}, students) "
        f"VALUES ({_marks(vendor, WRITTEN, marks)}, {students})"
    )


def _sieve(vendor: str, marks: Iterator[str], source: str) -> str:
    return (
        f"INSERT INTO gate_ledgersieve (entry, low, high, {', '.join(SIEVE)}) "
        f"SELECT id, students_low, students_high, {_marks(vendor, SIEVE, marks)} FROM {source}"
    )


def _on_postgresql() -> str:
    numbered, students = (f"${n}" for n in count(1)), f"${TEXTS + 1}"
    entry = _entry("postgresql", numbered, students)
    sieve = _sieve("postgresql", numbered, "written")
    return f"WITH written AS ({entry} RETURNING id, students_low, students_high) {sieve}"


# On PostgreSQL one statement, which takes the columns of the entry, the words of the sieve, and the students.
TEXTS = len(WRITTEN) + len(SIEVE)
ON_POSTGRESQL = _on_postgresql()
# On SQLite two: the columns and the students; the words and the entry's id.
ON_SQLITE = (
    _entry("sqlite", repeat("%s"), "%s"),
    _sieve("sqlite", repeat("%s"), "gate_ledgerentry WHERE id = %s"),
)
