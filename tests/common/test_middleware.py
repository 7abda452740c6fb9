"""What one request sets for its thread is gone before the next one comes."""

from datetime import UTC
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from common.middleware import RequestContext


def test_the_zone_of_one_viewer_is_not_the_next_ones():
    seen = []

    def page(request):
        seen.append(timezone.get_current_timezone())
        timezone.activate(ZoneInfo("America/Sao_Paulo"))
        return HttpResponse()

    serve = RequestContext(page)
    serve(RequestFactory().get("/"))
    serve(RequestFactory().get("/"))

    assert seen == [ZoneInfo("UTC"), ZoneInfo("UTC")]
    assert timezone.get_current_timezone() in (UTC, ZoneInfo("UTC"))
