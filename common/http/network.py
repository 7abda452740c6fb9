"""The network layer of `common.http.client`: resolve, check each address, connect to a checked one, by the deadline."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore2
import httpx2

from common.http.addresses import BAD_PORTS, is_public

CONNECT_SECONDS = 3.0
KEEP_ALIVE_SECONDS = 15.0  # shorter than any server's: a request on a half-closed connection would be uncertain
MAX_LOOKUPS = 32  # names being resolved at once

Resolver = Callable[[str, int], list[str]]


class HttpError(Exception):
    """A request without an answer."""


class NotSent(HttpError):
    """The request surely did not reach the peer: name, refusal, TLS, connect time-out."""


class MaybeSent(HttpError):
    """The request may have been acted on: time-out, reset, or an answer that cannot be read."""


class ForbiddenAddress(NotSent):
    """The address is not one that we may call."""


class ResponseTooLarge(MaybeSent):
    """The answer is larger than the caller takes."""


class HttpCall(threading.local):
    """What the running request of this thread has left, and whether a byte of it went out."""

    deadline: float = 0.0
    is_sent: bool = False

    def seconds_left(self, error: type[Exception]) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise error("the deadline has passed")
        return left


CALL = HttpCall()
_lookups = threading.BoundedSemaphore(MAX_LOOKUPS)


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _resolve_in_time(resolver: Resolver, host: str, port: int, seconds: float) -> list[str]:
    """Look a name up in a thread of its own, since the system's resolver knows no time limit."""
    answer: list[list[str] | OSError] = []
    is_done = threading.Event()

    def work() -> None:
        try:
            answer.append(resolver(host, port))
        except (OSError, UnicodeError) as error:
            answer.append(error if isinstance(error, OSError) else OSError("bad name"))
        finally:
            _lookups.release()
            is_done.set()

    if not _lookups.acquire(timeout=seconds):
        raise httpcore2.ConnectTimeout("too many names are being resolved")
    threading.Thread(target=work, daemon=True, name="resolve").start()
    if not is_done.wait(seconds) or not answer:
        raise httpcore2.ConnectTimeout("the name was not resolved in time")
    if isinstance(answer[0], OSError):
        raise httpcore2.ConnectError("the name cannot be resolved")
    return answer[0]


class _Stream(httpcore2.NetworkStream):
    """A connection whose every step ends at the deadline of the request that uses it."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, CALL.seconds_left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        sock: socket.socket = self._inner.get_extra_info("socket")
        view = memoryview(buffer)
        while view:
            sock.settimeout(CALL.seconds_left(httpcore2.WriteTimeout))
            CALL.is_sent = True
            try:
                view = view[sock.send(view) :]
            except TimeoutError as error:
                raise httpcore2.WriteTimeout("writing timed out") from error
            except OSError as error:
                raise httpcore2.WriteError("writing failed") from error

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        seconds = min(CONNECT_SECONDS, CALL.seconds_left(httpcore2.ConnectTimeout))
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class HttpBackend(httpcore2.SyncBackend):
    """Resolves, checks every address, and connects to the very address that it checked."""

    def __init__(self, allow_private: bool, allowed_hosts: Iterable[str], resolver: Resolver) -> None:
        self._allow_private = allow_private
        self._allowed = {host.lower().strip("[]").rstrip(".") for host in allowed_hosts}
        self._resolver = resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        end = time.monotonic() + min(CONNECT_SECONDS, CALL.seconds_left(httpcore2.ConnectTimeout))
        addresses = self.addresses(host, port, end - time.monotonic())
        failure: Exception = httpcore2.ConnectError("the name has no address")
        for position, address in enumerate(addresses):
            seconds = max(0.05, (end - time.monotonic()) / (len(addresses) - position))
            try:
                return _Stream(super().connect_tcp(address, port, seconds, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    def addresses(self, host: str, port: int, seconds: float) -> list[str]:
        """All addresses of a host; raises ForbiddenAddress when one of them may not be called."""
        name = host.lower().strip("[]").rstrip(".")
        is_free = self._allow_private or name in self._allowed
        if port in BAD_PORTS and not is_free:
            raise ForbiddenAddress(f"port {port} belongs to another service")
        try:
            found = [str(ipaddress.ip_address(name))]
        except ValueError:
            found = _resolve_in_time(self._resolver, name, port, seconds)
        if not is_free and not all(map(is_public, found)):
            raise ForbiddenAddress("the address is not on the public internet")
        return found


class HttpTransport(httpx2.HTTPTransport):
    """httpx2's transport on a pool with our network."""

    def __init__(self, backend: HttpBackend, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=backend,
        )
