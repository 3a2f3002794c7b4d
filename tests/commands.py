"""Runs commands of `throughway`, modules of tests, and Python code, each in a process of its own that begins with the program imported.

Importing the program and its libraries costs a process of a small community more than its work. So one process imports all of it, opens
nothing, and forks a child for each; the child takes the environment of the community, reads the settings anew, and ends as `throughway`
does. That a command by itself imports what it needs is tested where whole processes are started (`tests/docs/test_first_community.py`,
`tests/cli`, `tests/packaging`).

As a program it is asked over a socket, one JSON document for each message: to start a child, whose three streams come with the message,
and how a child has ended.
"""

import atexit
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

ROOT = Path(__file__).parents[1]
LONGEST = 1 << 17  # bytes of a message


class Forked:
    """A child of the process that forks, with pipes to and from it, under the names that `subprocess.Popen` has for them."""

    def __init__(self, asked: "Commands", pid: int, stdin: IO[str], stdout: IO[str]) -> None:
        self._asked, self.pid, self.stdin, self.stdout = asked, pid, stdin, stdout
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._asked.ended(self.pid)
        return self.returncode

    def wait(self, timeout: float = 600) -> int:
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("a forked process", timeout)
            time.sleep(0.005)
        return code

    def communicate(self, input: str = "") -> tuple[str, None]:
        with suppress(BrokenPipeError):  # it ended without reading
            self.stdin.write(input)
            self.stdin.close()
        told = "" if self.stdout.closed else self.stdout.read()
        self.__exit__()
        return told, None

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def __enter__(self) -> "Forked":
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self.stdin, self.stdout):
            with suppress(BrokenPipeError):
                pipe.close()
        self.wait()


class Commands:
    """The process that forks, started with the first command."""

    def __init__(self) -> None:
        self.folder = TemporaryDirectory(prefix="commands-")
        environment = {n: v for n, v in os.environ.items() if not n.startswith(("THROUGHWAY_", "DJANGO_"))}
        environment |= {"THROUGHWAY_COMMUNITY": self.folder.name, "PYTHONWARNINGS": "error"}
        self.socket, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self.process = subprocess.Popen(
                [sys.executable, __file__, str(its.fileno())], env=environment, pass_fds=[its.fileno()]
            )
        self.one_at_a_time = threading.Lock()
        atexit.register(self.end)

    def end(self) -> None:
        self.socket.close()
        self.process.wait()
        self.folder.cleanup()

    def _ask(self, streams: Sequence[int] = (), **asked: object) -> Any:
        with self.one_at_a_time:
            socket.send_fds(self.socket, [json.dumps(asked).encode()], streams)
            return json.loads(self.socket.recv(LONGEST))

    def ended(self, pid: int) -> int | None:
        """The exit code of a child, or None while it runs."""
        code: int | None = self._ask(ended=pid)
        return code

    def run(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        folder: Path | None = None,
        *,
        merged: bool = False,
    ) -> "subprocess.CompletedProcess[str]":
        """`merged`: what it writes as errors comes with its output, in the order in which it was written."""
        with (
            open(os.devnull) as given,
            TemporaryFile("w+", encoding="utf-8") as out,
            TemporaryFile("w+", encoding="utf-8") as err,
        ):
            streams = [given.fileno(), out.fileno(), (out if merged else err).fileno()]
            folder = folder or Path.cwd()
            pid = self._ask(streams, words=words, environment=dict(environment), folder=str(folder))
            while (code := self.ended(pid)) is None:
                time.sleep(0.005)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(words, code, out.read(), err.read())

    def python(self, code: str, environment: Mapping[str, str]) -> Forked:
        """A process of Python with pipes to its input and from its output; its errors go where this process's go."""
        given, stdin = os.pipe()
        stdout, out = os.pipe()
        pid = self._ask((given, out, 2), words=["-c", code], environment=dict(environment), folder=os.getcwd())  # fmt: skip
        os.close(given)
        os.close(out)
        return Forked(self, pid, os.fdopen(stdin, "w", encoding="utf-8"), os.fdopen(stdout, encoding="utf-8"))


@cache
def commands() -> Commands:
    return Commands()


def serve(asking: socket.socket) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
    import django

    django.setup()
    from throughway.cli.root import COMMANDS

    for module in (
        "throughway.site.urls",
        *(f"throughway.cli.{name}" for name in sorted(set(COMMANDS.values()))),
    ):
        importlib.import_module(module)  # fmt: skip
    os.fsync = lambda handle: None  # no power is lost, as in `conftest.py`
    while True:
        message, streams, _, _ = socket.recv_fds(asking, LONGEST, 3)
        if not message:
            return
        asked = json.loads(message)
        if "ended" in asked:
            pid, status = os.waitpid(asked["ended"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            with warnings.catch_warnings(action="ignore"):  # libraries have threads, which do nothing yet
                answer = os.fork()
            if answer == 0:
                asking.close()
                take_place(streams, **asked)
            for stream in streams:
                os.close(stream)
        asking.send(json.dumps(answer).encode())


def take_place(
    streams: Sequence[int], words: Sequence[str], environment: Mapping[str, str], folder: str
) -> None:
    """The child: what `throughway` would be, started with these words in this environment, or `python -m` or `-c`. Never returns."""
    from throughway.__main__ import run
    from throughway.cli.process_exit import leaving

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    forget_the_settings()
    try:
        if words[0] == "-m":
            sys.argv = list(words[1:])
            warnings.simplefilter("ignore")
            leaving(lambda: runpy.run_module(words[1], run_name="__main__"))
        if words[0] == "-c":
            sys.argv = ["-c"]
            warnings.simplefilter("ignore")
            leaving(lambda: exec(compile(words[1], "<code of a test>", "exec"), {"__name__": "__main__"}))  # noqa: S102
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

    from throughway.core.long_work import recognize_transactions

    recognize_transactions(lambda: False)  # as in a process that opens no community
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
        apps.get_app_config("store").ready()  # it recognizes transactions

    django.setup = set_up


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    serve(socket.socket(fileno=int(sys.argv[1])))
