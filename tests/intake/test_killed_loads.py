"""A load that is killed at any moment leaves the old state or the new, and the next one completes it (killing.py)."""

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


def _python(community: Community, *command: str) -> str:
    """Runs a module on a SQLite file of the community's own, or on the PostgreSQL database that the suite has."""
    env = os.environ | {"THROUGHWAY_COMMUNITY": str(community.root)}
    env.pop("THROUGHWAY_DATABASE_URL", None)
    if connection.vendor == "postgresql":
        of = connection.settings_dict
        at = f"{quote(of['USER'])}:{quote(of['PASSWORD'])}@{quote(of['HOST'], safe='')}:{of['PORT']}"
        env["THROUGHWAY_DATABASE_URL"] = f"postgresql://{at}/{quote(of['NAME'], safe='')}"
    done = subprocess.run([sys.executable, "-W", "ignore", "-m", *command], cwd=ROOT, env=env, text=True,
                          capture_output=True, timeout=300, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_a_load_killed_at_any_moment_leaves_the_old_state_or_the_new(community: Community) -> None:
    if connection.vendor == "sqlite":
        _python(community, "django", "migrate", "--settings", "throughway.site.settings", "-v", "0")
    result = json.loads(_python(community, "tests.intake.killing", "50", "2026"))
    assert result["killed"] == 50
    assert result["midst"] >= 10  # kills did fall into the midst of loads
    assert result["versions"] >= 14  # some of those killed had landed their version before
