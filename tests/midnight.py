"""A run that goes on past midnight: what failed in it is asked again, on the new day.

The program takes the day when it is asked (UTC). Tests take it where they need it: as their module is imported, or as they build a town.
Of a run between two days neither can hold, so the tests that failed run once more, in a new process that begins on the new day. No other
failure is ever asked twice. That the program keeps no day from its import is in `test_midnight.py`.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest


def today() -> date:
    return datetime.now(UTC).date()


BEGAN = today()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Around all others: they report what failed and keep it, which the second run asks for."""
    yield
    config, failed = session.config, session.exitstatus == pytest.ExitCode.TESTS_FAILED
    if not failed or today() == BEGAN or hasattr(config, "workerinput"):
        return
    print(f"\nThis run began on {BEGAN}. What failed in it runs again, on {today()}.", flush=True)  # noqa: T201
    again = [sys.executable, "-m", "pytest", *config.invocation_params.args, "--last-failed"]
    session.exitstatus = subprocess.run(again, cwd=config.invocation_params.dir, check=False).returncode
