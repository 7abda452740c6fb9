"""The language of the back office: the one a person chose, else the one that the browser asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from common.backoffice.polling import POLLING_PATH
from tenants.models import Tenant, User

YEAR = 365 * 24 * 3600


class ViewerLanguageMiddleware:
    """Middleware that sets the language for pages; API responses are always English."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != "/" and (not request.path.startswith("/admin/") or request.path.startswith(POLLING_PATH)):
            return self.get_response(request)
        chosen = getattr(request.user, "language", "") if request.path != "/" else ""
        with translation.override(chosen or translation.get_language_from_request(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        if not chosen:
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


def language_of(tenant: Tenant | None) -> str:
    """Return the language in which members of a tenant are notified, one of those of the back office."""
    try:
        return translation.get_supported_language_variant(tenant.language if tenant is not None else "")
    except LookupError:
        return settings.LANGUAGE_CODE


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Store the language with the user, and in a cookie for the log-in page; then redirect back."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("admin:index")
    answer = HttpResponseRedirect(back)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return answer
