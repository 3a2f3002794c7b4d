"""Gunicorn's threaded worker, with one change: a request takes a thread when it is there, not while it trickles in.

The main loop gathers the headers of each request, and a small body, without blocking. Ten people on a slow line, or one who
sends a byte a second, so hold no thread. A large body (a file that somebody sends) is read by its thread, at a pace below which the
connection ends. A server in front that buffers (docs/operations.md) does the same and more; this holds without one.
"""

import re
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

WITHIN = 20.0  # seconds for the headers and a small body
HEADERS = 32 * 1024  # bytes; gunicorn itself takes less
WHOLE = 64 * 1024  # bytes of a body that is gathered before it takes a thread
SLOWEST = 16 * 1024  # bytes a second of a large body, after WITHIN seconds
LARGE_AT_ONCE = 2  # threads of a process that read large bodies; the others serve pages
LINGER = 2.0  # seconds for a client to close after the answer
END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
# Answers to a body of unknown length, and to one large body too many at a time.
LENGTH_REQUIRED = b"HTTP/1.1 411 Length Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


class Paced:
    """A connection whose body must arrive at a minimum pace; a slower one ends."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._began, self._received = time.monotonic(), 0

    def recv(self, size: int) -> bytes:
        left = self._began + WITHIN + self._received / SLOWEST - time.monotonic()
        self._connection.settimeout(max(left, 0.001))
        try:
            found = self._connection.recv(size)
        except TimeoutError:
            return b""  # as if the client had closed it
        finally:
            self._connection.settimeout(None)
        self._received += len(found)
        return found


class Connection(TConn):  # type: ignore[misc]
    """One connection. `gathered`: bytes received of the next request; `keeps`: whether another request may follow."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.gathered = bytearray()
        self.keeps = True
        self.until = 0.0

    def is_there(self) -> bool:
        """Whether enough has come to take a thread."""
        end = self.gathered.find(END)
        if end < 0:
            return len(self.gathered) > HEADERS
        size = LENGTH.search(self.gathered, 0, end + 2)
        body = int(size[1]) if size else 0
        self.keeps = body <= WHOLE
        return not self.keeps or len(self.gathered) >= end + len(END) + body

    def is_of_no_length(self) -> bool:
        return CHUNKED.search(self.gathered, 0, self.gathered.find(END) + 2) is not None

    def hand_over(self) -> None:
        """The bytes received so far are what the thread reads first."""
        self.init()
        self.data_ready = True
        self.parser.unreader.unread(bytes(self.gathered))
        if not self.keeps:
            self.parser.unreader.sock = Paced(self.sock)
        self.gathered.clear()


class Worker(ThreadWorker):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waited_for: set[Connection] = set()
        self._large: set[Connection] = set()

    def accept(self, listener: socket.socket) -> None:
        """Takes a new connection and waits for its first request."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._gather(Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """The next request on a connection that was kept begins to come."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn)

    def murder_pending(self) -> None:
        """Closes connections of which the request did not come in time."""
        super().murder_pending()
        now = time.monotonic()
        for conn in [conn for conn in self._waited_for if conn.until <= now]:
            self._close(conn)

    def handle(self, conn: Connection) -> Any:
        return super().handle(conn) and conn.keeps

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """A large body that was not read is not read to its end."""
        return conn.keeps and bool(super()._keepalive_after(conn, keepalive))

    def finish_request(self, conn: Connection, fs: Any) -> None:
        """After the last answer waits a moment for the client to close, without blocking the others."""
        self._large.discard(conn)
        if not fs.cancelled() and fs.exception() is None and not fs.result():
            self._linger(conn)
        else:
            super().finish_request(conn, fs)

    def _gather(self, conn: Connection) -> None:
        self._wait(conn, WITHIN, self._more)
        self._more(conn, conn.sock)

    def _more(self, conn: Connection, client: socket.socket) -> None:
        """Reads the bytes received, and starts a thread when the request is complete."""
        try:
            while not conn.is_there():
                found = client.recv(HEADERS)
                if not found:
                    self._close(conn)
                    return
                conn.gathered += found
        except BlockingIOError:
            return
        except OSError:
            self._close(conn)
            return
        self._no_longer(conn)
        if conn.is_of_no_length():
            self._last_word(conn, LENGTH_REQUIRED)
        elif not conn.keeps and len(self._large) >= LARGE_AT_ONCE:
            self._last_word(conn, BUSY)
        else:
            if not conn.keeps:
                self._large.add(conn)
            conn.hand_over()
            self.enqueue_req(conn)

    def _last_word(self, conn: Connection, answer: bytes) -> None:
        with suppress(OSError):
            conn.sock.send(answer)
        self._linger(conn)

    def _linger(self, conn: Connection) -> None:
        """Half-closes, so that an answer is not cut off by data that the client is still sending (RFC 9112, 9.6)."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.nr_conns -= 1
            conn.close()
            return
        self._wait(conn, LINGER, self._drain)

    def _drain(self, conn: Connection, client: socket.socket) -> None:
        try:
            if client.recv(HEADERS):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._close(conn)

    def _wait(
        self, conn: Connection, seconds: float, came: Callable[[Connection, socket.socket], None]
    ) -> None:
        """Does that whenever something comes, and closes the connection after so many seconds."""
        conn.sock.setblocking(False)
        conn.until = time.monotonic() + seconds
        self._waited_for.add(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(came, conn))

    def _no_longer(self, conn: Connection) -> None:
        self._waited_for.remove(conn)
        self.poller.unregister(conn.sock)

    def _close(self, conn: Connection) -> None:
        self._no_longer(conn)
        self.nr_conns -= 1
        conn.close()
