"""How long people wait for others: for the one write lock of a community on SQLite, and for pages beside a question that runs to its limit.

The lock is measured from outside: a thread of its own begins a change to the database again and again, as a page would, and counts how
long it waits. It does so while the demo makes its town, links it, registers its studies, publishes its reports and
destroys, and while the site then answers the question and the pages.
"""

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode

from bench import served
from bench.pages import Person
from bench.row import Row
from throughway.store.community import Community

STUDENTS, PAGES, WITHIN, P95 = 5_000, ("/", "/students/", "/agreements/", "/account/"), 5.0, 1.0
TRIED_EVERY, PATIENCE = 0.005, 600.0
PURPOSE = "evaluation"
# So many pairs of days that it ends at the limit of a question, 30 seconds.
QUESTION = (
    "SELECT count(*) AS pairs FROM attendance_day a, attendance_day b "
    "WHERE a.attendance_event_date < b.attendance_event_date AND a.person_id <> b.person_id"
)


class WriteLock:
    """Watches the write lock of the database at `path`, from when the file is there. `longest`: seconds of the longest wait."""

    def __init__(self, path: Path) -> None:
        self.path, self.longest, self.ended = path, 0.0, threading.Event()

    @contextmanager
    def watched(self) -> Iterator["WriteLock"]:
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.ended.set()
            thread.join()

    def _watch(self) -> None:
        while not self.ended.wait(TRIED_EVERY) and not self.path.exists():
            pass
        while not self.ended.wait(TRIED_EVERY):
            with suppress(sqlite3.OperationalError):  # while the database is being made
                began = time.perf_counter()
                self._begin()
                self.longest = max(self.longest, time.perf_counter() - began)

    def _begin(self) -> None:
        place = f"file:{self.path}?mode=rw"
        with closing(sqlite3.connect(place, uri=True, timeout=PATIENCE, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")


def measure() -> list[Row]:
    with served.folder() as folder:
        lock = WriteLock(Community(folder / "riverbend").database)
        with lock.watched(), served.demo(STUDENTS, folder) as site:
            making, lock.longest = lock.longest, 0.0
            worker, evaluator = Person(site, "case_worker"), Person(site, "evaluator")
            alone = [_seconds(worker, page) for page in PAGES * 10]
            asking = threading.Thread(target=_ask, args=(evaluator,))
            asking.start()
            beside = []
            while asking.is_alive():
                beside += [_seconds(worker, page) for page in PAGES]
            serving = lock.longest
    return [
        _row(f"longest wait for the write lock while `demo` makes {STUDENTS:,} students", making),
        _row("longest wait for it while a question runs to its limit and a case worker opens pages", serving),
        Row(
            f"a case worker's pages beside that question, p95 of {len(beside)}", f"{1000 * _p95(beside):.0f} ms",
            f"without it {1000 * _p95(alone):.0f} ms", f"{_p95(beside) / _p95(alone):.1f}", f"≤ {P95:.0f} s", _p95(beside) <= P95,
        ),
    ]  # fmt: skip


def _ask(evaluator: Person) -> None:
    page = evaluator.open("/desk/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    try:
        evaluator.open(
            "/desk/",
            urlencode({"csrfmiddlewaretoken": token[1], "purpose": PURPOSE, "sql": QUESTION}).encode(),
        )
    except HTTPError as refused:  # as it should be: it took too long
        text = refused.read().decode()
        assert "took too long" in text, re.findall(r"(?s)usa-alert.*?</", text)


def _seconds(person: Person, page: str) -> float:
    began = time.perf_counter()
    person.open(page)
    return time.perf_counter() - began


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


def _row(what: str, seconds: float) -> Row:
    return Row(what, f"{seconds:.2f} s", "none", "", f"≤ {WITHIN:.0f} s", seconds <= WITHIN)
