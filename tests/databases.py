"""Which tests can differ between the two databases: the suite runs whole on SQLite, and only these again on PostgreSQL.

A test comes to a database in three ways, and each is shut to one that does not ask for it by its fixtures or its mark:
Django's connection (pytest-django refuses to open it), a database of its own (only the fixture `fresh_database` gives its
address), and a process that is started (under the suite's settings it ends; see `settings.py`). What depends on the database
otherwise asks for `on_postgresql`. `test_databases.py` holds that no file goes round these.
"""

import os
from collections.abc import Iterator

import pytest
from django.test import SimpleTestCase

ASKS = {"django_db_setup", "fresh_database", "on_postgresql"}
LEFT_OUT = pytest.StashKey[int]()


def asks(item: pytest.Item) -> bool:
    """Whether a test asks for a database: by its mark, by a fixture at any depth, or as a test case of Django's."""
    case = getattr(item, "cls", None)
    named = set(getattr(item, "fixturenames", ()))
    return bool(
        item.get_closest_marker("django_db") or ASKS & named or (case and issubclass(case, SimpleTestCase))
    )


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("DATABASE") != "postgresql":
        return
    left_out = [item for item in items if not asks(item)]
    items[:] = [item for item in items if asks(item)]
    config.hook.pytest_deselected(items=left_out)
    config.stash[LEFT_OUT] = len(left_out)


@pytest.fixture(autouse=True)
def asked_openly(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that asks for a database while it runs, when nobody can see it beforehand."""
    yield
    assert asks(request.node) or not ASKS & set(request.fixturenames), (
        "name the database fixture as an argument"
    )


# Under xdist the workers collect, each the same, and the controller tells.


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    found = getattr(node, "workeroutput", {}).get("left_out", 0)
    node.config.stash[LEFT_OUT] = found  # type: ignore[attr-defined]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if left_out := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(f"{left_out} tests open no database: left out here, they run on SQLite")
