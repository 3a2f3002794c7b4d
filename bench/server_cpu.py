"""How much CPU a PostgreSQL server on this machine has used, read from /proc."""

import os
from contextlib import suppress
from math import nan
from pathlib import Path


def cpu_of(address: str) -> float:
    """Seconds of CPU that the server has used so far, all its processes together, also those that ended; NaN where this system does
    not tell (it is read from /proc)."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert found
    postmaster = found[0].split()[0]
    if not Path("/proc", postmaster, "stat").exists():
        return nan
    ticks = sum(_ticks(postmaster, 4))  # its own, and those of the processes that it waited for
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            if _told(process.name)[1] == postmaster:
                ticks += sum(_ticks(process.name, 2))
    return ticks / os.sysconf("SC_CLK_TCK")


def _ticks(process: str, many: int) -> list[int]:
    return [int(n) for n in _told(process)[11 : 11 + many]]


def _told(process: str) -> list[str]:
    """What /proc tells of a process behind its name (proc_pid_stat(5)): its state, its parent, and so on."""
    return Path("/proc", process, "stat").read_text().rpartition(")")[2].split()
