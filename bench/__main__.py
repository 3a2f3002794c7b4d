"""`python -m bench [NAME ...]`: runs the measurements and writes docs/bench.md."""

import importlib
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "bench.md"
NAMES = ("main_job", "attendance", "loading")


@dataclass(frozen=True)
class Row:
    """One promise: what was measured, the peer, both figures, and whether the promise was kept."""

    what: str
    ours: str
    peer: str
    ratio: str
    promised: str
    kept: bool


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def table(rows: list[Row]) -> str:
    lines = ["| what | ours | peer | ratio | promised | kept |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {r.what} | {r.ours} | {r.peer} | {r.ratio} | {r.promised} | {'yes' if r.kept else '**no**'} |"
        for r in rows
    ]
    return "\n".join(lines)


def main() -> None:
    chosen = sys.argv[1:] or list(NAMES)
    rows: list[Row] = []
    for name in chosen:
        print(f"== {name}", file=sys.stderr, flush=True)
        measure: Callable[[], list[Row]] = importlib.import_module(f"bench.{name}").measure
        rows += measure()
        print(table(rows), flush=True)
    if chosen == list(NAMES):
        PAGE.write_text(
            f"# Measured\n\nBy `make bench` on {date.today()}, {machine()}; single runs on this machine, so trust ratios before "
            f"seconds. The data is made up.\n\n{table(rows)}\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
