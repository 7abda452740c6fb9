"""The site of the back office."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class BackOffice(UnfoldAdminSite):
    """The theme's site."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """As Django's, made when a page shows it: every page gets the list, and our sidebar shows another one.

        To make it asks each of the pages who may see it, which was a sixth of a page's time.
        """
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the groups that `config.sidebar.navigation` makes for this page, as they are.

        The theme's own method copies them deeply and looks for callbacks in each item; ours have none.
        """
        groups: list[dict[str, Any]] = self._get_value(self._get_config("SIDEBAR")["navigation"], request)
        return groups

    def _get_colors(self, key: str, *args: Any) -> dict[str, dict[str, str]]:
        """Return none: the theme's colours stand in `common/console.css`, not in each page."""
        return {}
