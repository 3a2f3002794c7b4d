"""`python -m bench [NAME ...]`: runs the measurements and writes docs/bench.md."""

import json
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

from bench.row import Row

PAGE = Path(__file__).resolve().parents[1] / "docs" / "bench.md"
NOTES = """
What stands behind the rows:

- **Main job**: `throughway demo` with 1,000 students, in a process of its own: simulate, agree, load the feeds of nine partners, link, ask,
  publish, seal.
- **Pages**: the demo of 5,000 students, served by the command. Each of the people opens the next page two seconds after the last one came,
  as one who reads; every fourth is a case worker, whose pages ask the gate for rows. The readers run on the same two cores.
- **Ledger**: the peer is a table whose rows each carry the hash of the row before, made by a trigger under a lock. Both are written by the
  same eight processes through the same connection, a transaction for each append. Sealed in lots of 10,000 before it is verified.
- **Attendance**: 20 districts, 180 days, one file a district. PostgreSQL holds the same rows partitioned by district, analysed, with an index on
  person and day. No links are shown under this purpose; where they are, the join with them makes the question about three times slower.
- **Families' choices**: the peer is DuckDB in the same process over the same files, warm, which writes no entry. The questions are asked in
  turns, the fastest of seven counts.
- **Policies**: fifty agreements, each of one district with days of its own, 95 of 100 families consenting. The engines get policies parsed
  once and a sample of 4,000 rows, and each must decide every one of them as the policy says; the gate answers over all rows.
- **One student**: names and the year's attendance, in a warm process, after 60 others. The entry in the ledger is durable before the time is taken.
- **Review**: 200 lines of schedule under four purposes of four rights, under an agreement on data as large and an MOU, with a State's rules. From the
  text that a person sends to the findings, every time anew.
- **Consents**: of one district, one of each student. Of 20 withdrawals the one in the middle; the read is of one student's attendance, warm, its entry
  durable before the time is taken.
- **Loading**: a CSV of 34.5 million rows. The peer writes the same columns in the same order and checks nothing.
"""
NAMES = (
    "main_job",
    "pages",
    "simulate",
    "attendance",
    "governed",
    "policies",
    "loading",
    "destroying",
    "withdrawing",
    "ledger",
    "compiling",
    "linking",
    "review",
    "linking_more",
)


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def table(rows: list[Row]) -> str:
    lines = ["| what | ours | peer | ratio | promised | kept |", "|---|---|---|---|---|---|"]
    lines += [f"| {r.what} | {r.ours} | {r.peer} | {r.ratio} | {r.promised} | {_kept(r)} |" for r in rows]
    return "\n".join(lines)


def _kept(row: Row) -> str:
    return "" if not row.promised else "yes" if row.kept else "**no**"


def measure(name: str) -> list[Row]:
    """The rows of one measurement, taken in a process of its own, since a process serves one community."""
    code = (
        "import json, sys, dataclasses, importlib; sys.stdout, told = sys.stderr, sys.stdout; "
        f"rows = importlib.import_module('bench.{name}').measure(); "
        "print(); print(json.dumps([dataclasses.asdict(row) for row in rows]), file=told)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]  # servers may speak before


def main() -> None:
    chosen = sys.argv[1:] or list(NAMES)
    rows: list[Row] = []
    for name in chosen:
        print(f"== {name}", file=sys.stderr, flush=True)
        rows += measure(name)
        print(table(rows), flush=True)
    if chosen == list(NAMES):
        PAGE.write_text(
            f"# Measured\n\nBy `make bench` on {date.today()}, {machine()}; single runs on this machine, so trust ratios before "
            f"seconds. The data is made up.\n\n{table(rows)}\n{NOTES}",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
