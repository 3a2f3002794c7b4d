"""Riverbend at the size of a region: 100,000 students over seven school years, written by the command."""

import resource
import shutil
import subprocess
import sys
import tempfile
import time

from bench.row import Row

STUDENTS = 100_000


def measure() -> list[Row]:
    folder = tempfile.mkdtemp()
    try:
        began = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "throughway",
            "simulate",
            folder,
            "--students",
            str(STUDENTS),
            "--seed",
            "7",
        ]
        subprocess.run(command, check=True, stdout=sys.stderr)
        seconds = time.perf_counter() - began
    finally:
        shutil.rmtree(folder)
    # The largest of the processes that ran; the command's own is the one that holds the town.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    return [
        Row(f"simulate {STUDENTS:,} students over seven school years", f"{seconds:.0f} s", "none", "", "< 180 s", seconds < 180),
        Row("memory of that, peak of one process", f"{peak:.1f} GB", "none", "", "< 4 GB", peak < 4),
    ]  # fmt: skip
