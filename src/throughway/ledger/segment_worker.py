"""One of several processes that read stretches of the ledger beside each other: `python -m throughway.ledger.segment_worker`.

It reads from standard input, as JSON, how the database is reached and which stretches are its own, and writes what it found in
each: a length of four bytes, then as many bytes of `marshal`. It imports nothing of Django, so that it is there in a few
hundredths of a second.
"""

import json
import marshal
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from throughway.ledger.segments import LedgerExtent, Read, SegmentReading, read_segment

LENGTH = 4  # bytes


def send(found: SegmentReading, to: IO[bytes]) -> None:
    packed = marshal.dumps(tuple(found))
    to.write(len(packed).to_bytes(LENGTH, "big"))
    to.write(packed)
    to.flush()


def received(source: IO[bytes]) -> Iterator[SegmentReading]:
    """Every stretch that a process sends, until it ends or breaks off."""
    while len(length := source.read(LENGTH)) == LENGTH:
        packed = source.read(size := int.from_bytes(length, "big"))
        if len(packed) < size:
            return
        yield SegmentReading(*marshal.loads(packed))


def _reader(vendor: str, way: Mapping[str, Any]) -> Read:
    if vendor == "sqlite":
        connection = sqlite3.connect(f"{Path(way['database']).as_uri()}?mode=ro", uri=True)
        return lambda sql: connection.execute(sql).fetchall()
    import psycopg

    server = psycopg.connect(**way, autocommit=True)
    # Made of our own names and of numbers alone.
    return lambda sql: server.execute(sql.encode()).fetchall()


def main() -> None:
    asked = json.load(sys.stdin)
    extent = LedgerExtent(**asked["extent"])
    read = _reader(extent.vendor, asked["way"])
    for which in range(asked["first"], asked["of"], asked["step"]):
        send(read_segment(read, extent, which, asked["of"]), sys.stdout.buffer)


if __name__ == "__main__":
    main()
