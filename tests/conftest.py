"""A database and a community folder for each test; no socket beyond this machine."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples

from tests import midnight
from tests.databases import (  # noqa: F401
    asked_openly,
    leave_out,
    pytest_runtest_makereport,
    pytest_runtest_protocol,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)
from tests.order import order, pytest_xdist_make_scheduler  # noqa: F401
from tests.town import Fresh, fresh_database
from throughway.partners import OPERATOR
from throughway.store import Community

# How long an example takes says how busy the machine is, not whether what it shows holds. The examples are the same in each run, so that
# a red test is this change's; `make random` looks at others.
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
examples.register_profile("same", derandomize=True, database=None, **QUIET)
examples.register_profile("random", max_examples=1000, print_blob=True, **QUIET)
examples.load_profile(os.environ.get("EXAMPLES", "same"))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(midnight)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out(config, items)
    if hasattr(config, "workerinput"):
        order(items)


SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of files in real formats, kept outside the project."""
    if not SAMPLES.is_dir():
        pytest.skip("the folder of sample files in real formats is not beside this checkout")
    return SAMPLES


@pytest.fixture(scope="session", name="fresh_database")
def _fresh_database() -> Fresh:
    """Makes a database for processes that are started: see `tests/town.py`."""
    return fresh_database


@pytest.fixture(scope="session")
def own_database() -> Fresh:
    """The same for commands that run one after another, where it is not the database that is tested."""
    return fresh_database


@pytest.fixture(scope="session")
def on_postgresql() -> bool:
    """Whether the suite runs on PostgreSQL."""
    return os.environ.get("DATABASE") == "postgresql"


@pytest.fixture
def community(tmp_path: Path, settings: object) -> Community:
    """An empty community folder, the one that `here()` answers with."""
    community = Community(tmp_path / "community")
    community.make(name="Testville")
    settings.COMMUNITY = community  # type: ignore[attr-defined]
    return community


@pytest.fixture
def operator() -> object:
    return OPERATOR


@pytest.fixture(scope="session", autouse=True)
def settings_of_their_own() -> Iterator[None]:
    """Commands that a test starts find their settings as everybody's do, not those of the suite."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DJANGO_SETTINGS_MODULE")
        yield


@pytest.fixture(scope="session", autouse=True)
def no_word_in_a_token() -> Iterator[None]:
    """The token of a form is drawn of letters that make no word and no number: among others any short name is found now and then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.middleware.csrf.CSRF_ALLOWED_CHARS", "JQVWXZ")
        yield


@pytest.fixture(scope="session", autouse=True)
def no_power_is_lost() -> Iterator[None]:
    """What a test writes need not outlive this machine. In which order files are made durable is asked by `store/crashing.py`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def flushed() -> Iterator[None]:
    """Tests that commit leave a database as empty as they found it, its append-only tables too."""
    from django.test import TransactionTestCase

    from tests.flushing import flush

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: flush())
        yield


@pytest.fixture(autouse=True)
def looks_whether_to_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of one process have a ledger each, and the moment of one's last sealing says nothing of another's."""
    from throughway.ledger import sealing

    monkeypatch.setattr(sealing, "_LOOKED", {})


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuses every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family in (socket.AF_INET, socket.AF_INET6) and host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
