"""Gunicorn's settings: two processes of four threads, which SQLite's one writer at a time keeps busy."""

from throughway.site.watching import end_with_parent

workers = 2
threads = 4
worker_class = "gthread"
timeout = 120  # seconds without a sign of life from a process
graceful_timeout = 10
accesslog = None
loglevel = "error"
control_socket_disable = True  # ours is the only hand that steers it


def on_starting(server: object) -> None:
    end_with_parent()
