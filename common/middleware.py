"""Give each request an id that its logs, its work rows and its response carry."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from common import context
from common.http.addresses import Address, parse_address

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Networks in which a trusted proxy may stand; a proxy elsewhere is not believed about its client.
_NEAR: list[_Network] = [
    ipaddress.ip_network(name) for name in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")
]
_NEAR += [ipaddress.ip_network(name) for name in ("fc00::/7", "fe80::/10", "::1/128")]
_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")


class RequestContext:
    """Set `common.context` during a request and add X-Request-ID to the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = context.new_request_id(request.headers.get("X-Request-ID", ""))
        traceparent = "" if request.path.startswith("/webhook") else request.headers.get("traceparent", "")
        # A stranger's traceparent on a public webhook would control our sampling, so it is ignored there.
        if not _TRACEPARENT.match(traceparent):
            traceparent = ""
        # Pages show times in the viewer's zone; the next request of this thread belongs to somebody else.
        with context.use_context(context.TraceContext(request_id, traceparent)), timezone.override(None):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


def client_address(request: HttpRequest) -> Address | None:
    """Return the client's address: behind a trusted proxy (a private address) the last one it names, else the peer."""
    try:
        peer = parse_address(request.META.get("REMOTE_ADDR", ""))
        named = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
        return parse_address(named) if named and _lies_in(peer, _NEAR) else peer
    except ValueError:
        return None


def is_within(request: HttpRequest, networks: Sequence[str]) -> bool:
    """Return whether the client's address is in one of the networks; False for an unreadable address."""
    address = client_address(request)
    return address is not None and _lies_in(address, [ipaddress.ip_network(name, strict=False) for name in networks])


def _lies_in(address: Address, networks: Sequence[_Network]) -> bool:
    return any(address in network for network in networks)
