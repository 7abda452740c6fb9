"""Pages of the back office that are no model's: how they are shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

View = Callable[..., HttpResponseBase]


def by_get(view: View) -> View:
    """A page that is only looked at, for GET and HEAD. Another method is as if there were no such page.

    405 would be an answer about a row before anybody has asked whose it is.
    """
    return _only(view, "GET", "HEAD")


def by_post(view: View) -> View:
    """An address that only does something, for POST alone; see `by_get`."""
    return _only(view, "POST")


def _only(view: View, *methods: str) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in methods:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def console_page(request: HttpRequest, template: str, *, title: Any, **context: Any) -> TemplateResponse:
    """A page with the sidebar and the header of the back office around it."""
    around = admin.site.each_context(request)
    return TemplateResponse(request, template, {**around, "title": title, "is_fullwidth": "1", **context})
