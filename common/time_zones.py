"""The time zones that there are, and the one a browser is in."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest

ZONE_COOKIE = "fd_zone"  # what the browser says its time zone is


@cache
def known() -> frozenset[str]:
    """The names of all zones; reading them looks through the whole folder of the time zone database."""
    return frozenset(available_timezones())


def of_browser(request: HttpRequest, *, default: str) -> ZoneInfo:
    """The zone that the viewer's browser told; `default` where it told none that there is."""
    zone = request.COOKIES.get(ZONE_COOKIE, "").replace("%2F", "/")
    return ZoneInfo(zone if zone in known() else default)
