"""`python -m bench [NAME ...]`: runs the measurements and puts the rows of each into docs/bench.md.

`--set SEEDS=101` (again and again) sets a constant of the measurement, to try it on other draws of noise or on less: nothing is written then.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from bench.page import put, table, told
from bench.row import Row

PAGE = Path(__file__).resolve().parents[1] / "docs" / "bench.md"
NAMES = (
    "main_job",
    "pages",
    "waiting",
    "casework",
    "season",
    "simulate",
    "attendance",
    "governed",
    "policies",
    "loading",
    "reading",
    "destroying",
    "withdrawing",
    "ledger",
    "publishing",
    "reports",
    "effects",
    "compiling",
    "linking",
    "linking_towns",
    "veiled",
    "review",
    "linking_more",
)
# What a measurement needs beside what the project needs: the group of pyproject.toml, and its packages.
NEEDS = {
    "policies": ("bench", ("cedarpy", "casbin")),
    "reading": ("bench", ("fastexcel",)),
    "linking": ("bench-linking", ("pseudopeople", "recordlinkage", "goldenmatch")),
    "veiled": ("bench-linking", ("pseudopeople", "recordlinkage")),
}


# What the process of one measurement runs: its name, then the constants that a trial sets in it.
TAKEN = """
import ast, dataclasses, importlib, json, sys
told, sys.stdout = sys.stdout, sys.stderr
bench = importlib.import_module("bench." + sys.argv[1])
for name, _, value in (word.partition("=") for word in sys.argv[2:]):
    if not hasattr(bench, name):
        sys.exit(f"bench/{sys.argv[1]}.py has no constant {name}")
    said = ast.literal_eval(value)
    setattr(bench, name, (said,) if isinstance(getattr(bench, name), tuple) and not isinstance(said, tuple) else said)
rows = bench.measure()
print("\\n" + json.dumps([dataclasses.asdict(row) for row in rows]), file=told)
"""


def measure(name: str, trial: Sequence[str]) -> list[Row]:
    """The rows of one measurement, taken in a process of its own, since a process serves one community."""
    asked = [sys.executable, "-c", TAKEN, name, *trial]
    done = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True)
    return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]  # servers may speak before


def lacking(name: str) -> str:
    """What keeps a measurement from being taken, in a sentence; empty where nothing does."""
    group, packages = NEEDS.get(name, ("", ()))
    missing = [package for package in packages if find_spec(package) is None]
    if not missing:
        return ""
    are = "is" if len(missing) == 1 else "are"
    return f"{name} is left out, since {' and '.join(missing)} {are} not installed; install the group {group} of pyproject.toml."


def run(
    names: Sequence[str],
    *,
    trial: Sequence[str] = (),
    page: Path = PAGE,
    take: Callable[[str, Sequence[str]], list[Row]] = measure,
) -> list[str]:
    """Takes each measurement and puts its rows into the page as soon as they are there, so that one that fails, or a run that is
    stopped, loses no other's. Gives the names of those that failed."""
    whole, failed = time.monotonic(), []
    for name in names:
        say(f"== {name}")
        if sentence := lacking(name):
            say(sentence)
            continue
        began, load = time.monotonic(), os.getloadavg()[0]
        try:
            rows = take(name, trial)
        except (subprocess.CalledProcessError, ValueError, IndexError) as error:
            failed.append(name)
            say(f"{name} failed ({type(error).__name__}); its rows of before stay.")
            continue
        print(table(rows), flush=True)
        if not trial:
            taken = told(name, rows, seconds=time.monotonic() - began, loads=(load, os.getloadavg()[0]))
            page.write_text(put(page.read_text(encoding="utf-8"), name, taken), encoding="utf-8")
    spent = f"{(time.monotonic() - whole) / 60:.0f} minutes in all"
    say(f"{spent}; {', '.join(failed)} failed." if failed else f"{spent}.")
    return failed


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all without one")
    asked.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="CONSTANT=VALUE",
        help="for a trial, of which nothing is written",
    )
    said = asked.parse_args()
    if unknown := [name for name in said.names if name not in NAMES]:
        asked.error(f"there is no measurement {' or '.join(unknown)}; there are {', '.join(NAMES)}")
    sys.exit(bool(run(said.names or NAMES, trial=said.set)))


if __name__ == "__main__":
    main()
