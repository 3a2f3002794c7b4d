"""The wheel is whole: in an environment of its own, far from the checkout, it makes the fictional community and serves it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import urllib.request
import venv
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
UV = Path(sys.executable).with_name("uv")


def run(*command: object, folder: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, env=environment(folder)
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(folder: Path) -> dict[str, str]:
    """As bare as a new user's: nothing that points back to the checkout."""
    kept = {
        name: os.environ[name] for name in ("HOME", "UV_CACHE_DIR", "XDG_CACHE_HOME") if name in os.environ
    }
    return kept | {"PATH": "/usr/bin:/bin", "TMPDIR": str(folder), "LANG": "C.UTF-8"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by way of the source archive, from what a checkout holds and nothing that lies about."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    kept = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", source / "src", ignore=kept)
    for file in ROOT.iterdir():
        if file.is_file() and re.match(r"pyproject.toml|README|LICENSE|NOTICE", file.name):
            shutil.copy(file, source)
    run(
        UV,
        "build",
        "--no-build-isolation",
        "--python",
        sys.executable,
        "--out-dir",
        folder / "dist",
        source,
        folder=folder,
    )
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The `throughway` command of a clean environment; its dependencies are those that the lock names."""
    home = wheel.parents[1]
    venv.create(home / "venv", with_pip=False)
    python = home / "venv" / "bin" / "python"
    # Offline: what the project's own environment was installed from is still in the installer's cache.
    run(UV, "pip", "install", "--offline", "--quiet", "--python", python, "--constraints", ROOT / "requirements.lock", wheel,
        folder=home)  # fmt: skip
    return home / "venv" / "bin" / "throughway"


def test_wheel_has_every_file(wheel: Path) -> None:
    held = {name for name in ZipFile(wheel).namelist() if name.startswith("throughway/")}
    ours = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src" / "throughway").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".po"
    }
    assert held == ours


def test_wheel_lists_third_party_licenses(wheel: Path) -> None:
    names = {Path(name).name for name in ZipFile(wheel).namelist() if ".dist-info/" in name}
    assert {"LICENSE", "NOTICE"} <= {name.partition(".")[0] for name in names}


@pytest.fixture(scope="module")
def served(installed: Path) -> Iterator[dict[str, str]]:
    """The demo as a new user starts it: one command, in an empty folder."""
    folder = installed.parents[2] / "elsewhere"
    folder.mkdir()
    process = subprocess.Popen(
        [installed, "demo", "town", "--students", "60", "--port", "0", "--json"],
        cwd=folder, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield told(process)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=120)


def told(process: "subprocess.Popen[str]") -> dict[str, str]:
    """The document that the command prints once the site answers."""
    assert process.stdout
    assert process.stderr
    text = ""
    for line in process.stdout:
        text += line
        try:
            found: dict[str, str] = json.loads(text)
        except ValueError:
            continue
        return found
    raise AssertionError(process.stderr.read())


def test_installed_demo_serves_the_sign_in_page(served: dict[str, str]) -> None:
    with urllib.request.urlopen(served["address"], timeout=90) as answer:
        page = answer.read().decode()
    assert 'name="password"' in page
    looks = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert looks
    for look in looks:
        with urllib.request.urlopen(served["address"].rstrip("/") + look, timeout=90) as answer:
            assert len(answer.read()) > 1000


def test_wheel_asks_for_no_test_tool(wheel: Path) -> None:
    """Only what an extra names comes besides; `make installed` installs it so."""
    with ZipFile(wheel) as held:
        [name] = [name for name in held.namelist() if name.endswith(".dist-info/METADATA")]
        required = HeaderParser().parsestr(held.read(name).decode()).get_all("Requires-Dist", [])
    asked = {each.split(";")[0].strip() for each in required if "extra ==" not in each}
    assert len(asked) == len(PROJECT["project"]["dependencies"])
    tools = ("pytest", "hypothesis", "playwright", "mypy", "ruff", "pyspark", "oidc", "embedded")
    assert not [each for each in asked if any(tool in each for tool in tools)]
