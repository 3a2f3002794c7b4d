"""Hostile clients at the site as it is really served: slow ones hold nobody up, nor does one who asks nine heavy questions."""

import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest

from tests.town import Fresh, Town
from throughway.site.secret_key import keep_secret_key
from throughway.store import Community

WITHIN = (
    30  # seconds in which a request of somebody else is answered, on a busy machine; the attacks last longer
)
EVALUATOR = "evaluator@hub.example"
# Rows of which five are laid beside each other: more than any machine counts in an hour.
MANY = 2_000
HEAVY = "SELECT sum(a.person_id + b.person_id + c.person_id + d.person_id + e.person_id) FROM " + ", ".join(
    f"attendance_day {name}" for name in "abcde"
)
SETTLE = f"""
from tests.gate import making
from throughway.partners import OPERATOR
from throughway.partners.tokens.actions import make
making.register()
making.in_effect(making.sharing())
making.people()
making.land("attendance_day", "north", [{{"person_record": 11, "record": 100 + n}} for n in range({MANY})])
print(make(email="{EVALUATOR}", name="a program", days=1, by=OPERATOR).text, flush=True)
"""


class Site:
    """A served community, and a token of its evaluator."""

    def __init__(self, town: Town, token: str) -> None:
        self.token = token
        command = [sys.executable, "-m", "throughway", "serve", "--port", "0", "--json"]
        self.process = subprocess.Popen(
            command, env=town.environment(), stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            text += (line := self.process.stdout.readline())
            assert line, "it ended before it answered"
        self.at = urlsplit(json.loads(text)["address"])
        self.opens()

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        if self.process.wait(60):
            os.killpg(self.process.pid, signal.SIGKILL)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def connection(self, timeout: float = WITHIN) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(str(self.at.hostname), self.at.port, timeout=timeout)

    def opens(self) -> None:
        """Somebody else can sign in."""
        with closing(self.connection()) as asking:
            asking.request("GET", "/sign-in/")
            assert asking.getresponse().status == 200

    def ask(self, sql: str) -> http.client.HTTPConnection:
        """Sends a question; whoever wants the answer takes it from the connection."""
        asking = self.connection(timeout=90)
        asking.request(
            "POST", "/api/query", json.dumps({"sql": sql, "purpose": "planning"}),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )  # fmt: skip
        return asking

    def trickle(self, more: str, body: bytes = b"a") -> socket.socket:
        """Begins a request and does not end it."""
        slow = socket.create_connection((str(self.at.hostname), self.at.port), timeout=WITHIN)
        head = f"POST /sign-in/ HTTP/1.1\r\nHost: {self.at.netloc}\r\nCookie: csrftoken={'a' * 32}\r\n"
        slow.sendall(f"{head}Origin: http://{self.at.netloc}\r\n{more}".encode() + body)
        return slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, own_database: Fresh) -> Iterator[Site]:
    with own_database() as database:
        town = Town(tmp_path_factory.mktemp("hostile") / "town", database)
        town.found()
        keep_secret_key(Community(town.root))  # tokens are kept under it
        token, _ = town.python(SETTLE).communicate()
        served = Site(town, token.strip())
        yield served
        served.end()


FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    "more",
    [
        "",
        f"{FORM}Content-Length: 1000\r\n\r\n",
        f"{FORM}Content-Length: 60000000\r\n\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 200000000\r\n\r\n",
        f"{FORM}Transfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["headers", "a form", "a large form", "a file", "no length"],
)
def test_slow_requests_hold_nobody_up(site: Site, more: str) -> None:
    with ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(site.trickle(more))
        began = time.monotonic()
        for _ in range(4):
            site.opens()
        assert time.monotonic() - began < WITHIN / 2


def test_unsized_bodies_and_anonymous_files_are_refused(site: Site) -> None:
    for more, status in (
        (f"{FORM}Transfer-Encoding: chunked\r\n\r\n", b"411"),
        (f"{FORM}Content-Length: 60000000\r\n\r\n", b"413"),
    ):
        with site.trickle(more) as slow:
            assert status in slow.makefile("rb").readline()


def test_request_in_pieces_is_answered(site: Site) -> None:
    with site.trickle(f"{FORM}Content-Length: 6\r\n\r\n", b"a") as slow:
        for piece in (b"=", b"b&c="):
            time.sleep(0.05)
            slow.sendall(piece)
        assert b" 403 " in slow.makefile("rb").readline()  # the token of its form is none
    with closing(site.connection()) as kept:
        for _ in range(3):
            kept.request("GET", "/sign-in/")
            response = kept.getresponse()
            response.read()
            assert (response.status, response.headers.get("Connection")) == (200, "keep-alive")


def test_heavy_queries_of_one_token_do_not_block_the_site(site: Site) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(9) as together:
        asked = [stack.enter_context(closing(asking)) for asking in together.map(site.ask, [HEAVY] * 9)]
        site.opens()
        waiting = [asking for asking in asked if not _answered(asking, 5)]
        assert len(waiting) == 1
        refused = [asking.getresponse() for asking in asked if asking not in waiting]
        assert {answer.status for answer in refused} == {429}
        assert "You have had a query running since" in refused[0].read().decode()
        site.opens()
    # The connections are closed: the question ends at once, and the next one is answered.
    until = time.monotonic() + WITHIN
    while True:
        with closing(site.ask("SELECT count(*) FROM person")) as asking:
            if asking.getresponse().status == 200:
                break
        assert time.monotonic() < until
        time.sleep(0.2)


def _answered(asking: http.client.HTTPConnection, seconds: float) -> bool:
    return bool(select.select([asking.sock], [], [], seconds)[0])
