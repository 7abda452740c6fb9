"""What stands before all views: under which host we answer, and who may see the back office."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

from common.middleware import is_within


class Hosts(CommonMiddleware):
    """Answers under ALLOWED_HOSTS alone, but for the probes of a platform, which come by address."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        if request.path in {"/health", "/health/live", "/health/ready"}:
            return None
        return super().process_request(request)


class AdminNetworks:
    """Hides /admin from addresses outside ADMIN_ALLOWED_NETWORKS: they get a 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        networks = settings.ADMIN_ALLOWED_NETWORKS
        if networks and request.path.startswith("/admin") and not is_within(request, networks):
            raise Http404
        return self.get_response(request)
