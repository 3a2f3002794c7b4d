"""What holds when a destruction is killed, ordered twice, or meets loads, linkage and queries (killing.py)."""

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


def run(community: Community, *command: str) -> dict[str, int]:
    """Runs killing.py on a SQLite file of the community's own, or on the PostgreSQL database that the suite has."""
    env = os.environ | {"THROUGHWAY_COMMUNITY": str(community.root)}
    env.pop("THROUGHWAY_DATABASE_URL", None)
    if connection.vendor == "postgresql":
        of = connection.settings_dict
        at = f"{quote(of['USER'])}:{quote(of['PASSWORD'])}@{quote(of['HOST'], safe='')}:{of['PORT']}"
        env["THROUGHWAY_DATABASE_URL"] = f"postgresql://{at}/{quote(of['NAME'], safe='')}"

    def python(*words: str) -> str:
        done = subprocess.run([sys.executable, "-W", "ignore", "-m", *words], cwd=ROOT, env=env, text=True,
                              capture_output=True, timeout=300, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    if connection.vendor == "sqlite":
        python("django", "migrate", "--settings", "throughway.site.settings", "-v", "0")
    found: dict[str, int] = json.loads(python("tests.destruction.killing", *command))
    return found


def test_a_process_killed_at_any_moment_is_gone_on_with(community: Community) -> None:
    result = run(community, "random", "3", "2026")
    assert result["certificates"] == 3


def test_a_process_killed_before_a_step_is_gone_on_with(community: Community) -> None:
    result = run(community, "steps", "30", "7")
    assert result["killed"] >= 5
    assert result["midst"] >= 3


def test_beside_loads_linkage_and_queries(community: Community) -> None:
    result = run(community, "beside", "2", "0")
    assert result["destroyed"] == 2
    assert min(result[who] for who in ("read", "bring", "recognise")) >= 1
