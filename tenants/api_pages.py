"""Pages about the API: its OpenAPI 3.1 description, a viewer of it, and the meaning of each kind of problem."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.access import ApiView
from tenants.problems import PROBLEMS

# Swagger UI sets styles by script; scripts come only from our own files.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@cache
def described_api() -> dict[str, Any]:
    """Return the description, the same for everybody; built once per process."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


class Description(ApiView, SpectacularAPIView):  # GET /api/schema
    """The description of the API, as JSON or as YAML."""

    renderer_classes = [JSONRenderer, OpenApiJsonRenderer, OpenApiYamlRenderer]

    def _get_schema_response(self, request: Request) -> Response:
        return Response(described_api())


class Viewer(SpectacularSwaggerSplitView):  # GET /api/docs
    """A page to read the description and to try calls; it asks nobody but this installation."""

    title = "Frontdesk API"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Content-Security-Policy"] = POLICY
        # The script holds the visitor's CSRF token: no other site may load it.
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


@require_GET
def problem(request: HttpRequest, name: str) -> HttpResponse:
    """GET /problems/<name>: explain the `type` of an error."""
    if name not in PROBLEMS:
        raise Http404
    status, text = PROBLEMS[name]
    return HttpResponse(f"{name} (status {status})\n\n{text}\n", content_type="text/plain; charset=utf-8")
