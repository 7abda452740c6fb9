"""The time zone of the viewer's browser."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpRequest

from common.text.zone_names import zone_names

ZONE_COOKIE = "fd_zone"  # what the browser says its time zone is


def browser_zone(request: HttpRequest, *, default: str) -> ZoneInfo:
    """Return the zone that the viewer's browser sent; `default` when it sent none that exists."""
    zone = request.COOKIES.get(ZONE_COOKIE, "").replace("%2F", "/")
    return ZoneInfo(zone if zone in zone_names() else default)
