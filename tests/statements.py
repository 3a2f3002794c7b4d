"""Which statements each test sends to the database: recorded while the suite runs on SQLite, so that PostgreSQL need not repeat all of it.

A statement is its text without its values, together with the error that it ended in, if any: one that breaks a constraint or is refused by
a trigger is another than one that passes. The record is kept in pytest's cache, test by test, and a test that is run again is recorded
again. A test that is skipped has no record.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from heapq import heapify, heappop, heapreplace
from typing import Any

import pytest
from django.db import connections
from django.db.backends.signals import connection_created

CACHE = "throughway/statements"
# How many values are listed, and which numbers Django writes into the text (limits, savepoints), makes no other statement.
LISTED = (
    (re.compile(r"%s(?:, %s)+"), "%s"),
    (re.compile(r"\(%s\)(?:, \(%s\))+"), "(%s)"),
    (re.compile(r"\d+"), "0"),
)
Record = dict[str, tuple[float, list[str]]]  # test → (seconds, its statements)


@cache
def statement(sql: str, error: str = "") -> str:
    for pattern, one in LISTED:
        sql = pattern.sub(one, sql)
    return blake2b(f"{error} {sql}".encode(), digest_size=8).hexdigest()


@dataclass
class Recorder:
    """Listens on every connection of this process, also on those of other threads."""

    record: Record = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    skipped: bool = False

    def __post_init__(self) -> None:
        connection_created.connect(self._listen)
        for connection in connections.all(initialized_only=True):
            self._listen(connection)

    def _listen(self, connection: Any, **_: object) -> None:
        if self._execute not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._execute)

    def _execute(self, execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        try:
            answer = execute(sql, *args)
        except Exception as error:
            self.sent.add(statement(str(sql), type(error).__name__))
            raise
        self.sent.add(statement(str(sql)))
        return answer

    @contextmanager
    def test(self, id: str) -> Iterator[None]:
        began = time.monotonic()
        self.sent.clear()
        self.skipped = False
        yield
        if not self.skipped:
            self.record[id] = (round(time.monotonic() - began, 2), sorted(self.sent))


def keep(config: pytest.Config, found: Mapping[str, Any]) -> None:
    if found and config.pluginmanager.has_plugin("cacheprovider"):  # `bench.mutation` runs without it
        config.cache.set(CACHE, {**config.cache.get(CACHE, {}), **found})  # type: ignore[union-attr]


def kept(config: pytest.Config) -> Record:
    found: Record = config.cache.get(CACHE, {})  # type: ignore[union-attr]
    return found


def each_once(record: Record, tests: Iterable[str], sent: Iterable[str] = ()) -> set[str]:
    """Some of the tests that between them send every statement of all these tests, save those that are `sent` anyway.

    Chosen one by one: always the test with the most statements still missing for each second that it takes.
    """
    left = {id: set(record[id][1]) for id in tests}
    missing = set().union(*left.values()) - set(sent)

    def worth(id: str) -> float:
        return len(left[id] & missing) / (record[id][0] + 0.05)

    # What a test is worth only ever falls, so the best of an earlier count is the best if it still counts as much.
    queue = [(-worth(id), id) for id in left]
    heapify(queue)
    chosen: set[str] = set()
    while missing:
        counted, best = queue[0]
        now = -worth(best)
        if now > counted:
            heapreplace(queue, (now, best))
            continue
        heappop(queue)
        missing -= left[best]
        chosen.add(best)
    return chosen
