"""The only outgoing HTTP client: address check at connect, size limit, deadline, redirects only on request.

RELIABILITY S2. Requests use httpx2's transport, not its client: so there is no cookie jar, no proxy from the
environment and no log line with an address in it.
"""

from __future__ import annotations

import functools
import json as jsonlib
import logging
import os
import re
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpcore2
import httpx2

from common.http.network import (
    CALL,
    CONNECT_SECONDS,
    ForbiddenAddress,
    HttpBackend,
    HttpError,
    HttpTransport,
    MaybeSent,
    NotSent,
    Resolver,
    ResponseTooLarge,
    resolve,
)
from common.text.numbers import parse_whole_number

__all__ = [
    "Client", "ForbiddenAddress", "HttpError", "MaybeSent", "NotSent", "Response", "ResponseTooLarge",
    "check_foreign", "foreign_client", "operator_client", "tls_context",
]  # fmt: skip

MAX_HOPS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# The headers that are sent on to another host; any other header may be a credential.
HARMLESS = frozenset({"accept", "accept-encoding", "user-agent"})

_HOST = re.compile(r"^[\w.:-]+$")  # a host name, or an IP address without its brackets

# httpcore2 logs headers at DEBUG; they contain our keys.
logging.getLogger("httpcore2").setLevel(logging.WARNING)


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return the certificate authorities for all clients of this process; loaded once, because that is slow."""
    return httpx2.create_ssl_context(trust_env=False)


@dataclass(frozen=True)
class Response:
    """A complete response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """Return the body as JSON; raises ValueError."""
        return jsonlib.loads(self.content)

    @property
    def retry_after(self) -> float | None:
        """Return the seconds that the service asks to wait (RFC 9110 section 10.2.3); None for none, or a date."""
        seconds = parse_whole_number(self.headers.get("retry-after", ""), max_digits=9)
        return None if seconds is None else float(seconds)


class Client:
    """Calls outside services; thread-safe, with shared connections."""

    def __init__(
        self,
        allow_private: bool,
        allowed_hosts: Sequence[str] = (),
        *,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        backend = HttpBackend(allow_private, allowed_hosts, resolver)
        self._transport = HttpTransport(backend, tls or tls_context())

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str | Sequence[str]] | None = None,
        content: bytes | None = None,
        timeout: float = 15.0,
        max_bytes: int = 2_000_000,
        follow: int = 0,
        cut: bool = False,
        by_hop: Callable[[str], Client] | None = None,
    ) -> Response:
        """Send one request and read the whole response within `timeout` seconds; raises NotSent or MaybeSent.

        With `cut` a response longer than `max_bytes` is truncated instead of refused. `by_hop` returns, for the address
        and each redirect, the client whose address policy applies.
        """
        CALL.deadline, CALL.is_sent = time.monotonic() + timeout, False
        try:
            sent = _headers(headers or {})
            body = _body(sent, json=json, form=form, content=content)
            request = httpx2.Request(method, _checked(url), headers=sent, content=body)
            return self._follow_redirects(request, max_bytes, follow, cut, by_hop)
        except HttpError:
            raise
        except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.TimeoutException, OSError, ValueError) as error:
            fault = MaybeSent if CALL.is_sent else NotSent
            raise fault(_reason(error)) from error

    def _follow_redirects(
        self,
        request: httpx2.Request,
        max_bytes: int,
        follow: int,
        cut: bool,
        by_hop: Callable[[str], Client] | None,
    ) -> Response:
        for _ in range(min(follow, MAX_HOPS) + 1):
            client = by_hop(str(request.url)) if by_hop else self
            response = client._exchange(request, max_bytes, cut)
            target = response.headers.get("location")
            may_follow = follow > 0 and request.method in {"GET", "HEAD"} and response.status in REDIRECTS
            if not may_follow or not target:
                return response
            request = _next_hop(request, target)
        raise MaybeSent("too many redirects")

    def _exchange(self, request: httpx2.Request, max_bytes: int, cut: bool) -> Response:
        seconds = min(CONNECT_SECONDS, CALL.seconds_left(httpcore2.ConnectTimeout))
        request.extensions = {"timeout": {"pool": seconds}}
        response = self._transport.handle_request(request)
        try:
            content = _beginning(response, max_bytes) if cut else b"".join(_capped(response, max_bytes))
        finally:
            response.close()
        return Response(response.status_code, {k.lower(): v for k, v in response.headers.items()}, content)

    def close(self) -> None:
        """Close the idle connections."""
        self._transport.close()


def _reason(error: Exception) -> str:
    """Describe an error for people: why a certificate was refused, else the kind of error."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLCertVerificationError):
            return f"the certificate was refused: {found.verify_message}"
        found = found.__cause__ or found.__context__
    return type(error).__name__


def _capped(response: httpx2.Response, max_bytes: int) -> Iterable[bytes]:
    """Yield the decoded body; raises when it is larger than allowed or the deadline has passed."""
    if (parse_whole_number(response.headers.get("content-length", "")) or 0) > max_bytes:
        raise ResponseTooLarge("the answer is too large")
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > max_bytes or response.num_bytes_downloaded > max_bytes:
            raise ResponseTooLarge("the answer is too large")
        CALL.seconds_left(httpcore2.ReadTimeout)
        yield chunk


def _beginning(response: httpx2.Response, max_bytes: int) -> bytes:
    """Return the first bytes of the body, decoded; the rest is not read."""
    found = b""
    for chunk in response.iter_bytes(chunk_size=1024):
        found += chunk
        if len(found) >= max_bytes:
            break
        CALL.seconds_left(httpcore2.ReadTimeout)
    return found[:max_bytes]


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    return {"accept": "*/*", "accept-encoding": "gzip, deflate", "user-agent": "Frontdesk"} | {
        name.lower(): value for name, value in given.items()
    }


def _body(headers: dict[str, str], *, json: Any, form: Any, content: bytes | None) -> bytes | None:
    """Return the body of the request; sets the content type of what it encodes."""
    if json is not None:
        headers.setdefault("content-type", "application/json")
        return jsonlib.dumps(json, ensure_ascii=False, separators=(",", ":")).encode()
    if form is not None:
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
        return urlencode(form, doseq=True).encode()
    return content


def _checked(url: str | httpx2.URL) -> httpx2.URL:
    found = httpx2.URL(url)
    if found.scheme not in {"http", "https"} or not found.host or not 0 < (found.port or 80) <= 65535:
        raise ForbiddenAddress("only http and https addresses are called")
    if found.userinfo:
        raise ForbiddenAddress("an address with a user name or password is not called")
    return found


def _next_hop(request: httpx2.Request, location: str) -> httpx2.Request:
    """Return the request that a redirect asks for, without our credentials when it leads to another host."""
    url = _checked(request.url.join(location))
    if request.url.scheme == "https" and url.scheme == "http":
        raise ForbiddenAddress("a redirect may not leave TLS")
    is_same = (url.scheme, url.host, url.port) == (request.url.scheme, request.url.host, request.url.port)
    headers = {name: value for name, value in request.headers.items() if is_same or name.lower() in HARMLESS}
    headers.pop("host", None)
    return httpx2.Request(request.method, url, headers=headers)


@functools.lru_cache(maxsize=64)
def _shared(process: int, allow_private: bool, allowed_hosts: tuple[str, ...]) -> Client:
    """One client per process and policy: connections must not cross a fork."""
    return Client(allow_private, allowed_hosts)


def check_foreign(url: str) -> None:
    """Raise ForbiddenAddress for an address that a tenant may not have us call.

    A name that cannot be resolved now passes: every connection is checked again.
    """
    from django.conf import settings

    try:
        found = _checked(url)
        if not _HOST.match(found.host):
            raise ForbiddenAddress("this is not an address")
        port = found.port or (443 if found.scheme == "https" else 80)
        backend = HttpBackend(False, settings.OUTBOUND_ALLOWED_HOSTS, resolve)
        backend.addresses(found.host, port, CONNECT_SECONDS)
    except (httpx2.InvalidURL, ValueError):
        raise ForbiddenAddress("this is not an address") from None
    except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
        return


def operator_client() -> Client:
    """For addresses from settings and commands, which may be private."""
    return _shared(os.getpid(), True, ())


def foreign_client(allowed_hosts: Sequence[str] | None = None) -> Client:
    """For addresses from the API, the admin or a tenant: global only, or a host of OUTBOUND_ALLOWED_HOSTS."""
    if allowed_hosts is None:
        from django.conf import settings

        allowed_hosts = settings.OUTBOUND_ALLOWED_HOSTS
    return _shared(os.getpid(), False, tuple(allowed_hosts))
