"""The ledger: appends by eight writers against a table whose rows are chained by hash, and how fast all of it is verified."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.appends import PROMISED, At, append_rows
from bench.row import Row
from bench.slow_disk import hindrance

VERIFIED = 300_000
# As a commit takes on a common disk; as many write at once in a larger community; and on a slow disk, with the setting that the
# manual of operations gives for one.
WAITING = (At(8, 3_000), At(16, 3_000), At(8, 10_000, 3_000))


def register() -> None:
    """Puts into the registers whom and what `entry` names."""
    import json

    from tests.gate import making
    from throughway.agreements import actions as agreements
    from throughway.partners.actor import OPERATOR

    making.register()
    agreements.add(text=json.dumps(making.sharing(id="harbor-2026")), by=OPERATOR)


def entry(n: int):
    """A disclosure of one student's attendance to a case worker."""
    from datetime import date

    import numpy as np

    from throughway.ledger.entry import Entry
    from throughway.partners.actor import Actor

    return Entry(
        outcome="released", actor=Actor("worker@harbor.example", "harbor", "case_worker"), purpose="casework",
        interest="Match each student with after-school supports", basis="consent", on=date(2026, 3, 2), rows=40,
        agreements=(("harbor-2026", "ab" * 32),), disclosers=("north-district",), recipients=("harbor",),
        elements=("person.first_name", "attendance_day.attendance_event_date", "attendance_day.attendance_status"),
        question="0" * 64, way="page", students=np.array([n, n + 7]),
    )  # fmt: skip


VERIFYING = """
import sys, time
from pathlib import Path
from django.db import transaction
from throughway.cli.command import prepare_new
from throughway.store.community import Community
community = Community(Path(sys.argv[1])); community.make(name="Bench"); prepare_new(community)
from bench.ledger import entry, register
from throughway.ledger import recording, sealing
from throughway.ledger.actions import verification
from throughway.partners.actor import OPERATOR
register()
recording.seal_soon = lambda *_, **__: None  # sealed once for each lot instead
for lot in range(int(sys.argv[2]) // 10_000):
    with transaction.atomic():
        for n in range(10_000):
            recording.append(entry(n))
    sealing.seal(by=OPERATOR)
clocks, processor = [], []
for _ in range(3):
    began, cpu = time.perf_counter(), time.process_time()
    verdict = verification.verify()
    clocks.append(time.perf_counter() - began)
    processor.append(time.process_time() - cpu)
assert verdict.ok and verdict.sealed == int(sys.argv[2]), verdict
print(verdict.sealed / min(clocks), verdict.sealed / min(processor))
"""


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        rows = list(append_rows(At(PROMISED), Path(folder) / "town"))
        if why := hindrance():
            print(why, file=sys.stderr)
        else:
            rows += [
                row for n, at in enumerate(WAITING) for row in append_rows(at, Path(folder) / f"waiting{n}")
            ]
        command = [sys.executable, "-c", VERIFYING, str(Path(folder) / "verified"), str(VERIFIED)]
        began = time.perf_counter()
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        verified, in_cpu = map(float, told.split()[-2:])
        print(
            f"{VERIFIED:,} entries made and verified in {time.perf_counter() - began:.0f} s", file=sys.stderr
        )
    return [
        *rows,
        Row(f"verify {VERIFIED:,} sealed entries, SQLite", f"{verified:,.0f}/s ({in_cpu:,.0f} for each second of CPU)", "none", "", "≥ 100,000/s", verified >= 100_000),
    ]  # fmt: skip
