"""Files that we send, for providers that fetch them by an address."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from common.text.file_names import with_extension
from messaging.models import Direction
from messaging.queries import file_of


@require_safe
def serve_file(request: HttpRequest, ticket: str) -> FileResponse:  # GET /files/<ticket>
    """Return the file of a signed address."""
    media = file_of(ticket)
    if media is None or media.message.direction != Direction.OUT:
        raise Http404
    try:
        opened = media.file.open("rb")
    except OSError:
        raise Http404 from None
    answer = FileResponse(
        opened,
        as_attachment=True,
        filename=with_extension(media.file_name or "file", media.mime_type),
        content_type=media.mime_type,
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer
