"""`serve`: starts and ends the site and its background work together."""

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click

from throughway.cli.command import CommandResult, Settings, as_text, command, prepare, say
from throughway.core.disk_full import has_room
from throughway.core.refusals import Refused
from throughway.site.secret_key import keep_secret_key
from throughway.store import new_folder
from throughway.store.community import Community
from throughway.store.database_record import check_engine, check_file
from throughway.store.settings_file import LOOPBACK

PORT, HOST = 8000, "127.0.0.1"
STARTS_WITHIN = 60  # seconds
ENDS_WITHIN = 15
BACKGROUND_EVERY = (
    5.0  # seconds between two starts of a background process that ends at once, as without a database
)


def check_whole(community: Community) -> None:
    """Refused when the folder is not a community, lacks a part, or its disk is full; nothing is created."""
    if not community.exists:
        raise Refused(
            f"{community.root} is not a community; create one with: throughway init DIR", code="no_community"
        )
    new_folder.check_whole(community)
    for part in (community.data, community.keys):
        if not part.exists():
            raise Refused(
                f"{community.root} is only half a community: {part.relative_to(community.root)} is missing; "
                "bring it back from a backup, or make a new community with: throughway init DIR",
                code="half_initialised",
            )
    check_engine(community)
    if not community.database_url:
        check_file(community)
    if not has_room(community.data):
        raise Refused(
            f"The disk that holds {community.root} is full; free some space, then serve again.",
            code="disk_full",
        )


def listen(host: str, port: int) -> socket.socket:
    """A socket that waits for browsers; port 0 takes a free one. Refused when it is in use or may not be taken."""
    if not 0 <= port < 1 << 16:
        raise Refused("A port is a number up to 65535; choose another with --port.", code="not_served")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refused(
                f"Port {port} is in use; choose another with --port, or end what runs there.",
                code="port_in_use",
            ) from error
        raise Refused(
            f"The site cannot be served at {host}, port {port} ({error.strerror}); choose others with --host and --port.",
            code="not_served",
        ) from error


def check_sign_on(community: Community) -> None:
    """Refused where a provider of the settings serves no partner, or the site's secret there is not set."""
    from throughway.partners.selectors import known

    for partner, provider in community.settings.sign_on.items():
        known(partner)
        if not provider.secret:
            raise Refused(
                f"The secret of the site at the provider of {partner} is missing; set {provider.secret_variable}.",
                code="settings",
            )


@dataclass
class Running:
    """A site that answers at `address` until it is ended."""

    address: str
    server: "subprocess.Popen[bytes]"
    environment: dict[str, str]
    background: "subprocess.Popen[bytes] | None" = None
    background_since: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)

    def remember_signals(self) -> None:
        """From now on SIGINT and SIGTERM only end `wait`, and interrupt nothing else."""
        for wanted in (signal.SIGINT, signal.SIGTERM):
            signal.signal(wanted, self._end)

    def wait(self) -> None:
        """Blocks until a signal asks it to end, then ends every process; Refused when the server process ended."""
        try:
            while not self.ended.wait(1.0):
                if self.server.poll() is not None:
                    raise Refused("The server ended by itself; start it again.", code="server_ended")
                gone = self.background is not None and self.background.poll() is not None
                if gone and time.monotonic() - self.background_since >= BACKGROUND_EVERY:
                    self.start_background()
        finally:
            self.end()

    def start_background(self) -> None:
        self.background, self.background_since = _background(self.environment), time.monotonic()

    def end(self) -> None:
        """Terminates both processes, and kills them after a while."""
        children = [child for child in (self.server, self.background) if child is not None]
        for ask in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            for child in children:
                if child.poll() is None:
                    child.send_signal(ask)
            if _all_ended(children):
                return

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ended.set()


def _all_ended(children: list["subprocess.Popen[bytes]"]) -> bool:
    until = time.monotonic() + ENDS_WITHIN
    for child in children:
        try:
            child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
    return True


def _background(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "throughway.site.background"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def start(community: Community, waiting: socket.socket) -> Running:
    """Serves the community at a socket from `listen`; returns when the site answers.

    Each child has a session of its own, so that Ctrl-C reaches this process alone, which ends them in order.
    """
    from throughway.site.static_files import collect

    keep_secret_key(community)
    collect(community.data / "static")
    environment = {
        **{name: value for name, value in os.environ.items() if name != "THROUGHWAY_DEVELOPING"},
        "THROUGHWAY_COMMUNITY": str(community.root),
        "DJANGO_SETTINGS_MODULE": "throughway.site.settings",
    }
    host, port = waiting.getsockname()[:2]
    with waiting:
        bound = f"fd://{waiting.fileno()}"
        # -P: a file in the folder where the command was given must not pass for a module of the library.
        gunicorn = [
            "-P",
            "-m",
            "gunicorn",
            "--config",
            "python:throughway.site.gunicorn_config",
            "--bind",
            bound,
        ]
        server = subprocess.Popen(
            [sys.executable, *gunicorn, "throughway.site.wsgi:application"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(waiting.fileno(),),
            start_new_session=True,
        )
    running = Running(f"http://{_spoken(host)}:{port}/", server, environment)
    try:
        running.start_background()
        _until_it_answers(running)
    except BaseException:
        running.end()
        raise
    return running


def _spoken(host: str) -> str:
    """The host name for a browser on this machine."""
    if host in ("0.0.0.0", "::", "127.0.0.1"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else str(host)


def _until_it_answers(running: Running) -> None:
    """Waits for any answer: behind an https proxy, plain http gets a redirect."""
    address = urlsplit(running.address)
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and running.server.poll() is None:
        asking = HTTPConnection(str(address.hostname), address.port, timeout=STARTS_WITHIN)
        try:
            asking.request("GET", "/sign-in/")
            asking.getresponse()
            return
        except (OSError, HTTPException):
            time.sleep(0.1)
        finally:
            asking.close()
    raise Refused("The server did not start; run `throughway check`, then try again.", code="not_served")


def say_and_go_on(settings: Settings, running: Running, document: Mapping[str, Any], text: str) -> NoReturn:
    """Prints the result of a command as soon as the site answers, serves until Ctrl-C, then ends the command."""
    running.remember_signals()
    click.echo(as_text(document) if settings.as_json else text)
    sys.stdout.flush()
    running.wait()
    raise click.exceptions.Exit(0)


@command(None, "serve", opens=False)
@click.option("--port", type=int, default=PORT, show_default=True, help="The port; 0 takes a free one.")
@click.option(
    "--host", default=HOST, show_default=True, help="The address of this machine on which the site is served."
)
def serve(settings: Settings, port: int, host: str) -> CommandResult:
    """Serve the site and do its background work until Ctrl-C."""
    from throughway.measures.policy import decided

    community = Community.locate(settings.community)
    check_whole(community)
    decided(community.settings.measures)  # else every report is refused, long after the start
    if host not in LOOPBACK and not community.settings.site.https:
        say(
            f"Warning: at {host} other machines reach the site without encryption, with all that people type and read. Serve "
            "127.0.0.1 behind an https server, and write https = true below [site] in throughway.toml."
        )
    waiting = listen(host, port)
    try:
        prepare(community)
        check_sign_on(community)
        running = start(community, waiting)
    except OSError as error:
        waiting.close()
        raise _out_of(community, error) from error
    except BaseException:
        waiting.close()
        raise
    text = f"{running.address} answers. Ctrl-C ends it."
    say_and_go_on(settings, running, {"address": running.address}, text)


def _out_of(community: Community, error: OSError) -> Refused:
    if error.errno == errno.ENOSPC:
        return Refused(
            f"The disk that holds {community.root} is full; free some space, then serve again.",
            code="disk_full",
        )
    return Refused(
        f"{community.root} cannot be written ({error.strerror}); mend its permissions.", code="not_writable"
    )
