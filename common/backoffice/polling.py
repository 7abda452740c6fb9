"""A look at a page that nothing has changed on costs next to nothing.

An open page asks every few seconds. Who asks is found out once a minute: in between the page shows a mark, signed when
that was known, which says whose page it is and in which state. All that a mark can learn is that something has changed;
what has changed is only told to who is logged in.
"""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

LOOKS = "/admin/look/"  # below it nobody is asked who they are
HEADER = "Fd-Mark"
SALT = "common.backoffice.polling"
SECONDS = 60


def mark(kind: str, **seen: Any) -> str:
    """A mark for a page of this kind."""
    return signing.dumps([kind, seen], salt=SALT, compress=True)


def seen_by(request: HttpRequest, kind: str) -> dict[str, Any] | None:
    """What the request's mark says; None when there is none, or it is forged, too old or of another kind."""
    try:
        found, seen = signing.loads(request.GET.get("mark", ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return dict(seen) if found == kind else None


def nothing_new(text: str) -> HttpResponse:
    """204, with the mark to ask with from now on."""
    return HttpResponse(status=204, headers={HEADER: text})


def ask_properly(request: HttpRequest, address: str) -> HttpResponse:
    """Lead to the address that finds out who asks and tells what is new."""
    query = request.GET.copy()
    query.pop("mark", None)
    return HttpResponseRedirect(f"{address}?{query.urlencode()}")
