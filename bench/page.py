"""docs/bench.md: prose that people write, and between marks the rows of each measurement, which a run of it replaces."""

import os
import platform
import re
from collections.abc import Sequence
from datetime import date

from bench.row import Row


def put(page: str, name: str, rows: str) -> str:
    """The page with these rows in place of those that the measurement left last; nothing else of it changes. A measurement that
    has no place yet gets one at the end."""
    begin, end = marks(name)
    block = f"{begin}\n\n{rows}\n\n{end}"
    if begin not in page:
        return f"{page.rstrip()}\n\n## {name.replace('_', ' ').capitalize()}\n\n{block}\n"
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"docs/bench.md has {begin} and not {end}; write it behind the rows of {name}")
    return before + block + after


def marks(name: str) -> tuple[str, str]:
    return f"<!-- rows of {name} -->", f"<!-- end of {name} -->"


def marked(page: str) -> list[str]:
    """The measurements that have a place in the page, in its order."""
    return re.findall(r"<!-- rows of (\w+) -->", page)


def told(name: str, rows: Sequence[Row], *, seconds: float, loads: Sequence[float]) -> str:
    """The rows, with what they were taken on and when. `loads`: before and after."""
    load = " and ".join(f"{load:.1f}" for load in loads)
    return (
        f"By `python -m bench {name}` on {date.today()}, {machine()}, in {seconds:,.0f} s, at a load of {load} before and after."
        f"\n\n{table(rows)}"
    )


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def table(rows: Sequence[Row]) -> str:
    lines = ["| what | ours | peer | ratio | promised | kept |", "|---|---|---|---|---|---|"]
    lines += [f"| {r.what} | {r.ours} | {r.peer} | {r.ratio} | {r.promised} | {_kept(r)} |" for r in rows]
    return "\n".join(lines)


def _kept(row: Row) -> str:
    return "" if not row.promised else "yes" if row.kept else "**no**"
