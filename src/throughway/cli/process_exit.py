"""Ends a command's process after its output is written and its clean-up done, without tearing down the interpreter.

While Python finalizes, a thread of Arrow's or DuckDB's pools that asks for the interpreter is ended from within C++, which aborts the
whole process: the work is done and reported, and the command still ends with signal 6
(https://github.com/duckdb/duckdb/issues/13904, https://github.com/apache/arrow/issues/34314; Python 3.11 to 3.13).
So the process leaves before that, as the children of `multiprocessing` do.
"""

import atexit
import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

UNWRITTEN = 120  # as Python itself ends when its last output cannot be written


def leaving(command: Callable[[], object]) -> NoReturn:
    """Runs the command and ends the process with its exit code; an unexpected exception is raised as usual."""
    code: object = 0
    try:
        command()
    except SystemExit as ended:
        code = ended.code
    if not isinstance(code, int | None):
        sys.stderr.write(f"{code}\n")
        code = 1
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    os._exit(code or 0 if _written() else code or UNWRITTEN)


def _written() -> bool:
    """Whether all output has reached its file or pipe; a closed pipe shows in the exit code."""
    written = True
    for stream in filter(None, (sys.stdout, sys.stderr)):  # none where the process was started without it
        try:
            stream.flush()
        except (OSError, ValueError):
            written = False
    return written
