"""A database and a community folder for each test; no socket beyond this machine."""

import importlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.module_loading import module_has_submodule
from hypothesis import HealthCheck
from hypothesis import settings as examples

from throughway.partners import OPERATOR
from throughway.store import Community

# How long an example takes says how busy the machine is, not whether what it shows holds.
examples.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("unhurried")

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of files in real formats, kept outside the project."""
    if not SAMPLES.is_dir():
        pytest.skip("the folder of sample files in real formats is not beside this checkout")
    return SAMPLES


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


def append_only() -> Iterator[Any]:
    """The append-only tables of every room that has some."""
    from django.apps import apps

    from throughway.partners.triggers import AppendOnly

    for room in apps.get_app_configs():
        if module_has_submodule(room.module, "triggers"):
            found = vars(importlib.import_module(f"{room.name}.triggers")).values()
            yield from (each for each in found if isinstance(each, AppendOnly))


@pytest.fixture(scope="session", autouse=True)
def flushed_ledger() -> Iterator[None]:
    """Lets tests that commit flush the append-only tables; the migration's receiver puts the triggers back."""
    from django.db import connection
    from django.test import TransactionTestCase

    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(case: TransactionTestCase) -> None:
        for kept in append_only():
            kept.drop(connection)
        flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture(autouse=True)
def looks_whether_to_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of one process have a ledger each, and the moment of one's last sealing says nothing of another's."""
    from throughway.gate import sealing

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
