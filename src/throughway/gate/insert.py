"""The SQL by which an entry is written: each value as the very text of which its leaf will be made."""

from throughway.gate.leaf import COLUMNS, DAYS, LATER, LISTS, MOMENTS
from throughway.gate.sieve import COLUMNS as SIEVE

WRITTEN = (*COLUMNS, *LATER)
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


def _marks(vendor: str, columns: tuple[str, ...]) -> str:
    return ", ".join(TAKEN[vendor].get(name, "%s") for name in columns)


def _entry(vendor: str) -> str:
    return f"INSERT INTO gate_ledgerentry ({', '.join(WRITTEN)}, students) VALUES ({_marks(vendor, WRITTEN)}, %s)"


def _sieve(vendor: str, source: str) -> str:
    return (
        f"INSERT INTO gate_ledgersieve (entry, low, high, {', '.join(SIEVE)}) "
        f"SELECT id, students_low, students_high, {_marks(vendor, SIEVE)} FROM {source}"
    )


# On PostgreSQL one statement, which takes the columns of the entry, its students, and the words of the sieve.
ON_POSTGRESQL = (
    f"WITH written AS ({_entry('postgresql')} RETURNING id, students_low, students_high) "
    f"{_sieve('postgresql', 'written')}"
)
# On SQLite two: the columns and the students; the words and the entry's id.
ON_SQLITE = _entry("sqlite"), _sieve("sqlite", "gate_ledgerentry WHERE id = %s")
