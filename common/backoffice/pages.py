"""Pages of the back office that belong to no model."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

View = Callable[..., HttpResponseBase]


def get_only(view: View) -> View:
    """Allow only GET and HEAD; any other method gets a 404.

    A 405 would answer about a row before anybody has checked whose it is.
    """
    return _only(view, "GET", "HEAD")


def post_only(view: View) -> View:
    """Allow only POST; see `get_only`."""
    return _only(view, "POST")


def _only(view: View, *methods: str) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in methods:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def render_page(request: HttpRequest, template: str, *, title: Any, **context: Any) -> TemplateResponse:
    """Render a page with the sidebar and the header of the back office."""
    around = admin.site.each_context(request)
    return TemplateResponse(request, template, {**around, "title": title, "is_fullwidth": "1", **context})
