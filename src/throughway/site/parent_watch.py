"""A child ends when its parent is gone, however the parent ended."""

import os
import signal
import threading
import time

EVERY = 1.0  # seconds


def end_with_parent() -> None:
    """Starts watching; when the parent is another one, this process is asked to end."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(EVERY)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
