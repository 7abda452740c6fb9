"""The admin site of the back office."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class BackOfficeSite(UnfoldAdminSite):
    """The theme's site with our sidebar."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Like Django's, but evaluated lazily: every page gets the list, and our sidebar shows another one.

        Building it asks each of the pages who may see it, which was a sixth of a page's time.
        """
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the groups of `config.sidebar.navigation` for this page, unchanged.

        The theme's own method copies them deeply and looks for callbacks in each item; ours have none.
        """
        groups: list[dict[str, Any]] = self._get_value(self._get_config("SIDEBAR")["navigation"], request)
        return groups

    def _get_colors(self, key: str, *args: Any) -> dict[str, dict[str, str]]:
        """Return nothing: the theme's colours stand in `common/console.css`, not in each page."""
        return {}
