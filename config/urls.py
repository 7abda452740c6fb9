"""All routes (DESIGN section 4)."""

from django.contrib import admin
from django.urls import include, path, re_path

from config import health, views
from reports import api
from tenants import api_pages

urlpatterns = [
    path("", views.home),
    path("health", health.health),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", api.metrics),
    # Webhooks come before the many pages that a provider never requests.
    path("", include("assistant.urls")),
    path("", include("reminders.urls")),
    path("", include("messaging.urls")),
    path("simulator/", views.simulator),
    path("cron/<slug:job>", views.cron),
    path("admin/", include("tenants.urls")),
    path("admin/", include("messaging.console_urls")),
    path("admin/", include("reminders.console_urls")),
    path("admin/", include("approvals.decisions_page")),
    path("admin/", include("reports.console_urls")),
    path("admin/", admin.site.urls),
    path("api/", include("tenants.login_urls")),
    path("api/", include("messaging.api_urls")),
    path("api/", include("assistant.api_urls")),
    path("api/", include("reminders.api_urls")),
    path("api/", include("approvals.api_urls")),
    path("api/", include("tenants.api_urls")),
    re_path(r"^api/", views.unknown_api),
    path("problems/<slug:name>", api_pages.problem),
]
