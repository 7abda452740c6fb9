"""Content-Security-Policy and Permissions-Policy headers of every response to a browser."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

BACK_OFFICE = "/admin/"
# The theme (Unfold) uses Alpine expressions in attributes, which are compiled in the browser and need 'unsafe-eval'.
# Inline scripts stay forbidden, because neither the theme nor we have any. Styles stand in attributes and in one
# element of the theme. blob: shows a picture before it is sent; data: is a QR code.
DESK = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# Our pages without the theme: no script at all, and the one style element of templates/page.html.
PAGE = (
    "default-src 'none'; style-src {style}; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
# Copying an address and full-screen video are all that our pages need from a browser.
USED = ("clipboard-write", "fullscreen")
UNUSED = (
    "accelerometer", "autoplay", "camera", "clipboard-read", "display-capture", "encrypted-media", "geolocation",
    "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join([f"{name}=(self)" for name in USED] + [f"{name}=()" for name in UNUSED])


class PagePolicies:
    """Adds both headers; a header that a view has set itself (the API's page, files) stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", _policy(request, response))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


def _policy(request: HttpRequest, response: HttpResponse) -> str:
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return NO_PAGE
    return DESK if request.path.startswith(BACK_OFFICE) else _page()


@cache
def _page() -> str:
    """Return the policy of plain pages, with the hash of the style element in their template."""
    text = (settings.BASE_DIR / "templates" / "page.html").read_text(encoding="utf-8")
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return PAGE.format(style=f"'sha256-{digest}'")
