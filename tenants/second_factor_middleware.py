"""Middleware for the back office: redirects users who must set up a second factor."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from tenants.backoffice import needs_second_factor
from tenants.second_factor import SESSION_KEY

HOME = "/admin/"
OPEN = ("login/", "language/", "look/", "logout/", "second-factor/", "password_change/", "jsi18n/", "welcome/")


class SecondFactorMiddleware:
    """Redirects to the page for setting up a required second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        inside, page = request.path.startswith(HOME), request.path.removeprefix(HOME)
        if inside and not page.startswith(OPEN) and _lacks_it(request):
            return HttpResponseRedirect(reverse("second-factor"))
        return self.get_response(request)


def _lacks_it(request: HttpRequest) -> bool:
    return request.user.is_authenticated and not request.session.get(SESSION_KEY) and needs_second_factor(request)
