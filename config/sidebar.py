"""The sidebar and the header of the back office, shown on every page."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from common.db.counting import format_count
from messaging.queries.switches import closed_switches
from reports.admin.badges import badge_counts
from tenants.backoffice import is_operator, roles_of
from tenants.declarations import SIDEBAR

# The groups that apps declare their pages in; models that no app declares come last, so that none is missing.
GROUPS = (gettext_lazy("Desk"), gettext_lazy("Assistant"), gettext_lazy("Set-up"))
ELSEWHERE = {"tenants.OutboundSwitch", "messaging.Conversation"}  # has its own entry at the top


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of the sidebar, with the pages that the user may see."""
    placed = {entry.model for entry in SIDEBAR} | ELSEWHERE
    rest = {model._meta.label: "table_rows" for model in admin.site._registry if model._meta.label not in placed}
    groups = [*((title, False, _declared(title)) for title in GROUPS), (_("Behind the scenes"), True, rest)]
    return [{"items": _first(request)}, *(_group(request, *group) for group in groups)]


def _declared(group: Any) -> dict[str, str]:
    """Return the icon of each page that apps declare in a group, in their order."""
    with override("en"):
        name = str(group)
    return {entry.model: entry.icon for entry in sorted(SIDEBAR, key=lambda each: each.place) if entry.group == name}


def header_context(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the header: the kill switches that are off."""
    if not (request.user.is_active and getattr(request.user, "is_staff", False)):
        return {}
    return {"closed_switches": closed_switches(tenants=None if is_operator(request) else list(roles_of(request)))}


def stylesheet(request: HttpRequest) -> str:
    """Return the address of our own style sheet for the back office."""
    return static("common/console.css")


def script(request: HttpRequest) -> str:
    """Return the address of the script of every page of the back office, the log-in page included."""
    return static("common/zone.js")


def _first(request: HttpRequest) -> list[dict[str, Any]]:
    path, index = request.path, _address("admin:index")
    inbox, incidents, switches = _address("inbox"), _address("incidents"), _address("switches")
    return [
        {
            "title": _("Inbox"), "icon": "inbox", "link": inbox, **_badge(badge_counts(request).customers),
            "active": path.startswith((inbox, _address("admin:messaging_conversation_changelist"))),
        },
        {
            "title": _("Decisions"), "icon": "fact_check", "link": _address("decisions"),
            "active": path.startswith(_address("decisions")), **_badge(badge_counts(request).decisions),
        },
        {"title": _("Dashboard"), "icon": "monitoring", "link": index, "active": path == index},
        *_calendar(request),
        {
            "title": _("Incidents"), "icon": "report", "link": incidents, "active": path.startswith(incidents),
            **_badge(badge_counts(request).incidents),
        },
        {
            "title": _("Kill switches"), "icon": "power_settings_new", "link": switches,
            "active": path.startswith(switches),
        },
    ]  # fmt: skip


def _calendar(request: HttpRequest) -> list[dict[str, Any]]:
    page = admin.site._registry[apps.get_model("reminders.Reminder")]
    if not page.has_view_permission(request):
        return []
    link = _address("reminders_month")
    return [{"title": _("Calendar"), "icon": "calendar_month", "link": link, "active": request.path.startswith(link)}]


@cache
def _address(name: str) -> str:
    return reverse(name)


@cache
def _title(label: str, language: str | None) -> str:
    """Return the plural name of a model in `language`, the active one. Cached: every page shows dozens of them."""
    return capfirst(str(apps.get_model(label)._meta.verbose_name_plural))


def _badge(count: int) -> dict[str, str]:
    return {"badge": format_count(count)}


def _group(request: HttpRequest, title: Any, is_folded: bool, models: dict[str, str]) -> dict[str, Any]:
    items = [item for label, icon in models.items() if (item := _item(request, label, icon)) is not None]
    is_open = any(item["active"] for item in items)
    return {"title": title, "separator": True, "collapsible": is_folded, "is_open": is_open, "items": items}


def _item(request: HttpRequest, label: str, icon: str) -> dict[str, Any] | None:
    page = admin.site._registry.get(apps.get_model(label))
    if page is None or not page.has_view_permission(request):
        return None
    opts = page.opts
    link = _address(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return {
        "title": _title(label, get_language()), "icon": icon, "link": link,
        "active": request.path.startswith(link),
    }  # fmt: skip
