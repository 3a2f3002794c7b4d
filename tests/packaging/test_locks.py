"""What a server installs: the program's own dependencies, at the versions that the tests run with, and no test tool."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9._-]+")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned(name: str) -> dict[str, set[str]]:
    """The versions of each package in a lock; several where they depend on the version of Python."""
    found: dict[str, set[str]] = {}
    for package, version in LINE.findall((ROOT / name).read_text(encoding="utf-8")):
        found.setdefault(package, set()).add(version)
    return found


def named(requirements: list[str]) -> set[str]:
    return {NAME.match(each)[0].lower().replace("_", "-") for each in requirements}  # type: ignore[index]


@pytest.mark.parametrize("lock", ["server.lock", "server-effects.lock"])
def test_a_server_gets_what_the_tests_ran_with(lock: str) -> None:
    server, tests = pinned(lock), pinned("requirements.lock")
    assert len(server) > 30
    assert {name: tests.get(name) for name in server} == server


def test_a_server_gets_every_dependency_and_no_test_tool() -> None:
    needed = named(PROJECT["project"]["dependencies"])
    assert needed <= pinned("server.lock").keys()
    effects = named(PROJECT["project"]["optional-dependencies"]["effects"])
    assert needed | effects <= pinned("server-effects.lock").keys()
    assert not effects & pinned("server.lock").keys()
    tools = named(PROJECT["dependency-groups"]["dev"]) | named(PROJECT["dependency-groups"]["bench"])
    assert not (tools - needed) & pinned("server.lock").keys() - {"setuptools"}


def test_locks_hold_hashes_and_no_address() -> None:
    for name in ("server.lock", "server-effects.lock", "requirements.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        for block in re.split(r"\n(?=[a-z0-9])", text):
            assert "--hash=sha256:" in block, block[:80]
