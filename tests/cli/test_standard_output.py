"""Standard output holds what the command prints, whatever a library in C or a started process writes there."""

import json
import os
import subprocess
import sys

import pytest

# Writes as a solver's library does, while a command works.
NOISY = """
import ctypes, subprocess, sys
from throughway import __main__
from throughway.cli import vocabulary

def noisy(name):
    library = ctypes.CDLL(None)
    library.puts(b"HighsMipSolverData::transformNewIntegerFeasibleSolution")
    library.fflush(None)
    subprocess.run(["echo", "from a started process"])
    return look_up(name)

look_up, vocabulary.look_up = vocabulary.look_up, noisy
sys.argv = ["throughway", "vocabulary", "person", *sys.argv[1:]]
__main__.run()
"""
NOISE = ("HighsMipSolverData::transformNewIntegerFeasibleSolution\n", "from a started process\n")


def ran(*words: str, **streams: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", NOISY, *words], text=True, timeout=60, check=False, env={**os.environ, "PYTHONIOENCODING": "utf-8"}, **streams  # type: ignore[call-overload]
    )  # fmt: skip


@pytest.mark.parametrize("as_json", [True, False])
def test_what_c_writes_goes_to_standard_error(as_json: bool) -> None:
    done = ran(*(["--json"] if as_json else []), capture_output=True)
    assert done.returncode == 0, done.stderr
    for line in NOISE:
        assert line in done.stderr
        assert line not in done.stdout
    if as_json:
        json.loads(done.stdout)
    else:
        assert "birthdate" in done.stdout


def test_a_process_without_standard_error_still_answers() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "throughway", "vocabulary", "person", "--json"],
        stdout=subprocess.PIPE, text=True, timeout=60, check=False, preexec_fn=lambda: os.close(2),
    )  # fmt: skip
    assert (done.returncode, json.loads(done.stdout)["table"]["name"]) == (0, "person")
