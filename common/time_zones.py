"""The names of all time zones, and the zone of the viewer's browser."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest

ZONE_COOKIE = "fd_zone"  # what the browser says its time zone is


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all zones; cached, because it reads the whole folder of the time zone database."""
    return frozenset(available_timezones())


def browser_zone(request: HttpRequest, *, default: str) -> ZoneInfo:
    """Return the zone that the viewer's browser sent; `default` when it sent none that exists."""
    zone = request.COOKIES.get(ZONE_COOKIE, "").replace("%2F", "/")
    return ZoneInfo(zone if zone in zone_names() else default)
