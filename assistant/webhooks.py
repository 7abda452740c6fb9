"""POST /webhooks/n8n/<token>: the later answer of a workflow; and the files it may fetch."""

from __future__ import annotations

import json

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from assistant import services as assistant
from assistant.n8n_contract import WrongAnswer
from assistant.services.n8n_request import linked_file

MAX_BODY_BYTES = 256 * 1024


@csrf_exempt
@require_POST
def n8n(request: HttpRequest, token: str) -> HttpResponse:
    """200 accepted or duplicate, 400 for a body that does not follow the contract, 404 unknown, 409 too late."""
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        return _problem("the body is too large, or of unknown length", 413)
    try:
        body = json.loads(request.body)
        status = assistant.accept_callback(token=token, body=body)
    except WrongAnswer as error:
        return _problem(str(error), 400)
    except (ValueError, RecursionError):
        return _problem("the body is not JSON", 400)
    except assistant.TooLate:
        return _problem("too late: the deadline has passed or a person took over", 409)
    if status is None:
        return _problem("unknown address", 404)
    return JsonResponse({"status": status})


@require_GET
def n8n_media(request: HttpRequest, link: str) -> HttpResponseBase:
    """Return a file by a link that we signed and that expires after ten minutes."""
    media = linked_file(link)
    if media is None:
        raise Http404
    try:
        file = media.file.open("rb")
    except OSError:
        raise Http404 from None
    # Never shown as a page of ours: customers' files are untrusted.
    response = FileResponse(file, as_attachment=True, filename="file", content_type="application/octet-stream")
    response["Cache-Control"] = "private, no-store"
    return response


def _problem(text: str, status: int) -> HttpResponse:
    return JsonResponse({"error": text}, status=status)
