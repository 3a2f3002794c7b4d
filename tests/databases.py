"""Which tests run on PostgreSQL again, after the suite has run whole on SQLite.

`DATABASE=postgresql` runs each test that opens a database. With `EACH_STATEMENT=once` beside it, as in `make test`, it runs

- tests in which several processes or threads work at once, or that name PostgreSQL: locks, transactions, what a killed process leaves;
- tests of odd input, which one database stores and the other refuses;
- of all others so many that they send each statement once which the suite sent on SQLite, with each error in which one ended there:
  every query, every write, every constraint and every trigger (`statements.py`). A test that was not recorded on SQLite runs.

A test comes to a database in three ways, and each is shut to one that does not ask for it by its fixtures or its mark:
Django's connection (pytest-django refuses to open it), a database of its own (only the fixtures `fresh_database` and `own_database`
give its address), and a process that is started (under the suite's settings it ends; see `settings.py`). What depends on the database
otherwise asks for `on_postgresql`. `test_databases.py` holds that no file goes round these.
"""

import os
from collections.abc import Iterator

import pytest
from django.test import SimpleTestCase

from tests.statements import Recorder, each_once, keep, kept

ASKS = {"django_db_setup", "fresh_database", "own_database", "on_postgresql"}
# A file that has one of these lets several processes or threads work at once.
AT_ONCE = {"threading", "Thread", "ThreadPoolExecutor", "fresh_database", "town_of"}
LEFT_OUT = pytest.StashKey[int]()
RECORDER = pytest.StashKey[Recorder]()


def asks(item: pytest.Item) -> bool:
    """Whether a test asks for a database: by its mark, by a fixture at any depth, or as a test case of Django's."""
    case = getattr(item, "cls", None)
    named = set(getattr(item, "fixturenames", ()))
    return bool(
        item.get_closest_marker("django_db") or ASKS & named or (case and issubclass(case, SimpleTestCase))
    )


def differs(item: pytest.Item) -> bool:
    """Whether a test that asks for a database is about what the two databases do differently; one with `own_database` says that it is not."""
    asked = set(getattr(item, "fixturenames", ()))
    if "own_database" in asked:
        return "on_postgresql" in asked
    names = asked | set(vars(getattr(item, "module", item)))
    return bool((AT_ONCE | {"on_postgresql"}) & names) or item.path.name.startswith("test_bad_input")


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("DATABASE") != "postgresql":
        config.stash[RECORDER] = Recorder()
        return
    chosen = [item for item in items if asks(item)]
    if os.environ.get("EACH_STATEMENT") == "once":
        chosen = _enough(config, chosen)
    left_out = set(items) - set(chosen)
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = chosen
    config.stash[LEFT_OUT] = len(left_out)


def _enough(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    record = kept(config)
    always = {item.nodeid for item in items if differs(item) or item.nodeid not in record}
    sent = {one for id in always & record.keys() for one in record[id][1]}
    chosen = always | each_once(record, [item.nodeid for item in items if item.nodeid not in always], sent)
    return [item for item in items if item.nodeid in chosen]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    recorder = item.config.stash.get(RECORDER, None)
    if recorder is None or not asks(item):
        return (yield)
    with recorder.test(item.nodeid):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.skipped and RECORDER in item.config.stash:
        item.config.stash[RECORDER].skipped = True
    return report


@pytest.fixture(autouse=True)
def asked_openly(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that asks for a database while it runs, when nobody can see it beforehand."""
    yield
    assert asks(request.node) or not ASKS & set(request.fixturenames), (
        "name the database fixture as an argument"
    )


# Under xdist the workers collect and record, and the controller keeps and reports.


def pytest_sessionfinish(session: pytest.Session) -> None:
    stash = session.config.stash
    record = stash[RECORDER].record if RECORDER in stash else {}
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput |= {"left_out": stash.get(LEFT_OUT, 0), "statements": record}
    else:
        keep(session.config, record)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    found = getattr(node, "workeroutput", {})
    node.config.stash[LEFT_OUT] = found.get("left_out", 0)  # type: ignore[attr-defined]
    keep(node.config, found.get("statements", {}))  # type: ignore[attr-defined]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if left_out := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(
            f"{left_out} tests are left out here, and run on SQLite (tests/databases.py)"
        )
