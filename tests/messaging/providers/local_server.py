"""A real HTTP server on this machine that stands for a provider. It gives prepared answers and records the calls."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.sockets import Listener


@dataclass
class Call:
    """One recorded request."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON body."""
        return json.loads(self.content)


@dataclass
class LocalServer:
    """The prepared answers and the recorded calls. Answers are used in order; the last one is repeated."""

    url: str = ""
    answers: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    hangs_up: bool = False  # read the request and close, without an answer
    waits: bool = False  # read the request and do not answer until the test is over
    is_over: threading.Event = field(default_factory=threading.Event)

    def answer(self, status: int, body: Any = None, **headers: str) -> LocalServer:
        """Add an answer."""
        self.answers.append((status, body, headers))
        return self

    @property
    def last(self) -> Call:
        """The last request."""
        return self.calls[-1]


@contextmanager
def local_server() -> Iterator[LocalServer]:
    """Run a server on a free port while the block runs."""
    state = LocalServer()
    server = Listener(("127.0.0.1", 0), _handler(state))
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.is_over.set()
        server.shutdown()
        server.server_close()


def refusing_url() -> str:
    """Return a URL on which no server listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def _handler(state: LocalServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.calls.append(Call(self.command, self.path, headers, content))
            if state.waits:
                state.is_over.wait(10)
            if state.hangs_up or state.waits:
                self.close_connection = True
                return
            status, body, extra = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **extra}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: Any) -> None:
            """Log nothing."""

    return Handler
