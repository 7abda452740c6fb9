"""gunicorn's threaded worker, which gives a request to a thread only when all of it has arrived.

A thread that reads from a client waits for that client: as many slow clients as there are threads would block everybody
else. Here the main loop reads, without waiting. A request that is too large for memory, or cannot be read ahead, is
left to a few threads of its own (ADR 0012).
"""

from __future__ import annotations

import re
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import http
from gunicorn.errors import ConfigError
from gunicorn.workers.gthread import TConn, ThreadWorker

MOST_BUFFERED = 128 * 1024
PIECE = 64 * 1024
ARRIVE_SECONDS = 20.0  # time limit for a request that is read here
LARGE_SECONDS = 120.0  # time limit for a request that a thread reads
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
# The end cannot be known in advance, or the client waits for a response before it sends the body.
_CANNOT_WAIT = re.compile(rb"\r\n(?:transfer-encoding|expect):", re.IGNORECASE)


class BufferedConnection(TConn):
    """A client connection, with what has arrived of its next request."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.arrived = bytearray()
        self.size = 0  # of the whole request; 0: not known yet
        self.is_large = False
        self.deadline = 0.0

    def add_bytes(self, piece: bytes) -> bool:
        """Add received bytes; returns whether a thread can begin."""
        self.arrived += piece
        if not self.size:
            self._look_at_head()
        is_whole = 0 < self.size <= len(self.arrived)
        self.is_large = self.is_large or (not is_whole and len(self.arrived) > MOST_BUFFERED)
        return self.is_large or is_whole

    def _look_at_head(self) -> None:
        end = self.arrived.find(_END_OF_HEAD)
        if end < 0:
            return
        head = bytes(self.arrived[: end + 2])
        length = _LENGTH.search(head)
        self.size = end + len(_END_OF_HEAD) + (int(length[1]) if length else 0)
        self.is_large = bool(_CANNOT_WAIT.search(head))

    def open_request(self) -> None:
        """Give the parser what has arrived; unless the request is large, nothing more is read for it."""
        data = bytes(self.arrived)
        self.arrived.clear()
        self.size = 0
        # An iterator ends where a socket would wait: a thread cannot be blocked by a request that only seemed complete.
        self.parser = http.get_parser(self.cfg, self.sock if self.is_large else [data], self.client)
        if self.is_large:
            self.parser.unreader.unread(data)
        self.initialized = True


class BufferingWorker(ThreadWorker):
    """Reads in the main loop; TLS and HTTP/2 are left to the proxy in front of it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._arriving: dict[BufferedConnection, None] = {}  # ordered by age, the oldest first
        self._large: dict[BufferedConnection, float] = {}  # until when a thread may read from it
        self._large_pool = ThreadPoolExecutor(max(2, self.cfg.threads // 4), thread_name_prefix="large")

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse settings that this worker does not support."""
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise ConfigError("TLS belongs to the proxy in front; to serve it here, use --worker-class gthread")

    def accept(self, listener: socket.socket) -> None:
        """Accept a new connection; often its request has arrived with it."""
        try:
            sock, address = listener.accept()
        except OSError:  # it is gone again, or another worker was faster
            return
        self.nr_conns += 1
        self._begin(BufferedConnection(self.cfg, sock, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: BufferedConnection, client: socket.socket) -> None:
        """Read from a kept connection that has become readable."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._begin(conn)

    def enqueue_req(self, conn: BufferedConnection) -> None:
        """Give the request to a thread."""
        if conn.is_large:
            self._large[conn] = time.monotonic() + LARGE_SECONDS
        pool = self._large_pool if conn.is_large else self.tpool
        future = pool.submit(self.handle, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def handle(self, conn: BufferedConnection) -> Any:
        """Parse and answer the request, in a thread."""
        conn.open_request()
        keep = super().handle(conn)
        if keep:
            conn.arrived += conn.parser.unreader.take_buffered()
        return keep

    def finish_request(self, conn: BufferedConnection, done: Future[Any]) -> None:
        """Free the thread; the next request may have arrived with this one."""
        self._large.pop(conn, None)
        conn.is_large = False
        if conn.arrived:
            conn.sock.setblocking(False)
            self._begin(conn)
        else:
            super().finish_request(conn, done)

    def murder_pending(self) -> None:
        """Close connections whose request has not arrived in time."""
        now = time.monotonic()
        for conn in list(self._arriving):
            if conn.deadline > now:
                break
            with suppress(OSError):
                conn.sock.send(TOO_LATE)
            self._forget(conn)
            self._drop(conn)
        for conn in [conn for conn, until in self._large.items() if until <= now]:
            del self._large[conn]
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RD)  # the thread that reads sees the end of the stream

    def _cap_keepalive(self, deadline: float) -> None:
        """While the process ends, give arriving requests the same time as kept connections."""
        super()._cap_keepalive(deadline)
        for conn in self._arriving:
            conn.deadline = min(conn.deadline, deadline)

    def _begin(self, conn: BufferedConnection) -> None:
        conn.deadline = time.monotonic() + ARRIVE_SECONDS
        if conn.add_bytes(b""):  # all of it arrived with the request before
            self.enqueue_req(conn)
        elif self._waits(conn):
            self._arriving[conn] = None
            self.poller.register(conn.sock, EVENT_READ, partial(self._on_more, conn))

    def _on_more(self, conn: BufferedConnection, client: socket.socket) -> None:
        if not self._waits(conn):
            self._forget(conn)

    def _waits(self, conn: BufferedConnection) -> bool:
        """Read what has arrived; returns False when a thread has the request now, or the client is gone."""
        try:
            piece = conn.sock.recv(PIECE)
        except BlockingIOError:
            return True
        except OSError:
            piece = b""
        if not piece:
            self._drop(conn)
        elif conn.add_bytes(piece):
            self.enqueue_req(conn)
        else:
            return True
        return False

    def _forget(self, conn: BufferedConnection) -> None:
        self._arriving.pop(conn, None)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)

    def _drop(self, conn: BufferedConnection) -> None:
        self.nr_conns -= 1
        conn.close()
