"""The walk through a first community works as the manual writes it, command by command and answer by answer."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.commands import commands

PAGE = Path(__file__).resolve().parents[2] / "docs" / "first-community.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAVED = re.compile(r"[Ss]ave this as `([^`]+)`:\s*\Z")

# What differs from run to run, with what stands for it.
VARYING = (
    (re.compile(r"\S*/ourtown\b"), "FOLDER"),
    (re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}"), "BATCH"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"), "MOMENT"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "DISCLOSURE"),
    (re.compile(r"version [0-9a-f]{12}"), "VERSION"),
    (re.compile(r"\d+\.\d s\."), "SECONDS"),
)


def in_force(page: str) -> str:
    """The page with an agreement that is in effect today."""
    year = date.today().year
    return page.replace("2026-07-01", f"{year - 1}-07-01").replace("2028-06-30", f"{year + 1}-06-30")


def steps(page: str) -> Iterator[tuple[str, str, str]]:
    """(`save`, path, text) of each file, and (`run`, commands, answer) of each block of commands."""
    blocks = list(BLOCK.finditer(page))
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        kind, body = block.group(1), block.group(2)
        saved = SAVED.search(page[: block.start()])
        if saved:
            yield "save", saved.group(1), body
        elif kind == "sh":
            yield "run", body, after.group(2) if after and after.group(1) == "text" else ""


def steady(text: str) -> str:
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@pytest.fixture
def environment() -> dict[str, str]:
    """A terminal that finds the command, and nothing of this process's community or database."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("THROUGHWAY_", "DJANGO_"))
    }
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_the_page_saves_its_files_and_runs_its_commands() -> None:
    kinds = [kind for kind, _, _ in steps(PAGE.read_text(encoding="utf-8"))]
    assert kinds.count("save") == 3
    assert kinds.count("run") > 12


def answers(block: str, folder: Path, environment: dict[str, str]) -> tuple[str, Path]:
    """What a block of commands writes, and the folder in which it ends. A line that is one command of ours begins with the program
    imported (`tests/commands.py`); a line with more in it is the shell's, and its command a whole process."""
    told = []
    for line in block.strip().splitlines():
        if line.startswith("cd "):
            folder = folder / line.removeprefix("cd ")
        elif line.startswith("throughway ") and not set(line) & set("|>"):
            told.append(commands().run(shlex.split(line)[1:], environment, folder, merged=True).stdout)
        else:
            ran = subprocess.run(
                ["bash", "-c", line], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                check=True,
            )  # fmt: skip
            told.append(ran.stdout)
    return "".join(told), folder


def test_each_command_answers_as_the_page_says(tmp_path: Path, environment: dict[str, str]) -> None:
    folder = tmp_path
    for kind, what, text in steps(in_force(PAGE.read_text(encoding="utf-8"))):
        if kind == "save":
            (folder / what).write_text(text, encoding="utf-8")
            continue
        told, folder = answers(what, folder, environment)
        assert steady(told) == steady(text), what
