"""One of several processes that hash the ledger's entries beside each other: `python -m throughway.gate.digesting`.

It reads from standard input, as JSON, how the database is reached and which blocks of the entries are its own, and writes
for each block, as it lies in the database, the hash that each entry has now: a length of four bytes, then as many bytes of
`marshal`. It imports nothing of Django, so that it is there in a few hundredths of a second.
"""

import json
import marshal
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from throughway.gate.leaf import columns_sql, digests

Digests = Mapping[str, str]
LENGTH = 4  # bytes
BLOCK = {"sqlite": 2_000, "postgresql": 256}  # rows' numbers of one block; pages of one
WITHIN = {
    "sqlite": "e.rowid >= {0} AND e.rowid < {1}",
    "postgresql": "e.ctid >= '({0},0)'::tid AND e.ctid < '({1},0)'::tid",
}
Reader = Callable[[str], Iterable[tuple[Any, ...]]]


def block_sql(vendor: str, block: int) -> str:
    """What makes the leaves of one block of entries, numbered from 0."""
    size = BLOCK[vendor]
    within = WITHIN[vendor].format(block * size, (block + 1) * size)
    return f"SELECT {columns_sql(vendor, 'e')} FROM gate_ledgerentry e WHERE {within}"


def send(found: Digests, to: IO[bytes]) -> None:
    packed = marshal.dumps(dict(found))
    to.write(len(packed).to_bytes(LENGTH, "big"))
    to.write(packed)


def received(source: IO[bytes]) -> Iterator[Digests]:
    """Every block that a process sends, until it ends or breaks off."""
    while len(length := source.read(LENGTH)) == LENGTH:
        packed = source.read(size := int.from_bytes(length, "big"))
        if len(packed) < size:
            return
        found: Digests = marshal.loads(packed)
        yield found


def _reader(vendor: str, way: Mapping[str, Any]) -> Reader:
    if vendor == "sqlite":
        connection = sqlite3.connect(f"{Path(way['database']).as_uri()}?mode=ro", uri=True)
        return connection.execute
    import psycopg

    server = psycopg.connect(**way, autocommit=True)
    # Made of our own names and of numbers alone.
    return lambda sql: server.execute(sql.encode())


def main() -> None:
    asked = json.load(sys.stdin)
    read = _reader(asked["vendor"], asked["way"])
    for block in range(asked["first"], asked["blocks"], asked["step"]):
        send(digests(read(block_sql(asked["vendor"], block))), sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
