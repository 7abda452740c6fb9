"""The phone in the browser: one page, one style sheet, one script, and the pictures people sent."""

from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from simulator.world import world

FILES = Path(__file__).resolve().parent / "static" / "simulator"
POLICY = "default-src 'self'; img-src 'self' data:; media-src 'self' data:; frame-ancestors 'none'"


def page(request: HttpRequest) -> HttpResponse:
    """The phone itself."""
    response = render(request, "simulator/phone.html")
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "no-cache"
    return response


def core(request: HttpRequest) -> HttpResponse:
    """What the core service was told."""
    response = render(request, "simulator/core.html")
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "no-cache"
    return response


def asset(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """The style sheet or the script."""
    types = {
        "phone.css": "text/css",
        "phone.js": "text/javascript",
        "core.js": "text/javascript",
        "core.css": "text/css",
    }
    if name not in types:
        return HttpResponse(status=404)
    response = FileResponse((FILES / name).open("rb"), content_type=f"{types[name]}; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def medium(request: HttpRequest, media_id: str) -> HttpResponse:
    """A file shown in a bubble."""
    found = world.media.get(media_id)
    if found is None:
        return HttpResponse(status=404)
    response = HttpResponse(found.content, content_type=found.mime_type)
    response["Content-Length"] = str(len(found.content))
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    return response


def home(request: HttpRequest) -> HttpResponse:
    """The root leads to the phone."""
    return HttpResponseRedirect("/simulator/")
