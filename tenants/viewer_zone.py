"""The time zone of the back office: the viewer's, for all pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from common import time_zones
from common.backoffice.polling import POLLING_PATH
from tenants.models import Member


class ViewerZoneMiddleware:
    """Middleware that shows and parses all times of a page in the browser's zone, else the tenant's, else UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/") or request.path.startswith(POLLING_PATH):
            return self.get_response(request)
        if time_zones.ZONE_COOKIE in request.COOKIES:
            zone: tzinfo = time_zones.browser_zone(request, default="UTC")
        else:
            zone = TenantZone(request)
        with timezone.override(zone):
            return self.get_response(request)


class TenantZone(tzinfo):
    """The zone of the viewer's tenant, looked up with the first time that is shown, because many pages show none."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._found: ZoneInfo | None = None

    @property
    def found(self) -> ZoneInfo:
        """Return the zone."""
        if self._found is None:
            self._found = time_zones.browser_zone(self._request, default=_zone_of_business(self._request))
        return self._found

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        return self.found.utcoffset(at)

    def dst(self, at: datetime | None) -> timedelta | None:
        return self.found.dst(at)

    def tzname(self, at: datetime | None) -> str | None:
        return self.found.tzname(at)

    def fromutc(self, at: datetime) -> datetime:
        return self.found.fromutc(at.replace(tzinfo=self.found)).replace(tzinfo=self)

    def __str__(self) -> str:
        return str(self.found)


def _zone_of_business(request: HttpRequest) -> str:
    """Return the zone of the first tenant that the viewer belongs to."""
    if not request.user.is_authenticated:
        return "UTC"
    found = Member.objects.filter(user__pk=request.user.pk).order_by("pk").values_list("tenant__timezone", flat=True)
    return found.first() or "UTC"
