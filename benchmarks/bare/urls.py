"""The two views."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.bare.models import Event


def insert(request: HttpRequest, channel: int) -> HttpResponse:
    """Store the body; nothing else."""
    Event.objects.create(channel_id=channel, body=request.body)
    return HttpResponse(b"", headers={"Content-Length": "0"})


def nothing(request: HttpRequest) -> HttpResponse:
    """Read the body and answer."""
    return HttpResponse(b"", headers={"Content-Length": "0"}) if request.body else HttpResponse(status=400)


urlpatterns = [path("insert/<int:channel>", insert), path("nothing", nothing)]
