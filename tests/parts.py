"""Runs the parts of `make test` one after another, each to its end, and says at last what failed in each.

A part is a target of the Makefile. Its output is shown as it comes and kept in `build/test/PART.log`. It names what failed in lines that
begin with FAILED or ERROR and counts in its last lines, as pytest does: "2 failed, 11336 passed".
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOGS = ROOT / "build" / "test"
SUMMARY = "short test summary info"  # the heading under which pytest lists what failed; after midnight it may be there twice
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+)$", re.M)
COUNTED = re.compile(r"(\d+) (passed|failed|error)s?\b")
COUNTS = re.compile(rf"^=* ?{COUNTED.pattern}.*$", re.M)


@dataclass(frozen=True)
class Outcome:
    """How a part ended. `failed` counts errors too; a part that failed without naming anything counts as one."""

    part: str
    passed: int
    failed: int
    names: tuple[str, ...]


def outcome_of(part: str, status: int, output: str) -> Outcome:
    counts: Counter[str] = Counter()
    if lines := list(COUNTS.finditer(output)):
        counts.update({word: int(number) for number, word in COUNTED.findall(lines[-1][0])})
    if not status:
        return Outcome(part, counts["passed"], 0, ())
    names = tuple(FAILED.findall(output.rpartition(SUMMARY)[2]))
    if not names:
        names = (f"it ended with status {status}; its last lines are in {LOGS.relative_to(ROOT) / part}.log",)
    return Outcome(part, counts["passed"], max(counts["failed"] + counts["error"], 1), names)


def run(part: str, command: Sequence[str]) -> Outcome:
    LOGS.mkdir(parents=True, exist_ok=True)
    output = []
    with (
        (LOGS / f"{part}.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        for line in process.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            log.write(line)
            output.append(line)
    return outcome_of(part, process.returncode, "".join(output))


def report(outcomes: Sequence[Outcome]) -> str:
    lines = []
    for each in outcomes:
        lines.append(f"{each.part}: {each.passed} passed, {each.failed} failed")
        lines += [f"  {name}" for name in each.names]
    lines.append(
        f"{sum(each.passed for each in outcomes)} passed, {sum(each.failed for each in outcomes)} failed"
    )
    return "\n".join(lines)


def run_all(commands: Mapping[str, Sequence[str]]) -> int:
    outcomes = [run(part, command) for part, command in commands.items()]
    sys.stdout.write(f"\n== What failed, part by part\n{report(outcomes)}\n")
    return int(any(each.failed for each in outcomes))


if __name__ == "__main__":
    sys.exit(run_all({part: ["make", "--no-print-directory", part] for part in sys.argv[1:]}))
