"""A demo that is served in processes of its own, by the command that a newcomer types."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Served:
    """Where the site answers, how long it took to come, who may sign in."""

    address: str
    folder: Path
    seconds: float
    sign_ins: dict[str, tuple[str, str]]


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for a demo, removed afterwards."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@contextmanager
def demo(students: int, within: Path | None = None) -> Iterator[Served]:
    """Runs `throughway demo` until the site answers; ends it, and what it made, on the way out. `within`: the folder where it makes
    the community `riverbend`, which the caller removes."""
    with nullcontext(within) if within else folder() as place:
        command = [
            sys.executable,
            "-m",
            "throughway",
            "demo",
            "riverbend",
            "--students",
            str(students),
            "--port",
            "0",
        ]
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--json"], cwd=place, stdout=subprocess.PIPE, text=True, start_new_session=True,
            env={k: v for k, v in os.environ.items() if not k.startswith("THROUGHWAY")},
        )  # fmt: skip
        try:
            document = document_of(process)
            seconds = time.perf_counter() - began
            sign_ins: dict[str, tuple[str, str]] = {}
            for known in document["sign_ins"]:
                sign_ins.setdefault(known["role"], (known["email"], known["password"]))
            yield Served(document["address"], Path(document["folder"]), seconds, sign_ins)
        finally:
            ended(process)


def ended(process: "subprocess.Popen[str]") -> None:
    """Ends a command that serves, and everything that it started."""
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)


def document_of(process: "subprocess.Popen[str]") -> dict:
    """The JSON document that the command prints once the site answers."""
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        try:
            return json.loads(text)
        except ValueError:
            continue
    raise RuntimeError("the command ended before its site answered")
