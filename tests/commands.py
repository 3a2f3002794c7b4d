"""Runs commands of `throughway`, and modules of tests, each in a process of its own that begins with the program already imported.

Importing the program and its libraries costs a command of a small community more than its work. So one process imports all of it, opens
nothing, and forks a child for each command; the child takes the environment of the community, reads the settings anew, and ends as
`throughway` does. That a command by itself imports what it needs is tested where whole processes are started (`tests/docs/
test_first_community.py`, `tests/cli`, `tests/packaging`).

As a program it reads one JSON line for each command and answers with a line, its exit code.
"""

import atexit
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Commands:
    """The process that forks, started with the first command."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="commands-")
        environment = {n: v for n, v in os.environ.items() if not n.startswith(("THROUGHWAY_", "DJANGO_"))}
        environment |= {"THROUGHWAY_COMMUNITY": self.folder.name, "PYTHONWARNINGS": "error"}
        self.process = subprocess.Popen(
            [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        self.one_at_a_time = threading.Lock()
        atexit.register(self.end)

    def end(self) -> None:
        self.process.communicate()
        self.folder.cleanup()

    def run(self, words: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        assert self.process.stdin
        assert self.process.stdout
        out, err = (Path(self.folder.name) / name for name in ("out", "err"))
        asked = {"words": words, "environment": dict(environment), "folder": os.getcwd(), "out": str(out), "err": str(err)}  # fmt: skip
        with self.one_at_a_time:
            self.process.stdin.write(json.dumps(asked) + "\n")
            self.process.stdin.flush()
            code = int(self.process.stdout.readline())
            return subprocess.CompletedProcess(words, code, out.read_text("utf-8"), err.read_text("utf-8"))


@cache
def commands() -> Commands:
    return Commands()


def serve() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
    import django

    django.setup()
    from throughway.cli.root import COMMANDS

    for module in (
        "throughway.site.urls",
        *(f"throughway.cli.{name}" for name in sorted(set(COMMANDS.values()))),
    ):
        importlib.import_module(module)  # fmt: skip
    for line in sys.stdin:
        asked = json.loads(line)
        with warnings.catch_warnings(action="ignore"):  # libraries have threads, which do nothing yet
            child = os.fork()
        if child == 0:
            take_place(**asked)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def take_place(words: Sequence[str], environment: Mapping[str, str], folder: str, out: str, err: str) -> None:
    """The child: what `throughway` would be, started with these words in this environment, or `python -m`. Never returns."""
    from throughway.__main__ import run
    from throughway.cli.process_exit import leaving

    for number, name in ((0, os.devnull), (1, out), (2, err)):
        opened = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    forget_the_settings()
    try:
        if words[0] == "-m":
            sys.argv = list(words[1:])
            warnings.simplefilter("ignore")
            leaving(lambda: runpy.run_module(words[1], run_name="__main__"))
        sys.argv = ["throughway", *words]
        run()
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        sys.stderr.flush()
        os._exit(1)


def forget_the_settings() -> None:
    """Those that were read, and the connection that was never opened, belong to no community; `django.setup` will read them anew."""
    import django
    from django.apps import apps
    from django.conf import settings
    from django.db import connections
    from django.utils.functional import empty

    del sys.modules["throughway.site.settings"]
    settings._wrapped = empty
    for connection in connections.all(initialized_only=True):
        del connections[connection.alias]
    connections._settings = None
    vars(connections).pop("settings", None)
    setup = django.setup

    def set_up() -> None:
        setup()
        apps.get_app_config("django_cotton").ready()  # it adds its loader to the settings

    django.setup = set_up


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    serve()
