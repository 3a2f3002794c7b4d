"""Gunicorn's settings: two processes of four threads, which SQLite's one writer at a time keeps busy. A request takes a thread
once it is there (`gunicorn_worker.py`)."""

import os
from typing import Any

from throughway.site.background import end_with_parent

preload_app = True  # the program is imported once, and its processes share that memory
workers = 2
threads = 4
worker_class = "throughway.site.gunicorn_worker.Worker"
timeout = 120  # seconds without a sign of life from a process
graceful_timeout = 10
accesslog = None
loglevel = "error"
control_socket_disable = True  # ours is the only hand that steers it


def on_starting(server: object) -> None:
    end_with_parent()


def worker_exit(server: object, worker: Any) -> None:
    """Ends a process of the server once its requests are answered, without Python's own end. That destroys the connection that DuckDB opens
    when it is imported, before the fork: its thread is not in this process, and C++ then aborts it, as soon as it has asked DuckDB anything."""
    if worker.booted and worker.pid == os.getpid():
        os._exit(0)
