"""Times of the back office are those of the viewer's wall: one clock for all its pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from common import time_zones
from common.backoffice.polling import POLLING_PATH
from tenants.models import Member


class ViewersZone:
    """Shows and reads all times of a page in the zone of the browser, else of the business, else in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/") or request.path.startswith(POLLING_PATH):
            return self.get_response(request)
        if time_zones.ZONE_COOKIE in request.COOKIES:
            zone: tzinfo = time_zones.browser_zone(request, default="UTC")
        else:
            zone = ZoneOfBusiness(request)
        with timezone.override(zone):
            return self.get_response(request)


class ZoneOfBusiness(tzinfo):
    """The zone of the viewer's business, looked up with the first time that is shown: many pages show none, or know
    whose it is."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._found: ZoneInfo | None = None

    @property
    def found(self) -> ZoneInfo:
        """The zone itself."""
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
    """The zone of the first business that the viewer belongs to."""
    if not request.user.is_authenticated:
        return "UTC"
    found = Member.objects.filter(user__pk=request.user.pk).order_by("pk").values_list("tenant__timezone", flat=True)
    return found.first() or "UTC"
