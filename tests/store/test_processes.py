"""What holds between processes, and when one of them is killed (crashing.py)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(community: Community):
    """Runs crashing.py on a SQLite file of the community's own, or on the PostgreSQL database that the suite has."""
    env = os.environ | {"THROUGHWAY_COMMUNITY": str(community.root)}
    env.pop("THROUGHWAY_DATABASE_URL", None)
    if connection.vendor == "postgresql":
        of = connection.settings_dict
        at = f"{quote(of['USER'])}:{quote(of['PASSWORD'])}@{quote(of['HOST'], safe='')}:{of['PORT']}"
        env["THROUGHWAY_DATABASE_URL"] = f"postgresql://{at}/{quote(of['NAME'], safe='')}"

    def run(*command: str) -> str:
        done = subprocess.run([sys.executable, "-W", "ignore", "-m", *command], cwd=ROOT, env=env, text=True,
                              capture_output=True, timeout=300, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    if connection.vendor == "sqlite":
        run("django", "migrate", "--settings", "throughway.site.settings", "-v", "0")
    return run


def test_a_process_killed_at_any_moment_leaves_the_old_state_or_the_new(run) -> None:
    result = json.loads(run("tests.store.crashing", "random", "60", "2026"))
    assert result["killed"] == 60
    assert result["left"] >= 5  # kills did fall into the midst of landings
    assert result["landed"] >= 10


def test_a_process_killed_at_each_step_leaves_the_old_state_or_the_new(run) -> None:
    result = json.loads(run("tests.store.crashing", "steps", "0", "0"))
    assert result["killed"] >= 50
    assert result["left"] >= 20


def test_readers_beside_a_writer_and_a_sweep_see_one_state(run) -> None:
    result = json.loads(run("tests.store.crashing", "readers", "40", "0"))
    assert result == {"readers": 2, "readings": result["readings"], "landed": 41}
    assert result["readings"] >= 20
