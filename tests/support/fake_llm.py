"""A small HTTP server that plays models and n8n: answers from a queue, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.sockets import Listener


@dataclass
class Asked:
    """One request."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Fake:
    """The server's memory; `answers` is a queue, `default` answers when it is empty."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: deque[dict[str, Any]] = field(default_factory=deque)
    default: Callable[[Asked], dict[str, Any]] | None = None

    def script(self, *answers: Any) -> None:
        """Queue answers: {status, headers, body | raw, delay} or a fixture of tests/payloads/llm."""
        self.answers.extend(answers)

    def next(self, asked: Asked) -> dict[str, Any]:
        self.asked.append(asked)
        if self.answers:
            return self.answers.popleft()
        return self.default(asked) if self.default else {"status": 500, "raw": "nothing is scripted"}


@contextmanager
def running_fake() -> Iterator[Fake]:
    """Serve on a free port of this machine until the block ends."""
    fake = Fake()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            _answer(self, fake.next(Asked(self.path, headers, raw)))

        def log_message(self, *args: Any) -> None:
            pass

    server = Listener(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


def _answer(handler: BaseHTTPRequestHandler, answer: dict[str, Any]) -> None:
    time.sleep(answer.get("delay", 0))
    text = answer.get("raw", answer.get("body_text"))
    content = text.encode() if isinstance(text, str) else json.dumps(answer.get("body", {})).encode()
    headers = {"content-type": "application/json", **answer.get("headers", {})}
    try:
        handler.send_response(answer.get("status", answer.get("http_status", 200)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
    except OSError:
        pass  # who asked has gone


def said(text: str | None, *, finish: str = "stop", tokens: tuple[int, int] = (100, 20), **more: Any) -> dict[str, Any]:
    """A chat completion of OpenAI's."""
    message = {"role": "assistant", "content": text, "refusal": None, **more}
    return {
        "body": {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": "gpt-5.4-mini",
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
            "usage": {
                "prompt_tokens": tokens[0],
                "completion_tokens": tokens[1],
                "total_tokens": sum(tokens),
            },
        }
    }


def calls(name: str, arguments: Any, *, call_id: str = "call_1", **more: Any) -> dict[str, Any]:
    """A chat completion that calls one tool; arguments may be a broken text."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}
    return said(None, finish="tool_calls", tool_calls=[call], **more)
