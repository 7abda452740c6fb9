"""Signed tokens with which an open page can ask cheaply whether it has changed.

An open page asks every few seconds. Checking the session and the rights of the user each time would cost most of the
request, so it is done once a minute. In between the page sends a token, signed when the user was last checked, which
says whose page it is and in which state. With a token one can learn only that something has changed; the change itself
is shown only after a full check.
"""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

POLLING_PATH = "/admin/look/"  # addresses below it are answered without finding the user
HEADER = "Fd-Mark"
SALT = "common.backoffice.polling"
SECONDS = 60


def sign_state(kind: str, **seen: Any) -> str:
    """Sign the state of a page of this kind; returns the token."""
    return signing.dumps([kind, seen], salt=SALT, compress=True)


def load_state(request: HttpRequest, kind: str) -> dict[str, Any] | None:
    """Return the state in the request's token; None when it is missing, forged, too old or of another kind."""
    try:
        found, seen = signing.loads(request.GET.get("mark", ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return dict(seen) if found == kind else None


def unchanged(text: str) -> HttpResponse:
    """Return a 204 with the token for the next request."""
    return HttpResponse(status=204, headers={HEADER: text})


def redirect_to_full_check(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect to the address that checks the user and returns the page."""
    query = request.GET.copy()
    query.pop("mark", None)
    return HttpResponseRedirect(f"{address}?{query.urlencode()}")
