"""Keeps standard output for what the command itself prints: a C library that writes there would break the one JSON document."""

import os
import sys

STDOUT, STDERR = 1, 2  # file descriptors


def keep_standard_output() -> None:
    """From now on `sys.stdout` alone writes to the process's standard output; what anything else writes there (a solver in C, or a
    process that is started) goes to standard error. Does nothing where the process was started without one of the two, or `sys.stdout` was
    led elsewhere already."""
    if sys.stdout is None or sys.stderr is None or sys.stdout.fileno() != STDOUT:
        return
    sys.stdout.flush()
    own = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)
    sys.stdout = open(  # noqa: SIM115  it lasts as long as the process
        own,
        "w",
        encoding=sys.stdout.encoding,
        errors=sys.stdout.errors,
        buffering=1 if os.isatty(own) else -1,
    )
